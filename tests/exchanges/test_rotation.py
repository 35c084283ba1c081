"""A connection is replaced before it breaks: without a gap, without a request, and without end when that fails."""

import asyncio
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from exchanges.examples import (
    OPENED,
    ListInbox,
    an_instrument,
    binance_kline,
    coinbase_candles,
    coinbase_frame,
    coinbase_heartbeat,
    coinbase_row,
    listed,
    of_kind,
)
from exchanges.rest_server import a_host
from exchanges.websocket_server import (
    AT,
    a_feed,
    a_route,
    an_exchange,
    binance_confirms,
    confirmed,
    counts,
    forever,
    links_are_told_once,
)
from livermore.core.alerts.rules import Rules
from livermore.core.engine import Engine
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE, SECOND
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import (
    CandleSeen,
    FetchCandles,
    FetchReason,
    Heard,
    LinkDown,
    LinkUp,
    SymbolsRefused,
    SymbolsUnheard,
)
from livermore.core.watch import Watch
from livermore.errors import ExchangeUnavailable
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.link import Wire
from livermore.exchanges.listing import Listing
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.exchanges.tenure import CALM, OVERLAP, Tenure

SPEED = 100.0
GRACE = 2 * SECOND
LISTING = listed("BTC-USDT", "ETH-USDT")


