"""What happened to the instances is kept for 90 days."""

import pytest
from redis.asyncio import Redis

from livermore.cache.activity import ERROR_LENGTH, RETENTION, append_activity, newest_activity
from livermore.cache.keys import activity_key
from livermore.core.instance.activity import Actor, ErrorSeen, PauseChanged, StateChanged
from livermore.core.instance.lifecycle import State
from livermore.core.market.timeframe import DAY
from livermore.errors import CorruptRecord

ACTOR = Actor(1, "coinbase", "one", 4, "box", "192.0.2.7", "ada@example.org")
BARE = Actor(1, "coinbase", "two", 5, "box")
KEY = activity_key("coinbase")


async def now_of(redis: Redis) -> int:
    seconds, micros = await redis.time()
    return int(seconds) * 1_000 + int(micros) // 1_000


async def test_entries_are_read_newest_first_as_they_were_written(redis: Redis) -> None:
    now = await now_of(redis)
    moved = StateChanged(now, ACTOR, State.IDLE, State.STARTING)
    failed = ErrorSeen(now + 1, BARE, "no route to the exchange", State.STARTING)
    paused = PauseChanged(now + 2, ACTOR, True, "bob@example.org", State.ACTIVE)
    resumed = PauseChanged(now + 3, ACTOR, False, "ada@example.org", State.ACTIVE)
    for entry in (moved, paused, resumed, failed):
        await append_activity(redis, entry)

    assert await newest_activity(redis, "coinbase", 10, now) == (failed, resumed, paused, moved)
    assert await newest_activity(redis, "coinbase", 1, now) == (failed,)


async def test_an_entry_has_the_fields_that_partners_read(redis: Redis) -> None:
    await append_activity(redis, StateChanged(5, ACTOR, State.IDLE, State.STARTING))

    ((_, fields),) = await redis.xrange(KEY)
    assert {name.decode(): value.decode() for name, value in fields.items()} == {
        "event": "state_transition",
        "timestamp": "5",
        "fromState": "idle",
        "toState": "starting",
        "exchangeId": "1",
        "exchangeName": "coinbase",
        "instanceId": "one",
        "epoch": "4",
        "hostname": "box",
        "ip": "192.0.2.7",
        "adminEmail": "ada@example.org",
    }


async def test_entries_older_than_ninety_days_are_dropped_and_not_shown(redis: Redis) -> None:
    now = await now_of(redis)
    for index in range(250):
        await redis.xadd(KEY, {"event": "old"}, id=f"{now - RETENTION - DAY + index}-1")

    await append_activity(redis, StateChanged(now, ACTOR, State.IDLE, State.STARTING))

    assert await redis.xlen(KEY) <= 51
    assert len(await newest_activity(redis, "coinbase", 100, now)) == 1


async def test_an_error_of_any_length_is_cut(redis: Redis) -> None:
    await append_activity(redis, ErrorSeen(5, ACTOR, "x" * 10_000, State.ACTIVE))

    (entry,) = await newest_activity(redis, "coinbase", 1, 5)
    assert isinstance(entry, ErrorSeen)
    assert entry.error == "x" * ERROR_LENGTH


@pytest.mark.parametrize("fields", [{"event": "error"}, {"event": "x", "exchangeId": "one"}])
async def test_an_entry_that_is_not_ours_is_named(redis: Redis, fields: dict[str, str]) -> None:
    await redis.xadd(KEY, fields)  # type: ignore[arg-type]

    with pytest.raises(CorruptRecord, match=KEY):
        await newest_activity(redis, "coinbase", 10, 0)
