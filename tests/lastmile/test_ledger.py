"""Every alert of the stream is in the ledger once, whatever breaks on the way."""

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from database.examples import amended, an_alert
from lastmile.proxy import a_proxy
from lastmile.stage import Stage, a_channel
from livermore.app import ledger
from livermore.cache import alert_group
from livermore.cache.alert_group import GROUP, Entry, backlog, finish, join_group, take_new
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import AlertStatus
from livermore.database.alerts import alert_by_id, list_rejects, revisions_of
from livermore.database.connect import Connection, DatabaseSettings, Pool, open_connection, open_pool, transaction
from livermore.runtime.clock import SystemClock


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection) -> Stage:
    return Stage(redis, keys, pool, connection)


async def has(stage: Stage, count: int) -> bool:
    return await stage.ledgered() == count


async def is_drained(stage: Stage) -> bool:
    found = await backlog(stage.redis, stage.keys)
    return found.waiting == 0 and found.unfinished == 0


async def test_what_was_said_before_and_after_a_worker_came_is_entered(stage: Stage) -> None:
    await stage.say(an_alert(1), an_alert(2))
    async with stage.workers():
        await stage.until(lambda: has(stage, 2))
        await stage.say(an_alert(3))
        await stage.until(lambda: has(stage, 3))
        await stage.until(lambda: is_drained(stage))


async def test_two_servers_enter_a_storm_once(stage: Stage) -> None:
    storm = [an_alert(number) for number in range(500)]
    async with stage.workers(), stage.workers():
        await stage.say(*storm)
        await stage.say(*storm[:50])
        await stage.until(lambda: has(stage, 500))
        await stage.until(lambda: is_drained(stage))

    assert await stage.ledgered() == 500


async def test_changes_are_revisions_of_the_same_alert(stage: Stage) -> None:
    alert = an_alert(1)
    async with stage.workers():
        await stage.say(alert, amended(alert), replace(alert, status=AlertStatus.RETRACTED))
        await stage.until(lambda: has(stage, 1))
        await stage.until(lambda: is_drained(stage))

    entry = await alert_by_id(stage.connection, alert.id)
    assert entry is not None
    assert entry.alert.status is AlertStatus.RETRACTED
    said = await revisions_of(stage.connection, alert.id)
    assert [one.alert.status for one in said] == [AlertStatus.FIRED, AlertStatus.AMENDED, AlertStatus.RETRACTED]


async def test_alerts_wait_while_postgresql_is_away(stage: Stage, settings: DatabaseSettings) -> None:
    """Fault 17: in the middle of a storm; nothing is missed and nothing is entered twice."""
    async with a_proxy(settings.host, settings.port) as proxy:
        through = DatabaseSettings("127.0.0.1", proxy.port, settings.name, settings.user, settings.password)
        async with open_pool(through) as pool, stage.workers(pool):
            await stage.say(*(an_alert(number) for number in range(100)))
            await stage.until(lambda: has(stage, 100))
            proxy.cut()
            await stage.say(*(an_alert(number) for number in range(50, 300)))

            async def has_noticed() -> bool:
                return any(kind == "ledger_waits" for kind, _ in stage.said)

            await stage.until(has_noticed)
            assert await stage.ledgered() == 100
            proxy.mend()
            await stage.until(lambda: has(stage, 300))
            await stage.until(lambda: is_drained(stage))


async def test_a_user_who_is_removed_meanwhile_costs_no_alert(stage: Stage, settings: DatabaseSettings) -> None:
    """The deliveries of somebody who is just going wait for the end of that, and then have nobody to refer to."""
    kay = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), name="kay")
    gone = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
    async with open_connection(settings) as other, stage.workers():
        async with other.transaction():
            await other.execute("DELETE FROM livermore.users WHERE id = %s", (gone,))
            await stage.say(an_alert(1))
            await stage.until(lambda: is_held_up(stage))
        await stage.until(lambda: has(stage, 1))
        await stage.until(lambda: is_drained(stage))

    assert await list_rejects(stage.connection) == ()
    assert {row.user_id for row in await stage.deliveries()} == {kay}


