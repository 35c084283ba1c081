"""Stores that are full, or cannot write for now: what they refuse waits, is seen to wait, and is there afterwards."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from database.examples import an_alert
from faults.harness import AFTERMATH, Fire, a_fire, check_clean, figures, tell
from lastmile.stage import Stage, a_channel
from livermore.app.audit_rows import stands
from livermore.app.instance import put_together, run_parts
from livermore.app.workers import run_workers
from livermore.cache.alert_group import backlog
from livermore.cache.instances import shown_status
from livermore.cache.keys import Keys
from livermore.core.instance.lifecycle import State
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import HOUR, MINUTE
from livermore.database.alerts import list_rejects
from livermore.database.connect import Connection, Pool
from livermore.runtime.clock import SystemClock
from livermore.runtime.heartbeat import Pace
from notify.webhook import Webhook, a_webhook

pytestmark = pytest.mark.timeout(240)

AWAY = 25 * MINUTE
WITHIN_SECONDS = 60
BRISK = Pace(heartbeat_seconds=0.3, lease_seconds=2.0, retry_seconds=0.2, longest_retry_seconds=0.5)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not is_so():
            await asyncio.sleep(0.02)


# ------------------------------------------------------------------------------------------------------- Valkey


@asynccontextmanager
async def full_memory(fire: Fire) -> AsyncIterator[None]:
    """At maxmemory with noeviction: every command that would take memory is answered with OOM."""
    await fire.redis.config_set("maxmemory", "1mb")
    try:
        yield
    finally:
        await fire.redis.config_set("maxmemory", "0")


@asynccontextmanager
async def failed_snapshot(fire: Fire) -> AsyncIterator[None]:
    """Its last snapshot could not be written, so it takes no writes at all: MISCONF."""
    in_the_way = fire.directory / "valkey" / "dump.rdb"
    (in_the_way / "full").mkdir(parents=True)
    await fire.redis.config_set("save", "3600 100000000")
    await fire.redis.bgsave()

    async with asyncio.timeout(WITHIN_SECONDS):
        while (await fire.redis.info("persistence"))["rdb_last_bgsave_status"] != "err":
            await asyncio.sleep(0.05)
    try:
        yield
    finally:
        await fire.redis.config_set("save", "")


@asynccontextmanager
async def the_workers(redis: Redis, pool: Pool, said: list[str]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(
            run_workers(redis, [Keys(COINBASE.id)], pool, SystemClock(), lambda kind, _: said.append(kind)),
            name="workers",
        )
        yield
        running.cancel()


async def entered(fire: Fire, connection: Connection) -> None:
    """The ledger has what the stream has: no more, and nothing twice."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while (found := await backlog(fire.redis, Keys(COINBASE.id))).waiting or found.unfinished:
            await asyncio.sleep(0.05)
    entries = await fire.redis.xrange(Keys(COINBASE.id).alerts)
    rows = await (await connection.execute("SELECT id::text FROM livermore.alerts")).fetchall()
    assert {fields[b"id"].decode() for _, fields in entries} == {row[0] for row in rows}
    assert await list_rejects(connection) == ()


@pytest.mark.parametrize(("full", "answer"), [(full_memory, "maxmemory"), (failed_snapshot, "MISCONF")])
async def test_a_valkey_that_takes_no_writes_costs_no_alert(
    full: Callable[[Fire], object], answer: str, tmp_path: Path, pool: Pool, connection: Connection
) -> None:
    """Fault 14: commits wait in the session, which says why, and are written, each once, when there is room again."""
    said: list[str] = []
    async with a_fire(tmp_path) as fire, the_workers(fire.redis, pool, said):
        async with fire.watching(COINBASE) as seen:
            await fire.passes(10 * MINUTE)
            async with full(fire):  # type: ignore[attr-defined]
                await until(lambda: seen.totals["store_unavailable"])
                before = await fire.redis.xlen(Keys(COINBASE.id).alerts)
                await fire.passes(AWAY)
                assert await fire.redis.xlen(Keys(COINBASE.id).alerts) == before, "it was not full at all"
            ends = fire.now + AFTERMATH
            await fire.settled({COINBASE: seen}, ends)
        audit = await fire.audit(ends)
        await entered(fire, connection)
    tell(f"{answer}: {figures(audit)}; workers said {Counter(said)}")
    check_clean(audit, (COINBASE,))
    assert any(answer in sample for sample in seen.samples["store_unavailable"])


