"""What was committed is there after the server has died, and the claim's epoch with it."""

import os
import signal
from pathlib import Path

from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit, a_status, an_alert
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.instances import claim
from livermore.cache.keys import Keys
from livermore.cache.readers import newest_alerts
from livermore.cache.store import MarketStore
from livermore.embedded.valkey import EmbeddedValkey, open_valkey


def settings_of(valkey: EmbeddedValkey) -> RedisSettings:
    return RedisSettings(valkey.host, valkey.port, valkey.secret)


async def committed(redis: Redis, keys: Keys, epoch: int) -> tuple[object, object]:
    restored = await MarketStore(redis, keys, epoch).restoration([SYMBOL], 1_000)
    return restored, await newest_alerts(redis, keys, 1_000)


async def test_a_killed_server_comes_back_with_every_commit(tmp_path: Path) -> None:
    keys = Keys(1)
    async with open_valkey(tmp_path) as valkey, open_redis(settings_of(valkey)) as redis:
        epoch = await claim(redis, keys, a_status())
        assert isinstance(epoch, int)
        commits = [a_commit([a_candle(index)], [an_alert(a_candle(index))]) for index in range(500)]
        await MarketStore(redis, keys, epoch).commit(commits, NOON)
        before = await committed(redis, keys, epoch)
        os.kill(valkey.pid, signal.SIGKILL)
    async with open_valkey(tmp_path) as valkey, open_redis(settings_of(valkey)) as redis:
        assert await committed(redis, keys, epoch) == before
        assert await claim(redis, keys, a_status()) == epoch + 1
