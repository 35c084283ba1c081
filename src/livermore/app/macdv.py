"""MACD-V of a file of candles, as a table: what `livermore macdv` prints."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from livermore.app.candle_file import read_candles, read_rows, read_timeframe
from livermore.core.indicators.macdv import FAST, RANGE, SLOW, MacdV
from livermore.core.indicators.reading import Stage
from livermore.core.market.candle import Candle
from livermore.core.market.rows import without_holes
from livermore.core.market.timeframe import timeframe_named

HEADER: Final = "timestamp,close,ema12,ema26,atr26,macd_v,signal,histogram,stage"
EMPTY_COLUMN: Final = "empty"
NO_SYMBOL: Final = "FILE"


def macdv_table(path: Path, timeframe: str | None, *, show_empty: bool) -> Iterator[str]:
    """The lines of the table, header first, computed as they are taken; the file has been checked whole before.

    `timeframe` is told by the distance of the rows where it is None. With `show_empty` buckets absent from the file,
    which count as candles without trades, have a row too, and a last column marks all rows without trades with 1.

    Raises:
        InvalidRequest: when the file cannot be read or a line of it is wrong.
        UnknownTimeframe: when the timeframe is not one of ours.
    """
    rows = read_rows(path)
    chosen = read_timeframe(path, rows) if timeframe is None else timeframe_named(timeframe)
    candles = read_candles(path, rows, NO_SYMBOL, chosen)
    return _lines(candles, show_empty=show_empty)


def _lines(candles: list[Candle], *, show_empty: bool) -> Iterator[str]:
    fold = MacdV()
    listed = {candle.opened_at for candle in candles}
    yield f"{HEADER},{EMPTY_COLUMN}" if show_empty else HEADER
    for candle in without_holes(candles):
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        if show_empty:
            yield f"{_line(fold, candle)},{int(candle.is_empty)}"
        elif candle.opened_at in listed:
            yield _line(fold, candle)


def _line(fold: MacdV, candle: Candle) -> str:
    reading = fold.reading(candle)
    numbers = (
        fold.ema12 if fold.candles >= FAST else None,
        fold.ema26 if fold.candles >= SLOW else None,
        fold.atr26 if fold.observed >= RANGE else None,
        None if reading is None else reading.value,
        None if reading is None else reading.signal,
        None if reading is None else reading.histogram,
    )
    cells = ",".join("" if number is None else repr(number) for number in numbers)
    stage = Stage.UNKNOWN if reading is None else reading.stage
    return f"{candle.opened_at},{candle.close!r},{cells},{stage}"
