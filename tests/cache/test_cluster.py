"""With the hash tag all that a script touches lives in one slot of a Cluster."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit, a_status, an_alert
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.instances import claim, heartbeat
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.market.ticker import Ticker
from livermore.core.messages import PublishTicker
from livermore.embedded import valkey as embedded
from livermore.errors import StoreError


@pytest.fixture
async def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    """A Cluster of one node, which minds the slots like any other."""
    write = embedded._write_private

    def as_a_node(path: Path, text: str) -> None:
        options = f"cluster-enabled yes\ncluster-port {embedded._free_port()}\n"
        write(path, text + options if path.name == embedded.CONFIG_NAME else text)

    monkeypatch.setattr(embedded, "_write_private", as_a_node)
    async with embedded.open_valkey(tmp_path) as valkey:
        redis = Redis(host=valkey.host, port=valkey.port, password=valkey.secret, protocol=2)
        await redis.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        async with asyncio.timeout(20):
            while (await redis.execute_command("CLUSTER INFO"))["cluster_state"] != "ok":
                await redis.execute_command("WAIT", 1, 20)
        await redis.aclose()
        async with open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)) as opened:
            yield opened


async def test_every_script_runs_on_a_cluster_with_the_hash_tag(cluster: Redis) -> None:
    keys = Keys(1, has_hash_tag=True)
    epoch = await claim(cluster, keys, a_status())
    assert isinstance(epoch, int)
    store = MarketStore(cluster, keys, epoch)
    commit = a_commit([a_candle(0)], [an_alert(a_candle(0))])

    await store.commit([commit], NOON)
    await store.publish_tickers([PublishTicker(Ticker(SYMBOL, NOON, 1.0))])

    assert await heartbeat(cluster, keys, a_status(epoch=epoch))
    assert [series.candles for series in (await store.restoration([SYMBOL], 5)).series] == [(a_candle(0),)]
    await store.forget([SYMBOL])
    assert (await store.restoration([SYMBOL], 5)).series == ()


async def test_without_the_hash_tag_a_cluster_refuses(cluster: Redis) -> None:
    keys = Keys(1)
    await cluster.set(keys.epoch, 1)

    with pytest.raises(StoreError, match="slot"):
        await MarketStore(cluster, keys, 1).commit([a_commit([a_candle(0)])], NOON)
