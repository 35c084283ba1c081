"""One WebSocket connection from the exchange's side: a bounded queue out, and deadlines for the other side."""

import asyncio
from asyncio import Transport
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from aiohttp import ClientConnectionResetError, WSMessage, WSMsgType, web

from livermore.core.market.timeframe import Millis
from livermore.sim.clock import SimClock
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.frames import outgoing
from livermore.sim.tap import Frame

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


@dataclass(slots=True)
class _Held:
    text: str
    behind: int
    due_at: Millis


class Outgoing:
    """The frames on their way to one client, in order but for the faults."""

    def __init__(self, socket: web.WebSocketResponse, transport: Transport | None, faults: ExchangeFaults) -> None:
        self._socket = socket
        self._transport = transport
        self._faults = faults
        self._waiting: deque[str] = deque()
        self._held: list[_Held] = []
        self._news = asyncio.Event()

    def withholds(self, product: str) -> bool:
        """Whether nothing is to be said about a product."""
        return self._faults.withholds(product)

    def is_stalled(self) -> bool:
        """Whether nothing at all is to be said."""
        return self._faults.is_stalled()

    def send(self, channel: str, product: str, text: str) -> None:
        """Queue a frame; one too many cuts the connection."""
        for sent in outgoing(self._faults, Frame(channel, product, text)):
            if sent.behind:
                self._held.append(_Held(sent.text, sent.behind, self._faults.clock.now() + sent.within))
            else:
                self._waiting.append(sent.text)
                self._overtaken()
        if len(self._waiting) + len(self._held) > MOST_WAITING and self._transport is not None:
            self._waiting.clear()
            self._held.clear()
            self._transport.abort()
        self._news.set()

    async def run(self) -> None:
        """Write what is queued until cancelled, or until the client is gone."""
        try:
            while True:
                await self._more()
                while self._waiting:
                    await self._socket.send_str(self._waiting.popleft())
        except ClientConnectionResetError:
            self._waiting.clear()

    async def _more(self) -> None:
        """Return once there is something to write, or a frame has been held back for long enough."""
        clock = self._faults.clock
        due_at = min((held.due_at for held in self._held), default=None)
        try:
            async with asyncio.timeout(None if due_at is None else clock.real_seconds(due_at - clock.now())):
                await self._news.wait()
        except TimeoutError:
            self._release(lambda held: held.due_at <= clock.now())
        self._news.clear()

    def _overtaken(self) -> None:
        for held in self._held:
            held.behind -= 1
        self._release(lambda held: held.behind <= 0)

    def _release(self, is_free: Callable[[_Held], bool]) -> None:
        self._waiting.extend(held.text for held in self._held if is_free(held))
        self._held = [held for held in self._held if not is_free(held)]


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
        except ClientConnectionResetError:
            # It was a ping, and whoever sent it has gone before the pong.
            return None
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