class Market:
    """The exchange's clock, `SPEED` times as fast as ours, and the frames that it gives rise to."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()

    def now(self) -> int:
        return AT + int((asyncio.get_running_loop().time() - self._began) * SPEED * 1000)

    async def flow(self, socket: ServerConnection) -> None:
        """A candle, then heartbeats only, as of a market where nobody trades."""
        at = self.now()
        row = coinbase_row(opened_at=BASE.opening(at))
        await socket.send(coinbase_candles(1, row, at=at))
        number = 2
        while True:
            await asyncio.sleep(0.005)
            await socket.send(coinbase_heartbeat(number, self.now()))
            number += 1


def position(kind: type, link: int, events: list[Any]) -> int:
    return next(i for i, event in enumerate(events) if isinstance(event, kind) and event.link == link)


async def test_an_old_connection_is_replaced_with_an_overlap_and_costs_no_request() -> None:
    market, codes = Market(), []

    async def tell(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        async with asyncio.TaskGroup() as tasks:
            flow = tasks.create_task(quietly(market.flow(socket)), name="flow")
            await socket.wait_closed()
            codes.append(socket.close_code)
            flow.cancel()

    def is_past_the_next_close(events: list[Any]) -> bool:
        ups = [up.at for up in of_kind(LinkUp, events)]
        return len(ups) > 1 and events[-1].at > BASE.opening(ups[1]) + BASE.millis + GRACE

    async with an_exchange(tell) as url, a_feed(a_route(url, speed=SPEED, rotate_after=45.0), "BTC-USD") as inbox:
        await inbox.until(lambda events: counts(LinkUp, 2)(events) and counts(LinkDown, 1)(events))
        events = await inbox.until(lambda events: isinstance(events[-1], Heard) and is_past_the_next_close(events))

    links_are_told_once(events)
    up, down = position(LinkUp, 2, events), position(LinkDown, 1, events)
    assert up < down
    assert events[down].reason == "replaced by connection 2"
    overlap = [event for event in events[up:down] if event.link == 1]
    assert overlap[-1].at >= events[up].at + OVERLAP
    assert codes[0] == 1000, "the old one is not torn down but closed"
    assert requests_for(events) == []


async def quietly(flow: Any) -> None:
    try:
        await flow
    except ConnectionClosed:
        return


def requests_for(events: list[Any]) -> list[FetchCandles]:
    """What an engine that has its history asks for because of these events, but for the bucket it began in."""
    watch = Watch(COINBASE, ExchangeTraits(GRACE, 3, lists_silence=False), Rules(), is_simulated=True)
    engine = Engine(watch, ["BTC-USD"])
    effects = [effect for event in events for effect in engine.handle(event, 0)]
    first = BASE.opening(events[0].at) + BASE.millis
    orders = [effect for effect in effects if isinstance(effect, FetchCandles)]
    return [order for order in orders if order.reason is not FetchReason.WARMUP and order.until > first]


async def test_a_shutdown_notice_opens_a_replacement_at_once_and_the_old_one_is_heard_until_it_stands() -> None:
    ticks = asyncio.Event()

    def binance_wire(link: int, symbols: frozenset[str]) -> Wire:
        return BinanceWire(link, symbols, LISTING)

    async def shut_down_first(socket: ServerConnection, number: int) -> None:
        await binance_confirms(socket)
        await socket.send(binance_kline(at=AT))
        if number == 1:
            await socket.send(json.dumps({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": AT + 1}}))
            await ticks.wait()
        for second in range(1, 100_000):
            await socket.send(binance_kline(at=AT + second * 1_000, v=str(5 + second)))
            await asyncio.sleep(0.005)

    async with an_exchange(shut_down_first) as url, a_feed(a_route(url, binance_wire), "BTC-USDT") as inbox:
        await inbox.until(counts(LinkUp, 2))
        ticks.set()
        events = await inbox.until(counts(LinkDown, 1))

    links_are_told_once(events)
    assert [event.link for event in of_kind(LinkDown, events)] == [1]
    overlap = [event for event in events[position(LinkUp, 2, events) :] if isinstance(event, CandleSeen)]
    assert {event.link for event in overlap} == {1, 2}


async def test_when_replacements_fail_the_old_connection_stays_and_it_is_tried_without_end() -> None:
    """Whether they cannot be confirmed, or end before the overlap is over."""
    market = Market()

    async def fail_often(socket: ServerConnection, number: int) -> None:
        if 1 < number < 5:
            await (confirmed(socket) if number % 2 else asyncio.sleep(0))
            await socket.close(1011)
            return
        await confirmed(socket)
        await quietly(market.flow(socket))

    async with an_exchange(fail_often) as url:
        route = a_route(url, speed=SPEED, rotate_after=45.0)
        async with a_feed(route, "BTC-USD") as inbox:
            events = await inbox.until(lambda events: any(down.link == 1 for down in of_kind(LinkDown, events)))

    links_are_told_once(events)
    assert events[position(LinkDown, 1, events)].reason == "replaced by connection 5"
    assert [down.link for down in of_kind(LinkDown, events)] == [2, 3, 4, 1]


class Patient(random.Random):
    """Randomness that asks to wait for hours."""

    def uniform(self, a: float, b: float) -> float:
        return 1e6


async def test_when_the_old_connection_ends_while_a_replacement_is_waited_for_nobody_waits_on() -> None:
    market = Market()
    may_end = asyncio.Event()

    async def end_in_between(socket: ServerConnection, number: int) -> None:
        if number == 2:
            await socket.close(1011)
            may_end.set()
            return
        await confirmed(socket)
        async with asyncio.TaskGroup() as tasks:
            flow = tasks.create_task(quietly(market.flow(socket)), name="flow")
            if number == 1:
                await may_end.wait()
                flow.cancel()
                await socket.close(1012)
            await flow if number > 1 else None

    async with an_exchange(end_in_between) as url:
        route = replace(a_route(url, speed=SPEED, rotate_after=100.0), rng=Patient(1))
        async with a_feed(route, "BTC-USD") as inbox:
            events = await inbox.until(counts(LinkUp, 2))

    assert [up.link for up in of_kind(LinkUp, events)] == [1, 3]


async def test_a_server_that_is_always_about_to_close_is_not_stormed() -> None:
    times: list[float] = []

    def binance_wire(link: int, symbols: frozenset[str]) -> Wire:
        return BinanceWire(link, symbols, LISTING)

    async def always(socket: ServerConnection, number: int) -> None:
        times.append(asyncio.get_running_loop().time())
        await binance_confirms(socket)
        await socket.send(json.dumps({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": AT + 1}}))
        await forever(socket)

    async with an_exchange(always) as url, a_feed(a_route(url, binance_wire, speed=20.0), "BTC-USDT") as inbox:
        await inbox.until(counts(LinkDown, 7))

    assert (times[6] - times[0]) * 20.0 > 6 * 0.5, "with a flat first wait six waits take less than this"


# ------------------------------------------------------------------------------------------------ tenure


def a_tenure(link: int, *predecessors: Tenure, rotate_after: float = 100.0) -> Tenure:
    return Tenure(link, predecessors, rng=random.Random(link), rotate_after=rotate_after)


@pytest.mark.parametrize(("offset", "due"), [(0, False), (59, False), (60, True), (179, True), (180, False)])
def test_an_old_connection_is_due_only_in_the_calm_of_a_bucket(offset: int, due: bool) -> None:
    tenure = a_tenure(1)
    tenure.heard(OPENED + offset * SECOND, 200.0, None)
    assert tenure.needs_successor.is_set() == due


def test_ages_differ_by_a_little_and_never_reach_a_day() -> None:
    """So that connections which began together do not end together."""
    calm = OPENED + CALM[0]
    ages = []
    for seed in range(200):
        tenure = Tenure(1, rng=random.Random(seed))
        ages.append(next(m for m in range(0, 24 * 60) if due_at(tenure, calm, m * 60.0)))
    assert max(ages) < 24 * 60 - 15
    assert min(ages) > 22 * 60
    assert len(set(ages)) > 20


def due_at(tenure: Tenure, calm: int, up_for: float) -> bool:
    tenure.heard(calm, up_for, None)
    return tenure.needs_successor.is_set()


def test_nobody_goes_before_the_overlap_is_over_by_both_clocks_and_the_market_is_heard() -> None:
    old = a_tenure(1)
    new = a_tenure(2, old)
    new.came_up(AT)
    new.brought_news()
    for ours, theirs in ((OVERLAP, 0), (0, OVERLAP), (OVERLAP - 1, OVERLAP), (OVERLAP, OVERLAP - 1)):
        old.heard(AT + theirs, 1.0, None)
        new.heard(AT + ours, 1.0, None)
        assert old.goodbye is None
    old.heard(AT + OVERLAP, 1.0, None)
    new.heard(AT + OVERLAP, 1.0, None)
    assert old.goodbye == "replaced by connection 2"


def test_without_any_news_of_the_market_a_replacement_is_believed_only_after_long() -> None:
    old = a_tenure(1)
    new = a_tenure(2, old)
    new.came_up(AT)
    old.heard(AT + 10**6, 1.0, None)
    new.heard(AT + 10**5, 1.0, None)
    assert old.goodbye is None
    new.heard(AT + 10**6, 1.0, None)
    assert old.goodbye is not None


def test_a_successor_that_comes_after_two_relieves_both() -> None:
    first = a_tenure(1)
    second = a_tenure(2, first)
    third = a_tenure(3, first, second)
    third.came_up(AT)
    third.brought_news()
    for one in (first, second, third):
        one.heard(AT + OVERLAP, 1.0, None)
    assert first.replaced_by == second.replaced_by == 3


# ------------------------------------------------------------------------------------------------ the listing


async def test_a_symbol_that_comes_to_be_listed_is_found_without_a_restart() -> None:
    """Refused symbols are tried again with a new listing; one that cannot be read is told, and the old one serves."""
    listing = dict(LISTING)
    answers = iter([ExchangeUnavailable("down"), None])

    async def relist() -> None:
        trouble = next(answers, None)
        if trouble is not None:
            raise trouble
        listing["NEW-USDT"] = an_instrument("NEW-USDT")

    def make_wire(link: int, symbols: frozenset[str]) -> Wire:
        return BinanceWire(link, symbols, listing)

    async def serve(socket: ServerConnection, number: int) -> None:
        await binance_confirms(socket)
        for second in range(1, 100_000):
            await socket.send(binance_kline(at=AT + second * 100))
            await asyncio.sleep(0.02)

    async with an_exchange(serve) as url:
        route = replace(a_route(url, make_wire, speed=200.0), listing=lambda: listing, relist=relist)
        async with a_feed(route, "BTC-USDT", "NEW-USDT") as inbox:
            events = await inbox.until(lambda events: any("NEW-USDT" in up.symbols for up in of_kind(LinkUp, events)))

    assert [refused.symbols for refused in of_kind(SymbolsRefused, events)] == [{"NEW-USDT"}] * 2
    assert {up.symbols for up in of_kind(LinkUp, events)} == {frozenset({"BTC-USDT"}), frozenset({"NEW-USDT"})}
    assert any("listing cannot be read: down" in down.reason for down in of_kind(LinkDown, events))


async def test_a_halted_symbol_is_told_and_watched_all_the_same() -> None:
    listing = {"BTC-USD": an_instrument("BTC-USD"), "ETH-USD": replace(an_instrument("ETH-USD"), is_trading=False)}

    async def keep(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await forever(socket)

    async with an_exchange(keep) as url, a_feed(replace(a_route(url), listing=lambda: listing), *listing) as inbox:
        events = await inbox.until(counts(LinkUp, 1))

    assert of_kind(LinkUp, events)[0].symbols == {"BTC-USD", "ETH-USD"}
    (unheard,) = of_kind(SymbolsUnheard, events)
    assert (unheard.symbols, unheard.reason) == ({"ETH-USD"}, "listed, but not traded at present")


async def test_an_alias_is_refused_under_its_own_name_and_comes_as_what_it_stands_for() -> None:
    """Nothing would ever come of the alias; a name that is not listed at all is told as well, without waiting."""
    products = [{**a_product("BTC-USD"), "alias_to": ["BTC-USDC"]}, {**a_product("BTC-USDC"), "alias": "BTC-USD"}]

    def answer(request: web.Request) -> web.Response:
        return web.json_response({"products": products, "pagination": None})

    async def keep(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await forever(socket)

    inbox = ListInbox()
    async with an_exchange(keep) as url, a_host(answer) as host:
        settings = ExchangeSettings(rest_url=host.url, ws_url=url)
        async with open_exchange("coinbase", settings) as exchange, asyncio.TaskGroup() as tasks:
            feed = tasks.create_task(exchange.run_feed(["BTC-USDC", "GONE-USD"], inbox), name="feed")
            events = await inbox.until(counts(LinkUp, 1))
            feed.cancel()

    told = {symbol: refused.reason for refused in of_kind(SymbolsRefused, events) for symbol in refused.symbols}
    assert told == {
        "BTC-USDC": "another name of BTC-USD, under which it is to be watched",
        "GONE-USD": "the exchange does not list it",
    }
    assert of_kind(LinkUp, events)[0].symbols == {"BTC-USD"}


def a_product(name: str) -> dict[str, Any]:
    base, quote = name.split("-")
    numbers = {"price": "1", "volume_24h": "1", "approximate_quote_24h_volume": "1"}
    return {
        "product_id": name,
        "base_currency_id": base,
        "quote_currency_id": quote,
        "status": "online",
        "alias": "",
        **numbers,
    }


async def test_an_empty_listing_is_not_believed_and_a_fresh_one_not_fetched_again() -> None:
    fetched: list[int] = []

    async def fetch() -> None:
        fetched.append(1)
        listing.read(LISTING.values() if len(fetched) == 1 else ())

    listing = Listing(fetch, speed=1.0)
    await asyncio.gather(*(listing.renew() for _ in range(5)))
    assert len(fetched) == 1
    await fetch()
    assert listing.by_symbol == LISTING


# ------------------------------------------------------------------------------------------------ a dead subscription


async def test_a_subscription_that_is_acknowledged_but_dead_ends_the_connection() -> None:
    """Prices move for five minutes of the exchange's time, and no candle comes."""

    async def starve(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        for second in range(1, 400):
            ticker = {"type": "update", "tickers": [{"product_id": "BTC-USD", "price": "10"}]}
            await socket.send(coinbase_frame(second, "ticker", [ticker], AT + second * SECOND))
        await forever(socket)

    async with an_exchange(starve) as url, a_feed(a_route(url), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkUp, 2))

    assert of_kind(LinkDown, events)[0].reason == "prices move but no candles come"


@pytest.mark.parametrize("name", ["coinbase", "binance"])
async def test_silence_is_noticed_within_five_seconds_by_default(name: str) -> None:
    async with open_exchange(name) as exchange:
        assert exchange.feed_limits.silence <= 5.0
        assert exchange.feed_limits.rotate_after < 24 * 3600
