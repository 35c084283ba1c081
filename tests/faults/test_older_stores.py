"""A store that comes back older than the instance knows, as after a failover that lost the last writes (fault 14)."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from faults.harness import AFTERMATH, SYMBOLS, Fire, a_fire, check_clean, figures, tell
from livermore.app.audit import Audit
from livermore.app.database import open_own_database
from livermore.app.instance import Parts, put_together, run_parts
from livermore.app.workers import run_workers
from livermore.cache.alert_group import backlog
from livermore.cache.keys import Keys
from livermore.core.instance.lifecycle import State
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import MINUTE
from livermore.database.connect import Pool, open_pool
from livermore.embedded.valkey import EmbeddedValkey
from livermore.runtime.clock import SystemClock
from livermore.runtime.heartbeat import Pace

pytestmark = pytest.mark.timeout(240)

KEYS = Keys(COINBASE.id)
BEFORE, LOST = 10 * MINUTE, 40 * MINUTE
SPEED = 600.0
WITHIN_SECONDS = 90
# The copy is so young that the claim in it still holds, on a slow machine too.
BRISK = Pace(heartbeat_seconds=0.5, lease_seconds=200.0, retry_seconds=0.2, longest_retry_seconds=0.5)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not is_so():
            await asyncio.sleep(0.02)


def parts_of(fire: Fire) -> Parts:
    return put_together(COINBASE, fire.environment, fire.redis, pace=BRISK, life=10 * MINUTE)


@asynccontextmanager
async def living(parts: Parts) -> AsyncIterator[None]:
    """An instance that begins by itself, until the block ends."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run_parts(parts, is_autostarted=True), name="instance")
        await until(lambda: parts.instance.status.connection_state is State.ACTIVE)
        yield
        running.cancel()


@asynccontextmanager
async def working(redis: Redis, pool: Pool) -> AsyncIterator[None]:
    """The ledger's workers, until the block ends."""
    async with asyncio.TaskGroup() as tasks:
        run = run_workers(redis, [KEYS], pool, SystemClock(), lambda *_: None)
        workers = tasks.create_task(run, name="workers")
        yield
        workers.cancel()


class Copy:
    """The files of the store as they were: what a replica has that was not told the rest."""

    def __init__(self, fire: Fire) -> None:
        self._files = fire.directory / "valkey" / "appendonlydir"
        self._older = fire.directory / "older"
        shutil.copytree(self._files, self._older)

    async def takes_over(self, valkey: EmbeddedValkey) -> None:
        """Let the store die without a word, and come back as it was."""
        os.kill(valkey.pid, signal.SIGKILL)
        await valkey.process.wait()
        shutil.rmtree(self._files)
        self._older.rename(self._files)
        valkey.process = await valkey.started_again()


async def streamed(redis: Redis) -> dict[str, list[str]]:
    """All that the stream says of each alert, by its id."""
    said: dict[str, list[str]] = {}
    entries: Any = await redis.xrange(KEYS.alerts)
    for _, fields in entries:
        said.setdefault(fields[b"id"].decode(), []).append(fields[b"status"].decode())
    return said


async def more_alerts(fire: Fire) -> None:
    """Go on until there are some that a copy made now does not have."""
    had = len(await streamed(fire.redis))
    await fire.passes(LOST)
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(await streamed(fire.redis)) == had:
            await fire.passes(5 * MINUTE)


async def drained(redis: Redis) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while (found := await backlog(redis, KEYS)).waiting or found.unfinished:
            await asyncio.sleep(0.05)


async def ledgered(pool: Pool) -> dict[str, str]:
    """The status of each alert in the ledger, by its id."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT id::text, status FROM livermore.alerts")).fetchall()
    return dict(rows)


async def aftermath(fire: Fire) -> Audit:
    """What the audit says of all up to now, once it is committed and had its second looks."""
    ends, symbols = fire.now, await fire.most_traded(COINBASE, SYMBOLS)
    async with asyncio.timeout(WITHIN_SECONDS):
        await fire.until(ends + AFTERMATH)
        while await fire.unsettled(COINBASE, symbols, ends):
            await asyncio.sleep(0.1)
    return await fire.audit(ends)


async def lost(fire: Fire, copy: Copy) -> set[str]:
    """Go on with the older copy; answers with the alerts that it does not have."""
    had = await streamed(fire.redis)
    await copy.takes_over(fire.valkey)
    gone = had.keys() - (await streamed(fire.redis)).keys()
    assert gone, "nothing was lost at all"
    return gone


@pytest.mark.parametrize("has_drained", [True, False])
async def test_a_store_that_forgot_its_last_minutes_costs_a_living_instance_no_alert(
    has_drained: bool, tmp_path: Path
) -> None:
    """What was lost is made up for, and is in the ledger once, whether that had heard of it before or not."""
    now = SystemClock().now()
    async with (
        a_fire(tmp_path, speed=SPEED) as fire,
        open_own_database(tmp_path / "people", is_simulated=True, now=now) as own,
        open_pool(own.settings) as pool,
    ):
        parts = parts_of(fire)
        async with living(parts):
            await fire.passes(BEFORE)
            copy = Copy(fire)
            await more_alerts(fire)
            if has_drained:
                async with working(fire.redis, pool):
                    await drained(fire.redis)
            entered, status = await ledgered(pool), parts.instance.status
            gone = await lost(fire, copy)
            audit, final = await aftermath(fire), parts.instance.status
        async with working(fire.redis, pool):
            await drained(fire.redis)
        found, said = await ledgered(pool), await streamed(fire.redis)
        tell(f"{len(gone)} alerts forgotten, {len(gone & said.keys())} said again: {figures(audit)}")
    totals = parts.instance.reports.totals
    check_clean(audit, (COINBASE,))
    assert (totals["store_fell_back"], totals["session_failed"]) == (1, 0)
    assert (final.epoch, final.last_state_change) == (status.epoch, status.last_state_change), "it gave up its claim"
    assert found.keys() == said.keys() | entered.keys()


async def test_an_instance_that_dies_with_a_store_that_forgets_its_last_minutes_misses_nothing(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        async with living(parts_of(fire)):
            await fire.passes(BEFORE)
            copy = Copy(fire)
            await more_alerts(fire)
            had = await streamed(fire.redis)
        await copy.takes_over(fire.valkey)
        # The claim of the one that died is in the copy, and runs out.
        await fire.redis.delete(KEYS.status)
        gone = had.keys() - (await streamed(fire.redis)).keys()
        async with living(parts_of(fire)):
            audit = await aftermath(fire)
            said = await streamed(fire.redis)
        tell(f"{len(gone)} alerts forgotten, {len(gone & said.keys())} said again: {figures(audit)}")
    assert gone
    check_clean(audit, (COINBASE,))
