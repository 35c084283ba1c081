"""The newest values of a whole exchange as they are stored, in as few trips as the server allows."""

from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis

from livermore.cache.cluster import ClusteredRedis
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.core.market.timeframe import Timeframe

NAMES_PER_CALL: Final = 1_000


async def all_readings(redis: Redis, keys: Keys) -> dict[bytes, bytes]:
    """The newest reading of every series of an exchange, as on its channel, by field (``BTC-USD:5m``).

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        found: Any = await redis.hgetall(keys.readings)
    return dict(found)


async def stored_readings(redis: Redis, keys: Keys, symbols: Sequence[str]) -> list[bytes | None]:
    """The newest reading of each symbol on each timeframe, symbol by symbol in the order of `Timeframe`.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    if not symbols:
        return []
    fields = [keys.reading_field(symbol, timeframe) for symbol in symbols for timeframe in Timeframe]
    async with answered(redis):
        found: Any = await redis.hmget(keys.readings, fields)
    return list(found)


async def stored_tickers(redis: Redis, keys: Keys, symbols: Sequence[str]) -> list[bytes | None]:
    """The stored ticker of each symbol.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    return await _values(redis, [keys.ticker(symbol) for symbol in symbols])


async def _values(redis: Redis, names: Sequence[str]) -> list[bytes | None]:
    # The keys of an exchange share a slot on a Cluster, so that one MGET may name many of them.
    found: list[bytes | None] = []
    if isinstance(redis, ClusteredRedis):
        for start in range(0, len(names), NAMES_PER_CALL):
            async with answered(redis):
                values: Any = await redis.mget(names[start : start + NAMES_PER_CALL])
            found += values
        return found
    async with answered(redis), redis.pipeline(transaction=False) as pipeline:
        for start in range(0, len(names), NAMES_PER_CALL):
            pipeline.mget(names[start : start + NAMES_PER_CALL])
        answers: Any = await pipeline.execute()
    for chunk in answers:
        found += chunk
    return found
