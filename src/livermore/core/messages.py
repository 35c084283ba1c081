"""The alphabet of the engine: what comes in (`Event`) and what goes out (`Effect`).

Every `at` is the exchange's own time in Millis. A *link* is one connection to an exchange; links are numbered by the
session and never reused, so whatever belonged to a connection ends with its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from livermore.core.alerts.alert import Alert
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.restored import RestoredSeries
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.watch import Era, Watch

# ------------------------------------------------------------------------------------------------ from the feed


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A connection has confirmed these symbols: from `at` on it carries all that happens to them.

    `proves_silence` says that a frame lost on this connection would be noticed (numbered frames), so that a symbol
    without news had no trades.
    """

    link: int
    at: Millis
    symbols: frozenset[str]
    proves_silence: bool


@dataclass(frozen=True, slots=True)
class LinkDown:
    """A connection has ended, for whatever reason."""

    link: int
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The exchange's clock on a connection: nothing older is still to come, but for its grace."""

    link: int
    at: Millis


@dataclass(frozen=True, slots=True)
class CandleSeen:
    """The feed's view of a 5m bucket so far; `is_final` when the exchange itself says that it has closed."""

    link: int
    at: Millis
    candle: Candle
    is_final: bool


@dataclass(frozen=True, slots=True)
class TickerSeen:
    """The feed's latest price of a symbol."""

    link: int
    ticker: Ticker


@dataclass(frozen=True, slots=True)
class FramesLost:
    """Something on this connection was lost or could not be read, somewhere up to `at`."""

    link: int
    at: Millis
    reason: str


@dataclass(frozen=True, slots=True)
class DatumDropped:
    """A datum was impossible and has been dropped; `sample` is the beginning of it, for the log.

    `symbol` is None where it cannot be told to whom it belonged.
    """

    link: int
    at: Millis
    symbol: str | None
    reason: str
    sample: str


@dataclass(frozen=True, slots=True)
class SymbolsRefused:
    """The exchange did not confirm these symbols."""

    link: int
    symbols: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class SymbolsUnheard:
    """The exchange has confirmed these symbols, but sends nothing of them; thin ones may be so for good reason."""

    link: int
    symbols: frozenset[str]
    reason: str


# ------------------------------------------------------------------------------------------------ from REST


class FetchReason(StrEnum):
    """Why candles are asked for."""

    WARMUP = "warmup"
    GAP = "gap"
    REPAIR = "repair"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class FetchCandles:
    """An order for the closed candles of one series that open in ``[since, until)``.

    It is both an effect (the engine asks) and part of the answer, which names its question.
    """

    symbol: str
    timeframe: Timeframe
    since: Millis
    until: Millis
    reason: FetchReason


@dataclass(frozen=True, slots=True)
class CandlesFetched:
    """The exchange's answer to an order: closed candles only, oldest first.

    A bucket without trades is either left out or an empty candle, as the exchange has it.
    """

    order: FetchCandles
    candles: tuple[Candle, ...]


@dataclass(frozen=True, slots=True)
class FetchRefused:
    """The exchange will not answer an order, and asking again is of no use."""

    order: FetchCandles
    reason: str


# ------------------------------------------------------------------------------------------------ from people


@dataclass(frozen=True, slots=True)
class SymbolsAdded:
    """These symbols are to be watched too; `restored` is what the store remembers of them."""

    symbols: tuple[str, ...]
    restored: tuple[RestoredSeries, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchedBefore:
    """An earlier session of this process has watched these symbols and closed their buckets `until` these instants.

    Where the store remembers nothing of a series, for it has been lost meanwhile, what has closed since is news.
    """

    until: Mapping[str, Millis]


@dataclass(frozen=True, slots=True)
class SymbolsRemoved:
    """These symbols are not to be watched any more; whatever is still under way of them is ignored."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WatchChanged:
    """Other rules, or another moment for alerts: they hold for candles that close after all that is known by now."""

    watch: Watch


@dataclass(frozen=True, slots=True)
class BackfillAsked:
    """The newest `candles` of these series are to be fetched and compared anew; None for all that are at hand."""

    symbols: tuple[str, ...]
    timeframes: tuple[Timeframe, ...]
    candles: int | None = None


@dataclass(frozen=True, slots=True)
class CacheCleared:
    """All that is known of these symbols is to be dropped, but for their alerts, and fetched anew where watched."""

    symbols: tuple[str, ...]


FeedEvent: TypeAlias = (
    LinkUp | LinkDown | Heard | CandleSeen | TickerSeen | FramesLost | DatumDropped | SymbolsRefused | SymbolsUnheard
)
Order: TypeAlias = SymbolsAdded | SymbolsRemoved | WatchChanged | BackfillAsked | CacheCleared
Event: TypeAlias = FeedEvent | CandlesFetched | FetchRefused | WatchedBefore | Order

# ------------------------------------------------------------------------------------------------ effects


@dataclass(frozen=True, slots=True)
class SeriesCommit:
    """What changed in one series: its new or corrected candles, oldest first, and where it stands after them.

    `reading` is None until the indicator is seeded. `eras` are those of `RestoredSeries`.
    """

    timeframe: Timeframe
    candles: tuple[Candle, ...]
    reading: Reading | None
    snapshot: SeriesSnapshot
    eras: tuple[Era, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one event did to one symbol; it is written as a whole or not at all."""

    symbol: str
    series: tuple[SeriesCommit, ...]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Forget:
    """What the store holds of these symbols is to be deleted, but for their alerts."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishTicker:
    """The latest price of a symbol, for screens."""

    ticker: Ticker


@dataclass(frozen=True, slots=True)
class Report:
    """Something an operator should know; `kind` is stable, `message` is for people."""

    kind: str
    message: str
    symbol: str | None = None
    sample: str | None = None


Effect: TypeAlias = Commit | Forget | FetchCandles | PublishTicker | Report
