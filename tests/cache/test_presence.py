"""Every live process of an exchange is to be seen, and the right one first."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from cache.examples import NOON, a_status
from livermore.cache.instances import claim, heartbeat, leave, live_instances, show, shown_status
from livermore.cache.keys import Keys
from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import Status
from livermore.errors import CorruptRecord


def an_idle(instance: str, since: int = 0) -> Status:
    return replace(a_status(instance, State.IDLE), registered_at=NOON + since)


async def names(redis: Redis, keys: Keys) -> list[str]:
    return [status.instance_id for status in await live_instances(redis, keys)]


async def test_of_several_idle_instances_the_newest_is_the_status(redis: Redis, keys: Keys) -> None:
    for instance in (an_idle("old", 1), an_idle("new", 3), an_idle("between", 2)):
        await show(redis, keys, instance)

    assert await shown_status(redis, keys) == an_idle("new", 3)
    assert await names(redis, keys) == ["new", "between", "old"]


async def test_whoever_serves_is_the_status_however_new_the_idle_ones_are(redis: Redis, keys: Keys) -> None:
    epoch = await claim(redis, keys, a_status("serving"))
    assert isinstance(epoch, int)
    await heartbeat(redis, keys, a_status("serving", epoch=epoch))

    assert not await show(redis, keys, an_idle("new", 99))
    shown = await shown_status(redis, keys)
    assert shown is not None
    assert shown.instance_id == "serving"
    assert sorted(await names(redis, keys)) == ["new", "serving"]


async def test_an_instance_that_has_stopped_says_so_until_it_is_gone(redis: Redis, keys: Keys) -> None:
    epoch = await claim(redis, keys, a_status("one"))
    assert isinstance(epoch, int)
    stopped = a_status("one", State.STOPPED, epoch)

    assert await show(redis, keys, stopped)
    assert await shown_status(redis, keys) == stopped
    await leave(redis, keys, "one")
    assert await names(redis, keys) == []
    assert await shown_status(redis, keys) == stopped


async def test_no_idle_status_is_left_of_a_process_that_ends(redis: Redis, keys: Keys) -> None:
    """The state of an earlier version was stuck on idle when the instance was down."""
    await show(redis, keys, an_idle("one"))
    await leave(redis, keys, "one")

    assert await shown_status(redis, keys) is None


async def test_who_leaves_takes_nothing_of_another(redis: Redis, keys: Keys) -> None:
    await show(redis, keys, an_idle("one"))
    await leave(redis, keys, "two")

    assert await shown_status(redis, keys) == an_idle("one")
    assert await names(redis, keys) == ["one"]


async def test_an_idle_status_that_is_late_does_not_undo_ones_own_claim(redis: Redis, keys: Keys) -> None:
    epoch = await claim(redis, keys, a_status("one"))

    assert not await show(redis, keys, an_idle("one", 5))
    shown = await shown_status(redis, keys)
    assert shown is not None
    assert (shown.connection_state, shown.epoch) == (State.STARTING, epoch)


async def test_who_is_not_heard_of_any_more_is_gone(redis: Redis, keys: Keys) -> None:
    await show(redis, keys, an_idle("dead"), life=20)
    await show(redis, keys, an_idle("alive"))
    async with asyncio.timeout(10):
        while await names(redis, keys) != ["alive"]:
            await asyncio.sleep(0.005)

    await show(redis, keys, an_idle("alive"))
    assert await redis.hlen(keys.instances) == 1


async def test_the_claim_of_who_is_gone_is_taken_if_it_is_still_that_one(redis: Redis, keys: Keys) -> None:
    epoch = await claim(redis, keys, a_status("dead"))
    assert isinstance(epoch, int)
    await heartbeat(redis, keys, a_status("dead", State.ACTIVE, epoch))
    holder = a_status("dead", State.ACTIVE, epoch)

    for other in (replace(holder, epoch=epoch + 1), replace(holder, instance_id="else")):
        assert isinstance(await claim(redis, keys, a_status("new"), gone=other), Refusal)
    assert await claim(redis, keys, a_status("new"), gone=holder) == epoch + 1
    assert "dead" not in await names(redis, keys)
    assert not await heartbeat(redis, keys, holder)


async def test_of_two_thousand_claims_of_a_dead_holder_exactly_one_wins(redis: Redis, keys: Keys) -> None:
    epoch = await claim(redis, keys, a_status("dead"))
    assert isinstance(epoch, int)
    holder = a_status("dead", epoch=epoch)
    limit = asyncio.Semaphore(50)

    async def attempt(number: int) -> int | Refusal:
        async with limit:
            return await claim(redis, keys, a_status(f"i{number}"), gone=holder if number % 2 else None)

    async with asyncio.TaskGroup() as tasks:
        attempts = [tasks.create_task(attempt(number), name=f"claim {number}") for number in range(2_000)]

    won = [task.result() for task in attempts if isinstance(task.result(), int)]
    assert won == [epoch + 1]


@pytest.mark.parametrize("foreign", [b"up", b"[]", b"7", b"null", b"{}", b"\xff\x00", b'{"instanceId":"x"}'])
async def test_a_foreign_status_is_reported_and_never_overwritten_by_an_idle_instance(
    redis: Redis, keys: Keys, foreign: bytes
) -> None:
    await redis.set(keys.status, foreign)

    with pytest.raises(CorruptRecord, match=keys.status):
        await show(redis, keys, an_idle("one"))
    assert await redis.get(keys.status) == foreign
    assert await names(redis, keys) == ["one"]
    await leave(redis, keys, "one")
    assert await redis.get(keys.status) == foreign


@pytest.mark.parametrize("foreign", [b"up", b"12 up", b" {}", b""])
async def test_a_foreign_instance_is_reported(redis: Redis, keys: Keys, foreign: bytes) -> None:
    await redis.hset(keys.instances, "x", foreign if foreign != b"12 up" else b"9999999999999 up")

    with pytest.raises(CorruptRecord, match=keys.instances):
        await live_instances(redis, keys)
