"""A live stream whose store is lost says so at once, to whoever is there and to whoever comes meanwhile."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from api.stage import NOW, a_market, a_stage, listening_stage
from api.test_stream import a_client
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.database.connect import Pool
from livermore.embedded.valkey import open_valkey


async def test_a_lost_store_is_told_to_all_at_once_and_what_follows_is_shown_anew(pool: Pool, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        first = AsyncExitStack()
        valkey = await first.enter_async_context(open_valkey(tmp_path / "valkey"))
        settings = RedisSettings(valkey.host, valkey.port, valkey.secret)
        redis = await stack.enter_async_context(open_redis(settings))
        stage = await stack.enter_async_context(a_stage(redis, pool, tmp_path))
        await a_market(redis, keys_on(redis, 1), ["BTC-USD"], until=NOW())
        address = await stack.enter_async_context(listening_stage(stage))
        hub = stage.window.hub
        async with asyncio.timeout(20):
            while not (hub.is_streaming and hub.is_listening):
                await asyncio.sleep(0.01)
        client = await stack.enter_async_context(a_client(address))
        token = await stage.token()
        await client.say(token=token, subscribe=["readings:coinbase"])
        await client.kind("snapshot")
        await first.aclose()
        lost = await client.kind("error")
        newcomer = await stack.enter_async_context(a_client(address))
        await newcomer.say(token=token)
        told = await newcomer.kind("error")

        async with open_valkey(tmp_path / "valkey", valkey.port):
            again = await client.kind("snapshot", "readings:coinbase")
            errors = [message for message in client.heard if message["kind"] == "error" and not message["topic"]]

    for message in (lost, told):
        assert (message["topic"], message["data"]["code"], message["data"]["topic"]) == (
            None,
            "store_unavailable",
            None,
        )
    assert [row["symbol"] for row in again["data"]["items"]] == ["BTC-USD"]
    assert errors[0] is lost
