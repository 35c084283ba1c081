"""One MACD-V update, ours and theirs: talipp, which is incremental too, and TA-Lib's stream functions."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import talib
from pytest_benchmark.fixture import BenchmarkFixture
from talib import stream
from talipp.indicators import ATR, MACD
from talipp.ohlcv import OHLCV

from livermore.core.indicators.macdv import MacdV

BARS = 20_000
Bar = tuple[float, float, float]
Compare = Callable[[str, float, str, float], None]
_OURS: dict[str, float] = {}


def bars(count: int) -> list[Bar]:
    """High, low and close of a market that swings, without randomness."""
    made: list[Bar] = []
    for number in range(count):
        close = 100 + 10 * math.sin(number / 40) + 3 * math.sin(number / 7)
        made.append((close + 0.5 + number % 3 / 10, close - 0.4 - number % 5 / 10, close))
    return made


def best_micros(benchmark: BenchmarkFixture, updates: int) -> float:
    micros = float(benchmark.stats.stats.min) / updates * 1e6
    benchmark.extra_info["micros_per_update"] = round(micros, 3)
    return micros


def test_ours(benchmark: BenchmarkFixture) -> None:
    """MACD-V with its signal line, of 20,000 candles."""
    market = bars(BARS)

    def run() -> float | None:
        fold = MacdV()
        step = fold.step
        for high, low, close in market:
            step(high, low, close)
        return fold.value

    assert benchmark.pedantic(run, rounds=15, warmup_rounds=1) is not None
    _OURS["MacdV.step"] = best_micros(benchmark, BARS)


def test_talipp(benchmark: BenchmarkFixture, compare: Compare) -> None:
    """MACD and ATR, without the division and its signal line; fewer candles, for it is slow."""
    market = [OHLCV(close, high, low, close) for high, low, close in bars(4_000)]

    def run() -> int:
        macd, atr = MACD(12, 26, 9), ATR(26)
        for bar in market:
            macd.add(bar.close)
            atr.add(bar)
        return len(atr)

    assert benchmark.pedantic(run, rounds=3) == 4_000
    against("talipp MACD.add + ATR.add", best_micros(benchmark, 4_000), compare)


@pytest.mark.parametrize("window", [100, 500])
def test_ta_lib_over_a_window(benchmark: BenchmarkFixture, compare: Compare, window: int) -> None:
    """The stream functions called on the newest candles each time, as strategies do that keep a window of them."""
    high, low, close = np.array(bars(window + 2_000)).T.copy()

    def run() -> float:
        value = 0.0
        for end in range(window, window + 2_000):
            inside = slice(end - window, end)
            macd = stream.MACD(close[inside], 12, 26, 9).value[0]
            value = macd / stream.ATR(high[inside], low[inside], close[inside], 26).value * 100
        return value

    assert math.isfinite(benchmark.pedantic(run, rounds=3))
    against(f"TA-Lib {talib.__version__} stream, window of {window}", best_micros(benchmark, 2_000), compare)


def test_ta_lib_carried_forward(benchmark: BenchmarkFixture, compare: Compare) -> None:
    """The handles that TA-Lib 0.8 added: incremental like ours, in C, without empty candles and without their state."""
    market = bars(BARS)
    high, low, close = np.array(market[:100]).T.copy()

    def run() -> float:
        macd, atr = stream.MACD(close, 12, 26, 9), stream.ATR(high, low, close, 26)
        value = 0.0
        for bar in market:
            value = macd.update(bar[2])[0] / atr.update(*bar) * 100
        return value

    assert math.isfinite(benchmark.pedantic(run, rounds=10))
    against(f"TA-Lib {talib.__version__} handle.update", best_micros(benchmark, BARS), compare)


def against(peer: str, peer_micros: float, compare: Compare) -> None:
    for ours, micros in _OURS.items():
        compare(ours, micros, peer, peer_micros)
