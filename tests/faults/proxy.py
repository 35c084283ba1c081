"""A TCP proxy between one instance and its store, which can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

CHUNK = 1 << 16


class Proxy:
    """What stands between; while it is cut nothing passes and nothing is answered, as on a network that is gone."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._passes = asyncio.Event()
        self._passes.set()
        self._links: set[asyncio.Task[None]] = set()
        self.port = 0

    def cut(self) -> None:
        self._passes.clear()

    def heal(self) -> None:
        """Let through again; links from before are gone, as after any long cut."""
        for link in self._links:
            link.cancel()
        self._passes.set()

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        try:
            await self._passes.wait()
            there_reader, there_writer = await asyncio.open_connection(*self._target)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._pump(reader, there_writer), name="there")
                    tasks.create_task(self._pump(there_reader, writer), name="back")
            finally:
                there_writer.close()
        except* (OSError, EOFError, asyncio.CancelledError):
            # The end of a link is nothing special, however it came.
            pass
        finally:
            self._links.discard(task)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            chunk = await reader.read(CHUNK)
            if not chunk:
                raise EOFError
            await self._passes.wait()
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def a_proxy(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy to that server, on a port of its own."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(partial(Proxy.link, proxy), "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for link in tuple(proxy._links):
            link.cancel()
        await server.wait_closed()
