"""Recorded candles as a market: a file holds one symbol's 5m candles, and absent buckets had no trades."""

import csv
import gzip
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError
from livermore.sim.instruments import Listed, listed_pair
from livermore.sim.noise import Ints
from livermore.sim.tape import BUCKET, Buckets

# How much of a recording is history when the clock starts.
HISTORY_BUCKETS = 300
_NAME = re.compile(r"(?:[A-Za-z]+_)??([A-Z0-9]{2,12})[_-]([A-Z0-9]{2,12})-5m\.csv(?:\.gz)?")
_MILLIS_FROM = 10**11
_MOST_DECIMALS = 8
_SIZE_DECIMALS = 8
_TURNOVER_DIGITS = 15
_MOST_TRADES = 60


@dataclass(frozen=True, slots=True)
class RecordedTape:
    """A product's candles as they were recorded; nothing was traded where there is no candle."""

    columns: Buckets

    @property
    def start(self) -> int:
        """The first bucket there is."""
        return self.columns.first

    @property
    def end(self) -> int:
        """The bucket after the last there is."""
        return self.columns.first + len(self.columns.trades)

    def buckets(self, first: int, count: int) -> Buckets:
        """`count` buckets from `first`; those outside the recording are without trades."""
        inside = self.columns.part(max(0, first - self.start), max(0, min(count, first + count - self.start)))
        return inside.widened(first, count)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded symbol: how it is listed, and its tape."""

    symbol: str
    price: float
    decimals: tuple[int, int, int]
    tape: RecordedTape

    def listed_on(self, exchange: str) -> Listed:
        """The product as that exchange lists it."""
        return listed_pair(self.symbol, exchange, self.price, self.decimals)


@dataclass(frozen=True, slots=True)
class _Candle:
    bucket: int
    prices: tuple[float, float, float, float]
    volume: float


def read_recordings(paths: Sequence[Path]) -> tuple[Recording, ...]:
    """The recordings in these files, one symbol each.

    A file is named after its symbol, such as ``binance_ETH_BTC-5m.csv.gz`` or ``ETH-USD-5m.csv``. Its columns are
    ``timestamp,open,high,low,close[,volume]``, with a heading or without, in seconds or milliseconds.

    Raises:
        ConfigError: naming the file, and the line where one is wrong.
    """
    recordings = tuple(_recording(path) for path in paths)
    symbols = [recording.symbol for recording in recordings]
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise ConfigError(f"more than one of the recordings is of {symbol}")
    return recordings


def replay_start(recordings: Sequence[Recording]) -> Millis:
    """The instant to begin at: 300 buckets of every recording are then history, or half of it where it is short."""
    starts = []
    for recording in recordings:
        tape = recording.tape
        starts.append(tape.start + min(HISTORY_BUCKETS, (tape.end - tape.start) // 2))
    return max(starts) * BUCKET


def _recording(path: Path) -> Recording:
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise ConfigError(f"{path}: a recording is named after its symbol, as in binance_ETH_BTC-5m.csv.gz")
    candles = list(_candles(path))
    if not candles:
        raise ConfigError(f"{path}: no candles")
    price_decimals = _price_decimals(candles)
    most = max(candle.prices[1] * candle.volume for candle in candles)
    # A day's turnover must fit into 64 bits.
    turnover_decimals = max(0, min(_MOST_DECIMALS, int(_TURNOVER_DIGITS - math.log10(most + 1.0))))
    tape = RecordedTape(_columns(candles, price_decimals, turnover_decimals))
    decimals = (price_decimals, _SIZE_DECIMALS, turnover_decimals)
    return Recording(f"{named[1]}-{named[2]}", candles[-1].prices[3], decimals, tape)


def _candles(path: Path) -> Iterator[_Candle]:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            previous = -1
            for number, row in enumerate(csv.reader(file), start=1):
                if number == 1 and row and row[0].strip().lower() in ("timestamp", "time", "date"):
                    continue
                candle = _candle(path, number, row)
                if candle.bucket <= previous:
                    raise ConfigError(f"{path}, line {number}: the candles must be in ascending order")
                previous = candle.bucket
                yield candle
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc


def _candle(path: Path, number: int, row: list[str]) -> _Candle:
    try:
        at = int(float(row[0]))
        opened, high, low, close = (float(cell) for cell in row[1:5])
        volume = float(row[5]) if len(row) > 5 else 1.0
    except (ValueError, IndexError, OverflowError) as exc:
        raise ConfigError(f"{path}, line {number}: not timestamp,open,high,low,close[,volume]: {row!r}") from exc
    millis = at if at >= _MILLIS_FROM else at * 1_000
    if millis % BUCKET or millis <= 0:
        raise ConfigError(f"{path}, line {number}: {at} is not the opening of a 5m candle")
    sane = 0.0 < low <= min(opened, close) <= max(opened, close) <= high < math.inf
    if not sane or not 0.0 <= volume < math.inf:
        raise ConfigError(f"{path}, line {number}: the numbers contradict each other: {row!r}")
    return _Candle(millis // BUCKET, (opened, high, low, close), volume)


def _price_decimals(candles: Sequence[_Candle]) -> int:
    """The fewest decimals that hold the prices as recorded."""
    prices = {price for candle in candles for price in candle.prices}
    for decimals in range(_MOST_DECIMALS):
        if all(abs(round(price, decimals) - price) < 1e-10 for price in prices):
            return decimals
    return _MOST_DECIMALS


def _columns(candles: Sequence[_Candle], decimals: int, turnover_decimals: int) -> Buckets:
    first = candles[0].bucket
    places = np.array([candle.bucket - first for candle in candles], dtype=np.int64)
    count = int(places[-1]) + 1
    opened, high, low, close = (
        _spread(count, places, [round(candle.prices[number] * 10**decimals) for candle in candles])
        for number in range(4)
    )
    trades = _spread(count, places, [_trades_in(candle) for candle in candles])
    volume = _spread(count, places, [max(_MOST_TRADES, round(c.volume * 10**_SIZE_DECIMALS)) for c in candles])
    volume = volume * (trades > 0)
    worth = [round(sum(c.prices) / 4 * c.volume * 10**turnover_decimals) for c in candles]
    turnover = _spread(count, places, worth)
    first_trade = np.cumsum(trades) - trades + 1
    return Buckets(first, trades, opened, high, low, close, volume, turnover, first_trade)


def _trades_in(candle: _Candle) -> int:
    """Recordings do not tell how many trades there were: enough to touch all four prices; none without volume."""
    if not candle.volume:
        return 0
    return 1 if len(set(candle.prices)) == 1 else _MOST_TRADES


def _spread(count: int, places: Ints, values: list[int]) -> Ints:
    column = np.zeros(count, dtype=np.int64)
    column[places] = values
    return column
