"""Frames of each kind through the wire of their exchange, and mixed ones through wire and engine, on one core."""

from collections.abc import Callable, Iterable

import pytest
from bench.midnight import (
    LAST_OPENED_AT,
    RULES,
    SYMBOLS,
    CoinbaseFrames,
    binance_greeted,
    instruments,
    kline,
    mini_ticker,
)
from bench.street import Wire
from pytest_benchmark.fixture import BenchmarkFixture

from livermore.core.engine import Engine
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.timeframe import SECOND, Millis
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import LinkUp
from livermore.core.watch import Watch
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.coinbase.wire import CoinbaseWire

FRAMES = 10_000
WATCHES = {
    "binance": Watch(BINANCE, ExchangeTraits(5 * SECOND, 1_000, lists_silence=True), RULES, is_simulated=True),
    "coinbase": Watch(COINBASE, ExchangeTraits(2 * SECOND, 300, lists_silence=False), RULES, is_simulated=True),
}


def moments() -> Iterable[tuple[str, Millis, float]]:
    """A symbol, an instant and a price, in turn; the bucket lasts beyond them all."""
    for number in range(FRAMES):
        yield SYMBOLS[number % len(SYMBOLS)], LAST_OPENED_AT + 2 * SECOND + number * 10, 100.0 + number % 100 / 1_000


def around(price: float) -> tuple[float, float, float, float]:
    return 100.0, max(100.0, price), 100.0, price


def on_binance(*kinds: str) -> tuple[Wire, list[bytes]]:
    """A greeted connection and 10,000 frames: of one kind, or of two in turn."""
    wire = BinanceWire(1, SYMBOLS, instruments())
    wire.greeting()
    for frame in binance_greeted()[:2]:
        wire.receive(frame)
    made = {
        "candle": lambda symbol, at, price: kline(symbol, at, around(price), is_final=False),
        "ticker": mini_ticker,
    }
    return wire, [made[kinds[turn % len(kinds)]](*moment) for turn, moment in enumerate(moments())]


def on_coinbase(*kinds: str) -> tuple[Wire, list[bytes]]:
    """The same of Coinbase; its frames are numbered, so each is read once."""
    wire, frames = CoinbaseWire(1, SYMBOLS), CoinbaseFrames()
    wire.greeting()
    wire.receive(frames.greeted())
    made = {
        "candle": lambda symbol, at, price: frames.candle(symbol, at, around(price), volume=at - LAST_OPENED_AT),
        "ticker": frames.ticker,
    }
    return wire, [made[kinds[turn % len(kinds)]](*moment) for turn, moment in enumerate(moments())]


MAKERS: dict[str, Callable[..., tuple[Wire, list[bytes]]]] = {"binance": on_binance, "coinbase": on_coinbase}


def decode(wire: Wire, frames: list[bytes]) -> int:
    receive = wire.receive
    return sum(len(receive(frame)) for frame in frames)


def decode_and_handle(wire: Wire, frames: list[bytes], engine: Engine) -> int:
    receive, handle = wire.receive, engine.handle
    return sum(len(handle(event, 0)) for frame in frames for event in receive(frame))


def per_frame(benchmark: BenchmarkFixture, row: Callable[[str, str], None], what: str) -> None:
    """Note how many frames a second the best and the middle round come to."""
    stats = benchmark.stats.stats
    best, middle = (round(FRAMES / seconds) for seconds in (stats.min, stats.median))
    benchmark.extra_info["frames_per_second"] = best
    benchmark.extra_info["frames_per_second_median"] = middle
    row(what, f"{best:,} frames/s in the best round, {middle:,} in the middle one")


@pytest.mark.parametrize("kind", ["candle", "ticker"])
@pytest.mark.parametrize("exchange", MAKERS)
def test_decode(benchmark: BenchmarkFixture, exchange: str, kind: str, row: Callable[[str, str], None]) -> None:
    def fresh() -> tuple[tuple[Wire, list[bytes]], dict[str, object]]:
        return MAKERS[exchange](kind), {}

    assert benchmark.pedantic(decode, setup=fresh, rounds=15) == FRAMES
    per_frame(benchmark, row, f"{exchange}, {kind}, decode")


@pytest.mark.parametrize("exchange", MAKERS)
def test_decode_and_engine(benchmark: BenchmarkFixture, exchange: str, row: Callable[[str, str], None]) -> None:
    """A candle and a ticker in turn, of 1,000 symbols; each ticker is an effect, forming candles are none."""

    def fresh() -> tuple[tuple[Wire, list[bytes], Engine], dict[str, object]]:
        wire, frames = MAKERS[exchange]("candle", "ticker")
        engine = Engine(WATCHES[exchange], SYMBOLS)
        at = LAST_OPENED_AT + SECOND
        engine.handle(LinkUp(1, at, frozenset(SYMBOLS), exchange == "coinbase"), at)
        return (wire, frames, engine), {}

    assert benchmark.pedantic(decode_and_handle, setup=fresh, rounds=15) >= FRAMES // 2
    per_frame(benchmark, row, f"{exchange}, decode and engine")
