"""A range of candles is asked for in full, and what comes is put in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Timeframe
from livermore.errors import MalformedMessage
from livermore.exchanges.paging import closed_candles, pages

TIMEFRAMES = st.sampled_from(list(Timeframe))
INSTANTS = st.integers(0, 10**9).map(lambda n: n * 1000 + n % 1000)


@given(TIMEFRAMES, INSTANTS, st.integers(0, 700), st.integers(1, 300), st.integers(0, 999))
def test_pages_cover_each_bucket_of_the_range_once(
    timeframe: Timeframe, since: int, buckets: int, rows: int, odd: int
) -> None:
    until = since + buckets * timeframe.millis + odd
    asked = [
        opened_at
        for first, last in pages(timeframe, since, until, rows)
        for opened_at in range(first, last + 1, timeframe.millis)
    ]

    assert asked == [at for at in range(timeframe.opening(since), until, timeframe.millis) if at >= since]
    assert all((last - first) // timeframe.millis < rows for first, last in pages(timeframe, since, until, rows))


def a_candle(opened_at: int, close: float = 10.0) -> Candle:
    return Candle("BTC-USD", Timeframe.M5, opened_at, 10, 20, 5, close, 1)


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(0, 50), st.integers(0, 50))
def test_closed_candles_are_in_range_in_order_and_once_each(buckets: list[int], first: int, last: int) -> None:
    step = Timeframe.M5.millis
    found = closed_candles([a_candle(bucket * step) for bucket in buckets], first * step, last * step)

    assert [candle.opened_at // step for candle in found] == sorted({b for b in buckets if first <= b < last})


def test_the_forming_candle_is_not_closed() -> None:
    step = Timeframe.M5.millis

    assert closed_candles([a_candle(0), a_candle(step)], 0, 2 * step - 1) == (a_candle(0),)


def test_rows_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(MalformedMessage, match="disagree"):
        closed_candles([a_candle(0), a_candle(0, close=11.0)], 0, 10**9)
