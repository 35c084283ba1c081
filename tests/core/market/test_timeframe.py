from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.timeframe import BASE, DAY, HIGHER, Timeframe, closing_at, timeframe_named
from livermore.errors import UnknownTimeframe

INSTANTS = st.integers(-(2**42), 2**42)


@given(instant=INSTANTS, timeframe=st.sampled_from(Timeframe))
def test_a_bucket_contains_its_instants(instant: int, timeframe: Timeframe) -> None:
    opening = timeframe.opening(instant)
    assert opening <= instant < opening + timeframe.millis
    assert opening % timeframe.millis == 0
    assert timeframe.opening(opening) == opening


@given(boundary=INSTANTS)
def test_what_closes_at_a_boundary_is_a_run_from_the_shortest(boundary: int) -> None:
    """A boundary of a longer timeframe is one of all shorter ones."""
    for instant in (boundary, BASE.opening(boundary), Timeframe.H4.opening(boundary), Timeframe.D1.opening(boundary)):
        closing = closing_at(instant)
        assert closing == tuple(Timeframe)[: len(closing)]
        assert all((instant % timeframe.millis == 0) == (timeframe in closing) for timeframe in Timeframe)


def test_timeframes_are_ordered_and_divide_each_other_and_the_day() -> None:
    assert [timeframe.value for timeframe in Timeframe] == ["5m", "15m", "1h", "4h", "1d"]
    assert [timeframe.millis // 60_000 for timeframe in Timeframe] == [5, 15, 60, 240, 1440]
    assert all(longer.millis % shorter.millis == 0 for shorter, longer in pairwise(Timeframe))
    assert Timeframe.D1.millis == DAY
    assert (BASE, *HIGHER) == tuple(Timeframe)


def test_a_timeframe_is_found_by_its_name() -> None:
    assert [timeframe_named(timeframe.value) for timeframe in Timeframe] == list(Timeframe)


@pytest.mark.parametrize("name", ["1m", "5M", "", "300", "5m ", "1w"])
def test_an_unknown_name_is_refused_and_the_known_ones_are_told(name: str) -> None:
    with pytest.raises(UnknownTimeframe, match="known are 5m, 15m, 1h, 4h, 1d"):
        timeframe_named(name)
