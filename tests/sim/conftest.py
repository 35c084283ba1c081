"""What the simulator's tests share: a running simulator, an HTTP client, and ways of waiting for frames."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import msgspec
import pytest

from livermore.core.market.timeframe import HOUR
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings

START = 1_795_305_600_000 + 7 * HOUR
PATIENCE_SECONDS = 20.0


def settings_of(**changed: object) -> SimSettings:
    """Free ports, a fixed beginning, few symbols, and what is changed."""
    told = {"coinbase_port": 0, "binance_port": 0, "binance_us_port": 0, "symbols": 10, "start": START, **changed}
    return msgspec.convert(told, SimSettings)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sim() -> AsyncIterator[SimServer]:
    """A simulator at the default speed."""
    async with serve(settings_of()) as server:
        yield server


@pytest.fixture
async def slow_sim() -> AsyncIterator[SimServer]:
    """A simulator at the speed of the real world, where limits are as tight as the real ones."""
    async with serve(settings_of(speed=1.0)) as server:
        yield server


class Frames:
    """The frames of one WebSocket, all remembered, and waited for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict[str, object]] = []

    async def send(self, body: object) -> None:
        await self.socket.send_str(msgspec.json.encode(body).decode())

    async def next(self) -> dict[str, object]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, message
        frame = msgspec.json.decode(message.data)
        self.seen.append(frame)
        return frame

    async def until(self, wanted: Callable[[dict[str, object]], bool]) -> dict[str, object]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame = await self.next()
                if wanted(frame):
                    return frame

    async def closed(self) -> int | None:
        """The code of the close that the other side must send."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message = await self.socket.receive()
                if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                    return self.socket.close_code
