"""A large market is pushed more slowly, one symbol at a time, and still tells every close when it is due."""

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.sim.binance.client import Client as BinanceClient
from livermore.sim.binance.feed import BinanceFeed
from livermore.sim.binance.profile import BINANCE_COM
from livermore.sim.clock import SimClock
from livermore.sim.coinbase.client import CANDLES, HEARTBEATS, TICKER
from livermore.sim.coinbase.client import Client as CoinbaseClient
from livermore.sim.coinbase.feed import CoinbaseFeed
from livermore.sim.coinbase.rest import candle
from livermore.sim.coinbase.stamps import rfc3339
from livermore.sim.connection import Outgoing
from livermore.sim.faults.board import FaultBoard
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.truth import Truth
from livermore.sim.server import market_of
from livermore.sim.settings import SimSettings
from livermore.sim.simulation import FRAMES_PER_REAL_SECOND, LATEST_CLOSE, Simulation, next_turn, stops_between
from livermore.sim.tape import BUCKET
from sim.conftest import START

MANY = 300
SPEED = 60.0


class Ticks:
    """Real seconds, as we want them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Heard(Outgoing):
    """A connection that keeps what was sent on it."""

    def __init__(self, ticks: Ticks) -> None:
        self.frames: list[dict[str, Any]] = []
        self.at: list[float] = []
        self._ticks = ticks

    def send(self, channel: str, product: str, text: str) -> None:
        del channel, product
        self.frames.append(msgspec.json.decode(text))
        self.at.append(self._ticks())

    def withholds(self, product: str) -> bool:
        del product
        return False

    def is_stalled(self) -> bool:
        return False


def simulation_of(exchange: str, symbols: int, speed: float, ticks: Ticks) -> Simulation:
    market = market_of(SimSettings(symbols=symbols), exchange, ())
    board = FaultBoard(SimClock(START, speed, ticks), {})
    faults = ExchangeFaults(board, exchange, {})
    return Simulation(market, board.clock, faults, Truth(faults, market), 7)


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 10**8), st.integers(0, 10**13))
def test_a_turn_comes_once_in_each_interval(phase: float, every: Millis, now: Millis) -> None:
    turn = next_turn(phase, every, now)
    assert now < turn <= now + every
    assert next_turn(phase, every, turn) == turn + every


@pytest.mark.parametrize("speed", [1.0, 60.0, 3_000.0])
@pytest.mark.parametrize("symbols", [1, 100, 1_000])
def test_all_symbols_together_stay_within_the_budget_of_frames(symbols: int, speed: float) -> None:
    simulation = simulation_of("binance", symbols, speed, Ticks())
    every = simulation.push_every(SECOND)

    frames_a_second = 2 * symbols / (every / 1_000 / speed)
    assert frames_a_second <= FRAMES_PER_REAL_SECOND * 1.001
    assert SECOND <= simulation.step_every(SECOND) <= every
    # A market of the usual size is pushed as often as ever.
    assert symbols > 125 or every == simulation.step_every(SECOND)


def started(exchange: str) -> tuple[Ticks, Simulation]:
    ticks = Ticks()
    return ticks, simulation_of(exchange, MANY, SPEED, ticks)


def driven(simulation: Simulation, ticks: Ticks, feed: CoinbaseFeed | BinanceFeed, until: Millis) -> None:
    """Step the feed as its activity would."""
    every, last = simulation.step_every(SECOND // 2), simulation.now()
    while last < until:
        ticks.seconds += every / 1_000 / simulation.clock.speed
        now = simulation.now()
        for instant in stops_between(last, now):
            feed.step(instant)
        last = now


def test_coinbase_tells_a_bucket_before_the_heartbeat_that_proves_its_close() -> None:
    ticks, simulation = started("coinbase")
    heard, market = Heard(ticks), simulation.market
    feed = CoinbaseFeed(market, simulation.faults, 7, simulation.push_every)
    client = CoinbaseClient(heard, simulation.clock)
    listed = [one for one in market.listed if one.is_trading]
    for channel in (HEARTBEATS, CANDLES, TICKER):
        asyncio.run(feed.subscribe(client, channel, [] if channel == HEARTBEATS else [one.product for one in listed]))
    begun = len(heard.frames)
    driven(simulation, ticks, feed, START + BUCKET + LATEST_CLOSE)

    told: dict[str, str] = {}
    beats = 0
    for frame in heard.frames[begun:]:
        for event in frame["events"]:
            rows = [row for row in event.get("candles", ()) if int(row["start"]) * 1_000 == START]
            told |= {row["product_id"]: row["volume"] for row in rows}
        beats += frame["channel"] == HEARTBEATS
        if frame["channel"] == HEARTBEATS and frame["timestamp"] >= rfc3339(START + BUCKET, 0):
            break
    closed = {one: market.closed_row(one, Timeframe.M5, START) for one in listed}
    assert told == {one.product: candle(one, row)["volume"] for one, row in closed.items() if row.trades}
    assert beats >= BUCKET / simulation.step_every(SECOND // 2)
    # At the end of a bucket all that is left goes out at once; before, the budget holds, but for what the steps round.
    seconds = Counter(int(at) for at in heard.at[begun:] if at < BUCKET / 1_000 / SPEED)
    assert max(seconds.values()) <= 1.1 * FRAMES_PER_REAL_SECOND
    assert min(seconds.values()) >= 0.25 * FRAMES_PER_REAL_SECOND


def test_binance_closes_every_bucket_in_time_however_slowly_it_is_pushed() -> None:
    ticks, simulation = started("binance")
    heard, market = Heard(ticks), simulation.market
    feed = BinanceFeed(market, simulation.faults, 7, simulation.push_every)
    client = BinanceClient(heard, simulation.clock, BINANCE_COM, is_combined=False)
    listed = [one for one in market.listed if one.is_trading]
    names = [f"{one.product.lower()}@{kind}" for one in listed for kind in ("kline_5m", "miniTicker")]
    asyncio.run(feed.subscribe(client, names))
    driven(simulation, ticks, feed, START + BUCKET + LATEST_CLOSE)

    klines = [frame for frame in heard.frames if frame["e"] == "kline" and frame["k"]["t"] == START]
    closed = {frame["s"]: frame for frame in klines if frame["k"]["x"]}
    rows = {one.product: market.closed_row(one, Timeframe.M5, START) for one in listed}
    assert {product: frame["k"]["n"] for product, frame in closed.items()} == {
        product: row.trades for product, row in rows.items() if row.trades
    }
    assert all(START + BUCKET < frame["E"] <= START + BUCKET + LATEST_CLOSE for frame in closed.values())
    pushes = Counter(frame["s"] for frame in klines if not frame["k"]["x"])
    # The first one comes at once, and from then on each has its turn.
    assert 2 < max(pushes.values()) <= BUCKET / simulation.push_every(2 * SECOND) + 2
