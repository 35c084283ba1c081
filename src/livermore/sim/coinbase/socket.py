"""Coinbase's WebSocket: subscriptions in, numbered frames out."""

import asyncio

import msgspec
from aiohttp import WSMsgType, web

from livermore.core.market.timeframe import SECOND
from livermore.sim.coinbase.client import CHANNELS, HEARTBEATS, Client
from livermore.sim.coinbase.errors import too_many_requests
from livermore.sim.coinbase.feed import CoinbaseFeed
from livermore.sim.coinbase.tokens import is_acceptable
from livermore.sim.connection import LARGEST_INBOUND, Outgoing, next_message
from livermore.sim.faults.links import Connections
from livermore.sim.limits import RollingLimit, frames_limit
from livermore.sim.simulation import Simulation

MESSAGES_PER_SECOND = 8
CONNECTIONS_PER_SECOND = 8
_CLOSE_SECONDS = 1.0


class _Request(msgspec.Struct):
    """``{"type":"subscribe","product_ids":["BTC-USD"],"channel":"candles","jwt":"eyJ…"}``."""

    type: str
    channel: str
    product_ids: list[str] = []
    jwt: str | None = None


class CoinbaseSocket:
    """The WebSocket at ``/``."""

    def __init__(self, simulation: Simulation, feed: CoinbaseFeed, connections: Connections) -> None:
        self._simulation = simulation
        self._feed = feed
        self._connections = connections
        self._messages = frames_limit(MESSAGES_PER_SECOND, simulation.clock)
        self._handshakes = RollingLimit(CONNECTIONS_PER_SECOND, SECOND)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        clock = self._simulation.clock
        if not self._handshakes.admits(request.remote or "", clock.now()):
            return await self._simulation.respond(request, too_many_requests())
        socket = web.WebSocketResponse(timeout=_CLOSE_SECONDS, compress=False, max_msg_size=LARGEST_INBOUND)
        if not socket.can_prepare(request):
            return web.Response(status=426, text="Upgrade Required\n")
        await socket.prepare(request)
        outgoing = Outgoing(socket, request.transport, self._simulation.faults)
        client = Client(outgoing, clock)
        self._connections.add(socket, request.transport)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(outgoing.run(), name="coinbase writer")
                await self._converse(socket, client, request.remote or "")
                writer.cancel()
        finally:
            self._feed.forget(client)
            self._connections.remove(socket)
        return socket

    async def _converse(self, socket: web.WebSocketResponse, client: Client, address: str) -> None:
        while (message := await next_message(socket, self._simulation.clock, client)) is not None:
            if message.type is WSMsgType.TEXT:
                await self._heed(client, message.data, address)

    async def _heed(self, client: Client, text: str, address: str) -> None:
        try:
            request = msgspec.json.decode(text, type=_Request)
        except msgspec.MsgspecError:
            client.complain("failure to parse message")
            return
        complaint = self._complaint(request, address)
        if complaint:
            client.complain(complaint)
        elif request.type == "subscribe":
            await self._feed.subscribe(client, request.channel, self._feed.known(request.product_ids))
        else:
            products = self._feed.known(request.product_ids) or list(
                client.products_by_channel.get(request.channel, {})
            )
            self._feed.unsubscribe(client, request.channel, products)

    def _complaint(self, request: _Request, address: str) -> str | None:
        """What is wrong with a message; only those without a token share the address's budget."""
        clock = self._simulation.clock
        if request.jwt is None and not self._messages.admits(address, clock.now()):
            return "rate limit exceeded"
        if request.jwt is not None and not is_acceptable(request.jwt, clock.wall(), None):
            return "authentication failure"
        if request.type not in ("subscribe", "unsubscribe"):
            return f"unsupported message type: {request.type}"
        if request.channel not in CHANNELS:
            return f"channel is not supported: {request.channel}"
        if not request.product_ids and request.channel != HEARTBEATS and request.type == "subscribe":
            return "no product ids"
        return None
