"""What the store remembers of series, and what of it cannot be trusted."""

from dataclasses import dataclass

from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Timeframe
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.watch import Era


@dataclass(frozen=True, slots=True)
class RestoredSeries:
    """The newest candles of a series, oldest first and without a hole, and where it stands after them.

    `eras` are the rules it went by, the present ones last; none for one that has always gone by the original ones.
    """

    symbol: str
    timeframe: Timeframe
    candles: tuple[Candle, ...]
    snapshot: SeriesSnapshot
    eras: tuple[Era, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedSeries:
    """A stored series that cannot be resumed, and why."""

    symbol: str
    timeframe: Timeframe
    reason: str


@dataclass(frozen=True, slots=True)
class Restoration:
    """The sound series, and those that must be fetched anew; a series never stored is in neither."""

    series: tuple[RestoredSeries, ...]
    refused: tuple[RefusedSeries, ...]
