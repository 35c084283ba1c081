"""Reading a file of candles, plain or gzipped, whole and checked, or saying which line of it is wrong."""

import gzip
import io
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from livermore.core.market.candle import Candle
from livermore.core.market.rows import Row, candles_of, rows_of, timeframe_of
from livermore.core.market.timeframe import Timeframe
from livermore.errors import InvalidRequest, MalformedMessage, UnknownTimeframe

GZIP_MAGIC: Final = b"\x1f\x8b"
GZIP_SUFFIX: Final = ".gz"


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, which need not fit together yet.

    Raises:
        InvalidRequest: when the file cannot be read, or a line of it cannot; the message begins with the file and line.
    """
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC) or (raw and path.suffix == GZIP_SUFFIX):
            raw = gzip.decompress(raw)
        return rows_of(io.StringIO(raw.decode("utf-8-sig"), newline=None))
    except MalformedMessage as exc:
        raise misread(path, exc) from exc
    except (EOFError, zlib.error, gzip.BadGzipFile) as exc:
        raise InvalidRequest(f"{path}: not a whole gzip file: {exc}") from exc
    except UnicodeDecodeError as exc:
        raise InvalidRequest(f"{path}: not a text file") from exc
    except OSError as exc:
        raise InvalidRequest(f"{path}: {exc.strerror or exc}") from exc


def read_candles(path: Path, rows: Iterable[Row], symbol: str, timeframe: Timeframe) -> list[Candle]:
    """The candles that the rows of a file stand for; absent buckets stay absent.

    Raises:
        InvalidRequest: when a row of it is impossible; the message begins with the file and line.
    """
    try:
        return candles_of(rows, symbol, timeframe)
    except MalformedMessage as exc:
        raise misread(path, exc) from exc


def read_timeframe(path: Path, rows: list[Row]) -> Timeframe:
    """The timeframe that the rows of a file show by their distance.

    Raises:
        UnknownTimeframe: when it is not one of ours; the message begins with the file.
    """
    try:
        return timeframe_of(rows)
    except UnknownTimeframe as exc:
        raise UnknownTimeframe(f"{path}: {exc}") from exc


def misread(path: Path, error: MalformedMessage) -> InvalidRequest:
    """The same error with the file and line before it."""
    return InvalidRequest(f"{path}:{error.context['line']}: {error}")
