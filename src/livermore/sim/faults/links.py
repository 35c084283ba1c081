"""Faults that end connections: planned or not, with a code, without one, or by a TCP reset."""

import asyncio
import contextlib
import socket
import struct
from asyncio import Transport
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, web

from livermore.core.market.timeframe import Millis
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import Disconnect, Rotation
from livermore.sim.faults.plan import FOREVER, millis

_NO_CLOSING_FRAME = 1006
_GOING_AWAY = 1001
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class Link:
    """One open connection; `announce` tells its client that it is about to be closed, where an exchange does so."""

    socket: web.WebSocketResponse
    transport: Transport | None
    opened_at: Millis
    number: int
    announce: Callable[[], None] | None = None
    settled: set[object] = field(default_factory=set)


class Connections:
    """The open connections of one exchange; faults end them, and so does its end."""

    def __init__(self, faults: ExchangeFaults) -> None:
        self._faults = faults
        self._links: dict[web.WebSocketResponse, Link] = {}
        self._opened = 0
        self._news = asyncio.Event()
        faults.board.on_change(self._news.set)

    def add(
        self, opened: web.WebSocketResponse, transport: Transport | None, announce: Callable[[], None] | None = None
    ) -> None:
        """Remember an open connection."""
        self._opened += 1
        self._links[opened] = Link(opened, transport, self._faults.clock.now(), self._opened, announce)
        self._news.set()

    def remove(self, closed: web.WebSocketResponse) -> None:
        """Forget a connection."""
        self._links.pop(closed, None)

    async def close_all(self) -> None:
        """Say goodbye to everybody at once."""
        async with asyncio.TaskGroup() as tasks:
            for link in tuple(self._links.values()):
                tasks.create_task(_close(link, WSCloseCode.GOING_AWAY, "service restart"), name="goodbye")

    async def run(self) -> None:
        """End what the faults end, until cancelled."""
        clock = self._faults.clock
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._news.clear()
                due = FOREVER
                for link in tuple(self._links.values()):
                    due = min(due, self._disconnected(link, tasks), self._rotated(link, tasks))
                try:
                    async with asyncio.timeout(None if due == FOREVER else clock.real_seconds(due - clock.now())):
                        await self._news.wait()
                except TimeoutError:
                    continue

    def _disconnected(self, link: Link, tasks: asyncio.TaskGroup) -> Millis:
        """End the connection if it must be; when to look again."""
        now, due = self._faults.clock.now(), FOREVER
        for one, fault in self._faults.board.about(Disconnect, self._faults.exchange):
            if one.id in link.settled or link.opened_at > one.window.ends_at:
                continue
            if now < one.window.starts_at:
                due = min(due, one.window.starts_at)
                continue
            link.settled.add(one.id)
            if one.strikes(link.number):
                tasks.create_task(_end(link, fault), name="disconnect")
        return due

    def _rotated(self, link: Link, tasks: asyncio.TaskGroup) -> Millis:
        now, due = self._faults.clock.now(), FOREVER
        for one, fault in self._faults.board.about(Rotation, self._faults.exchange):
            closes_at = max(link.opened_at + millis(fault.lifetime), one.window.starts_at + millis(fault.notice))
            warns_at = closes_at - millis(fault.notice)
            if one.id in link.settled or not one.window.holds(warns_at):
                continue
            if now >= warns_at and ("warned", one.id) not in link.settled:
                link.settled.add(("warned", one.id))
                if not one.strikes(link.number):
                    link.settled.add(one.id)
                    continue
                if link.announce is not None:
                    link.announce()
            if now >= closes_at:
                link.settled.add(one.id)
                tasks.create_task(_close(link, _GOING_AWAY, "planned disconnect"), name="rotation")
                continue
            due = min(due, warns_at if now < warns_at else closes_at)
        return due


async def _close(link: Link, code: int, reason: str) -> None:
    await link.socket.close(code=code, message=reason.encode(), drain=False)


async def _end(link: Link, fault: Disconnect) -> None:
    if fault.reset and link.transport is not None:
        # Who has gone by itself a moment ago needs no reset.
        with contextlib.suppress(OSError):
            link.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        link.transport.abort()
    elif fault.code == _NO_CLOSING_FRAME and link.transport is not None:
        link.transport.close()
    else:
        await _close(link, fault.code, "fault")
