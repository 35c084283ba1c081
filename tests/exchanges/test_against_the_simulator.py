"""The adapters and the simulator, which spell the exchanges' formats apart from each other, agree."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from exchanges.examples import ListInbox, of_kind
from livermore.core.market.candle import Candle, is_same_market
from livermore.core.market.exchange import WATCHED
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import CandleSeen, DatumDropped, FramesLost, LinkDown, LinkUp, SymbolsRefused, TickerSeen
from livermore.exchanges.registry import AnyExchange, open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.sim.server import serve
from livermore.sim.settings import SimSettings

SPEED = 240.0
NAMES = [identity.name for identity in WATCHED]


@asynccontextmanager
async def a_simulated(name: str) -> AsyncIterator[AnyExchange]:
    settings = SimSettings(coinbase_port=0, binance_port=0, binance_us_port=0, speed=SPEED, symbols=12)
    async with serve(settings) as server:
        urls = server.urls[name]
        reached = ExchangeSettings(rest_url=urls.rest, ws_url=urls.websocket, speed=SPEED)
        async with open_exchange(name, reached) as exchange:
            yield exchange


@pytest.mark.parametrize("name", NAMES)
async def test_history_is_gapless_closed_and_the_same_in_pages_as_in_one(name: str) -> None:
    async with a_simulated(name) as exchange:
        now = await exchange.server_time()
        symbol = max(await exchange.instruments(), key=lambda one: one.quote_volume_24h or 0.0).symbol
        until = Timeframe.M5.opening(now)
        since = until - 700 * Timeframe.M5.millis
        long = await exchange.candles(symbol, Timeframe.M5, since, until)
        short = await exchange.candles(symbol, Timeframe.M5, until - 50 * Timeframe.M5.millis, until)

    assert [candle.opened_at for candle in long] == list(range(since, until, Timeframe.M5.millis))
    assert long[-50:] == short


@pytest.mark.parametrize("name", NAMES)
async def test_warming_up_all_symbols_is_never_answered_429(name: str) -> None:
    async with a_simulated(name) as exchange, asyncio.timeout(50):
        now = await exchange.server_time()
        symbols = [one.symbol for one in await exchange.instruments() if one.is_trading]
        answers = await asyncio.gather(
            *(
                exchange.candles(symbol, timeframe, now - 200 * timeframe.millis, now)
                for symbol in symbols
                for timeframe in Timeframe
            )
        )

    assert exchange.budget.times_limited == 0
    assert len(symbols) >= 12
    assert all(candle.closes_at <= now + 10_000 for candles in answers for candle in candles)
    assert sum(bool(candles) for candles in answers) > len(answers) * 0.9


@pytest.mark.parametrize("name", NAMES)
async def test_the_live_feed_ends_each_bucket_as_rest_has_it(name: str) -> None:
    """At this speed a bucket passes in little more than a second."""
    inbox = ListInbox()
    async with a_simulated(name) as exchange:
        symbols = [one.symbol for one in await exchange.instruments() if one.is_trading]
        async with asyncio.TaskGroup() as tasks:
            feed = tasks.create_task(exchange.run_feed(symbols, inbox), name="feed")
            events = await inbox.until(lambda events: has_whole_bucket(events))
            feed.cancel()
        (up,) = of_kind(LinkUp, events)
        first = Timeframe.M5.opening(up.at) + Timeframe.M5.millis
        rest = [
            candle
            for symbol in symbols
            for candle in await exchange.candles(symbol, Timeframe.M5, first, first + Timeframe.M5.millis)
        ]

    assert up.symbols == set(symbols)
    assert of_kind(TickerSeen, events)
    assert not of_kind(DatumDropped, events)
    assert not of_kind(FramesLost, events)
    assert not of_kind(LinkDown, events)
    assert not of_kind(SymbolsRefused, events)
    live = last_seen(events, first)
    traded = {candle.symbol: candle for candle in rest if not candle.is_empty}
    assert live.keys() == traded.keys()
    assert len(live) > 3
    assert [symbol for symbol in live if not is_same_market(live[symbol], traded[symbol])] == []


def has_whole_bucket(events: list[object]) -> bool:
    """Whether a bucket that began after the link was up is over, and its grace too."""
    ups = of_kind(LinkUp, events)
    if not ups:
        return False
    over = Timeframe.M5.opening(ups[0].at) + 2 * Timeframe.M5.millis + 20_000
    return any(event.at > over for event in of_kind(CandleSeen, events[-20:]))


def last_seen(events: list[object], opened_at: int) -> dict[str, Candle]:
    seen = [event.candle for event in of_kind(CandleSeen, events) if event.candle.opened_at == opened_at]
    return {candle.symbol: candle for candle in seen}
