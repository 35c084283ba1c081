"""The feed never stays down, asks for everything again, and never storms."""

import asyncio
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from exchanges.examples import (
    ListInbox,
    coinbase_candles,
    coinbase_echo,
    coinbase_frame,
    coinbase_heartbeat,
    coinbase_row,
    listed,
    of_kind,
)
from exchanges.websocket_server import (
    AT,
    a_feed,
    a_route,
    an_exchange,
    confirmed,
    counts,
    forever,
    links_are_told_once,
    subscriptions,
)
from livermore.core.messages import (
    CandleSeen,
    DatumDropped,
    FramesLost,
    Heard,
    LinkDown,
    LinkUp,
    SymbolsRefused,
    SymbolsUnheard,
)
from livermore.errors import ExchangeRefused, ExchangeUnavailable
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.connection import LARGEST_FRAME_BYTES
from livermore.exchanges.feed import run_feed
from livermore.exchanges.limiter import Budget, TokenBucket
from livermore.exchanges.link import Wire
from livermore.exchanges.listing import until_listed


async def test_a_server_that_accepts_and_drops_is_not_stormed() -> None:
    """Full jitter grows although every connection succeeds: bare success does not reset it."""
    accepted: list[float] = []

    async def drop(socket: ServerConnection, number: int) -> None:
        accepted.append(asyncio.get_running_loop().time())
        await confirmed(socket)
        await socket.close()

    # The clock of the exchange is fast, so that the waits of a minute fit into the test.
    async with an_exchange(drop) as url, a_feed(a_route(url, speed=50.0), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkDown, 9))

    links_are_told_once(events)
    assert len(of_kind(LinkUp, events)) == len(of_kind(LinkDown, events))
    assert (accepted[-1] - accepted[0]) * 50.0 > 8 * 0.5, "with a flat first wait eight waits take less than this"


async def test_after_a_close_everything_is_subscribed_again() -> None:
    asked: list[set[str]] = []

    async def close_first(socket: ServerConnection, number: int) -> None:
        asked.append(await confirmed(socket))
        if number == 1:
            await socket.close(1012)
        await forever(socket)

    async with an_exchange(close_first) as url, a_feed(a_route(url), "BTC-USD", "ETH-USD") as inbox:
        events = await inbox.until(counts(LinkUp, 2))

    assert asked == [{"BTC-USD", "ETH-USD"}] * 2
    assert [type(event) for event in events[:3]] == [LinkUp, LinkDown, LinkUp]
    assert [event.link for event in events] == [1, 1, 2]
    assert "1012" in events[1].reason


