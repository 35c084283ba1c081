"""Lags are counted into places: what is told of them is never less than the truth, nor much more."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.instance.histogram import (
    EXACT,
    LONGEST,
    LOOKS_BACK,
    PLACES,
    LagHistogram,
    longest_of,
    place_of,
)
from livermore.core.instance.status import LagSpread
from livermore.core.market.timeframe import MINUTE

durations = st.integers(min_value=0, max_value=LONGEST)


def exactly(values: list[int], percent: int) -> int:
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


@given(durations)
def test_a_duration_has_a_place_that_says_what_it_was_or_a_little_more(took: int) -> None:
    told = longest_of(place_of(took))

    assert took <= told <= took + took // (EXACT // 2)


@given(durations, durations)
def test_a_longer_duration_has_no_earlier_place(one: int, other: int) -> None:
    assert (one <= other) <= (place_of(one) <= place_of(other))


def test_all_places_are_used_and_none_beyond() -> None:
    assert place_of(LONGEST) == PLACES - 1 == place_of(LONGEST * 1_000)
    assert [place_of(longest_of(place)) for place in range(PLACES)] == list(range(PLACES))


@given(st.lists(durations, min_size=1, max_size=300))
def test_percentiles_are_those_of_a_sorted_list_or_a_little_more(values: list[int]) -> None:
    lags = LagHistogram(0)
    for value in values:
        lags.add(value)
    spread = lags.recent(1)

    assert spread is not None
    assert spread.count == len(values)
    assert lags.total == sum(values)
    for told, percent in ((spread.p50, 50), (spread.p99, 99), (spread.longest, 100)):
        true = exactly(values, percent)
        assert true <= told <= true + true // (EXACT // 2)


@given(st.lists(st.tuples(st.integers(0, 3 * MINUTE), st.lists(st.integers(0, EXACT - 1), max_size=5)), max_size=40))
def test_what_is_recent_is_all_of_the_last_five_minutes_and_nothing_of_long_ago(
    course: list[tuple[int, list[int]]],
) -> None:
    """Asked now and then by a clock that goes on; small durations, which are counted exactly."""
    lags, now, counted = LagHistogram(0), 0, [(0, 0)]
    counted.clear()
    asked: list[int] = [0]
    for pause, values in course:
        now += pause
        for value in values:
            lags.add(value)
            counted.append((now, value))
        spread = lags.recent(now)
        asked.append(now)
        # A mark is made where somebody asks, so what is forgotten ends where somebody asked.
        earliest = max((at for at in asked if now - at >= LOOKS_BACK + 4 * MINUTE), default=-1)
        surely = [value for at, value in counted if now - at < LOOKS_BACK]
        at_most = [value for at, value in counted if at >= earliest]
        count = 0 if spread is None else spread.count
        assert len(surely) <= count <= len(at_most)


def test_a_negative_duration_counts_as_none_and_a_clock_set_back_begins_anew() -> None:
    lags = LagHistogram(10 * MINUTE)
    lags.add(-5)
    assert lags.recent(11 * MINUTE) == LagSpread(1, 0, 0, 0)
    assert lags.recent(MINUTE) is None

    lags.add(7)
    assert lags.recent(MINUTE + 1) == LagSpread(1, 7, 7, 7)


def test_nothing_is_recent_where_nothing_was_counted() -> None:
    assert LagHistogram(0).recent(0) is None


@given(st.lists(durations, max_size=100))
def test_what_is_at_most_an_edge_is_counted_up_to_it(values: list[int]) -> None:
    lags = LagHistogram(0)
    for value in values:
        lags.add(value)
    edges = (0, 5, EXACT - 1, 127, 1_023, LONGEST)

    assert lags.at_most(edges) == tuple(sum(value <= edge for value in values) for edge in edges)
