"""Faults of connections and subscriptions, over real sockets."""

import asyncio
from itertools import pairwise

import aiohttp
import pytest
from aiohttp import web

from livermore.core.market.timeframe import DAY
from livermore.sim.clock import SimClock
from livermore.sim.connection import next_message
from livermore.sim.faults.board import FaultBoard
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import Disconnect
from livermore.sim.faults.links import Connections
from livermore.sim.server import SimServer, serve
from sim.conftest import PATIENCE_SECONDS, START, Frames, settings_of
from sim.fault_client import candle_of, hits, is_candle, listening, post, product_of, subscriptions, symbol_of

BOTH = pytest.mark.parametrize("exchange", ["coinbase", "binance"])


@BOTH
@pytest.mark.parametrize("code", [1000, 1001, 1006, 1012])
async def test_connections_end_with_the_code_once_and_others_live(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, code: int
) -> None:
    other = "binance_us"
    async with listening(sim, http, exchange, "BTC") as frames, listening(sim, http, other, "BTC") as unharmed:
        post(sim, kind="disconnect", exchange=exchange, code=code)
        assert await frames.closed() == code
        await unharmed.until(is_candle)
    async with listening(sim, http, exchange, "BTC") as again:
        await again.until(is_candle)
    assert hits(sim) == [1]


@BOTH
async def test_a_reset_is_a_reset(sim: SimServer, exchange: str) -> None:
    url = sim.urls[exchange].websocket.removeprefix("ws://")
    host, port = url.split(":")
    path = "/" if exchange == "coinbase" else "/ws"
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {url}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    post(sim, kind="disconnect", exchange=exchange, reset=True)
    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(ConnectionResetError):
            await reader.read()
    writer.close()


async def test_who_has_gone_before_the_reset_harms_nobody() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        transport, _ = await loop.create_connection(asyncio.Protocol, host, port)
        opened = transport.get_extra_info("socket")
        transport.abort()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while opened.fileno() != -1:
                await asyncio.sleep(0)
        faults = ExchangeFaults(FaultBoard(SimClock(START, 60.0), {}), "coinbase", {})
        connections = Connections(faults)
        connections.add(web.WebSocketResponse(), transport)
        (posted,) = faults.board.post((Disconnect(reset=True),))
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(connections.run(), name="connections")
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not posted.hits:
                    await asyncio.sleep(0)
            # The reset is a task of its own, which has had its turn by then.
            for _ in range(3):
                await asyncio.sleep(0)
            assert not running.done()
            running.cancel()


class Gone(web.WebSocketResponse):
    """A connection whose client has sent a ping and gone: aiohttp cannot write the pong."""

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")


class Never:
    """Nothing is ever due."""

    def due_at(self) -> int:
        return START + DAY

    def overdue(self, now: int) -> None:
        del now


async def test_who_has_gone_before_the_pong_has_ended_the_connection() -> None:
    assert await next_message(Gone(), SimClock(START, 1.0), Never()) is None


async def test_connections_opened_within_the_duration_end_too(sim: SimServer, http: aiohttp.ClientSession) -> None:
    post(sim, kind="disconnect", exchange="binance", code=1012, duration=2_400)
    ends_at = sim.faults.posted[0].window.ends_at
    async with http.ws_connect(sim.urls["binance"].websocket + "/ws/btcusdt@kline_5m") as socket:
        assert await Frames(socket).closed() == 1012
    await sim.clock.wait_until(ends_at + 10_000)
    async with listening(sim, http, "binance", "BTC") as frames:
        await frames.until(is_candle)


@pytest.mark.parametrize(("exchange", "announced"), [("binance", 1), ("binance_us", 0), ("coinbase", 0)])
async def test_an_old_connection_is_closed_by_plan_and_binance_says_so_before(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, announced: int
) -> None:
    post(sim, kind="rotation", exchange=exchange, lifetime=1_800, notice=600)
    opened_at = sim.clock.now()
    async with listening(sim, http, exchange, "BTC") as frames:
        told = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (message := await frames.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                if "serverShutdown" in message.data:
                    told.append((message.json(), sim.clock.now()))
        closed_at = sim.clock.now()

    assert frames.socket.close_code == 1001
    assert len(told) == announced
    assert closed_at >= opened_at + 1_800_000
    for frame, at in told:
        assert frame["e"] == "serverShutdown"
        assert opened_at + 1_200_000 <= frame["E"] <= at < closed_at - 300_000


@BOTH
@pytest.mark.parametrize("acknowledged", [True, False])
async def test_a_subscription_is_dead_or_ignored_until_it_is_made_again(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, acknowledged: bool
) -> None:
    dead = product_of(exchange, "ETH")
    symbol = symbol_of(exchange, "ETH")
    post(sim, kind="partial_subscription", exchange=exchange, symbols=[symbol], acknowledged=acknowledged)
    async with listening(sim, http, exchange, "BTC", "ETH") as frames:
        if exchange == "coinbase":
            confirmed = dead in subscriptions(frames.seen[-1])["candles"]
        else:
            await frames.send({"method": "LIST_SUBSCRIPTIONS", "id": 2})
            reply = await frames.until(lambda frame: frame.get("id") == 2)
            confirmed = "ethusdt@kline_5m" in reply["result"]
        for _ in range(6):
            await frames.until(is_candle)
        told = {(candle_of(frame) or ("",))[0] for frame in frames.seen}
    sim.faults.clear()
    async with listening(sim, http, exchange, "ETH") as again:
        await again.until(is_candle)

    assert confirmed is acknowledged
    assert told - {""} == {product_of(exchange, "BTC")}


@BOTH
async def test_the_busiest_symbols_change_every_other_second_at_the_speed_of_the_world(
    http: aiohttp.ClientSession, exchange: str
) -> None:
    async with serve(settings_of(speed=1.0, symbols=30)) as sim:
        market = sim.markets[exchange]
        for listed in market.listed[:2]:
            offsets = market.trades(listed, sim.clock.now()).offsets
            pauses = [later - earlier for earlier, later in pairwise(offsets)]
            assert max(pauses) < 3_000
            assert len(offsets) > 200
