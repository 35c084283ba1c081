"""A reading: what the MACD-V says of one closed candle, and how far to trust it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from livermore.core.market.timeframe import Millis, Timeframe


class Stage(StrEnum):
    """The named zone a MACD-V is in."""

    UNKNOWN = "unknown"
    OVERSOLD = "oversold"
    REBOUNDING = "rebounding"
    RALLYING = "rallying"
    OVERBOUGHT = "overbought"
    RETRACING = "retracing"
    REVERSING = "reversing"
    RANGING = "ranging"


class Quality(NamedTuple):
    """How much a reading rests on: candles in the series, those with trades, and what is left of the seed.

    `convergence` is the weight, between 1 and 0, that the first 26 true ranges still have in the ATR.
    `empty_ratio` is the share of candles without trades.
    """

    candles: int
    convergence: float
    empty_ratio: float
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """MACD-V at the close of one candle; `value` in percent of the ATR, `price` is that close.

    `signal` and `histogram` are None until the signal line is seeded.
    """

    symbol: str
    timeframe: Timeframe
    opened_at: Millis
    price: float
    ema12: float
    ema26: float
    atr26: float
    value: float
    signal: float | None
    histogram: float | None
    stage: Stage
    quality: Quality

    @property
    def closes_at(self) -> Millis:
        """The instant of the close this reading is of."""
        return self.opened_at + self.timeframe.millis
