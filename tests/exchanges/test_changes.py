"""Symbols that come and go on open connections, and connections that are asked for a sign of life."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from websockets.asyncio.server import ServerConnection

from exchanges.examples import (
    OPENED,
    ListInbox,
    binance_kline,
    coinbase_candles,
    coinbase_echo,
    coinbase_row,
    listed,
    of_kind,
)
from exchanges.test_against_the_simulator import NAMES, a_simulated
from exchanges.websocket_server import a_feed, a_route, an_exchange, binance_confirms, counts
from livermore.core.messages import (
    CandleSeen,
    DatumDropped,
    Event,
    FramesLost,
    LinkDown,
    LinkUp,
    SymbolsRefused,
    TickerSeen,
)
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.coinbase.wire import CoinbaseWire
from livermore.exchanges.feed import run_feed
from livermore.exchanges.link import Wire
from livermore.exchanges.wanted import Wanted

AT = OPENED + 120_000
LISTING = listed("BTC-USDT", "ETH-USDT", "ADA-USDT", "SOL-USDT")


class Wishes:
    """The changes of a feed, as a test makes them."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Sequence[str]] = asyncio.Queue()

    def want(self, *symbols: str) -> None:
        self._queue.put_nowait(symbols)

    async def changes(self) -> AsyncIterator[Sequence[str]]:
        while True:
            yield await self._queue.get()


def told_of(event: Event) -> str | None:
    if isinstance(event, CandleSeen):
        return event.candle.symbol
    return event.ticker.symbol if isinstance(event, TickerSeen) else None


def up_for(events: Sequence[Event]) -> set[str]:
    return {symbol for up in of_kind(LinkUp, events) for symbol in up.symbols}


@pytest.mark.parametrize("name", NAMES)
async def test_symbols_come_and_go_on_the_connection_that_is_open(name: str) -> None:
    inbox, wishes = ListInbox(), Wishes()
    async with a_simulated(name) as exchange:
        traded = sorted(
            (one for one in await exchange.instruments() if one.is_trading),
            key=lambda one: -(one.quote_volume_24h or 0.0),
        )
        names = [one.symbol for one in traded[:8]]
        async with asyncio.TaskGroup() as tasks:
            feed = tasks.create_task(exchange.run_feed(names[:4], inbox, wishes.changes()), name="feed")
            await inbox.until(counts(LinkUp, 1))
            wishes.want(*names[2:6])
            events = await inbox.until(lambda events: up_for(events) >= set(names[:6]))
            changed = len(events)
            wishes.want(*names[2:8])
            await inbox.until(lambda events: up_for(events) >= set(names))
            events = await inbox.until(
                lambda events: {told_of(event) for event in events[changed:]} >= {names[4], names[7], names[2]}
            )
            feed.cancel()

    assert {up.link for up in of_kind(LinkUp, events)} == {1}
    for kind in (LinkDown, SymbolsRefused, DatumDropped, FramesLost):
        assert not of_kind(kind, events), kind
    for symbol in names[:2]:
        assert symbol not in {told_of(event) for event in events[changed + 200 :]}, "it has been unsubscribed"
    joined = [up for up in of_kind(LinkUp, events) if up.symbols & set(names[4:])]
    # A connection that has joined more says so of these alone: the others are whole all the time.
    assert all(up.symbols <= set(names[4:]) for up in joined)


def coinbase_wire(link: int, symbols: frozenset[str]) -> Wire:
    return CoinbaseWire(link, symbols)


async def carry(
    socket: ServerConnection, number: int, note: Callable[[str, list[str]], None] = lambda _, __: None
) -> None:
    """Carry whatever a client of Coinbase subscribes to, and confirm each change."""
    names: set[str] = set()
    numbers = iter(range(1_000))
    async for text in socket:
        message = json.loads(text)
        if message["channel"] == "candles":
            change = set(message["product_ids"])
            names = names | change if message["type"] == "subscribe" else names - change
            note(message["type"], sorted(change))
            await socket.send(coinbase_echo(next(numbers), sorted(names), AT))


