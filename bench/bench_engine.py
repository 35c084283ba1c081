"""The engine: forming candles, closes of one timeframe, and the midnight at which all of them close."""

from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from core.builders import DAWN, STEP, a_candle
from core.venue import GRACE, Venue, quiet
from livermore.core.engine import Engine
from livermore.core.market.timeframe import SECOND
from livermore.core.messages import CandleSeen, CandlesFetched, Event, FetchCandles, Heard, LinkUp

SYMBOLS = tuple(f"S{number:03}-USD" for number in range(100))
BOUNDARIES = {"5m": 0, "5m 15m": 2, "5m 15m 1h": 11, "5m 15m 1h 4h": 47, "all five": 287}


def warmed_engine(symbols: tuple[str, ...] = SYMBOLS, first: int = 0) -> Engine:
    """An engine with all its history, up since ten seconds after the bucket `first` opened."""
    engine = Venue(symbols).engine
    at = DAWN + first * STEP + 10 * SECOND
    orders = engine.handle(LinkUp(1, at, frozenset(symbols), proves_silence=True), at)
    for order in orders:
        if isinstance(order, FetchCandles):
            engine.handle(CandlesFetched(order, quiet(order)), at)
    return engine


def run(engine: Engine, events: list[Event]) -> int:
    handle = engine.handle
    return sum(len(handle(event, 0)) for event in events)


def per_event(benchmark: BenchmarkFixture, events: int) -> None:
    best = benchmark.stats.stats.min
    benchmark.extra_info["events_per_second"] = round(events / best)
    benchmark.extra_info["micros_per_event"] = round(best / events * 1e6, 3)


def test_forming_candles(benchmark: BenchmarkFixture) -> None:
    """10,000 updates of forming candles of 100 symbols, each later and larger than the one before."""
    engine, clock = warmed_engine(), count(1)

    def batch() -> tuple[tuple[Engine, list[Event]], dict[str, object]]:
        at = DAWN + 20 * SECOND + next(clock)
        events: list[Event] = [
            CandleSeen(1, at, a_candle(0, 100.0, volume=at - DAWN + turn, symbol=symbol), is_final=False)
            for turn in range(100)
            for symbol in SYMBOLS
        ]
        return (engine, events), {}

    assert benchmark.pedantic(run, setup=batch, rounds=20) == 0
    per_event(benchmark, 10_000)


def test_heartbeats(benchmark: BenchmarkFixture) -> None:
    engine = warmed_engine()
    events: list[Event] = [Heard(1, DAWN + 20 * SECOND + number) for number in range(10_000)]
    assert benchmark.pedantic(run, (engine, events), rounds=20) == 0
    per_event(benchmark, 10_000)


@pytest.mark.parametrize("first", BOUNDARIES.values(), ids=BOUNDARIES.keys())
def test_closes(benchmark: BenchmarkFixture, first: int) -> None:
    """One heartbeat closes the bucket of 100 symbols, at a boundary of more and more timeframes."""

    def boundary() -> tuple[tuple[Engine, list[Event]], dict[str, object]]:
        engine = warmed_engine(first=first)
        for symbol in SYMBOLS:
            candle = a_candle(first, 100.1, open=100.0, high=100.2, low=99.8, symbol=symbol)
            engine.handle(CandleSeen(1, candle.closes_at - SECOND, candle, is_final=False), 0)
        return (engine, [Heard(1, DAWN + (first + 1) * STEP + GRACE)]), {}

    assert benchmark.pedantic(run, setup=boundary, rounds=5) >= len(SYMBOLS)
    per_event(benchmark, len(SYMBOLS))
