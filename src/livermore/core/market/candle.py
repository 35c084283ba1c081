"""The candle: open, high, low, close and volume of one bucket, and nothing impossible.

Invariants, held by construction: all numbers are finite and at most 1e100, prices are positive,
``low <= open, close <= high``, volume is not negative, the opening lies on the timeframe's grid, and an empty candle is
flat with volume 0.
"""

from dataclasses import dataclass
from typing import Final

from livermore.core.market.timeframe import Millis, Timeframe
from livermore.errors import InvalidCandle

# No price and no volume comes near it, and no sum of such numbers overflows.
HIGHEST: Final = 1e100
SAME_VOLUME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Candle:
    """One bucket of one symbol; volume is in units of the base currency.

    `is_empty` marks a bucket in which nobody traded: flat at the previous close. `is_confirmed` says that the
    exchange's REST history agrees. `revision` counts the corrections made after the candle had closed.

    Raises:
        InvalidCandle: when the values contradict each other.
    """

    symbol: str
    timeframe: Timeframe
    opened_at: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_empty: bool = False
    is_confirmed: bool = False
    revision: int = 0

    def __post_init__(self) -> None:
        """Refuse values that no market can produce; a comparison with NaN is false and so refused too."""
        low, high = self.low, self.high
        if not (0.0 < low <= self.open <= high <= HIGHEST and low <= self.close <= high):
            raise InvalidCandle("prices contradict each other", candle=self)
        if not 0.0 <= self.volume <= HIGHEST:
            raise InvalidCandle("volume must be a number that is not negative", candle=self)
        if self.opened_at % self.timeframe.millis:
            raise InvalidCandle("the opening is off the grid of its timeframe", candle=self)
        if self.is_empty and not (low == high and self.volume == 0.0):
            raise InvalidCandle("an empty candle is flat and has no volume", candle=self)

    @property
    def closes_at(self) -> Millis:
        """The instant the bucket ends, which is the next one's opening."""
        return self.opened_at + self.timeframe.millis


def empty_candle(symbol: str, timeframe: Timeframe, opened_at: Millis, close: float, *, is_confirmed: bool) -> Candle:
    """The flat candle of a bucket without trades, at the `close` of the candle before it."""
    return Candle(symbol, timeframe, opened_at, close, close, close, close, 0.0, True, is_confirmed)


def is_same_market(one: Candle, other: Candle) -> bool:
    """Whether two candles say the same of the market, whatever we know about how sure that is.

    Prices are compared exactly; volumes up to rounding, because a folded volume is a sum and the exchange's is not.
    """
    return (
        one.open == other.open
        and one.high == other.high
        and one.low == other.low
        and one.close == other.close
        and one.is_empty == other.is_empty
        and abs(one.volume - other.volume) <= SAME_VOLUME * max(one.volume, other.volume)
    )
