"""Which symbols are watched for whom, and lists of symbols that people paste."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from livermore.core.market.symbol import symbol_spelled
from livermore.errors import InvalidRequest

EVERYBODYS: Final = 1
ONE_USERS: Final = 2
MOST_IMPORTED: Final = 1_000
MOST_CHARACTERS: Final = 100_000
MOST_WATCHED_BY_USER: Final = 200

_SEPARATOR: Final = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class MonitoredSymbol:
    """A symbol that an instance is to watch: for everybody (tier 1), or for one user (tier 2).

    `rank` and `volume` (in the quote currency over 24 h) are of the exchange's listing, where it told. `user` is the
    number of the user, as text, for it is part of keys.
    """

    symbol: str
    tier: int = EVERYBODYS
    rank: int | None = None
    volume: Decimal | None = None
    user: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one entry of a pasted list: the symbol it means, or the reason why it means none."""

    line: int
    text: str
    symbol: str | None
    reason: str | None = None


def watched_once(symbols: Collection[MonitoredSymbol]) -> tuple[MonitoredSymbol, ...]:
    """The active symbols without those of users that everybody watches already, tier 1 first, each by rank and name.

    Of several users of one symbol each keeps their own entry.
    """
    shared = {symbol.symbol for symbol in symbols if symbol.is_active and symbol.tier == EVERYBODYS}
    kept = [s for s in symbols if s.is_active and (s.tier == EVERYBODYS or s.symbol not in shared)]
    return tuple(sorted(kept, key=lambda s: (s.tier, s.rank is None, s.rank or 0, s.symbol, s.user or "")))


def verdicts(text: str, listed: Collection[str], watched: Collection[str] = ()) -> tuple[Verdict, ...]:
    """What each entry of a pasted list means: one a line, separated by commas, or a JSON array of texts.

    `listed` are the symbols that the exchange trades, `watched` those that are watched already.

    Raises:
        InvalidRequest: when the list is too long, or begins like JSON and is none.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest(f"the list has {len(text)} characters; {MOST_CHARACTERS} are allowed")
    found: list[Verdict] = []
    seen: set[str] = set()
    for line, entry in _entries(text):
        if len(found) == MOST_IMPORTED:
            raise InvalidRequest(f"the list has more than {MOST_IMPORTED} entries")
        verdict = _verdict(line, entry, listed, watched, seen)
        found.append(verdict)
        seen.update(() if verdict.symbol is None else (verdict.symbol,))
    return tuple(found)


def _entries(text: str) -> Iterator[tuple[int, str]]:
    if text.lstrip().startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise InvalidRequest("the list begins like JSON and is none") from exc
        yield from ((number, entry if isinstance(entry, str) else "") for number, entry in enumerate(listed, start=1))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].strip()
        yield from ((number, entry) for entry in _SEPARATOR.split(words) if entry)


def _verdict(
    line: int, entry: str, listed: Collection[str], watched: Collection[str], seen: Collection[str]
) -> Verdict:
    shown = entry[:80]
    symbol = symbol_spelled(entry)
    if symbol is None:
        return Verdict(line, shown, None, "is no symbol; one looks like BTC-USD")
    if symbol in seen:
        return Verdict(line, shown, None, f"{symbol} stands in the list twice")
    if symbol not in listed:
        return Verdict(line, shown, None, f"{symbol} is not traded on this exchange")
    if symbol in watched:
        return Verdict(line, shown, None, f"{symbol} is watched already")
    return Verdict(line, shown, symbol)
