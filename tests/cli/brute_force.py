"""The alerts of a file of 5m candles, found again from the written rules alone: nothing of livermore is imported.

Everything is computed anew and whole, with numpy, in the order of the document: candles, averages, stages, rules.
"""

import csv
import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

M5 = 300_000
LENGTHS = {"5m": M5, "15m": 3 * M5, "1h": 12 * M5, "4h": 48 * M5, "1d": 288 * M5}
WEIGHTS = {"5m": 2, "15m": 3, "1h": 4, "4h": 5, "1d": 6}
Column = NDArray[np.float64]


@dataclass
class Market:
    """The candles of one timeframe without a hole, and what is computed from them."""

    opened: NDArray[np.int64]
    open: Column
    high: Column
    low: Column
    close: Column
    empty: NDArray[np.bool_]
    value: Column
    signal: Column


@dataclass(frozen=True)
class Found:
    timeframe: str
    open_time: int
    label: str
    value: float
    previous: float
    signal: float
    price: float
    stage: str
    views: tuple[tuple[str, float | None, str], ...]
    bias: str
    candles: int
    empty_ratio: float


def rows_in(paths: Iterable[Path]) -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for path in paths:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for row in csv.DictReader(lines):
                names = ("timestamp", "open", "high", "low", "close", "volume")
                rows.append(tuple(float(row[name]) for name in names))
    return rows


def filled(rows: list[tuple[float, ...]]) -> tuple[Column, ...]:
    """Every 5m bucket from the first row to the last; one nobody traded in is flat at the close before it."""
    first, last = int(rows[0][0]), int(rows[-1][0])
    count = (last - first) // M5 + 1
    table = np.full((count, 4), np.nan)
    empty = np.ones(count, dtype=bool)
    for time, opened, high, low, close, volume in rows:
        index = (int(time) - first) // M5
        table[index] = (opened, high, low, close)
        empty[index] = volume == 0 and opened == high == low == close
    for index in range(1, count):
        if np.isnan(table[index, 3]):
            table[index] = table[index - 1, 3]
    opened_at = first + M5 * np.arange(count, dtype=np.int64)
    return opened_at, *table.T, empty


