"""Only one instance serves an exchange, however they begin, die, sleep or lose sight of each other."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from faults.harness import EVENING, Fire, a_fire, check_clean
from faults.proxy import a_proxy
from faults.test_crashes import a_process
from livermore.app.instance import Parts, put_together, run_parts
from livermore.cache.activity import newest_activity
from livermore.cache.bus import send
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.cache.instances import live_instances, shown_status
from livermore.cache.store import MarketStore
from livermore.core.instance.activity import StateChanged
from livermore.core.instance.commands import Payload, Result, Start, Stop, a_command
from livermore.core.instance.lifecycle import CLAIMABLE, State
from livermore.core.instance.status import Status
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE, MINUTE, SECOND
from livermore.errors import ClaimLost
from livermore.runtime.clock import SystemClock
from livermore.runtime.heartbeat import Pace

pytestmark = pytest.mark.timeout(300)

SPEED = 600.0
WITHIN_SECONDS = 90.0
AUTOSTARTED = ("-m", "livermore", "instance", COINBASE.name, "--autostart")
BRISK = Pace(heartbeat_seconds=0.5, lease_seconds=4.0, retry_seconds=0.2, longest_retry_seconds=0.5)
BRISK_LIFE = 6 * SECOND
"""The proportions of the real thing (5, 30 and 45 s), made short."""


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not await is_so():
            await asyncio.sleep(0.02)


async def shown(fire: Fire) -> Status | None:
    return await shown_status(fire.redis, keys_on(fire.redis, COINBASE.id))


async def active(fire: Fire, *, pid: int | None = None, besides: int = 0) -> Status:
    """Return the status once an instance is active: that process, or any with an epoch above `besides`."""
    found: list[Status] = []

    async def is_active() -> bool:
        status = await shown(fire)
        if status is None or status.connection_state is not State.ACTIVE or status.epoch <= besides:
            return False
        found.append(status)
        return pid is None or status.pid == pid

    await until(is_active)
    return found[-1]


async def settle(fire: Fire) -> None:
    """Catch up with all that was missed, and let the audit judge."""
    status = await active(fire)
    ends = BASE.opening(fire.now)
    await fire.until(ends + 15 * MINUTE)
    symbols = tuple({one.symbol for one in await fire.stands(COINBASE)})
    assert len(symbols) == status.symbol_count

    async def is_settled() -> bool:
        return not await fire.unsettled(COINBASE, symbols, ends)

    await until(is_settled)
    assert ends > EVENING
    check_clean(await fire.audit(ends, [COINBASE]), [COINBASE])


async def two_at_once(fire: Fire) -> None:
    """Start two processes at the same moment: one serves, the other stays idle and names it."""
    keys = keys_on(fire.redis, COINBASE.id)
    async with AsyncExitStack() as stack:
        processes: list[Process] = [await stack.enter_async_context(a_process(fire, *AUTOSTARTED)) for _ in range(2)]

        async def is_told() -> bool:
            there = await live_instances(fire.redis, keys)
            is_served = any(one.connection_state not in CLAIMABLE for one in there)
            return is_served and any("is served by" in (one.last_error or "") for one in there)

        await until(is_told)
        both = await live_instances(fire.redis, keys)
        (serving,) = [one for one in both if one.connection_state not in CLAIMABLE]
        (other,) = [one for one in both if one.connection_state in CLAIMABLE]
        assert {serving.pid, other.pid} == {process.pid for process in processes}
        assert other.connection_state is State.IDLE
        assert f"process {serving.pid}" in (other.last_error or "")
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            assert await process.wait() == 0
        left = await shown(fire)
        assert left is None or left.connection_state is State.STOPPED
        assert await live_instances(fire.redis, keys) == ()


async def test_of_two_processes_that_start_at_the_same_moment_one_serves(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        await two_at_once(fire)


async def test_of_two_processes_that_are_told_to_start_at_the_same_moment_one_serves(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire, AsyncExitStack() as stack:
        keys = keys_on(fire.redis, COINBASE.id)
        for _ in range(2):
            await stack.enter_async_context(a_process(fire, "-m", "livermore", "instance", COINBASE.name))

        async def are_both_there() -> bool:
            heard_by = (await fire.redis.pubsub_numsub(keys.command_channel))[0][1]
            return heard_by == len(await live_instances(fire.redis, keys)) == 2

        await until(are_both_there)
        names = [one.instance_id for one in await live_instances(fire.redis, keys)]
        for turn in range(5):
            async with asyncio.TaskGroup() as tasks:
                asked = [tasks.create_task(told(fire, Start(), f"start{turn}-{n}", n), name=n) for n in names]
            results = [task.result() for task in asked]
            (winner,) = [result for result in results if result.is_success]
            (loser,) = [result for result in results if not result.is_success]
            assert winner.details["epoch"] == turn + 1
            serving = await active(fire)
            assert loser.error is not None
            assert loser.error.code == "already_served"
            assert f"process {serving.pid}" in loser.error.message
            assert (await told(fire, Stop(), f"stop{turn}", serving.instance_id)).is_success


async def told(fire: Fire, payload: Payload, name: str, instance_id: str) -> Result:
    """What that instance answers in the end."""
    command = replace(a_command(COINBASE.id, name, payload, "ada", SystemClock().now()), instance_id=instance_id)
    async with asyncio.timeout(WITHIN_SECONDS), send(fire.redis, keys_on(fire.redis, COINBASE.id), command) as answers:
        last = [one async for one in answers][-1]
    assert isinstance(last, Result)
    return last


@pytest.mark.soak
@pytest.mark.timeout(1_800)
async def test_of_two_processes_that_start_at_the_same_moment_one_serves_thirty_times(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        for _ in range(30):
            await two_at_once(fire)


async def test_what_a_killed_process_had_is_taken_over_at_once_on_its_machine(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire, AsyncExitStack() as stack:
        first = await stack.enter_async_context(a_process(fire, *AUTOSTARTED))
        before = await active(fire, pid=first.pid)
        first.kill()
        await first.wait()
        killed_at = time.monotonic()

        second = await stack.enter_async_context(a_process(fire, *AUTOSTARTED))
        after = await active(fire, pid=second.pid)

        assert after.epoch == before.epoch + 1
        # Its claim would have lasted for 40 s at least: nothing but the proof of its death can have freed it.
        assert time.monotonic() - killed_at < 40
        await settle(fire)
        entries = await newest_activity(fire.redis, COINBASE.name, 50, after.last_heartbeat)
        changes = [(one.actor.epoch, one.to_state) for one in reversed(entries) if isinstance(one, StateChanged)]
        way = [State.STARTING, State.WARMING, State.ACTIVE]
        assert changes == [(before.epoch, state) for state in way] + [(after.epoch, state) for state in way]


@pytest.mark.soak
async def test_the_status_of_a_killed_process_is_gone_within_45_seconds(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire, a_process(fire, *AUTOSTARTED) as process:
        await active(fire, pid=process.pid)
        process.kill()
        await process.wait()
        killed_at = time.monotonic()

        async def is_gone() -> bool:
            return await shown(fire) is None

        await until(is_gone)
        assert time.monotonic() - killed_at <= 46


async def a_sleep(fire: Fire, seconds: float) -> None:
    """Let one process sleep while another takes over; the sleeper finds out and writes nothing."""
    keys = keys_on(fire.redis, COINBASE.id)
    async with AsyncExitStack() as stack:
        sleeper = await stack.enter_async_context(a_process(fire, *AUTOSTARTED))
        before = await active(fire, pid=sleeper.pid)
        os.kill(sleeper.pid, signal.SIGSTOP)
        try:
            if seconds < 45:
                # What 45 s without a heartbeat do.
                await fire.redis.delete(keys.status)
            else:
                await asyncio.sleep(seconds)
            heir = await stack.enter_async_context(a_process(fire, *AUTOSTARTED))
            after = await active(fire, pid=heir.pid)
        finally:
            os.kill(sleeper.pid, signal.SIGCONT)

        async def has_noticed() -> bool:
            statuses = {one.pid: one for one in await live_instances(fire.redis, keys)}
            woken = statuses.get(sleeper.pid)
            return woken is not None and woken.connection_state in CLAIMABLE and woken.last_error is not None

        await until(has_noticed)
        assert after.epoch == before.epoch + 1
        status = await shown(fire)
        assert status is not None
        assert (status.pid, status.epoch) == (heir.pid, after.epoch)
        assert sleeper.returncode is None
        await settle(fire)
        # Each alert names the epoch that wrote it: after the first of the heir there is none of the sleeper.
        epochs = [int(fields[b"epoch"]) for _, fields in await fire.redis.xrange(keys.alerts)]
        assert epochs == sorted(epochs)


async def test_a_process_that_slept_writes_nothing_and_stops_itself(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        await a_sleep(fire, 0)


@pytest.mark.soak
async def test_a_process_that_slept_for_a_minute_writes_nothing_and_stops_itself(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        await a_sleep(fire, 60)


async def test_after_a_split_one_epoch_wins_everywhere(tmp_path: Path) -> None:
    """The store is out of reach for one instance only: it demotes itself, and the other takes over.

    The lease of four seconds alone is forty minutes of the market.
    """
    async with AsyncExitStack() as stack:
        fire = await stack.enter_async_context(a_fire(tmp_path, speed=SPEED))
        where = fire.redis.connection_pool.connection_kwargs
        proxy = await stack.enter_async_context(a_proxy(where["host"], where["port"]))
        settings = RedisSettings("127.0.0.1", proxy.port, where["password"])
        cut_off: Redis = await stack.enter_async_context(open_redis(settings))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        one, other = (
            put_together(COINBASE, fire.environment, redis, pace=BRISK, life=BRISK_LIFE)
            for redis in (cut_off, fire.redis)
        )
        living = [tasks.create_task(run_parts(one, is_autostarted=True), name="one")]
        before = await served_by(fire, one)
        living.append(tasks.create_task(run_parts(other, is_autostarted=True), name="other"))

        proxy.cut()
        after = await served_by(fire, other)
        assert after.epoch > before.epoch

        async def has_demoted_itself() -> bool:
            return one.instance.status.connection_state in CLAIMABLE and one.instance.session is None

        await until(has_demoted_itself)
        proxy.heal()

        async def is_seen_again() -> bool:
            there = await live_instances(fire.redis, keys_on(fire.redis, COINBASE.id))
            return {status.instance_id for status in there} >= {one.instance.status.instance_id}

        await until(is_seen_again)
        status = await shown(fire)
        assert status is not None
        assert (status.instance_id, status.epoch) == (other.instance.status.instance_id, after.epoch)
        stale = MarketStore(fire.redis, keys_on(fire.redis, COINBASE.id), before.epoch)
        with pytest.raises(ClaimLost):
            await stale.forget(("BTC-USD",))
        await settle(fire)
        for task in living:
            task.cancel()


async def served_by(fire: Fire, parts: Parts) -> Status:
    """Return the status once that instance is active."""
    found: list[Status] = []

    async def is_it() -> bool:
        status = await shown(fire)
        if status is None or status.instance_id != parts.instance.status.instance_id:
            return False
        found.append(status)
        return status.connection_state is State.ACTIVE

    await until(is_it)
    return found[-1]


@pytest.mark.parametrize("foreign", [b"up", b'{"instanceId":5}'])
async def test_a_foreign_status_is_reported_and_left_alone_until_it_is_gone(tmp_path: Path, foreign: bytes) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        keys = keys_on(fire.redis, COINBASE.id)
        await fire.redis.set(keys.status, foreign)
        parts = put_together(COINBASE, fire.environment, fire.redis, pace=BRISK, life=BRISK_LIFE)
        async with asyncio.TaskGroup() as tasks:
            living = tasks.create_task(run_parts(parts, is_autostarted=True), name="instance")

            async def is_reported() -> bool:
                return "is not ours" in (parts.instance.reports.last.message if parts.instance.reports.last else "")

            await until(is_reported)
            assert await fire.redis.get(keys.status) == foreign
            await fire.redis.delete(keys.status)
            await served_by(fire, parts)
            living.cancel()
