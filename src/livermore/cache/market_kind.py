"""Whether a Redis holds a simulated or a real market, so that the two never mix."""

from typing import Any

from redis.asyncio import Redis

from livermore.cache.connect import answered
from livermore.cache.keys import MARKET_KIND
from livermore.errors import ConfigError

_SIMULATED = b"simulated"
_LIVE = b"live"


async def refuse_other_market(redis: Redis, *, is_simulated: bool) -> None:
    """Make sure that a store does not hold the other kind of market, and leave it as it is.

    Raises:
        ConfigError: when it does.
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        held: Any = await redis.get(MARKET_KIND)
    _refuse(held, _kind(is_simulated=is_simulated))


async def check_market_kind(redis: Redis, *, is_simulated: bool) -> None:
    """Mark an unmarked store as ours, or make sure that it holds the same kind of market; done before data is written.

    Raises:
        ConfigError: when it holds the other kind.
        StoreUnavailable: when Redis cannot be used.
    """
    kind = _kind(is_simulated=is_simulated)
    async with answered(redis):
        held: Any = await redis.set(MARKET_KIND, kind, nx=True, get=True)
    _refuse(held, kind)


async def is_market_simulated(redis: Redis) -> bool:
    """Whether the store holds a simulated market; an unmarked one counts as live.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        held: Any = await redis.get(MARKET_KIND)
    return bool(held == _SIMULATED)


def _kind(*, is_simulated: bool) -> bytes:
    return _SIMULATED if is_simulated else _LIVE


def _refuse(held: bytes | None, kind: bytes) -> None:
    if held not in (None, kind):
        raise ConfigError(
            f"this Redis holds a {held.decode(errors='replace')} market and cannot take a {kind.decode()} one; "
            "give each a Redis of its own"
        )