async def test_an_instance_outlives_a_full_valkey_and_says_what_was_wrong(tmp_path: Path) -> None:
    """Longer than its lease: it steps down, and begins again by itself where it was, with nothing missed."""
    async with a_fire(tmp_path) as fire, asyncio.TaskGroup() as tasks:
        parts = put_together(COINBASE, fire.environment, fire.redis, pace=BRISK)
        living = tasks.create_task(run_parts(parts, is_autostarted=True), name="instance")
        instance = parts.instance
        await until(lambda: instance.status.connection_state is State.ACTIVE)
        epoch = instance.status.epoch
        async with full_memory(fire):
            await until(lambda: instance.status.connection_state is State.STOPPED)
            told = instance.status.last_error or instance.reports.last.message  # type: ignore[union-attr]
        await until(lambda: instance.status.connection_state is State.ACTIVE and instance.status.epoch > epoch)
        await fire.passes(AFTERMATH)
        shown = await shown_status(fire.redis, Keys(COINBASE.id))
        audit = await fire.audit(fire.now - 5 * MINUTE)
        living.cancel()
    tell(f"{figures(audit)}; said: {told}")
    check_clean(audit, (COINBASE,), is_eventful=False)
    assert shown is not None
    assert shown.last_error is not None


async def test_a_valkey_that_is_emptied_under_a_living_instance_costs_no_alert(tmp_path: Path) -> None:
    """Fault 14: all is fetched anew, and what closed meanwhile, or an hour before, is news: nobody may have read it."""
    async with a_fire(tmp_path) as fire, asyncio.TaskGroup() as tasks:
        parts = put_together(COINBASE, fire.environment, fire.redis, pace=BRISK)
        living = tasks.create_task(run_parts(parts, is_autostarted=True), name="instance")
        instance = parts.instance
        await until(lambda: instance.status.connection_state is State.ACTIVE)
        await fire.passes(AWAY)
        epoch, lost_at = instance.status.epoch, fire.now
        await fire.redis.flushall()
        await until(lambda: instance.status.connection_state is not State.ACTIVE)
        await until(lambda: instance.status.connection_state is State.ACTIVE)
        await fire.passes(AFTERMATH)
        audit = await fire.audit(fire.now - 5 * MINUTE)
        found = await stands(fire.redis, Keys(COINBASE.id), None)
        living.cancel()
    tell(f"emptied: {figures(audit)}; epoch {epoch} and then {instance.status.epoch}")
    check_clean(audit, (COINBASE,), is_eventful=False)
    assert found
    assert all(stand.watched_since < lost_at - HOUR + 5 * MINUTE for stand in found.values())


# --------------------------------------------------------------------------------------------------- PostgreSQL

# The disk itself is not filled, for that takes one of one's own: statements fail with the code that a full one gives.
NO_SPACE = """
CREATE FUNCTION livermore.no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
"""


@asynccontextmanager
async def no_space(stage: Stage, deed: str) -> AsyncIterator[None]:
    """Have every such deed fail as on a full disk."""
    await stage.connection.execute(NO_SPACE)
    await stage.connection.execute(
        f"CREATE TRIGGER no_space BEFORE {deed} FOR EACH ROW EXECUTE FUNCTION livermore.no_space()"
    )
    try:
        yield
    finally:
        await stage.connection.execute("DROP FUNCTION livermore.no_space() CASCADE")


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection) -> Stage:
    return Stage(redis, keys, pool, connection)


async def test_a_full_disk_of_postgresql_sets_no_alert_aside(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 17: they wait in the stream, and are entered and told once when there is room again."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(0))
            await stage.settled(1)
            async with no_space(stage, "INSERT ON livermore.alerts"):
                await stage.say(*(an_alert(number) for number in range(1, 40)))
                await until(lambda: stage.kinds.count("ledger_waits") > 1)
                assert await stage.ledgered() == 1
            rows = await stage.settled(40)

    assert {row.status for row in rows} == {"delivered"}
    assert len(rows) == 40
    assert await list_rejects(stage.connection) == ()
    assert any("No space left" in words for kind, words in stage.said if kind == "ledger_waits")


async def test_what_was_told_and_cannot_be_noted_is_not_told_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 17: the channel has taken it, the disk is full, and the note of it is written when there is room again."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            async with no_space(stage, "UPDATE OF status ON livermore.alert_deliveries"):
                await stage.say(an_alert(1))
                await until(lambda: has_waited(stage, webhook))
            (row,) = await stage.settled(1)

    assert row.status == "delivered"
    assert len(webhook.taken) == 1


def has_waited(stage: Stage, webhook: Webhook) -> bool:
    return bool(webhook.taken) and stage.kinds.count("delivery_waits") > 1
