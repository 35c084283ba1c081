"""MACD-V of a whole series at once, column by column: the formula as it is written, which the fold must equal.

It shares the constants and the order of the floating-point operations with the fold, and no code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livermore.core.indicators.macdv import (
    FAST,
    FAST_WEIGHT,
    NO_RANGE,
    RANGE,
    SIGNAL,
    SIGNAL_WEIGHT,
    SLOW,
    SLOW_WEIGHT,
)
from livermore.core.indicators.reading import Stage
from livermore.core.indicators.stage import CALM_BELOW, stage_of
from livermore.core.market.candle import Candle


@dataclass(frozen=True, slots=True)
class Columns:
    """One entry for each candle; None where a number is not defined."""

    ema12: list[float | None]
    ema26: list[float | None]
    atr26: list[float | None]
    value: list[float | None]
    signal: list[float | None]
    histogram: list[float | None]
    stage: list[Stage]


def macdv_columns(candles: Sequence[Candle]) -> Columns:
    """MACD-V and what it is made of at each of `candles`, which are contiguous and start the series."""
    closes = [candle.close for candle in candles]
    ema12 = _ema(closes, FAST, FAST_WEIGHT)
    ema26 = _ema(closes, SLOW, SLOW_WEIGHT)
    atr26 = _carried(_true_ranges(candles), lambda ranges: _wilder(ranges, RANGE))
    value = [
        None if fast is None or slow is None or atr is None or atr <= close * NO_RANGE else (fast - slow) / atr * 100
        for fast, slow, atr, close in zip(ema12, ema26, atr26, closes, strict=True)
    ]
    signal = _carried(value, lambda values: _ema(values, SIGNAL, SIGNAL_WEIGHT))
    histogram = [None if v is None or s is None else v - s for v, s in zip(value, signal, strict=True)]
    calm = _calm(value)
    stage = [Stage.UNKNOWN if v is None else stage_of(v, s, c) for v, s, c in zip(value, signal, calm, strict=True)]
    return Columns(ema12, ema26, atr26, value, signal, histogram, stage)


def _ema(values: Sequence[float], length: int, weight: float) -> list[float | None]:
    if len(values) < length:
        return [None] * len(values)
    average = _mean(values[:length])
    column: list[float | None] = [None] * (length - 1)
    column.append(average)
    for value in values[length:]:
        average = average + weight * (value - average)
        column.append(average)
    return column


def _wilder(values: Sequence[float], length: int) -> list[float | None]:
    if len(values) < length:
        return [None] * len(values)
    average = _mean(values[:length])
    column: list[float | None] = [None] * (length - 1)
    column.append(average)
    for value in values[length:]:
        average = (average * (length - 1) + value) / length
        column.append(average)
    return column


def _mean(values: Sequence[float]) -> float:
    # Not sum(): from Python 3.12 on it compensates rounding, and the fold, which adds as it goes, does not.
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def _true_ranges(candles: Sequence[Candle]) -> list[float | None]:
    ranges: list[float | None] = []
    for index, candle in enumerate(candles):
        if candle.is_empty:
            ranges.append(None)
        elif index == 0:
            ranges.append(candle.high - candle.low)
        else:
            before = candles[index - 1].close
            ranges.append(max(candle.high - candle.low, candle.high - before, before - candle.low))
    return ranges


def _carried(
    column: Sequence[float | None], average: Callable[[Sequence[float]], list[float | None]]
) -> list[float | None]:
    """The average over the entries that are defined, standing still over those that are not."""
    averaged = iter(average([entry for entry in column if entry is not None]))
    carried: list[float | None] = []
    latest: float | None = None
    for entry in column:
        if entry is not None:
            latest = next(averaged)
        carried.append(latest)
    return carried


def _calm(values: Sequence[float | None]) -> list[int]:
    counts: list[int] = []
    count = 0
    for value in values:
        if value is not None:
            count = count + 1 if abs(value) < CALM_BELOW else 0
        counts.append(count)
    return counts
