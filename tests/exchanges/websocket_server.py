"""A WebSocket server that treats its connections as a test tells it to, and a feed that speaks to it."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from exchanges.examples import OPENED, ListInbox, coinbase_echo, of_kind
from livermore.core.messages import LinkDown, LinkUp
from livermore.exchanges.coinbase.wire import CoinbaseWire
from livermore.exchanges.connection import FeedLimits
from livermore.exchanges.feed import FeedRoute, run_feed
from livermore.exchanges.limiter import Budget, TokenBucket
from livermore.exchanges.link import Wire

AT = OPENED + 120_000
Story = Callable[[ServerConnection, int], Awaitable[None]]


@asynccontextmanager
async def an_exchange(story: Story) -> AsyncIterator[str]:
    """A server that treats its n-th connection as `story` tells."""
    numbers = itertools.count(1)

    async def treat(socket: ServerConnection) -> None:
        await story(socket, next(numbers))

    async with serve(treat, "127.0.0.1", 0, compression=None) as server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"ws://{host}:{port}"


def coinbase_wire(link: int, symbols: frozenset[str]) -> Wire:
    return CoinbaseWire(link, symbols)


def a_route(url: str, make_wire: Callable[[int, frozenset[str]], Wire] = coinbase_wire, **changes: Any) -> FeedRoute:
    limits = {"symbols_per_connection": 100, "first_news_within": 60.0, **changes}
    rate = limits.pop("connections_per_second", 1_000.0)
    pace = Budget(TokenBucket(limits.pop("frames_per_second", 1_000.0), 1.0))
    return FeedRoute(
        name="test",
        url=url,
        links=itertools.count(1),
        make_wire=make_wire,
        connections=Budget(TokenBucket(rate, 1.0)),
        scheduled=None,
        pace=lambda: pace,
        limits=FeedLimits(**limits),
        rng=random.Random(1),
    )


@asynccontextmanager
async def a_feed(route: FeedRoute, *symbols: str) -> AsyncIterator[ListInbox]:
    inbox = ListInbox()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run_feed(route, symbols, inbox), name="feed")
        yield inbox
        task.cancel()


async def subscriptions(socket: ServerConnection) -> set[str]:
    """The names asked for on the candles channel, once the ticker channel has been asked for too."""
    names: set[str] = set()
    async for text in socket:
        message = json.loads(text)
        if message["channel"] == "candles":
            names.update(message["product_ids"])
        if message["channel"] == "ticker":
            return names
    return names


async def confirmed(socket: ServerConnection, *without: str) -> set[str]:
    names = await subscriptions(socket)
    await socket.send(coinbase_echo(0, sorted(names - set(without)), AT))
    return names


async def forever(socket: ServerConnection) -> None:
    await socket.wait_closed()


def counts(kind: type, number: int) -> Callable[[list[Any]], bool]:
    return lambda events: len(of_kind(kind, events)) >= number


def links_are_told_once(events: list[Any]) -> None:
    """Each link ends at most once, is up at most once, and says nothing after its end."""
    ended: set[int] = set()
    up: set[int] = set()
    for event in events:
        assert event.link not in ended, event
        if isinstance(event, LinkDown):
            ended.add(event.link)
        if isinstance(event, LinkUp):
            assert event.link not in up, event
            up.add(event.link)


async def binance_confirms(socket: ServerConnection) -> set[str]:
    names: set[str] = set()
    async for text in socket:
        message = json.loads(text)
        if message["method"] == "LIST_SUBSCRIPTIONS":
            await socket.send(json.dumps({"result": sorted(names), "id": message["id"]}))
            return names
        names.update(message["params"])
        await socket.send(json.dumps({"result": None, "id": message["id"]}))
    return names
