"""Binance's market WebSocket: raw and combined streams, and the requests that change them."""

import asyncio
from functools import partial

from aiohttp import ClientConnectionResetError, WSMsgType, web

from livermore.core.market.timeframe import MINUTE, Millis
from livermore.sim.binance.client import Client
from livermore.sim.binance.feed import BinanceFeed
from livermore.sim.binance.profile import Profile
from livermore.sim.binance.requests import (
    Request,
    not_a_boolean,
    read_request,
    result,
    stream_names,
    unknown_property,
)
from livermore.sim.connection import LARGEST_INBOUND, Outgoing, next_message
from livermore.sim.faults.links import Connections
from livermore.sim.limits import RollingLimit
from livermore.sim.simulation import Simulation

CONNECTIONS = 300
CONNECTIONS_WITHIN: Millis = 5 * MINUTE
_CLOSE_SECONDS = 1.0


class BinanceSocket:
    """The WebSocket at ``/ws``, ``/ws/<streams>`` and ``/stream?streams=…``."""

    def __init__(self, simulation: Simulation, profile: Profile, feed: BinanceFeed, connections: Connections) -> None:
        self._simulation = simulation
        self._profile = profile
        self._feed = feed
        self._connections = connections
        self._handshakes = RollingLimit(CONNECTIONS, CONNECTIONS_WITHIN)

    def routes(self) -> list[web.RouteDef]:
        """Every path that is upgraded."""
        return [web.get(path, self.serve) for path in ("/ws", "/ws/{streams:.+}", "/stream")]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        clock = self._simulation.clock
        if not self._handshakes.admits(request.remote or "", clock.now()):
            return web.Response(status=429, text="Too Many Requests\n")
        socket = web.WebSocketResponse(
            timeout=_CLOSE_SECONDS, autoping=False, compress=False, max_msg_size=LARGEST_INBOUND
        )
        if not socket.can_prepare(request):
            return web.Response(status=426, text="Upgrade Required\n")
        await socket.prepare(request)
        is_combined = request.path == "/stream"
        streams = request.query.get("streams", "") if is_combined else request.match_info.get("streams", "")
        outgoing = Outgoing(socket, request.transport, self._simulation.faults)
        client = Client(outgoing, clock, self._profile, is_combined=is_combined)
        announce = partial(self._announce_shutdown, client) if self._profile.announces_shutdown else None
        self._connections.add(socket, request.transport, announce)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(outgoing.run(), name="binance writer")
                await self._feed.subscribe(client, [name for name in streams.split("/") if name])
                await self._converse(socket, client)
                writer.cancel()
        finally:
            self._feed.forget(client)
            self._connections.remove(socket)
        return socket

    def _announce_shutdown(self, client: Client) -> None:
        client.announce_shutdown(self._simulation.now())

    async def _converse(self, socket: web.WebSocketResponse, client: Client) -> None:
        farewell = client.too_many_streams()
        while farewell is None:
            message = await next_message(socket, self._simulation.clock, client)
            if message is None:
                return
            farewell = client.counted()
            if message.type is WSMsgType.PONG:
                client.ponged(bytes(message.data))
            elif message.type is WSMsgType.PING:
                await _pong(socket, message.data)
            elif message.type is WSMsgType.TEXT and farewell is None:
                client.reply(await self._answer(client, message.data))
                farewell = client.too_many_streams()
        await socket.close(code=farewell.code, message=farewell.reason.encode(), drain=False)

    async def _answer(self, client: Client, text: str) -> dict[str, object]:
        request = read_request(text)
        if not isinstance(request, Request):
            return request
        match request.method:
            case "SUBSCRIBE" | "UNSUBSCRIBE":
                return await self._changed(client, request)
            case "LIST_SUBSCRIPTIONS":
                return result(request, list(client.streams))
            case "GET_PROPERTY":
                known = request.params == ["combined"]
                return result(request, client.is_combined) if known else unknown_property(request)
            case _:
                return _set_property(client, request)

    async def _changed(self, client: Client, request: Request) -> dict[str, object]:
        names = stream_names(request)
        if isinstance(names, dict):
            return names
        if request.method == "SUBSCRIBE":
            await self._feed.subscribe(client, names)
        else:
            self._feed.unsubscribe(client, names)
        return result(request, None)


def _set_property(client: Client, request: Request) -> dict[str, object]:
    match request.params:
        case ["combined", bool() as is_combined]:
            client.is_combined = is_combined
            return result(request, None)
        case ["combined", *_]:
            return not_a_boolean(request)
        case _:
            return unknown_property(request)


async def _pong(socket: web.WebSocketResponse, payload: bytes) -> None:
    try:
        await socket.pong(payload)
    except ClientConnectionResetError:
        # The next read tells that the client is gone.
        return
