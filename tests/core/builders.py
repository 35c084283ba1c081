"""Candles and markets for the tests of core: readable by default, drawn by Hypothesis where facts must always hold."""

import math
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st

from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import Millis, Timeframe

SYMBOL = "BTC-USD"
M5 = Timeframe.M5
STEP = M5.millis
# A midnight, so that candles of all timeframes begin here.
DAWN: Millis = 1_700_006_400_000


def a_candle(
    number: int = 0,
    close: float = 100.0,
    *,
    open: float | None = None,
    high: float | None = None,
    low: float | None = None,
    volume: float = 1.0,
    timeframe: Timeframe = M5,
    symbol: str = SYMBOL,
) -> Candle:
    """The candle with this number since dawn; flat at its close but for what is named."""
    opened = close if open is None else open
    return Candle(
        symbol,
        timeframe,
        DAWN + number * timeframe.millis,
        opened,
        max(opened, close) if high is None else high,
        min(opened, close) if low is None else low,
        close,
        volume,
    )


def an_empty(number: int, close: float, *, timeframe: Timeframe = M5, is_confirmed: bool = False) -> Candle:
    return empty_candle(SYMBOL, timeframe, DAWN + number * timeframe.millis, close, is_confirmed=is_confirmed)


@dataclass(frozen=True)
class Move:
    """What happens in one bucket, relative to the close before it: nothing, or trades between `low` and `high`."""

    opened: float
    closed: float
    above: float
    below: float


_QUIET = st.just(None)
_FLAT = st.just(Move(0.0, 0.0, 0.0, 0.0))
_step = st.floats(-0.05, 0.05, allow_nan=False)
_wick = st.floats(0.0, 0.05, allow_nan=False)
_TRADED = st.builds(Move, _step, _step, _wick, _wick)
_STRETCHES = st.one_of(
    st.lists(_TRADED, min_size=1, max_size=60),
    st.tuples(st.one_of(_QUIET, _FLAT, _TRADED), st.integers(1, 45)).map(lambda pair: [pair[0]] * pair[1]),
)


@st.composite
def markets(draw: st.DrawFn, most: int = 200, start: int = 0, timeframe: Timeframe = M5) -> list[Candle]:
    """Contiguous candles: trends, wild and flat stretches, and buckets in which nobody traded, also at the start."""
    moves = [move for stretch in draw(st.lists(_STRETCHES, min_size=1, max_size=8)) for move in stretch][:most]
    return market_of(moves, draw(st.sampled_from([1e-9, 0.0123, 1.0, 100.0, 64_123.45])), start, timeframe)


def market_of(moves: list[Move | None], price: float, start: int = 0, timeframe: Timeframe = M5) -> list[Candle]:
    candles: list[Candle] = []
    close = price
    for number, move in enumerate(moves, start=start):
        if move is None:
            candles.append(an_empty(number, close, timeframe=timeframe))
            continue
        opened = close * math.exp(move.opened)
        close = opened * math.exp(move.closed)
        high, low = max(opened, close) * (1 + move.above), min(opened, close) * (1 - move.below)
        candles.append(a_candle(number, close, open=opened, high=high, low=low, timeframe=timeframe))
    return candles


def examples(count: int) -> settings:
    """So many examples of a costly property; in the thorough profile as many times more as that has more of any."""
    return settings(max_examples=count * settings.default.max_examples // 100)