async def is_held_up(stage: Stage) -> bool:
    """Whether somebody waits for a lock."""
    found = await stage.connection.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return bool((await found.fetchone() or (0,))[0])


async def test_alerts_go_on_when_redis_comes_back_empty(stage: Stage) -> None:
    """Fault 14: the group is made anew, and the ledger keeps what it has."""
    async with stage.workers():
        await stage.say(an_alert(1))
        await stage.until(lambda: has(stage, 1))
        await stage.redis.flushall()
        await stage.say(an_alert(2), epoch=2)
        await stage.until(lambda: has(stage, 2))


async def test_what_a_dead_worker_took_is_entered_by_another(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "ABANDONED_AFTER", 0)
    await stage.say(an_alert(1), an_alert(2))
    await join_group(stage.redis, stage.keys)
    assert len(await take_new(stage.redis, stage.keys, "a worker that dies", 10, 1)) == 2

    async with stage.workers():
        await stage.until(lambda: has(stage, 2))


async def test_what_cannot_be_read_is_set_aside_and_holds_nobody_up(stage: Stage) -> None:
    await stage.redis.xadd(stage.keys.alerts, {"alert": b"{}", "epoch": 1})
    await stage.redis.xadd(stage.keys.alerts, {"alert": b"\xff", "id": "x"})
    await stage.say(replace(an_alert(1), id="no uuid"))
    await stage.say(an_alert(2))
    async with stage.workers():
        await stage.until(lambda: has(stage, 1))
        await stage.until(lambda: is_drained(stage))

    rejects = await list_rejects(stage.connection)
    assert len(rejects) == 3
    assert all(reject.reason for reject in rejects)


async def test_a_stream_that_was_cut_before_its_end_is_said_to_be(stage: Stage) -> None:
    """Fault 34: trimmed past a slow reader."""
    await stage.say(an_alert(1), an_alert(2), an_alert(3))
    await join_group(stage.redis, stage.keys)
    assert not (await backlog(stage.redis, stage.keys)).is_cut
    await stage.redis.xtrim(stage.keys.alerts, maxlen=1, approximate=False)
    assert (await backlog(stage.redis, stage.keys)).is_cut

    async with stage.workers():
        await stage.until(lambda: has(stage, 1))

    assert [kind for kind, _ in stage.said].count("alerts_lost") == 1


async def test_a_stream_that_was_trimmed_after_it_was_read_has_lost_nothing(stage: Stage) -> None:
    await stage.say(*(an_alert(number) for number in range(5)))
    async with stage.workers():
        await stage.until(lambda: is_drained(stage))
    await stage.redis.xtrim(stage.keys.alerts, maxlen=1, approximate=False)

    assert not (await backlog(stage.redis, stage.keys)).is_cut
    assert GROUP == "ledger"


async def test_an_alert_whose_change_was_entered_first_is_told_all_the_same(stage: Stage) -> None:
    """Two workers may enter what belongs together in another order than it was said."""
    await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
    first, change = an_alert(1), amended(an_alert(1))
    for place, alert in ((2, change), (1, first)):
        entry = Entry(f"{SystemClock().now()}-{place}", 1, alert, None, b"")
        async with transaction(stage.pool) as connection:
            await ledger.enter(connection, stage.keys, [entry], SystemClock().now())

    rows = {row.status_told: row.status for row in await stage.deliveries()}
    assert rows == {AlertStatus.FIRED: "pending", AlertStatus.AMENDED: "suppressed"}


async def test_workers_that_are_gone_are_forgotten(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each server has a name of its own; those of years must not pile up in the group."""
    monkeypatch.setattr(alert_group, "FORGOTTEN_AFTER", 0)
    await stage.say(an_alert(1), an_alert(2))
    await join_group(stage.redis, stage.keys)
    (taken,) = await take_new(stage.redis, stage.keys, "has nothing left", 1, 1)
    await finish(stage.redis, stage.keys, [taken.id])
    await take_new(stage.redis, stage.keys, "has something left", 1, 1)

    await join_group(stage.redis, stage.keys)

    names = [one["name"] for one in await stage.redis.xinfo_consumers(stage.keys.alerts, GROUP)]
    assert names == [b"has something left"]