async def test_a_connection_of_which_nothing_is_wanted_ends_and_the_next_symbols_get_another() -> None:
    wishes = Wishes()

    async with an_exchange(carry) as url:
        route = a_route(url, coinbase_wire, symbols_per_connection=2, speed=50.0, stale_after=400.0)
        inbox = ListInbox()
        async with asyncio.TaskGroup() as tasks:
            running = run_feed(route, ["A-USD", "B-USD", "C-USD"], inbox, wishes.changes())
            feed = tasks.create_task(running, name="feed")
            await inbox.until(counts(LinkUp, 2))
            wishes.want("C-USD", "D-USD")
            events = await inbox.until(lambda events: counts(LinkDown, 1)(events) and "D-USD" in up_for(events))
            ended = of_kind(LinkDown, events)[0]
            assert "nothing is watched" in ended.reason
            (joined,) = (up for up in of_kind(LinkUp, events) if "D-USD" in up.symbols)
            (held,) = (up for up in of_kind(LinkUp, events) if "C-USD" in up.symbols)
            assert joined.link == held.link != ended.link, "there was room"
            wishes.want()
            await inbox.until(counts(LinkDown, 2))
            wishes.want("E-USD")
            await inbox.until(lambda events: "E-USD" in up_for(events))
            feed.cancel()


def up_coinbase(*symbols: str) -> CoinbaseWire:
    wire = CoinbaseWire(1, symbols)
    wire.receive(coinbase_echo(0, symbols))
    assert wire.is_up
    return wire


def test_late_frames_of_a_symbol_that_has_gone_are_ignored() -> None:
    wire = up_coinbase("BTC-USD", "ETH-USD")
    frames = [json.loads(frame) for frame in wire.change(frozenset({"ETH-USD"}))]
    assert [(one["type"], one["channel"], one["product_ids"]) for one in frames] == [
        ("unsubscribe", "candles", ["BTC-USD"]),
        ("unsubscribe", "ticker", ["BTC-USD"]),
    ]
    events = wire.receive(coinbase_candles(1, coinbase_row("BTC-USD"), coinbase_row("ETH-USD")))
    assert [told_of(event) for event in of_kind(CandleSeen, events)] == ["ETH-USD"]
    wire.receive(coinbase_echo(2, ["ETH-USD"]))
    assert wire.failure is None, "it was we who dropped it"


def test_a_symbol_that_joins_is_confirmed_by_itself_and_one_that_vanishes_ends_the_connection() -> None:
    wire = up_coinbase("BTC-USD")
    wire.change(frozenset({"BTC-USD", "ETH-USD"}))
    assert wire.unconfirmed() == {"ETH-USD"}
    (up,) = of_kind(LinkUp, wire.receive(coinbase_echo(1, ["BTC-USD", "ETH-USD"], AT + 5_000)))
    assert (up.symbols, up.at) == ({"ETH-USD"}, AT + 5_000)
    wire.receive(coinbase_echo(2, ["ETH-USD"]))
    assert "dropped" in (wire.failure or "")


def up_binance(*symbols: str) -> BinanceWire:
    wire = BinanceWire(1, symbols, LISTING)
    question = json.loads(wire.greeting()[-1])
    wire.receive(json.dumps({"result": streams(*symbols), "id": question["id"]}))
    for _ in range(2):
        wire.receive(binance_kline())
    assert wire.is_up
    return wire


def streams(*symbols: str) -> list[str]:
    return [f"{symbol.replace('-', '').lower()}@kline_5m" for symbol in symbols]


def test_on_binance_a_symbol_joins_with_the_first_frame_after_it_is_in_force() -> None:
    wire = up_binance("ADA-USDT")
    frames = [json.loads(frame) for frame in wire.change(frozenset({"SOL-USDT"}))]
    assert [(one["method"], one.get("params")) for one in frames] == [
        ("UNSUBSCRIBE", ["adausdt@kline_5m", "adausdt@miniTicker"]),
        ("SUBSCRIBE", ["solusdt@kline_5m", "solusdt@miniTicker"]),
        ("LIST_SUBSCRIPTIONS", None),
    ]
    assert wire.unconfirmed() == {"SOL-USDT"}
    assert wire.receive(json.dumps({"result": streams("SOL-USDT"), "id": frames[-1]["id"]})) == ()
    assert wire.unconfirmed() == frozenset()
    (up,) = of_kind(LinkUp, wire.receive(binance_kline(at=AT + 3_000)))
    assert (up.symbols, up.at, up.proves_silence) == ({"SOL-USDT"}, AT + 3_000, False)


