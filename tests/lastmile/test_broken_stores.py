"""A store that is there and is wrong, as without our tables, is said to be and waited for; it ends no server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from database.examples import an_alert
from lastmile.stage import Stage, a_channel
from livermore.cache.keys import Keys
from livermore.database.alerts import list_rejects
from livermore.database.connect import Connection, Pool
from notify.webhook import a_webhook


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection) -> Stage:
    return Stage(redis, keys, pool, connection)


@asynccontextmanager
async def without(stage: Stage, table: str) -> AsyncIterator[None]:
    """Such a table is not there for a while."""
    await stage.connection.execute(f"ALTER TABLE livermore.{table} RENAME TO mislaid")
    try:
        yield
    finally:
        await stage.connection.execute(f"ALTER TABLE livermore.mislaid RENAME TO {table}")


async def says(stage: Stage, kind: str, times: int) -> bool:
    return stage.kinds.count(kind) >= times


@pytest.mark.parametrize(("table", "kind"), [("alerts", "ledger_waits"), ("alert_deliveries", "delivery_waits")])
async def test_a_table_that_is_missing_sets_no_alert_aside(
    stage: Stage, table: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(0))
            await stage.settled(1)
            async with without(stage, table):
                await stage.say(an_alert(1))
                await stage.until(lambda: says(stage, kind, 2))
            rows = await stage.settled(2)

    assert {row.status for row in rows} == {"delivered"}
    assert await list_rejects(stage.connection) == ()
    assert any("livermore db apply" in words for said, words in stage.said if said == kind)


async def test_something_else_under_the_name_of_the_stream_is_waited_for(stage: Stage) -> None:
    await stage.redis.set(stage.keys.alerts, "nothing of ours")
    async with stage.workers():
        await stage.until(lambda: says(stage, "ledger_waits", 2))
        await stage.redis.delete(stage.keys.alerts)
        await stage.say(an_alert(1))
        await stage.until(lambda: has_one(stage))

    assert await list_rejects(stage.connection) == ()


async def has_one(stage: Stage) -> bool:
    return await stage.ledgered() == 1
