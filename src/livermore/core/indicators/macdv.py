"""MACD-V, candle by candle: what the MACD is worth in units of the average true range.

``macd_v = (EMA12(close) - EMA26(close)) / ATR26 * 100``, ``signal = EMA9(macd_v)``, ``histogram = macd_v - signal``
(Alex Spiroglou, "MACD-V: Volatility Normalised Momentum", 2022). An EMA is seeded with the mean of its first values;
the ATR is Wilder's, seeded with the mean of 26 true ranges, the first of which is high - low.

An empty candle moves the EMAs but has no true range: the ATR waits. Where the ATR is 0, or so small beside the price
that only rounding is left, the value is undefined: it is skipped, so that "previous" is always the last defined value
and the signal line runs over defined values only.
"""

from typing import Final

from livermore.core.indicators.reading import Quality, Reading
from livermore.core.indicators.stage import CALM_BELOW, stage_of
from livermore.core.market.candle import Candle
from livermore.core.snapshot import IndicatorState

FAST: Final = 12
SLOW: Final = 26
RANGE: Final = 26
SIGNAL: Final = 9

# As floats, because Python multiplies two of them faster than one by an integer.
RANGE_LENGTH: Final = float(RANGE)
RANGE_KEPT: Final = RANGE_LENGTH - 1
PERCENT: Final = 100.0

FAST_WEIGHT: Final = 2 / (FAST + 1)
SLOW_WEIGHT: Final = 2 / (SLOW + 1)
SIGNAL_WEIGHT: Final = 2 / (SIGNAL + 1)

# While a price stands still the EMAs stop a few last bits of it apart (some 1e-15 of the price), and the ATR decays
# without end: after 700 candles their ratio would cross 150. An ATR of this share of the price counts as 0.
NO_RANGE: Final = 1e-12


class MacdV:
    """The fold over the candles of one series; `step` is the only thing that changes it.

    Until its seed is complete an average holds the sum of the values so far.

    >>> fold = MacdV()
    >>> for close in range(100, 126):
    ...     fold.step(close + 1.0, close - 1.0, float(close))
    >>> fold.value, fold.ema12, fold.ema26, fold.atr26
    (350.0, 119.5, 112.5, 2.0)
    """

    __slots__ = (
        "atr26",
        "calm",
        "candles",
        "close",
        "ema12",
        "ema26",
        "is_defined",
        "observed",
        "readings",
        "signal",
        "value",
    )

    def __init__(self) -> None:
        self.candles = 0
        self.observed = 0
        self.readings = 0
        self.calm = 0
        self.close = 0.0
        self.ema12 = 0.0
        self.ema26 = 0.0
        self.atr26 = 0.0
        self.signal = 0.0
        self.value: float | None = None
        self.is_defined = False

    def step(self, high: float, low: float, close: float, is_empty: bool = False) -> None:
        """Take in the next candle of the series."""
        candles = self.candles = self.candles + 1
        before = self.close
        self.close = close
        if candles > SLOW:
            ema12 = self.ema12 = self.ema12 + FAST_WEIGHT * (close - self.ema12)
            ema26 = self.ema26 = self.ema26 + SLOW_WEIGHT * (close - self.ema26)
        else:
            self._seed(close)
            ema12 = self.ema12
            ema26 = self.ema26
        if not is_empty:
            true_range = high - low
            if candles > 1:
                if high - before > true_range:
                    true_range = high - before
                if before - low > true_range:
                    true_range = before - low
            observed = self.observed = self.observed + 1
            if observed > RANGE:
                self.atr26 = (self.atr26 * RANGE_KEPT + true_range) / RANGE_LENGTH
            else:
                self.atr26 += true_range
                if observed == RANGE:
                    self.atr26 /= RANGE
        atr26 = self.atr26
        if self.observed < RANGE or candles < SLOW or atr26 <= close * NO_RANGE:
            self.is_defined = False
            return
        value = self.value = (ema12 - ema26) / atr26 * PERCENT
        self.is_defined = True
        self.calm = self.calm + 1 if -CALM_BELOW < value < CALM_BELOW else 0
        readings = self.readings = self.readings + 1
        if readings > SIGNAL:
            self.signal += SIGNAL_WEIGHT * (value - self.signal)
        else:
            self.signal += value
            if readings == SIGNAL:
                self.signal /= SIGNAL

    def _seed(self, close: float) -> None:
        candles = self.candles
        if candles > FAST:
            self.ema12 += FAST_WEIGHT * (close - self.ema12)
        else:
            self.ema12 += close
            if candles == FAST:
                self.ema12 /= FAST
        self.ema26 += close
        if candles == SLOW:
            self.ema26 /= SLOW

    @property
    def signal_line(self) -> float | None:
        """The EMA9 of the values, or None before nine of them."""
        return self.signal if self.readings >= SIGNAL else None

    @property
    def histogram(self) -> float | None:
        """The latest value's distance from the signal line, or None before there is one."""
        if self.value is None or self.readings < SIGNAL:
            return None
        return self.value - self.signal

    @property
    def convergence(self) -> float:
        """What is left of the seed: its weight in the ATR, ``(25/26)^(n - 26)`` after n observed candles."""
        return ((RANGE - 1) / RANGE) ** max(0, self.observed - RANGE)

    def reading(self, candle: Candle) -> Reading | None:
        """The reading at `candle`, which must be the newest one taken in; None where it is undefined."""
        value = self.value
        if not self.is_defined or value is None:
            return None
        signal = self.signal if self.readings >= SIGNAL else None
        return Reading(
            symbol=candle.symbol,
            timeframe=candle.timeframe,
            opened_at=candle.opened_at,
            price=candle.close,
            ema12=self.ema12,
            ema26=self.ema26,
            atr26=self.atr26,
            value=value,
            signal=signal,
            histogram=None if signal is None else value - signal,
            stage=stage_of(value, signal, self.calm),
            quality=self.quality(is_confirmed=candle.is_confirmed),
        )

    def quality(self, *, is_confirmed: bool) -> Quality:
        """How much the fold rests on so far."""
        empty_ratio = 1 - self.observed / self.candles if self.candles else 0.0
        return Quality(self.candles, self.convergence, empty_ratio, is_confirmed)

    def state(self) -> IndicatorState:
        """The fold as a value that can be kept."""
        return IndicatorState(
            self.candles,
            self.observed,
            self.readings,
            self.calm,
            self.close,
            self.ema12,
            self.ema26,
            self.atr26,
            self.value,
            self.signal,
            self.is_defined,
        )

    @classmethod
    def resumed(cls, state: IndicatorState) -> "MacdV":
        """The fold as it was when `state` was taken."""
        fold = cls()
        fold.candles = state.candles
        fold.observed = state.observed
        fold.readings = state.readings
        fold.calm = state.calm
        fold.close = state.close
        fold.ema12 = state.ema12
        fold.ema26 = state.ema26
        fold.atr26 = state.atr26
        fold.value = state.value
        fold.signal = state.signal
        fold.is_defined = state.is_defined
        return fold