@pytest.mark.parametrize("is_abrupt", [False, True])
async def test_every_kind_of_close_is_followed_by_another_connection(is_abrupt: bool) -> None:
    codes = [1000, 1001, 1006, 1008, 1009, 1011]

    async def close(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        if number > len(codes):
            await forever(socket)
        elif is_abrupt or codes[number - 1] == 1006:
            socket.transport.abort()
        else:
            await socket.close(codes[number - 1])

    async with an_exchange(close) as url, a_feed(a_route(url, speed=100.0), "BTC-USD") as inbox:
        events = await inbox.until(lambda events: any(e.link > len(codes) for e in of_kind(LinkUp, events)))

    links_are_told_once(events)


async def test_a_silent_stall_ends_the_connection_though_the_socket_is_open() -> None:
    async def stall(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await socket.send(coinbase_heartbeat(1, AT + 1_000))
        await forever(socket)

    async with an_exchange(stall) as url, a_feed(a_route(url, stale_after=0.3), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkUp, 2))

    assert [type(event) for event in events[:4]] == [LinkUp, Heard, LinkDown, LinkUp]
    assert "silent" in events[2].reason


async def test_frames_that_do_not_move_the_clock_are_silence_too() -> None:
    async def mumble(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        while True:
            await socket.send("{}")
            await asyncio.sleep(0.01)

    async with an_exchange(mumble) as url, a_feed(a_route(url, stale_after=0.3), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkDown, 1))

    assert of_kind(DatumDropped, events)
    assert "silent" in of_kind(LinkDown, events)[0].reason


async def test_a_slow_inbox_is_not_the_silence_of_the_exchange() -> None:
    """While we wait for room nothing can be read; that must not cost the connection."""
    gate = asyncio.Event()

    class SlowInbox(ListInbox):
        async def put(self, events: Any) -> None:
            if of_kind(Heard, events):
                await gate.wait()
            await super().put(events)

    async def talk(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        for second in range(1, 100_000):
            await socket.send(coinbase_heartbeat(second, AT + second * 10))
            await asyncio.sleep(0.02)

    inbox = SlowInbox()
    async with an_exchange(talk) as url, asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run_feed(a_route(url, stale_after=0.6), ["BTC-USD"], inbox), name="feed")
        await inbox.until(counts(LinkUp, 1))
        asyncio.get_running_loop().call_later(1.5, gate.set)
        events = await inbox.until(counts(Heard, 20))
        task.cancel()

    assert not of_kind(LinkDown, events)


async def test_what_is_not_confirmed_in_time_is_refused_and_asked_for_elsewhere() -> None:
    """The rest goes on; the refused ones get a connection of their own that is tried less often."""
    asked: list[set[str]] = []

    async def leave_out(socket: ServerConnection, number: int) -> None:
        asked.append(await confirmed(socket, "NOPE-USD"))
        for second in range(1, 100_000):
            await socket.send(coinbase_heartbeat(second, AT + second * 10))
            await asyncio.sleep(0.02)

    async with an_exchange(leave_out) as url:
        route = a_route(url, confirm_within=0.2, speed=200.0)
        async with a_feed(route, "BTC-USD", "NOPE-USD") as inbox:
            events = await inbox.until(counts(SymbolsRefused, 2))

    (up,) = of_kind(LinkUp, events)
    assert up.symbols == {"BTC-USD"}
    assert [refused.symbols for refused in of_kind(SymbolsRefused, events)] == [{"NOPE-USD"}] * 2
    assert asked == [{"BTC-USD", "NOPE-USD"}, {"NOPE-USD"}]
    assert not [event for event in of_kind(LinkDown, events) if event.link == up.link]
    links_are_told_once(events)


async def test_when_nothing_is_confirmed_the_connection_has_failed() -> None:
    async def acknowledge_nothing(socket: ServerConnection, number: int) -> None:
        names = await subscriptions(socket)
        await socket.send(coinbase_echo(0, [], AT))
        assert names == {"BTC-USD"}
        await forever(socket)

    async with an_exchange(acknowledge_nothing) as url, a_feed(a_route(url, confirm_within=0.1), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkDown, 2))

    assert [type(event) for event in events[:2]] == [SymbolsRefused, LinkDown]
    links_are_told_once(events)


