"""What the two clocks differ by, as far as an answer tells, and when people hear of it."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.instance.clock_offset import WORTH_TELLING, ClockOffset

OFFSETS = st.integers(-(10**9), 10**9)
DELAYS = st.integers(0, 5_000)


@given(truth=OFFSETS, there=DELAYS, back=DELAYS, at=st.integers(0, 10**12))
def test_it_is_never_further_from_the_truth_than_the_answer_took(truth: int, there: int, back: int, at: int) -> None:
    offset = ClockOffset()
    offset.measured(asked_at=at, theirs=at + there + truth, answered_at=at + there + back)

    assert abs(offset.millis - truth) <= there + back


@given(truth=OFFSETS, answers=st.lists(st.tuples(DELAYS, DELAYS), min_size=2))
def test_what_fits_all_answers_is_told_once_at_most(truth: int, answers: list[tuple[int, int]]) -> None:
    offset = ClockOffset()
    offset.measured(asked_at=0, theirs=truth, answered_at=0)

    for there, back in answers:
        assert offset.measured(asked_at=0, theirs=there + truth, answered_at=there + back) is None
        assert offset.millis == truth


def test_a_clock_that_goes_wrong_and_right_again_is_told_twice() -> None:
    offset = ClockOffset()

    assert offset.measured(asked_at=0, theirs=WORTH_TELLING - 1, answered_at=0) is None
    assert offset.measured(asked_at=0, theirs=-300_000, answered_at=0) == "the exchange's clock is 300.0 s behind ours"
    assert offset.measured(asked_at=0, theirs=-300_500, answered_at=0) is None
    assert offset.measured(asked_at=0, theirs=40, answered_at=0) == "the exchange's clock and ours agree again"
    assert offset.millis == 40


def test_in_a_fast_market_it_counts_by_our_own_time() -> None:
    offset = ClockOffset(speed=100.0)

    assert offset.measured(asked_at=0, theirs=199_999, answered_at=0) is None
    assert offset.measured(asked_at=0, theirs=-1, answered_at=0) is None
    assert offset.measured(asked_at=0, theirs=200_000, answered_at=0) is not None
