"""Where a series stands: all that is needed, besides its candles, to go on as if never stopped.

What is made anew at every close is a named tuple: as unchangeable as a frozen dataclass, made in a fifth of the time.
"""

from dataclasses import dataclass
from typing import NamedTuple

from livermore.core.market.timeframe import Millis


class IndicatorState(NamedTuple):
    """The MACD-V fold after a candle; sums are those of the seeds, None stands for not seeded yet.

    `candles` counts all, `observed` those with trades, `readings` the defined values, `calm` the latest run of
    values with a magnitude under 50.
    """

    candles: int
    observed: int
    readings: int
    calm: int
    close: float
    ema12: float
    ema26: float
    atr26: float
    value: float | None
    signal: float
    is_defined: bool


@dataclass(frozen=True, slots=True)
class Fired:
    """When a label last fired (the close of its candle) and whether it may fire again."""

    label: str
    closed_at: Millis
    is_armed: bool


class Tail(NamedTuple):
    """The fold and the memory as they stood before the oldest candle that is kept."""

    indicator: IndicatorState
    memory: tuple[Fired, ...]


@dataclass(frozen=True, slots=True)
class SeriesSnapshot:
    """A series after its newest candle: where it starts and ends, the indicator and what the rules remember.

    `started_at` is the opening of the first candle of the series, from which the indicator is seeded; `last_opened_at`
    is the opening of the newest. Candles that closed up to `watched_since` were history: they raised no alert.

    `kept_since` is the opening of the oldest candle that may still be corrected; `tail` is where the fold and the
    memory stood just before it, from which they are folded anew after a correction.
    """

    started_at: Millis
    last_opened_at: Millis
    watched_since: Millis
    indicator: IndicatorState
    memory: tuple[Fired, ...]
    kept_since: Millis
    tail: Tail