def test_on_binance_the_metronomes_stay_whatever_is_wanted() -> None:
    wire = up_binance("BTC-USDT", "ADA-USDT")
    methods = [json.loads(frame)["method"] for frame in wire.change(frozenset({"ADA-USDT"}))]
    assert methods == ["LIST_SUBSCRIPTIONS"]


def binance_wire(link: int, symbols: frozenset[str]) -> Wire:
    return BinanceWire(link, symbols, LISTING)


@pytest.mark.parametrize("answers", [True, False])
async def test_a_silent_market_is_told_from_a_dead_connection_by_asking(answers: bool) -> None:
    """Thin symbols may say nothing for long; a connection that lives answers."""
    probes: list[float] = []
    enough = asyncio.Event()

    async def say_nothing(socket: ServerConnection, number: int) -> None:
        await binance_confirms(socket)
        for _ in range(2):
            await socket.send(binance_kline())
        async for text in socket:
            message = json.loads(text)
            assert message["method"] == "LIST_SUBSCRIPTIONS"
            probes.append(asyncio.get_running_loop().time())
            if len(probes) == 6:
                enough.set()
            if answers:
                await socket.send(json.dumps({"result": streams("BTC-USDT"), "id": message["id"]}))

    async with an_exchange(say_nothing) as url:
        route = a_route(url, binance_wire, stale_after=30.0, dead_after=0.4)
        async with a_feed(route, "BTC-USDT") as inbox:
            if answers:
                async with asyncio.timeout(20):
                    await enough.wait()
                assert not of_kind(LinkDown, inbox.events)
            else:
                events = await inbox.until(counts(LinkDown, 1))
                assert "sign of life" in of_kind(LinkDown, events)[0].reason


async def test_whoever_waits_for_other_symbols_misses_no_change() -> None:
    wanted = Wanted(frozenset({"A-USD"}))
    wanted.change(frozenset({"B-USD"}))
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        assert await wanted.other_than(frozenset({"A-USD"}), 0) == {"B-USD"}
        waiting = [
            tasks.create_task(wanted.other_than(frozenset({"B-USD"}), 1), name=f"waiting {number}")
            for number in range(2)
        ]
        await asyncio.sleep(0)
        wanted.change(frozenset({"B-USD"}))
        wanted.change(frozenset({"C-USD"}))
    assert [task.result() for task in waiting] == [{"C-USD"}, {"C-USD"}]


async def test_a_symbol_that_leaves_and_comes_back_is_left_out_before_it_is_carried_again() -> None:
    """Whoever added it anew waits for a word that it is carried, which comes only if it was not."""
    both, one = frozenset({"A-USD", "B-USD"}), frozenset({"A-USD"})
    wanted = Wanted(both)
    wanted.change(one)
    wanted.change(both)
    async with asyncio.timeout(5):
        assert await wanted.other_than(both, 0) == one
        assert await wanted.other_than(one, wanted.changes) == both


async def test_a_symbol_that_is_added_again_while_an_earlier_change_is_sent_is_told_to_be_up_again() -> None:
    wishes = Wishes()
    asked: list[str] = []

    async def carry_and_note(socket: ServerConnection, number: int) -> None:
        await carry(socket, number, lambda deed, names: asked.append(f"{deed} {' '.join(names)}"))

    async with an_exchange(carry_and_note) as url:
        inbox = ListInbox()
        async with asyncio.TaskGroup() as tasks:
            route = a_route(url, coinbase_wire, symbols_per_connection=8, speed=50.0, stale_after=400.0)
            running = run_feed(route, ["A-USD", "B-USD"], inbox, wishes.changes())
            feed = tasks.create_task(running, name="feed")
            before = len(await inbox.until(counts(LinkUp, 1)))
            wishes.want("A-USD")
            wishes.want("A-USD", "B-USD")
            events = await inbox.until(lambda events: "B-USD" in up_for(events[before:]))
            feed.cancel()

    assert not of_kind(LinkDown, events)
    assert [text for text in asked if "unsubscribe" in text] == ["unsubscribe B-USD"]
