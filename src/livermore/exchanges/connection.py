"""One connection's life: opened, greeted, confirmed, listened to, and why it ended.

It owns the socket; whoever runs `live` cancels it. Failures of the WebSocket library become reasons here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from livermore.core.messages import CandleSeen, FeedEvent, LinkUp, SymbolsRefused, SymbolsUnheard, TickerSeen
from livermore.errors import ExchangeUnavailable, RateLimited
from livermore.exchanges.limiter import Budget
from livermore.exchanges.link import Inbox, Wire
from livermore.exchanges.tenure import ROTATE_AFTER_SECONDS, Tenure
from livermore.exchanges.wanted import Wanted

LARGEST_FRAME_BYTES = 16 * 1024 * 1024
FRAMES_QUEUED = 2048
CLOSE_SECONDS = 1.0
STALE_SECONDS = 5.0
LEAST_STALE_SECONDS = 1.0
"""A shorter silence proves nothing, however fast the exchange's clock runs: our own machine may have paused."""

_UNSTATED_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class FeedLimits:
    """The limits of a connection, in seconds at speed 1.

    `stale_after` bounds how long the market may be silent, `dead_after` the connection: where the first is longer, the
    exchange is asked for a sign of life half way through the second.
    """

    symbols_per_connection: int
    first_news_within: float
    stale_after: float = STALE_SECONDS
    dead_after: float = STALE_SECONDS
    connect_within: float = 10.0
    greet_within: float = 4.0
    confirm_within: float = 10.0
    useful_after: float = 60.0
    rotate_after: float = ROTATE_AFTER_SECONDS
    speed: float = 1.0

    @property
    def silence(self) -> float:
        """The seconds of our time without news after which a connection is given up."""
        return self._ours(self.stale_after)

    @property
    def deafness(self) -> float:
        """The seconds of our time without any frame, even when asked for one, after which a connection is given up."""
        return self._ours(self.dead_after)

    def _ours(self, seconds: float) -> float:
        return max(seconds / self.speed, min(seconds, LEAST_STALE_SECONDS))


@asynccontextmanager
async def open_socket(url: str, limits: FeedLimits) -> AsyncIterator[ClientConnection]:
    """Keep a WebSocket open for as long as the block lasts; the library answers and sends keepalive pings.

    Raises:
        RateLimited: when the host asks to wait before connecting.
        ExchangeUnavailable: when it cannot be connected to for another reason.
    """
    try:
        socket = await connect(
            url,
            open_timeout=limits.connect_within,
            close_timeout=CLOSE_SECONDS,
            compression=None,
            max_size=LARGEST_FRAME_BYTES,
            max_queue=FRAMES_QUEUED,
        )
    except InvalidStatus as exc:
        status = exc.response.status_code
        if status in (418, 429):
            text = exc.response.headers.get("Retry-After", "")
            pause = float(text) if text.isdecimal() else _UNSTATED_PAUSE_SECONDS / limits.speed
            raise RateLimited(f"connecting was answered {status}", retry_after_seconds=pause) from exc
        raise ExchangeUnavailable(f"connecting was answered {status}", status=status) from exc
    except (OSError, TimeoutError, WebSocketException) as exc:
        raise ExchangeUnavailable(f"cannot connect: {exc or type(exc).__name__}") from exc
    try:
        yield socket
    finally:
        await socket.close()


