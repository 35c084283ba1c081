"""A store holds one kind of market, from the moment at which something is written to it."""

import pytest
from redis.asyncio import Redis

from livermore.cache.keys import MARKET_KIND
from livermore.cache.market_kind import check_market_kind, refuse_other_market
from livermore.errors import ConfigError


async def test_looking_at_a_store_does_not_mark_it(redis: Redis) -> None:
    await refuse_other_market(redis, is_simulated=False)

    assert await redis.get(MARKET_KIND) is None
    await check_market_kind(redis, is_simulated=True)


async def test_a_store_of_the_other_kind_is_refused(redis: Redis) -> None:
    await check_market_kind(redis, is_simulated=True)
    await check_market_kind(redis, is_simulated=True)
    await refuse_other_market(redis, is_simulated=True)

    with pytest.raises(ConfigError, match="holds a simulated market"):
        await refuse_other_market(redis, is_simulated=False)
    with pytest.raises(ConfigError, match="cannot take a live one"):
        await check_market_kind(redis, is_simulated=False)
