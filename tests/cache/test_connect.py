"""What goes wrong with Redis is told once, in our words, with the cure and without the secret."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit
from livermore.cache.connect import RedisSettings, answered, open_redis
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.embedded.valkey import open_valkey
from livermore.errors import ConfigError, CorruptRecord, StoreError, StoreUnavailable


async def opened(settings: RedisSettings) -> None:
    """Open a connection, and close it again."""
    async with open_redis(settings):
        pass


async def test_a_server_that_is_not_there_is_told_by_its_address_and_the_cure() -> None:
    listener = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()

    with pytest.raises(StoreUnavailable, match=rf"127\.0\.0\.1:{port} .*LIVERMORE_REDIS_HOST") as caught:
        await opened(RedisSettings("127.0.0.1", port, "hidden"))

    assert caught.value.transient
    assert "hidden" not in str(caught.value)


async def test_a_server_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livermore.cache.connect.CONNECT_TIMEOUT_SECONDS", 0.05)
    is_over = asyncio.Event()

    async def silence(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await is_over.wait()
        writer.close()

    async with await asyncio.start_server(silence, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(StoreUnavailable):
            await opened(RedisSettings("127.0.0.1", port))
        is_over.set()


@pytest.mark.parametrize("secret", ["wrong", None])
async def test_a_wrong_secret_is_a_matter_for_the_operator(server: RedisSettings, secret: str | None) -> None:
    with pytest.raises(ConfigError, match="LIVERMORE_REDIS_SECRET") as caught:
        await opened(replace(server, secret=secret))

    assert str(server.port) in str(caught.value)
    assert str(server.secret) not in str(caught.value)


def test_settings_do_not_show_their_secret() -> None:
    assert "hidden" not in repr(RedisSettings("box", 6379, "hidden"))


async def test_a_command_on_another_type_is_a_corrupt_record(redis: Redis) -> None:
    await redis.set("k", "x")

    with pytest.raises(CorruptRecord):
        async with answered(redis):
            await redis.xlen("k")


async def test_a_command_that_the_server_refuses_is_a_store_error(redis: Redis) -> None:
    with pytest.raises(StoreError, match="refused a command") as caught:
        async with answered(redis):
            await redis.execute_command("NONSENSE")

    assert not caught.value.transient


async def test_a_full_server_is_unavailable(redis: Redis) -> None:
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable):
            async with answered(redis):
                await redis.set("k", "x")
    finally:
        await redis.config_set("maxmemory", "0")


async def test_silence_is_unavailable_and_the_next_question_is_answered(redis: Redis) -> None:
    with pytest.raises(StoreUnavailable, match="no answer in time"):
        async with answered(redis, 0.05):
            await redis.blpop("nothing", 30)

    async with answered(redis):
        assert await redis.set("k", "x")


async def test_after_a_restart_the_same_pool_goes_on_at_once(tmp_path: Path) -> None:
    keys = Keys(1)
    async with AsyncExitStack() as stack:
        async with open_valkey(tmp_path) as valkey:
            redis = await stack.enter_async_context(open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)))
            await redis.set(keys.epoch, 1)
            await MarketStore(redis, keys, 1).commit([a_commit([a_candle(0)])], NOON)
        with pytest.raises(StoreUnavailable):
            await MarketStore(redis, keys, 1).commit([a_commit([a_candle(1)])], NOON)
        async with open_valkey(tmp_path, valkey.port):
            await MarketStore(redis, keys, 1).commit([a_commit([a_candle(1)])], NOON)
            (series,) = (await MarketStore(redis, keys, 1).restoration([SYMBOL], 10)).series

    assert series.candles == (a_candle(0), a_candle(1))
