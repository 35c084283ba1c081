"""One real Valkey for all tests of the cache, emptied before each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Thread

import pytest
from redis.asyncio import Redis

from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.embedded.valkey import open_valkey


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSettings]:
    """A server that runs as long as the session, owned by a loop in a thread of its own."""
    directory: Path = tmp_path_factory.mktemp("valkey")
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="valkey")
    thread.start()
    opened = open_valkey(directory)
    try:
        valkey = asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(30)
        yield RedisSettings(valkey.host, valkey.port, valkey.secret)
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
async def redis(server: RedisSettings) -> AsyncIterator[Redis]:
    async with open_redis(server) as opened:
        await opened.flushall()
        yield opened


@pytest.fixture
def keys() -> Keys:
    return Keys(1)