async def test_a_jump_in_the_numbers_is_told_and_numbers_restart_with_the_connection() -> None:
    async def lose_one(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await socket.send(coinbase_candles(2 if number == 1 else 1, coinbase_row(), at=AT + 5))
        if number == 1:
            await socket.close()
        await forever(socket)

    async with an_exchange(lose_one) as url, a_feed(a_route(url), "BTC-USD") as inbox:
        events = await inbox.until(counts(CandleSeen, 2))

    assert [lost.link for lost in of_kind(FramesLost, events)] == [1]


async def test_frames_have_their_turn_before_the_connection_is_opened() -> None:
    """Coinbase closes a connection that has not subscribed for five seconds: none may be open and wait its turn."""
    is_exhausted = asyncio.Event()
    opened: list[int] = []

    async def never(seconds: float) -> None:
        is_exhausted.set()
        await asyncio.Event().wait()

    async def keep(socket: ServerConnection, number: int) -> None:
        opened.append(number)
        await confirmed(socket)
        await forever(socket)

    async with an_exchange(keep) as url:
        budget = Budget(TokenBucket(rate=0.001, burst=3.0), sleep=never)
        route = replace(a_route(url, symbols_per_connection=1), scheduled=budget)
        async with a_feed(route, "A-USD", "B-USD") as inbox, asyncio.timeout(10):
            await is_exhausted.wait()
            await inbox.until(counts(LinkUp, 1))

    assert opened == [1]


async def test_symbols_are_spread_over_connections_with_numbers_of_their_own() -> None:
    asked: list[set[str]] = []

    async def keep(socket: ServerConnection, number: int) -> None:
        asked.append(await confirmed(socket))
        await forever(socket)

    symbols = ("A-USD", "B-USD", "C-USD", "A-USD")
    async with an_exchange(keep) as url, a_feed(a_route(url, symbols_per_connection=2), *symbols) as inbox:
        events = await inbox.until(counts(LinkUp, 2))

    assert sorted(asked, key=len) == [{"C-USD"}, {"A-USD", "B-USD"}]
    assert {up.link for up in of_kind(LinkUp, events)} == {1, 2}


async def test_one_connection_failing_leaves_the_other_alone() -> None:
    async def fail_c(socket: ServerConnection, number: int) -> None:
        names = await confirmed(socket)
        if names == {"C-USD"}:
            await socket.close()
        await forever(socket)

    limits = {"symbols_per_connection": 1, "speed": 20.0}
    async with an_exchange(fail_c) as url, a_feed(a_route(url, **limits), "A-USD", "C-USD") as inbox:
        events = await inbox.until(counts(LinkDown, 3))

    ups = {up.link: up.symbols for up in of_kind(LinkUp, events)}
    assert {"C-USD"} in ups.values()
    assert all(ups[down.link] == {"C-USD"} for down in of_kind(LinkDown, events))


async def test_a_host_that_is_not_there_is_told_with_each_attempt() -> None:
    async with an_exchange(lambda socket, _: forever(socket)) as url:
        pass
    async with a_feed(a_route(url, speed=100.0), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkDown, 3))

    assert [type(event) for event in events] == [LinkDown] * len(events)
    assert [event.link for event in events] == list(range(1, len(events) + 1))
    assert "cannot connect" in events[0].reason


async def test_new_connections_keep_to_their_rate() -> None:
    opened: list[float] = []

    async def keep(socket: ServerConnection, number: int) -> None:
        opened.append(asyncio.get_running_loop().time())
        await confirmed(socket)
        await forever(socket)

    async with an_exchange(keep) as url:
        route = a_route(url, symbols_per_connection=1, connections_per_second=20.0)
        async with a_feed(route, *(f"S{i}-USD" for i in range(6))) as inbox:
            await inbox.until(counts(LinkUp, 6))

    assert opened[-1] - opened[0] > 4 / 20.0


