import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, STEP, SYMBOL, a_candle, an_empty
from livermore.core.market.candle import Candle, empty_candle, is_same_market
from livermore.core.market.timeframe import Timeframe
from livermore.errors import InvalidCandle

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
PRICES = ("open", "high", "low", "close")


def is_possible(candle: tuple[float, float, float, float, float], opened_at: int, timeframe: Timeframe) -> bool:
    """The invariants, written down a second time."""
    opened, high, low, close, volume = candle
    return (
        all(math.isfinite(number) for number in candle)
        and min(opened, high, low, close) > 0
        and high == max(opened, high, low, close)
        and low == min(opened, high, low, close)
        and volume >= 0
        and opened_at % timeframe.millis == 0
        and high <= 1e100
        and volume <= 1e100
    )


@given(
    numbers=st.tuples(*[st.one_of(ANY_FLOAT, st.sampled_from([1.0, 2.0, 3.0]))] * 5),
    opened_at=st.integers(-(2**40), 2**42).map(lambda at: at - at % 60_000),
    timeframe=st.sampled_from(Timeframe),
)
def test_a_candle_exists_exactly_when_it_is_possible(
    numbers: tuple[float, float, float, float, float], opened_at: int, timeframe: Timeframe
) -> None:
    if is_possible(numbers, opened_at, timeframe):
        assert Candle(SYMBOL, timeframe, opened_at, *numbers).closes_at == opened_at + timeframe.millis
    else:
        with pytest.raises(InvalidCandle):
            Candle(SYMBOL, timeframe, opened_at, *numbers)


@pytest.mark.parametrize("name", [*PRICES, "volume"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -1.0, 1.1e100, 1e307])
def test_no_number_may_be_impossible(name: str, number: float) -> None:
    """Prices above 1e100 are no prices either: their sums would overflow."""
    with pytest.raises(InvalidCandle):
        replace(a_candle(), **{name: number})


@pytest.mark.parametrize("name", PRICES)
def test_a_price_is_not_zero_but_a_volume_may_be(name: str) -> None:
    with pytest.raises(InvalidCandle):
        replace(a_candle(), **{name: 0.0})
    assert replace(a_candle(), volume=0.0).volume == 0.0


@pytest.mark.parametrize("name", ["open", "close"])
def test_open_and_close_lie_between_low_and_high(name: str) -> None:
    candle = a_candle(high=110.0, low=90.0)
    for inside in (90.0, 110.0):
        assert getattr(replace(candle, **{name: inside}), name) == inside
    for outside in (math.nextafter(90.0, 0.0), math.nextafter(110.0, 200.0)):
        with pytest.raises(InvalidCandle):
            replace(candle, **{name: outside})


@pytest.mark.parametrize("timeframe", Timeframe)
def test_an_opening_lies_on_the_grid(timeframe: Timeframe) -> None:
    for off in (-1, 1, timeframe.millis // 2):
        with pytest.raises(InvalidCandle, match="grid"):
            replace(a_candle(timeframe=timeframe), opened_at=DAWN + off)


def test_an_empty_candle_is_flat_and_without_volume() -> None:
    empty = empty_candle(SYMBOL, Timeframe.M5, DAWN, 7.0, is_confirmed=True)
    assert (empty.open, empty.high, empty.low, empty.close, empty.volume) == (7.0, 7.0, 7.0, 7.0, 0.0)
    assert empty.is_empty
    assert empty.is_confirmed
    for changed in ({"volume": 1.0}, {"high": 8.0}, {"low": 6.0}):
        with pytest.raises(InvalidCandle, match="empty"):
            replace(empty, **changed)


def test_a_candle_closes_where_the_next_one_opens() -> None:
    assert a_candle(3).closes_at == a_candle(4).opened_at == DAWN + 4 * STEP


def test_two_candles_are_the_same_market_whatever_we_know_of_them() -> None:
    candle = a_candle(high=110.0, low=90.0)
    assert is_same_market(candle, replace(candle, is_confirmed=True, revision=3))
    for changed in ({"open": 101.0}, {"high": 111.0}, {"low": 89.0}, {"close": 101.0}, {"volume": 2.0}):
        assert not is_same_market(candle, replace(candle, **changed))
    flat = a_candle(volume=0.0)
    assert not is_same_market(flat, an_empty(0, 100.0))
