"""A small HTTP server that answers as a test tells it to, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], web.StreamResponse | Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    """What was asked of the server, and when."""

    url: str = ""
    requests: list[web.Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def queries(self, ending: str) -> list[dict[str, str]]:
        """The queries of the requests whose path ends so."""
        return [dict(request.query) for request in self.requests if request.path.endswith(ending)]


@asynccontextmanager
async def a_host(answer: Answer) -> AsyncIterator[Asked]:
    """A host on a free port that answers every request by `answer`."""
    asked = Asked()

    async def respond(request: web.Request) -> web.StreamResponse:
        asked.requests.append(request)
        asked.times.append(asyncio.get_running_loop().time())
        answered = answer(request)
        return answered if isinstance(answered, web.StreamResponse) else await answered

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", respond)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        asked.url = f"http://{host}:{port}"
        yield asked
    finally:
        await runner.cleanup()


def in_turn(*answers: web.StreamResponse | Answer) -> Answer:
    """The first request is given the first answer, and so on; the last answer stays."""
    left = list(answers)

    def answer(request: web.Request) -> web.StreamResponse | Awaitable[web.StreamResponse]:
        now = left.pop(0) if len(left) > 1 else left[0]
        return now if isinstance(now, web.StreamResponse) else now(request)

    return answer


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Reset the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stop_half_way(request: web.Request) -> web.StreamResponse:
    """Promise a hundred bytes, send a few and hang up."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"now":')
    assert request.transport is not None
    request.transport.close()
    return response
