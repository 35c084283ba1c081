"""The readings of a whole exchange as JSON, of which only what has changed is made anew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from livermore.api.lines import ReadingLine, TickerLine, reading_line
from livermore.api.symbol_ranks import NOTHING_KNOWN, Standing
from livermore.cache.keys import Keys
from livermore.core.market.timeframe import BASE, HIGHER, Millis, Timeframe
from livermore.errors import CorruptRecord

Problem = dict[str, str]

_END: Final = Keys.reading_field("", BASE).removeprefix(":").encode()
_HIGHER_ENDS: Final = tuple(timeframe.encode() for timeframe in HIGHER)
_encode = msgspec.json.Encoder().encode


class MatrixLine(msgspec.Struct, rename="camel", gc=False):
    """A symbol of the matrix as `MatrixRow` shapes it."""

    symbol: str
    tier: int | None
    rank: int | None
    volume: float | None
    news_age: Millis | None
    candles_behind: int | None
    ticker: TickerLine | None
    readings: msgspec.Raw


@dataclass(frozen=True, slots=True)
class ReadingsOfSymbol:
    """The readings of a symbol on all timeframes as JSON, made of the values `raws`.

    `closed_at` is the close of its newest 5m candle, None where that has no reading. `problems` are values not ours.
    """

    symbol: str
    raws: tuple[bytes | None, ...]
    json: msgspec.Raw
    closed_at: Millis | None
    problems: tuple[Problem, ...]


class Shapes:
    """What was made of the readings of each exchange last; as much as is stored, and no more."""

    def __init__(self) -> None:
        self._made: dict[int, dict[bytes, ReadingsOfSymbol]] = {}

    def of(self, exchange_id: int, stored: Mapping[bytes, bytes]) -> tuple[ReadingsOfSymbol, ...]:
        """The symbols that have a 5m field in the hash of readings, in the order of the alphabet."""
        before, after = self._made.get(exchange_id, {}), {}
        value_of = stored.get
        for field, raw in stored.items():
            if not field.endswith(_END):
                continue
            start = field[: -len(_END)]
            if start[-1:] != b":":
                continue
            raws = (raw, *[value_of(start + end) for end in _HIGHER_ENDS])
            known = before.get(start)
            after[start] = known if known is not None and known.raws == raws else _shaped(start[:-1], raws)
        self._made[exchange_id] = after
        return tuple(after[start] for start in sorted(after))


def _shaped(name: bytes, raws: tuple[bytes | None, ...]) -> ReadingsOfSymbol:
    symbol = name.decode(errors="replace")
    lines: dict[str, ReadingLine] = {}
    problems: list[Problem] = []
    for timeframe, raw in zip(Timeframe, raws, strict=True):
        try:
            line = None if raw is None else reading_line(raw, symbol)
        except CorruptRecord as exc:
            problems.append({"name": f"{symbol} {timeframe}", "reason": str(exc)})
            continue
        if line is not None:
            lines[timeframe.value] = line
    base = lines.get(BASE.value)
    closed_at = None if base is None else base.close_time
    return ReadingsOfSymbol(symbol, raws, msgspec.Raw(_encode(lines)), closed_at, tuple(problems))


def matrix_lines(
    rows: Iterable[tuple[ReadingsOfSymbol, TickerLine | None]], standings: Mapping[str, Standing]
) -> list[MatrixLine]:
    """The rows of the matrix. How old news are is told by the newest of all, so by the market's clock."""
    pairs = list(rows)
    closed_at = max((row.closed_at for row, _ in pairs if row.closed_at is not None), default=0)
    newest = max([closed_at, *(ticker.time for _, ticker in pairs if ticker is not None)])
    lines: list[MatrixLine] = []
    for row, ticker in pairs:
        standing = standings.get(row.symbol, NOTHING_KNOWN)
        heard_at, behind = row.closed_at, None
        if heard_at is not None:
            behind = (closed_at - heard_at) // BASE.millis
        if ticker is not None and (heard_at is None or ticker.time > heard_at):
            heard_at = ticker.time
        age = None if heard_at is None else newest - heard_at
        lines.append(
            MatrixLine(row.symbol, standing.tier, standing.rank, standing.volume, age, behind, ticker, row.json)
        )
    return lines
