"""Who of several servers sends a person the message of the day."""

from typing import Final

from redis.asyncio import Redis

from livermore.cache.connect import answered
from livermore.cache.keys import watchdog_key

DAY_SECONDS: Final = 2 * 86_400
SENDING_SECONDS: Final = 300


async def claim_day(redis: Redis, user_id: int, day: str) -> bool:
    """Whether it is for the caller to send that person the message of `day`; who does not keep it has it for 300 s.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        return bool(await redis.set(watchdog_key(user_id, day), b"sending", nx=True, ex=SENDING_SECONDS))


async def keep_day(redis: Redis, user_id: int, day: str) -> None:
    """The message of `day` was sent.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        await redis.set(watchdog_key(user_id, day), b"sent", ex=DAY_SECONDS)


async def give_back_day(redis: Redis, user_id: int, day: str) -> None:
    """Let the message of `day` be sent after all, since it could not be.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        await redis.delete(watchdog_key(user_id, day))
