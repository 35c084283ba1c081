"""How well an exchange is heard, why not better, and which symbols have not been heard of for long."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from livermore.core.instance.status import NAMES_SHOWN, FeedReport, FeedState, StaleSymbol
from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.core.symbol import WatchedSymbol

STALE_AFTER: Final = 15 * MINUTE
"""Event time: so long after the last word on it a symbol is called stale; a thin one may be so for good reason."""

STALLED_AFTER: Final = 15 * SECOND
"""Our time: a connection that lives says something in less, on any exchange."""

NAMES_IN_REASON: Final = 5


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an engine knows of its feed; `last_loss` is why the last connection ended that had symbols to lose."""

    symbols: Mapping[str, WatchedSymbol]
    refused: Mapping[str, str]
    links: Collection[int]
    watermark: Millis
    received_at: Millis
    last_loss: str


def feed_report(hearing: Hearing, now: Millis) -> FeedReport:
    """The report at our instant `now`."""
    reasons: list[str] = []
    unconfirmed = sorted(
        name for name, one in hearing.symbols.items() if one.feed.link is None and name not in hearing.refused
    )
    if not hearing.links:
        because = f": {hearing.last_loss}" if hearing.last_loss else ""
        reasons.append(f"no connection{because}")
    elif unconfirmed:
        some = f"{len(unconfirmed)} of {len(hearing.symbols)} symbols unconfirmed: {_names(unconfirmed)}"
        reasons.append(f"{some} (connection lost: {hearing.last_loss})" if hearing.last_loss else some)
    if hearing.refused:
        reasons.append(f"refused: {_names(sorted(hearing.refused))}")
    if hearing.links and now - hearing.received_at >= STALLED_AFTER:
        reasons.append(f"stalled {(now - hearing.received_at) // SECOND} s")
    stale = sorted(_stale(hearing), key=lambda one: (one.last_heard_at or 0, one.symbol))
    heard = FeedState.DEGRADED if reasons else FeedState.LIVE
    state = heard if hearing.links else FeedState.DOWN
    return FeedReport(state, tuple(reasons), tuple(stale[:NAMES_SHOWN]), len(stale))


def _stale(hearing: Hearing) -> Iterable[StaleSymbol]:
    for name, symbol in hearing.symbols.items():
        heard_at = symbol.feed.heard_at
        if heard_at is None or hearing.watermark - heard_at >= STALE_AFTER:
            yield StaleSymbol(name, heard_at)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_IN_REASON} more" if len(names) > NAMES_IN_REASON else ""
    return ", ".join(names[:NAMES_IN_REASON]) + more
