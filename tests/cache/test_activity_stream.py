"""The activity of all exchanges can be read backwards and followed, whatever else somebody has put there."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

from redis.asyncio import Redis

from cache.examples import NOON, a_status
from livermore.cache.activity import append_activity
from livermore.cache.activity_stream import follow_activity, newest_entries
from livermore.cache.keys import activity_key
from livermore.cache.readers import Unreadable
from livermore.core.instance.activity import ErrorSeen, actor_of
from livermore.core.instance.lifecycle import State


def an_error(number: int, exchange: str = "coinbase") -> ErrorSeen:
    actor = replace(actor_of(a_status()), exchange_name=exchange)
    return ErrorSeen(NOON + number, actor, f"error {number}", State.ACTIVE)


async def test_the_newest_entries_come_first_and_the_older_ones_by_their_cursor(redis: Redis) -> None:
    for number in range(5):
        await append_activity(redis, an_error(number))

    first = await newest_entries(redis, "coinbase", 2, NOON)
    older = await newest_entries(redis, "coinbase", 9, NOON, first[-1].cursor)

    assert [one.entry for one in (*first, *older)] == [an_error(number) for number in (4, 3, 2, 1, 0)]
    assert sorted(older, key=lambda one: one.place)[0].entry == an_error(0)


async def test_what_is_new_on_any_exchange_is_followed_in_order(redis: Redis) -> None:
    await append_activity(redis, an_error(0))
    (seen,) = await newest_entries(redis, "coinbase", 1, NOON)

    async with (
        asyncio.timeout(20),
        aclosing(follow_activity(redis, ["coinbase", "binance"], {"coinbase": seen.cursor})) as following,
    ):
        await append_activity(redis, an_error(1, "binance"))
        assert (await anext(following)).entry == an_error(1, "binance")
        await append_activity(redis, an_error(2))
        assert (await anext(following)).entry == an_error(2)


async def test_a_foreign_entry_is_unreadable_and_hides_nothing(redis: Redis) -> None:
    await redis.xadd(activity_key("coinbase"), {"event": "nonsense"})
    await append_activity(redis, an_error(1))

    newest, foreign = await newest_entries(redis, "coinbase", 2, NOON)

    assert newest.entry == an_error(1)
    assert isinstance(foreign.entry, Unreadable)
