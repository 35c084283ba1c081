"""Candles written as rows of text: what a table of prices says, or which line of it cannot be true.

A table is a header, ``timestamp,open,high,low,close[,volume]`` in any order among other columns, and a row for each
candle, oldest first::

    timestamp,open,high,low,close,volume
    1515560100000,0.0984,0.0994766,0.09828605,0.0994766,1820.54447418

Timestamps are openings in milliseconds or seconds since the epoch. Buckets may be absent: nobody traded in them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import DAY, HOUR, MINUTE, SECOND, Millis, Timeframe
from livermore.errors import InvalidCandle, MalformedMessage, UnknownTimeframe

TIME_NAMES: Final = ("timestamp", "t")
PRICE_NAMES: Final = ("open", "high", "low", "close")
VOLUME_NAME: Final = "volume"
# No instant of our era is as small in milliseconds (March 1973) or as large in seconds (the year 5138).
FIRST_MILLIS: Final = 100_000_000_000
# Eight years of 5m candles: a longer hole is a wrong timestamp, and filling it would take minutes.
LONGEST_HOLE: Final = 1_000_000

_WHOLE: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_UNITS: Final = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, with its number; prices and volume may still contradict each other."""

    line: int
    opened_at: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float | None


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each number stands; `volume` is None where the table has none."""

    count: int
    time: int
    prices: tuple[int, int, int, int]
    volume: int | None


def rows_of(lines: Iterable[str]) -> list[Row]:
    """The rows of a table, in strictly rising order of time; blank lines at its end do not count.

    Raises:
        MalformedMessage: when a line cannot be read or is out of order; `line` of its context is the number.
    """
    columns: Columns | None = None
    rows: list[Row] = []
    millis_per_unit = 1
    blank: int | None = None
    for number, text in enumerate(lines, start=1):
        fields = [field.strip().strip('"') for field in text.rstrip("\r\n").split(",")]
        if columns is None:
            columns = _columns(fields)
        elif fields == [""]:
            blank = blank or number
        elif blank is not None:
            raise MalformedMessage("the line is blank, and rows go on after it", line=blank)
        else:
            time = _time(fields, columns, number)
            if not rows:
                millis_per_unit = 1 if time >= FIRST_MILLIS else SECOND
            rows.append(_row(fields, columns, number, time * millis_per_unit))
            if len(rows) > 1:
                _check_order(rows[-2], rows[-1])
    if columns is None:
        raise MalformedMessage("the file is empty", line=1)
    if not rows:
        raise MalformedMessage("there is a header and nothing else", line=1)
    return rows


def _columns(fields: Sequence[str]) -> Columns:
    names = [field.lower() for field in fields]
    doubled = next((name for name, count in Counter(names).items() if count > 1 and name), None)
    if doubled is not None:
        raise MalformedMessage(f"the header names {doubled!r} twice", line=1)
    times = [name for name in TIME_NAMES if name in names]
    missing = [name for name in PRICE_NAMES if name not in names]
    if not times:
        missing.insert(0, "timestamp (or t)")
    if missing:
        raise MalformedMessage(f"the header lacks {', '.join(missing)}", line=1)
    opened, high, low, close = (names.index(name) for name in PRICE_NAMES)
    volume = names.index(VOLUME_NAME) if VOLUME_NAME in names else None
    return Columns(len(names), names.index(times[0]), (opened, high, low, close), volume)


def _time(fields: Sequence[str], columns: Columns, line: int) -> int:
    if len(fields) != columns.count:
        raise MalformedMessage(f"{len(fields)} columns where the header has {columns.count}", line=line)
    text = fields[columns.time]
    if not _WHOLE.fullmatch(text) or len(text) > len(str(FIRST_MILLIS)) + 3:
        raise MalformedMessage(f"{text!r} is no timestamp in milliseconds or seconds", line=line)
    return int(text)


def _row(fields: Sequence[str], columns: Columns, line: int, opened_at: Millis) -> Row:
    opened, high, low, close = (_number(fields[index], line) for index in columns.prices)
    volume = None if columns.volume is None else _number(fields[columns.volume], line)
    return Row(line, opened_at, opened, high, low, close, volume)


def _number(text: str, line: int) -> float:
    if not _NUMBER.fullmatch(text):
        raise MalformedMessage(f"{text!r} is no number", line=line)
    return float(text)


def _check_order(before: Row, row: Row) -> None:
    if row.opened_at == before.opened_at:
        raise MalformedMessage(f"{row.opened_at} stands on line {before.line} already", line=row.line)
    if row.opened_at < before.opened_at:
        raise MalformedMessage(f"{row.opened_at} comes after {before.opened_at}: out of order", line=row.line)


def timeframe_of(rows: Sequence[Row]) -> Timeframe:
    """The timeframe of a table: its most common step, or else its smallest one, if that is one of ours.

    Raises:
        UnknownTimeframe: when it is not one of ours, or there is only one row.
    """
    steps = Counter(after.opened_at - before.opened_at for before, after in pairwise(rows))
    known = {timeframe.millis: timeframe for timeframe in Timeframe}
    listed = ", ".join(Timeframe)
    if not steps:
        raise UnknownTimeframe(f"one candle does not tell its timeframe; name it, known are {listed}")
    most = max(steps.values())
    common = min(step for step, count in steps.items() if count == most)
    for step in (common, min(steps)):
        if step in known:
            return known[step]
    raise UnknownTimeframe(f"the candles are {_length(common)} apart; known timeframes are {listed}")


def _length(millis: Millis) -> str:
    for unit, name in _UNITS:
        if millis % unit == 0:
            return f"{millis // unit}{name}"
    return f"{millis}ms"


def candles_of(rows: Iterable[Row], symbol: str, timeframe: Timeframe) -> list[Candle]:
    """The candles that rows stand for; absent buckets stay absent.

    A flat row with a volume of 0 is a bucket without trades, as some exchanges list it.

    Raises:
        MalformedMessage: when a row is impossible, off the grid, or follows a hole longer than any market is closed;
            `line` of its context is the number.
    """
    candles: list[Candle] = []
    for row in rows:
        is_empty = row.volume == 0.0 and row.open == row.high == row.low == row.close
        try:
            candle = Candle(
                symbol, timeframe, row.opened_at, row.open, row.high, row.low, row.close, row.volume or 0.0, is_empty
            )
        except InvalidCandle as exc:
            raise MalformedMessage(str(exc), line=row.line) from exc
        absent = (candle.opened_at - candles[-1].closes_at) // timeframe.millis if candles else 0
        if absent > LONGEST_HOLE:
            raise MalformedMessage(f"{absent} candles are absent before this one: a wrong timestamp?", line=row.line)
        candles.append(candle)
    return candles


def without_holes(candles: Iterable[Candle]) -> Iterator[Candle]:
    """The candles of one series in order, with an empty one for each bucket that is absent."""
    before: Candle | None = None
    for candle in candles:
        while before is not None and before.closes_at < candle.opened_at:
            before = empty_candle(
                before.symbol, before.timeframe, before.closes_at, before.close, is_confirmed=before.is_confirmed
            )
            yield before
        yield candle
        before = candle
