"""On a Cluster all that a script touches lives in one slot, and whoever writes follows the slot wherever it goes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit, a_status, an_alert
from cache.nodes import Nodes, three_nodes, until
from livermore.cache.activity import append_activity, newest_activity
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.cache.instances import claim, heartbeat
from livermore.cache.keys import Keys
from livermore.cache.market_kind import check_market_kind
from livermore.cache.readers import (
    StreamedAlert,
    follow_alerts,
    newest_alerts,
    newest_candles,
    newest_readings,
    watched_symbols,
)
from livermore.cache.store import MarketStore
from livermore.core.instance.activity import ErrorSeen, actor_of
from livermore.core.instance.lifecycle import State
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import PublishTicker
from livermore.errors import ClaimLost, ConfigError, StoreError, StoreUnavailable


@pytest.fixture
async def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodes]:
    async with three_nodes(tmp_path, monkeypatch) as opened:
        yield opened


async def a_store(redis: Redis, keys: Keys) -> MarketStore:
    epoch = await claim(redis, keys, a_status())
    assert isinstance(epoch, int)
    return MarketStore(redis, keys, epoch)


async def test_all_that_an_instance_and_its_readers_do_works_on_three_nodes(nodes: Nodes) -> None:
    async with open_redis(nodes.settings) as redis:
        keys = keys_on(redis, 1)
        assert keys == Keys(1, has_hash_tag=True)
        await check_market_kind(redis, is_simulated=True)
        store = await a_store(redis, keys)
        await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0))])], NOON)
        await store.publish_tickers([PublishTicker(Ticker(SYMBOL, NOON, 1.0))])
        status = a_status(epoch=1)
        assert await heartbeat(redis, keys, status)
        entry = ErrorSeen(NOON, actor_of(status), "x", State.ACTIVE)
        await append_activity(redis, entry)

        assert await newest_activity(redis, status.exchange_name, 5, NOON) == (entry,)
        assert await watched_symbols(redis, keys) == (SYMBOL,)
        assert set(await newest_readings(redis, keys, [(SYMBOL, Timeframe.M5)])) == {(SYMBOL, Timeframe.M5)}
        assert await newest_candles(redis, keys, (SYMBOL, Timeframe.M5), 5) == (a_candle(0),)
        assert len(await newest_alerts(redis, keys, 5)) == 1
        assert [series.candles for series in (await store.restoration([SYMBOL], 5)).series] == [(a_candle(0),)]
        await store.forget([SYMBOL])
        assert (await store.restoration([SYMBOL], 5)).series == ()
        assert await claim(redis, keys, a_status()) == 2
        with pytest.raises(ClaimLost):
            await store.commit([a_commit([a_candle(1)])], NOON)


async def test_alerts_of_exchanges_on_different_nodes_are_followed_together(nodes: Nodes) -> None:
    async with open_redis(nodes.settings) as redis:
        exchanges = [keys_on(redis, number) for number in (1, 2, 3)]
        stores = [await a_store(redis, keys) for keys in exchanges]
        await stores[0].commit([a_commit([a_candle(0)], [an_alert(a_candle(0))])], NOON)

        async with asyncio.timeout(20), aclosing(follow_alerts(redis, exchanges, {})) as following:
            assert (await anext(following)).exchange_id == 1
            for number in (2, 3, 1):
                async with asyncio.TaskGroup() as tasks:
                    coming = tasks.create_task(_next(following), name="coming")
                    await asyncio.wait([coming], timeout=0.05)
                    await stores[number - 1].commit([a_commit([a_candle(1)], [an_alert(a_candle(1))])], NOON)
                assert coming.result().exchange_id == number


async def _next(following: AsyncIterator[StreamedAlert]) -> StreamedAlert:
    return await anext(following)


async def test_a_publisher_learns_whether_anybody_listens_on_any_node(nodes: Nodes) -> None:
    channel = Keys(1).command_channel
    async with open_redis(nodes.settings) as redis, open_redis(nodes.settings) as other:
        assert await redis.publish(channel, "nobody") == 0
        for client in nodes.clients:
            async with client.pubsub() as listening, asyncio.timeout(20):
                await listening.subscribe(channel)
                await listening.get_message(timeout=20)
                await until(lambda: other.publish(channel, "somebody"))
                assert (await listening.get_message(timeout=20) or {})["data"] == b"somebody"

        async with redis.pubsub() as ours:
            await ours.subscribe(channel, Keys(2).command_channel)
            await until(lambda: other.publish(Keys(2).command_channel, "ours"))


async def test_commits_follow_a_slot_that_moves_and_each_is_written_once(nodes: Nodes) -> None:
    """The slot goes round all nodes while commits are made, some of them in the middle of a batch."""
    async with open_redis(nodes.settings) as redis:
        keys = keys_on(redis, 1)
        store = await a_store(redis, keys)
        written = 0

        async def commit_more() -> None:
            nonlocal written
            batch = [a_commit([a_candle(index)], [an_alert(a_candle(index))]) for index in range(written, written + 50)]
            while True:
                try:
                    await store.commit(batch, NOON)
                except StoreUnavailable:
                    continue
                written += len(batch)
                return

        async with asyncio.timeout(40):
            for to in (2, 0, 1, 2):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(nodes.reshard(keys.status, to), name="reshard")
                    tasks.create_task(commit_more(), name="commits")
                await commit_more()

        assert await nodes.owner(nodes.slot(keys.status)) == 2
        (series,) = (await store.restoration([SYMBOL], written)).series
        assert series.candles == tuple(a_candle(index) for index in range(written))
        assert len(await newest_alerts(redis, keys, 10_000)) == written


@pytest.mark.timeout(150)
async def test_a_replica_takes_over_from_a_node_that_has_fallen_silent(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped node still takes connections, so that only its silence tells."""
    monkeypatch.setattr("livermore.cache.connect.ANSWER_TIMEOUT_SECONDS", 2.0)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(open_redis(nodes.settings))
        keys = keys_on(redis, 1)
        store = await a_store(redis, keys)
        owner = await nodes.owner(nodes.slot(keys.status))
        replica = await nodes.add_replica(stack, tmp_path, owner)
        await store.commit([a_commit([a_candle(0)])], NOON)
        await until(lambda: nodes.has_caught_up(owner, replica))
        stopped = nodes.servers[owner].pid
        os.kill(stopped, signal.SIGSTOP)
        stack.callback(os.kill, stopped, signal.SIGCONT)

        with pytest.raises(StoreUnavailable):
            await store.commit([a_commit([a_candle(1)])], NOON)
        await replica.execute_command("CLUSTER", "FAILOVER", "TAKEOVER")
        async with asyncio.timeout(90):
            while True:
                try:
                    await store.commit([a_commit([a_candle(1)])], NOON)
                except StoreUnavailable:
                    continue
                break

        (series,) = (await store.restoration([SYMBOL], 5)).series
        assert series.candles == (a_candle(0), a_candle(1))


async def test_what_cannot_be_done_on_a_cluster_is_told_with_the_cure(nodes: Nodes, server: RedisSettings) -> None:
    cluster = nodes.settings
    async with open_redis(nodes.settings) as redis:
        with pytest.raises(StoreError, match="slot"):
            await MarketStore(redis, Keys(1), 1).commit([a_commit([a_candle(0)])], NOON)
    with pytest.raises(ConfigError, match="LIVERMORE_REDIS_SECRET"):
        async with open_redis(RedisSettings(cluster.host, cluster.port, "wrong", mode=cluster.mode)):
            pass
    with pytest.raises(ConfigError, match="no Cluster"):
        async with open_redis(RedisSettings(server.host, server.port, server.secret, mode=cluster.mode)):
            pass
    async with open_redis(RedisSettings(cluster.host, cluster.port, cluster.secret)) as single:
        with pytest.raises(ConfigError, match="LIVERMORE_REDIS_MODE=cluster"):
            await check_market_kind(single, is_simulated=True)