class Life:
    """The time from greeting to end of one connection.

    `pace` spreads our frames. `wanted` is what to carry, which may change. `refuse` is told of symbols that the
    exchange does not serve, when others of this connection are served.
    """

    def __init__(
        self,
        tenure: Tenure,
        wire: Wire,
        inbox: Inbox,
        limits: FeedLimits,
        pace: Budget,
        wanted: Wanted,
        refuse: Callable[[frozenset[str]], None],
    ) -> None:
        self._tenure = tenure
        self._wire = wire
        self._inbox = inbox
        self._limits = limits
        self._pace = pace
        self._refuse = refuse
        self._loop = asyncio.get_running_loop()
        self._wanted = wanted
        self._carried = wire.unconfirmed()
        self._carried_since = wanted.changes
        self._news_at = self._frame_at = self._confirm_by = self._loop.time()
        self._probed_at = 0.0
        self._ends: str | None = None
        self._up_at: float | None = None
        self._is_settled = False
        self._is_unheard_reported = False
        self._has_market_news = False

    async def run(self, socket: ClientConnection) -> str:
        """Greet and listen until something ends the connection; the answer says what."""
        try:
            reason = await self._greet(socket) or await self._attend(socket)
        except ConnectionClosed as exc:
            reason = self._ends or f"closed by the exchange: {exc}"
        if self._tenure.replaced_by is None:
            # There is nobody to say goodbye to politely, and a dead peer would only delay the next attempt.
            socket.transport.abort()
        self._tenure.was_useful = self._is_useful()
        return reason

    def _is_useful(self) -> bool:
        return self._has_market_news and self._up_for() >= self._limits.useful_after

    def _up_for(self) -> float:
        """The exchange's seconds since the link is up."""
        return 0.0 if self._up_at is None else (self._loop.time() - self._up_at) * self._limits.speed

    async def _greet(self, socket: ClientConnection) -> str | None:
        try:
            async with asyncio.timeout(self._limits.greet_within):
                for frame in self._wire.greeting():
                    await self._pace.spend()
                    await socket.send(frame)
        except TimeoutError:
            return "it could not be subscribed to in time"
        self._news_at = self._loop.time()
        self._confirm_by = self._news_at + self._limits.confirm_within
        return None

    async def _attend(self, socket: ClientConnection) -> str:
        """Listen, and subscribe to what else is wanted meanwhile; the answer says why that has ended."""
        closed: ConnectionClosed | None = None
        reason = ""
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(self._follow(socket), name=f"feed.link.{self._tenure.link}.changes")
            try:
                reason = await self._listen(socket)
            except ConnectionClosed as exc:
                closed = exc
            following.cancel()
        if closed is not None:
            raise closed
        return reason

    async def _follow(self, socket: ClientConnection) -> None:
        """Subscribe and unsubscribe as other symbols are wanted; without any the connection is of no more use."""
        try:
            while target := await self._wanted.other_than(self._carried, self._carried_since):
                self._carried_since = self._wanted.changes
                frames = self._wire.change(target)
                self._carried = target
                for frame in frames:
                    await self._pace.spend()
                    await socket.send(frame)
                self._confirm_by = self._loop.time() + self._limits.confirm_within
                self._is_settled = False
            self._ends = "nothing is watched on it any more"
            await socket.close()
        except ConnectionClosed:
            # Whoever listens is told the same, and tells why.
            return

    def _silence(self) -> str | None:
        """Why the connection is given up if no frame has come by now, or None."""
        now, limits = self._loop.time(), self._limits
        if now >= self._news_at + limits.silence:
            return f"silent for {limits.silence:g} s"
        if self._probed_at > self._frame_at and now >= self._frame_at + limits.deafness:
            return f"silent for {limits.deafness:g} s, even when asked for a sign of life"
        return None

    async def _probe(self, socket: ClientConnection) -> None:
        """Ask for a sign of life, once in each silence, where the market alone would give none for too long."""
        probe = self._wire.probe()
        if probe is None or self._probed_at > self._frame_at or self._loop.time() < self._probe_at():
            return
        self._probed_at = self._loop.time()
        await self._pace.spend()
        await socket.send(probe)

    def _probe_at(self) -> float:
        return self._frame_at + self._limits.deafness / 2

    async def _listen(self, socket: ClientConnection) -> str:
        """Hand on what comes until something ends it; the answer says what."""
        while True:
            try:
                async with asyncio.timeout_at(self._due()):
                    frame = await socket.recv(decode=False)
            except TimeoutError:
                if (silence := self._silence()) is not None:
                    return silence
                await self._probe(socket)
            else:
                await self._take(frame)
            reason = self._wire.failure or self._tenure.goodbye
            if reason is not None:
                return reason
            if not self._is_settled and (reason := await self._settle()):
                return reason
            if self._wire.is_up and self._up_at is None:
                self._up_at = self._loop.time()
            self._tenure.was_useful = self._is_useful()
            self._tenure.heard(self._wire.newest, self._up_for(), self._wire.farewell)
            if not self._is_unheard_reported and self._up_for() >= self._limits.first_news_within:
                await self._report_unheard()

    def _due(self) -> float:
        """When to look up even if no frame comes."""
        due = self._news_at + self._limits.silence
        if not self._is_settled:
            due = min(due, self._confirm_by)
        if self._limits.dead_after < self._limits.stale_after:
            is_asked = self._probed_at > self._frame_at
            due = min(due, self._frame_at + self._limits.deafness if is_asked else self._probe_at())
        return due

    async def _take(self, frame: bytes) -> None:
        wire = self._wire
        self._frame_at = self._loop.time()
        before = wire.newest
        events = wire.receive(frame)
        if events:
            self._note(events)
            await self._inbox.put(events)
        # Only frames that move the exchange's clock are news; waiting for room in the inbox is not its silence.
        if wire.newest > before or not wire.is_up:
            self._news_at = self._loop.time()

    def _note(self, events: tuple[FeedEvent, ...]) -> None:
        for event in events:
            if isinstance(event, CandleSeen | TickerSeen):
                self._has_market_news = True
                self._tenure.brought_news()
            elif isinstance(event, LinkUp):
                self._tenure.came_up(event.at)
            elif isinstance(event, SymbolsRefused) and event.symbols < self._carried:
                self._refuse(event.symbols)

    async def _settle(self) -> str | None:
        """Stop waiting for confirmations when all have come or the time is over; a reason when none came."""
        unconfirmed = self._wire.unconfirmed()
        if unconfirmed and self._loop.time() < self._confirm_by:
            return None
        self._is_settled = True
        if not unconfirmed:
            return None
        reason = f"not confirmed within {self._limits.confirm_within:g} s"
        events = self._wire.settle()
        self._note(events)
        await self._inbox.put((*events, SymbolsRefused(self._tenure.link, unconfirmed, reason)))
        if unconfirmed == self._carried:
            return "no symbol was confirmed"
        self._refuse(unconfirmed)
        return None

    async def _report_unheard(self) -> None:
        """Report, once, the symbols that are confirmed but silent; thin ones may be so for good reason."""
        self._is_unheard_reported = True
        unheard = self._wire.unheard()
        if unheard:
            reason = f"confirmed, but nothing was sent within {self._limits.first_news_within:g} s"
            await self._inbox.put((SymbolsUnheard(self._tenure.link, unheard, reason),))
