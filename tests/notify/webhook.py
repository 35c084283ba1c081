"""A webhook on a real socket that takes, refuses, delays or drops what it is sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Webhook:
    """Where it is, what it was sent, and how it answers; `answer` may be changed at any time."""

    url: str = ""
    answer: Answer | None = None
    taken: list[dict[str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        if request.content_type.startswith("multipart/"):
            parts = {}
            async for part in await request.multipart():
                parts[part.name or ""] = await part.read()
            self.taken.append(parts)
        else:
            self.taken.append({"body": await request.read()})
        self.arrived.set()
        return web.Response(status=204) if self.answer is None else await self.answer(request)


@asynccontextmanager
async def a_webhook(answer: Answer | None = None) -> AsyncIterator[Webhook]:
    webhook = Webhook(answer=answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", webhook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    webhook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/webhooks/1/secret"
    try:
        yield webhook
    finally:
        await runner.cleanup()


def answers(status: int, body: str = "", **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


async def never(request: web.Request) -> web.StreamResponse:
    """Take it and say nothing."""
    await asyncio.Event().wait()
    return web.Response()
