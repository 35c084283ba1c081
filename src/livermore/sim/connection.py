"""One WebSocket connection from the exchange's side: a bounded queue out, and deadlines for the other side."""

import asyncio
from asyncio import Transport
from collections import deque
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMessage, WSMsgType, web

from livermore.core.market.timeframe import Millis
from livermore.sim.clock import SimClock
from livermore.sim.tap import Frame, WireTap

# A client that is so many frames behind is cut off: it would fall behind for ever.
MOST_WAITING = 20_000
LARGEST_INBOUND = 1 << 20
_TIMER_SLACK_SECONDS = 0.002
_ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


@dataclass(frozen=True, slots=True)
class Farewell:
    """The exchange ends the connection, and why."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ping:
    """The exchange asks whether the client is still there."""

    payload: bytes


Verdict: TypeAlias = Farewell | Ping | None


class Deadlines(Protocol):
    """What a connection is due, in simulated time."""

    def due_at(self) -> Millis:
        """The next instant at which something is due."""

    def overdue(self, now: Millis) -> Verdict:
        """What is to be done at `now`."""


class Outgoing:
    """The frames on their way to one client, in order, through the wire tap."""

    def __init__(self, exchange: str, socket: web.WebSocketResponse, transport: Transport | None, tap: WireTap) -> None:
        self._exchange = exchange
        self._socket = socket
        self._transport = transport
        self._tap = tap
        self._waiting: deque[str] = deque()
        self._news = asyncio.Event()

    def send(self, channel: str, product: str, text: str) -> None:
        """Queue a frame; one too many cuts the connection."""
        for frame in self._tap.frames(Frame(self._exchange, channel, product, text)):
            self._waiting.append(frame.text)
        if len(self._waiting) > MOST_WAITING and self._transport is not None:
            self._waiting.clear()
            self._transport.abort()
        self._news.set()

    async def run(self) -> None:
        """Write what is queued until cancelled, or until the client is gone."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._waiting:
                    await self._socket.send_str(self._waiting.popleft())
        except ClientConnectionResetError:
            self._waiting.clear()


async def next_message(socket: web.WebSocketResponse, clock: SimClock, deadlines: Deadlines) -> WSMessage | None:
    """The client's next message, None once either side has ended the connection.

    Pings and farewells go out when they are due.
    """
    while True:
        wait = deadlines.due_at() - clock.now()
        if wait <= 0:
            if await _ended(socket, deadlines.overdue(clock.now())):
                return None
            continue
        try:
            message = await socket.receive(timeout=clock.real_seconds(wait) + _TIMER_SLACK_SECONDS)
        except TimeoutError:
            continue
        return None if message.type in _ENDS else message


async def _ended(socket: web.WebSocketResponse, verdict: Verdict) -> bool:
    if isinstance(verdict, Farewell):
        await socket.close(code=verdict.code, message=verdict.reason.encode(), drain=False)
        return True
    if isinstance(verdict, Ping):
        try:
            await socket.ping(verdict.payload)
        except ClientConnectionResetError:
            return True
    return False


class Connections:
    """The open sockets of one exchange, so that they can be closed when it shuts."""

    def __init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()

    def add(self, socket: web.WebSocketResponse) -> None:
        """Remember an open socket."""
        self._sockets.add(socket)

    def remove(self, socket: web.WebSocketResponse) -> None:
        """Forget a socket."""
        self._sockets.discard(socket)

    async def close_all(self) -> None:
        """Say goodbye to everybody at once."""
        async with asyncio.TaskGroup() as tasks:
            for socket in tuple(self._sockets):
                goodbye = socket.close(code=WSCloseCode.GOING_AWAY, message=b"service restart", drain=False)
                tasks.create_task(goodbye, name="goodbye")
