"""Every candle belongs to one era of rules, and what is forgotten of them is known to be."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.alerts.rules import Rules
from livermore.core.watch import ERAS_KEPT, AlertsOn, Era, bygone_era, known_since


def eras_until(ends: list[int]) -> tuple[Era, ...]:
    """Eras that end at these instants, and the present one."""
    return tuple(Era(Rules(), AlertsOn.CLOSED, until) for until in (*sorted(ends), None))


ENDS = st.lists(st.integers(1, 10_000), unique=True, max_size=ERAS_KEPT - 1)


@given(ENDS, st.integers(0, 10_001))
def test_a_candle_belongs_to_the_first_era_that_had_not_ended_at_its_close(ends: list[int], closes_at: int) -> None:
    era = bygone_era(eras_until(ends), closes_at)

    open_still = [end for end in ends if end >= closes_at]
    assert (era.until if era else None) == min(open_still, default=None)


def test_a_series_without_eras_has_always_gone_by_the_present_one() -> None:
    assert bygone_era((), 1) is None
    assert known_since(()) == 0


@given(ENDS)
def test_only_a_full_list_may_have_lost_its_beginning(ends: list[int]) -> None:
    eras = eras_until(ends)

    assert known_since(eras) == (min(ends) if len(eras) == ERAS_KEPT else 0)


def test_of_a_full_list_nothing_is_known_before_its_oldest_ends() -> None:
    assert known_since(eras_until(list(range(10, 10 + ERAS_KEPT - 1)))) == 10
