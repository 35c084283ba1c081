"""Faults over HTTP: ``POST``, ``GET`` and ``DELETE /_sim/faults``, on the port of any exchange."""

import msgspec
from aiohttp import web

from livermore.errors import InvalidRequest
from livermore.sim.faults.board import FaultBoard
from livermore.sim.faults.script import faults_of


def fault_routes(board: FaultBoard) -> list[web.RouteDef]:
    """The control of faults; what it answers is never faulty itself.

    ``POST`` takes one fault, ``{"kind":"stall","exchange":"binance","duration":30}``, or a list of them, or
    ``{"fault":[…]}``; without a start they begin at once.
    """

    async def post(request: web.Request) -> web.Response:
        try:
            entries = _entries(await request.read())
            added = board.post(faults_of(entries, board.symbols_by_exchange))
        except InvalidRequest as exc:
            return _json({"error": str(exc)}, 400)
        numbers = {one.id for one in added}
        return _json({"faults": [listed for listed in board.listing() if listed["id"] in numbers]}, 201)

    async def get(_: web.Request) -> web.Response:
        return _json({"now": board.clock.now(), "faults": board.listing()})

    async def delete(_: web.Request) -> web.Response:
        board.clear()
        return _json({"faults": []})

    path = "/_sim/faults"
    return [web.post(path, post), web.get(path, get), web.delete(path, delete)]


def _entries(body: bytes) -> list[object]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise InvalidRequest(f"the body is not JSON: {exc}") from exc
    if isinstance(found, dict) and "kind" not in found:
        found = found.get("fault")
    entries = found if isinstance(found, list) else [found]
    if not entries:
        raise InvalidRequest("no faults")
    return entries


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")