def folded(base: tuple[Column, ...], length: int) -> tuple[Column, ...]:
    """Whole buckets only; those without trades do not count for open, high and low."""
    opened_at, opens, highs, lows, closes, empty = base
    per = length // M5
    lead = int(-(-opened_at[0] // length) * length - opened_at[0]) // M5
    count = max(0, (len(opened_at) - lead) // per)
    made = []
    for start in range(lead, lead + count * per, per):
        inside = slice(start, start + per)
        traded = np.flatnonzero(~empty[inside]) + start
        close = closes[start + per - 1]
        if len(traded):
            made.append((opens[traded[0]], highs[traded].max(), lows[traded].min(), close, 0.0))
        else:
            made.append((close, close, close, close, 1.0))
    columns = np.array(made).reshape(-1, 5).T
    times = opened_at[0] + M5 * lead + length * np.arange(count, dtype=np.int64)
    return times, *columns[:4], columns[4] == 1.0


def ema(values: Column, length: int) -> Column:
    out = np.full(len(values), np.nan)
    if len(values) < length:
        return out
    out[length - 1] = values[:length].mean()
    alpha = 2 / (length + 1)
    for index in range(length, len(values)):
        out[index] = alpha * values[index] + (1 - alpha) * out[index - 1]
    return out


def wilder(values: Column, length: int) -> Column:
    out = np.full(len(values), np.nan)
    if len(values) < length:
        return out
    out[length - 1] = values[:length].mean()
    for index in range(length, len(values)):
        out[index] = (out[index - 1] * (length - 1) + values[index]) / length
    return out


def standing(column: Column, defined: NDArray[np.bool_], whole: int) -> Column:
    """A column over the defined entries, put back in their places and carried over the others."""
    out = np.full(whole, np.nan)
    out[defined] = column
    for index in range(1, whole):
        if not defined[index]:
            out[index] = out[index - 1]
    return out


def computed(candles: tuple[Column, ...]) -> Market:
    opened_at, opens, highs, lows, closes, empty = candles
    before = np.concatenate(([np.nan], closes[:-1]))
    ranges = np.fmax(highs - lows, np.fmax(np.abs(highs - before), np.abs(lows - before)))
    atr = standing(wilder(ranges[~empty], 26), ~empty, len(closes))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (ema(closes, 12) - ema(closes, 26)) / atr * 100
    value[atr <= closes * 1e-12] = np.nan  # nothing but rounding is left
    defined = ~np.isnan(value)
    signal = standing(ema(value[defined], 9), defined, len(value))
    return Market(opened_at, opens, highs, lows, closes, empty, value, signal)


def stage(value: float, signal: float, calm: int) -> str:
    if np.isnan(value) or np.isnan(signal):
        return "unknown"
    if calm >= 20:
        return "ranging"
    if value <= -150:
        return "oversold"
    if value >= signal:
        return "overbought" if value >= 150 else "rallying" if value >= 50 else "rebounding"
    return "retracing" if value > -50 else "reversing"


def bias(views: Iterable[tuple[str, float | None, str]]) -> str:
    bull = bear = 0
    for name, _, at in views:
        bull += WEIGHTS[name] * (at in {"oversold", "rebounding", "rallying"})
        bear += WEIGHTS[name] * (at in {"overbought", "retracing", "reversing"})
    return "bullish" if bull > 1.5 * bear else "bearish" if bear > 1.5 * bull else "neutral"


class Memory:
    """When each label last fired, and whether it may again."""

    def __init__(self, length: int) -> None:
        self.cooldown = max(M5, length)
        self.fired: dict[str, int] = {}
        self.armed: dict[str, bool] = {}

    def comes_back(self, value: float) -> None:
        for label, armed in self.armed.items():
            if armed:
                continue
            if label == "reversal_oversold":
                self.armed[label] = value > -140
            elif label == "reversal_overbought":
                self.armed[label] = value < 140
            else:
                level = int(label.split("_")[1])
                self.armed[label] = value < level - 10 if level > 0 else value > level + 10

    def may(self, label: str, closes_at: int) -> bool:
        return label not in self.fired or (self.armed[label] and closes_at - self.fired[label] > self.cooldown)

    def fire(self, labels: Iterable[str], closes_at: int) -> None:
        for label in labels:
            self.fired[label], self.armed[label] = closes_at, False


def signals(memory: Memory, before: float, value: float, signal: float, closes_at: int) -> list[str]:
    raised: list[str] = []
    up = [level for level in range(150, 3_000, 50) if before <= level < value]
    down = [-level for level in range(150, 3_000, 50) if before >= -level > value]
    for levels in (up, down):
        if levels and memory.may(f"level_{levels[-1]}", closes_at):
            raised.append(f"level_{levels[-1]}")
            memory.fire([f"level_{level}" for level in levels], closes_at)
    histogram = value - signal
    label = None
    if before < -150 and value < -150 and histogram > 0.05 * abs(value):
        label = "reversal_oversold"
    elif before > 150 and value > 150 and histogram < -0.03 * abs(value):
        label = "reversal_overbought"
    if label and memory.may(label, closes_at):
        raised.append(label)
        memory.fire([label], closes_at)
    return raised


def alerts_in(rows: list[tuple[float, ...]]) -> list[Found]:
    """All alerts, in the order of their closes, shorter timeframes first, levels before reversals."""
    base = filled(rows)
    markets = {name: computed(base if name == "5m" else folded(base, length)) for name, length in LENGTHS.items()}
    stages = {name: staged(market) for name, market in markets.items()}
    found: list[tuple[int, int, Found]] = []
    for name, length in LENGTHS.items():
        market, memory = markets[name], Memory(length)
        before = np.nan
        for index, value in enumerate(market.value):
            if np.isnan(value):
                continue
            memory.comes_back(value)
            closes_at = int(market.opened[index]) + length
            if index + 1 >= 60 and not np.isnan(before):
                for label in signals(memory, before, value, market.signal[index], closes_at):
                    views = tuple(view(other, markets[other], stages[other], closes_at) for other in LENGTHS)
                    one = Found(
                        name, int(market.opened[index]), label, value, before, market.signal[index],
                        market.close[index], stages[name][index], views, bias(views), index + 1,
                        float(market.empty[: index + 1].mean()),
                    )  # fmt: skip
                    found.append((closes_at, length, one))
            before = value
    found.sort(key=lambda entry: entry[:2])
    return [one for _, _, one in found]


def staged(market: Market) -> list[str]:
    calm, names = 0, []
    for value, signal in zip(market.value, market.signal, strict=True):
        if not np.isnan(value):
            calm = calm + 1 if abs(value) < 50 else 0
        names.append(stage(value, signal, calm))
    return names


def view(name: str, market: Market, stages: list[str], instant: int) -> tuple[str, float | None, str]:
    """A timeframe as of an instant: its newest candle that had closed by then."""
    index = int(np.searchsorted(market.opened + LENGTHS[name], instant, side="right")) - 1
    if index < 0 or np.isnan(market.value[index]):
        return name, None, "unknown"
    return name, float(market.value[index]), stages[index]
