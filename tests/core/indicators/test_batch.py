import math

import numpy as np
import pytest
from hypothesis import given

from core.builders import a_candle, an_empty, markets
from livermore.core.indicators.batch import macdv_columns
from livermore.core.indicators.reading import Stage
from livermore.core.market.candle import Candle


def weighted(values: list[float], seed: int, decay: float) -> float:
    """An exponential average in closed form: the seed's mean and what came after, each with the weight left to it."""
    after = values[seed:]
    weights = decay ** np.arange(len(after) - 1, -1, -1)
    return float(np.mean(values[:seed]) * decay ** len(after) + (1 - decay) * np.dot(weights, after))


@given(candles=markets(most=250))
def test_the_columns_are_the_closed_forms(candles: list[Candle]) -> None:
    """No recursion, no fold: the sums written out give the same numbers."""
    columns = macdv_columns(candles)
    closes = [candle.close for candle in candles]
    before = [None, *closes]
    ranges = [
        max(candle.high, close or candle.high) - min(candle.low, close or candle.low)
        for candle, close in zip(candles, before, strict=False)
        if not candle.is_empty
    ]
    ema12, ema26, atr26 = columns.ema12[-1], columns.ema26[-1], columns.atr26[-1]
    assert (ema12 is None) == (len(closes) < 12)
    assert (ema26 is None) == (len(closes) < 26)
    assert (atr26 is None) == (len(ranges) < 26)
    if ema12 is not None:
        assert ema12 == pytest.approx(weighted(closes, 12, 11 / 13), rel=1e-12)
    if ema26 is not None:
        assert ema26 == pytest.approx(weighted(closes, 26, 25 / 27), rel=1e-12)
    if atr26 is not None:
        assert atr26 == pytest.approx(weighted(ranges, 26, 25 / 26), rel=1e-9, abs=1e-300)
    values = [value for value in columns.value if value is not None]
    if len(values) >= 9:
        assert columns.signal[-1] == pytest.approx(weighted(values, 9, 8 / 10), rel=1e-9, abs=1e-9)


@given(candles=markets(most=150))
def test_every_column_has_an_entry_for_each_candle(candles: list[Candle]) -> None:
    columns = macdv_columns(candles)
    for column in (columns.ema12, columns.ema26, columns.atr26, columns.value, columns.signal, columns.histogram):
        assert len(column) == len(candles)
        assert all(entry is None or math.isfinite(entry) for entry in column)
    assert len(columns.stage) == len(candles)
    for stage, value, signal in zip(columns.stage, columns.value, columns.signal, strict=True):
        assert (stage is Stage.UNKNOWN) == (value is None or signal is None)


def test_nothing_gives_nothing() -> None:
    assert macdv_columns([]).value == []


def test_a_series_that_begins_empty_is_seeded_by_its_first_trades() -> None:
    """The first candle has no close before it, so that its range is high - low even where it is empty."""
    candles = [an_empty(0, 100.0), *(a_candle(n, 100.0, high=101.0, low=99.0) for n in range(1, 27))]

    assert macdv_columns(candles).atr26 == [None] * 26 + [2.0]
