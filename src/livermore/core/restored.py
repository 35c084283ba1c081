"""A series as the store remembers it."""

from dataclasses import dataclass

from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Timeframe
from livermore.core.snapshot import SeriesSnapshot


@dataclass(frozen=True, slots=True)
class RestoredSeries:
    """The newest candles of a series, oldest first and without a hole, and where it stands after them."""

    symbol: str
    timeframe: Timeframe
    candles: tuple[Candle, ...]
    snapshot: SeriesSnapshot
