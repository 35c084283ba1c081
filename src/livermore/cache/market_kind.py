"""Whether a Redis holds a simulated or a real market, so that the two never mix."""

from typing import Any

from redis.asyncio import Redis

from livermore.cache.connect import answered
from livermore.cache.keys import MARKET_KIND
from livermore.errors import ConfigError

_SIMULATED = b"simulated"
_LIVE = b"live"


async def check_market_kind(redis: Redis, *, is_simulated: bool) -> None:
    """Mark an unmarked store as ours, or make sure that it holds the same kind of market.

    Raises:
        ConfigError: when it holds the other kind.
        StoreUnavailable: when Redis cannot be used.
    """
    kind = _SIMULATED if is_simulated else _LIVE
    async with answered(redis):
        held: Any = await redis.set(MARKET_KIND, kind, nx=True, get=True)
    if held not in (None, kind):
        raise ConfigError(
            f"this Redis holds a {held.decode(errors='replace')} market and cannot take a {kind.decode()} one; "
            "give each a Redis of its own"
        )
