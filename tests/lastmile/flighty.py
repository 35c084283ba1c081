"""Clients of the live stream: one that stays, and one whose connections break anywhere, even within a frame."""

import asyncio
import json
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import websockets

NO_LINGER = struct.pack("ii", 1, 0)
LOGS = ("alerts", "activity")
PATIENCE_SECONDS = 30
# Whoever leaves does not wait for what is still on its way.
OPTIONS: dict[str, Any] = {"max_size": None, "max_queue": None, "close_timeout": 0.5}


class Way:
    """The way of one connection to the server, which ends after so many bytes from it: at once, or with a goodbye."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self.left = 0
        self.is_reset = False
        self.cuts = 0
        self.port = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._there(reader, there_writer), name="there")
                tasks.create_task(self._back(there_reader, writer, there_writer), name="back")
        except* OSError:
            pass
        finally:
            for one in (writer, there_writer):
                one.transport.abort()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
        raise ConnectionAbortedError

    async def _back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: asyncio.StreamWriter
    ) -> None:
        while chunk := await reader.read(65_536):
            passed, self.left = chunk[: self.left], self.left - len(chunk)
            writer.write(passed)
            await writer.drain()
            if self.left < 0:
                self.cuts += 1
                for one in (writer, there) if self.is_reset else ():
                    reset(one.transport)
                break
        raise ConnectionAbortedError


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection by a reset, so that nobody reads what is still on its way."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()  # type: ignore[attr-defined]


@asynccontextmanager
async def a_way(address: str) -> AsyncIterator[Way]:
    way = Way(address)
    server = await asyncio.start_server(way.carry, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        server.close()


@dataclass
class Follower:
    """What a client makes of what it hears: the logs event by event, and candles and readings as they stand."""

    token: str
    topics: tuple[str, ...]
    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {topic: [] for topic in LOGS})
    candles: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    readings: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def hello(self) -> str:
        return json.dumps({"token": self.token, "subscribe": self.topics, "cursors": self.cursors})

    def hear(self, text: str | bytes) -> None:
        message = json.loads(text)
        topic, kind, data = message["topic"], message["kind"], message["data"]
        assert kind != "error", data
        self.news.set()
        if kind == "dropped":
            self.dropped.append(message)
        elif kind in ("snapshot", "change"):
            self._take(topic, data, is_whole=kind == "snapshot")
            self.begun.add(topic)
            if message["cursor"] is not None:
                self.cursors[topic] = message["cursor"]

    def _take(self, topic: str, data: Any, *, is_whole: bool) -> None:
        if topic in LOGS:
            assert not is_whole or topic not in self.begun, "what was begun is gone on with, not shown anew"
            self.events[topic] += reversed(data) if is_whole else [data]
        elif topic.startswith("candles:"):
            for candle in data["items"] if is_whole else [data]:
                self.candles[topic, candle["openTime"]] = shape(candle)
        else:
            exchange = topic.split(":")[1]
            for row in data["items"] if is_whole else []:
                for timeframe, reading in row["readings"].items():
                    self.readings[exchange, row["symbol"], timeframe] = reading
            if not is_whole:
                reading = {name: value for name, value in data.items() if name not in ("symbol", "timeframe")}
                self.readings[exchange, data["symbol"], data["timeframe"]] = reading

    def unlike(self, shown: "Follower") -> list[str]:
        """Which of its candles and readings are not those that somebody else is shown."""
        wrong = [
            f"{place}: {self.candles.get(place)}, not {candle}"
            for place, candle in shown.candles.items()
            if self.candles.get(place) != candle
        ]
        names = self.readings.keys() | shown.readings.keys()
        pairs = ((name, self.readings.get(name), shown.readings.get(name)) for name in sorted(names))
        return wrong + [f"{name}: {ours}, not {theirs}" for name, ours, theirs in pairs if ours != theirs]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until what was heard fulfils a condition."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                self.news.clear()
                await self.news.wait()


def shape(candle: dict[str, Any]) -> dict[str, Any]:
    """A candle without its reading and its name, of which changes or snapshots have none."""
    unsaid = ("reading", "symbol", "timeframe")
    return {name: value for name, value in candle.items() if name not in unsaid}


async def stay(follower: Follower, port: int) -> None:
    """Follow until cancelled, over one connection."""
    async with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/stream", **OPTIONS) as connection:
        await connection.send(follower.hello)
        async for text in connection:
            follower.hear(text)


async def flit(follower: Follower, way: Way, chance: random.Random, most_frames: int) -> str:
    """Follow over one connection that ends at random, and say how."""
    frames = chance.randrange(most_frames)
    way.is_reset = chance.random() < 0.5
    is_cut = chance.random() < 0.6
    # Most bytes are those of the snapshots; the first few hundred are those of the handshake.
    way.left = round(10 ** chance.uniform(1.5, 5.7)) if is_cut else 10**12
    try:
        async with websockets.connect(f"ws://127.0.0.1:{way.port}/api/v1/stream", **OPTIONS) as connection:
            await connection.send(follower.hello)
            for _ in range(frames):
                follower.hear(await connection.recv())
            if way.is_reset:
                reset(connection.transport)
    except (OSError, EOFError, websockets.WebSocketException):
        return "cut by a reset" if way.is_reset else "cut"
    return "reset" if way.is_reset else "closed"
