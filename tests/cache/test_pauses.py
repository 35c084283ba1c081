"""A pause is kept for whoever comes after, by nobody but the holder of the claim."""

import pytest
from redis.asyncio import Redis

from livermore.cache.keys import Keys
from livermore.cache.network import ExchangeNetwork
from livermore.core.instance.status import Pause
from livermore.errors import ClaimLost, CorruptRecord

ADA = Pause("ada@example.org", 1_769_093_400_000)


async def test_a_pause_is_kept_until_it_is_ended(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.epoch, 4)
    network = ExchangeNetwork(redis, keys)
    assert await network.pause() is None

    await network.keep_pause(4, ADA)
    assert await network.pause() == ADA
    assert await redis.ttl(keys.pause) == -1

    await network.keep_pause(4, None)
    assert await network.pause() is None


async def test_whoever_has_lost_the_claim_changes_nothing(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.epoch, 4)
    network = ExchangeNetwork(redis, keys)
    await network.keep_pause(4, ADA)
    await redis.incr(keys.epoch)

    with pytest.raises(ClaimLost):
        await network.keep_pause(4, None)
    assert await network.pause() == ADA


async def test_a_foreign_pause_is_named(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.pause, "nonsense")

    with pytest.raises(CorruptRecord, match="pause"):
        await ExchangeNetwork(redis, keys).pause()