async def test_a_frame_of_several_megabytes_passes() -> None:
    padding = "x" * (LARGEST_FRAME_BYTES // 2)

    async def shout(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await socket.send(coinbase_frame(1, "l2_data", [padding], AT + 7))
        await forever(socket)

    async with an_exchange(shout) as url, a_feed(a_route(url), "BTC-USD") as inbox:
        events = await inbox.until(counts(Heard, 1))

    assert not of_kind(LinkDown, events)


async def test_an_authentication_failure_ends_in_longer_and_longer_waits() -> None:
    times: list[float] = []

    async def refuse(socket: ServerConnection, number: int) -> None:
        times.append(asyncio.get_running_loop().time())
        await subscriptions(socket)
        await socket.send('{"type":"error","message":"authentication failure"}')
        await forever(socket)

    async with an_exchange(refuse) as url, a_feed(a_route(url, speed=50.0), "BTC-USD") as inbox:
        events = await inbox.until(counts(LinkDown, 8))

    assert all("authentication failure" in down.reason for down in of_kind(LinkDown, events))
    assert (times[-1] - times[0]) * 50.0 > 7 * 0.5


async def test_confirmed_symbols_without_any_news_are_reported_once() -> None:
    async def starve(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await socket.send(coinbase_candles(1, coinbase_row("BTC-USD"), at=AT))
        for second in range(2, 100_000):
            await socket.send(coinbase_heartbeat(second, AT + second * 10))
            await asyncio.sleep(0.02)

    async with an_exchange(starve) as url, a_feed(a_route(url, first_news_within=0.2), "BTC-USD", "X-USD") as inbox:
        events = await inbox.until(counts(SymbolsUnheard, 1))
        heard = len(of_kind(Heard, events))
        events = await inbox.until(counts(Heard, heard + 20))

    assert [unheard.symbols for unheard in of_kind(SymbolsUnheard, events)] == [{"X-USD"}]
    assert not of_kind(SymbolsRefused, events)
    assert not of_kind(LinkDown, events)


async def test_cancelling_the_feed_closes_its_connections() -> None:
    closed = asyncio.Event()

    async def keep(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        await forever(socket)
        closed.set()

    async with an_exchange(keep) as url:
        async with a_feed(a_route(url), "BTC-USD") as inbox:
            await inbox.until(counts(LinkUp, 1))
        async with asyncio.timeout(5):
            await closed.wait()


# ------------------------------------------------------------------------------------------------ Binance

LISTING = listed("BTC-USDT", "ETH-USDT")


def binance_wire(link: int, symbols: frozenset[str]) -> Wire:
    return BinanceWire(link, symbols, LISTING)


async def test_symbols_that_are_not_listed_are_refused_without_a_connection() -> None:
    connected: list[int] = []

    async def note(socket: ServerConnection, number: int) -> None:
        connected.append(number)
        await forever(socket)

    async with an_exchange(note) as url, a_feed(a_route(url, binance_wire, speed=50.0), "NOPE-USDT") as inbox:
        events = await inbox.until(counts(LinkDown, 2))

    assert [type(event) for event in events[:2]] == [SymbolsRefused, LinkDown]
    assert connected == []


async def test_messages_on_one_connection_keep_to_their_rate() -> None:
    """Binance closes a connection that sends more than five messages in a second."""
    many = listed(*(f"S{i}-USDT" for i in range(500)))
    times: list[float] = []
    are_eleven = asyncio.Event()

    async def count(socket: ServerConnection, number: int) -> None:
        loop = asyncio.get_running_loop()
        async for _ in socket:
            times.append(loop.time())
            if len(times) == 11:
                are_eleven.set()

    def make_wire(link: int, symbols: frozenset[str]) -> Wire:
        return BinanceWire(link, symbols, many)

    limits = {"symbols_per_connection": 500, "frames_per_second": 40.0, "confirm_within": 30.0}
    async with an_exchange(count) as url, a_feed(a_route(url, make_wire, **limits), *many), asyncio.timeout(20):
        await are_eleven.wait()

    # The first may have arrived late.
    assert times[-1] - times[0] > 0.8 * 10 / 40.0


# ------------------------------------------------------------------------------------------------ trying again


class NotedRandom(random.Random):
    """Randomness that always takes half, and remembers of what."""

    def __init__(self) -> None:
        super().__init__(1)
        self.ceilings: list[float] = []

    def uniform(self, a: float, b: float) -> float:
        self.ceilings.append(b)
        return b / 2


async def test_waits_grow_until_a_link_was_of_use_and_only_then_start_anew() -> None:
    """Of use is a link with market news that has been up for a minute of the exchange's time."""

    async def third_is_useful(socket: ServerConnection, number: int) -> None:
        await confirmed(socket)
        if number == 2:
            await socket.send(coinbase_candles(1, coinbase_row(), at=AT + 1))
        if number == 3:
            await socket.send(coinbase_candles(1, coinbase_row(), at=AT + 1))
            for second in range(2, 45):
                await asyncio.sleep(0.02)
                await socket.send(coinbase_heartbeat(second, AT + second * 3_000))
        if number == 6:
            await forever(socket)

    rng = NotedRandom()
    async with an_exchange(third_is_useful) as url:
        route = replace(a_route(url, speed=120.0), rng=rng)
        async with a_feed(route, "BTC-USD") as inbox:
            await inbox.until(lambda events: len(of_kind(LinkUp, events)) == 6)

    assert rng.ceilings == [0.5, 1.0, 0.5, 1.0, 2.0]


async def test_a_handshake_answered_429_holds_new_connections_back() -> None:
    attempts: list[float] = []

    def limit_first(socket: ServerConnection, request: Request) -> Response | None:
        attempts.append(asyncio.get_running_loop().time())
        if len(attempts) > 1:
            return None
        return Response(429, "Too Many Requests", Headers({"Retry-After": "1"}), b"")

    async def keep(socket: ServerConnection) -> None:
        await confirmed(socket)
        await forever(socket)

    async with serve(keep, "127.0.0.1", 0, process_request=limit_first) as server:
        port = server.sockets[0].getsockname()[1]
        async with a_feed(a_route(f"ws://127.0.0.1:{port}", speed=100.0), "BTC-USD") as inbox:
            events = await inbox.until(counts(LinkUp, 1))

    assert "429" in of_kind(LinkDown, events)[0].reason
    assert attempts[1] - attempts[0] >= 1.0 - 0.01


async def test_the_feed_waits_for_the_listing_and_shows_that_it_does() -> None:
    answers = iter([ExchangeUnavailable("down"), ExchangeUnavailable("still down")])

    async def fetch() -> None:
        for trouble in answers:
            raise trouble

    inbox = ListInbox()
    route = a_route("ws://nowhere", speed=100.0)
    await until_listed(fetch, route, inbox)

    assert [event.link for event in of_kind(LinkDown, inbox.events)] == [1, 2]
    assert "still down" in of_kind(LinkDown, inbox.events)[1].reason


async def test_a_listing_that_is_refused_is_an_error() -> None:
    async def fetch() -> None:
        raise ExchangeRefused("451")

    with pytest.raises(ExchangeRefused):
        await until_listed(fetch, a_route("ws://nowhere"), ListInbox())


async def test_a_connection_that_could_not_be_subscribed_in_time_is_given_up() -> None:
    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    async with an_exchange(lambda socket, _: forever(socket)) as url:
        route = a_route(url, greet_within=0.1)
        stuck = Budget(TokenBucket(rate=0.001, burst=1.0), sleep=never)
        async with a_feed(replace(route, pace=lambda: stuck), "BTC-USD") as inbox:
            events = await inbox.until(counts(LinkDown, 1))

    assert "subscribed" in of_kind(LinkDown, events)[0].reason


async def test_an_error_that_names_a_symbol_costs_the_others_only_a_reconnection() -> None:
    asked: list[set[str]] = []

    async def dislike(socket: ServerConnection, number: int) -> None:
        names = await subscriptions(socket)
        asked.append(names)
        if "NOPE-USD" in names:
            await socket.send(json.dumps({"type": "error", "message": "unknown product NOPE-USD"}))
        else:
            await socket.send(coinbase_echo(0, sorted(names), AT))
        await forever(socket)

    async with an_exchange(dislike) as url, a_feed(a_route(url, speed=20.0), "BTC-USD", "NOPE-USD") as inbox:
        events = await inbox.until(counts(LinkUp, 1))

    assert of_kind(LinkUp, events)[0].symbols == {"BTC-USD"}
    assert of_kind(SymbolsRefused, events)[0].symbols == {"NOPE-USD"}
    assert {"BTC-USD"} in asked
