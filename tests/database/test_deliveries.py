"""The outbox: nothing is told twice at once, nothing is forgotten, and every end has its reason."""

import asyncio

import pytest

from database.examples import a_user, an_alert, said
from database.server import NOW
from livermore.core.alerts.alert import AlertStatus
from livermore.database.alerts import alert_by_id, record_alerts
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.deliveries import (
    Delivery,
    DeliveryStatus,
    NewDelivery,
    claim_deliveries,
    count_deliveries,
    deliveries_of,
    due_channels,
    enqueue_deliveries,
    list_deliveries,
    mark_delivered,
    mark_failed,
    mark_suppressed,
    next_due,
    put_back,
)
from livermore.errors import Conflict, InvalidRequest

MESSAGE = "00000000-0000-0000-0000-00000000000a"


async def filled(connection: Connection, count: int = 3, channel: str = "desk") -> tuple[int, list[str]]:
    """So many alerts waiting for a channel of somebody."""
    user = await a_user(connection)
    alerts = [an_alert(number) for number in range(count)]
    await record_alerts(connection, [said(alert, number + 1) for number, alert in enumerate(alerts)], NOW)
    rows = [NewDelivery(alert.id, AlertStatus.FIRED, user.id, channel, NOW + at) for at, alert in enumerate(alerts)]
    assert await enqueue_deliveries(connection, rows, NOW) == count
    return user.id, [alert.id for alert in alerts]


async def claim(
    connection: Connection, user_id: int, by: str = "w1", now: int = NOW + 10, limit: int = 10
) -> list[Delivery]:
    found = await claim_deliveries(connection, user_id, "desk", by=by, now=now, until=now + 60, limit=limit)
    return list(found)


async def test_what_is_enqueued_twice_is_told_once(connection: Connection) -> None:
    user_id, (alert_id,) = await filled(connection, 1)
    again = NewDelivery(alert_id, AlertStatus.FIRED, user_id, "desk", NOW)
    amended = NewDelivery(alert_id, AlertStatus.AMENDED, user_id, "desk", NOW)
    assert await enqueue_deliveries(connection, [again, amended], NOW) == 1
    assert [row.status_told for row in await deliveries_of(connection, alert_id)] == ["fired", "amended"]


async def test_what_is_not_to_be_told_is_recorded_with_its_reason(connection: Connection) -> None:
    user_id, (alert_id,) = await filled(connection, 1, channel="other")
    row = NewDelivery(alert_id, AlertStatus.FIRED, user_id, "desk", NOW, suppressed="late")
    await enqueue_deliveries(connection, [row], NOW)
    assert await claim(connection, user_id) == []
    found = (await deliveries_of(connection, alert_id))[1]
    assert (found.status, found.reason, found.finished_at) == (DeliveryStatus.SUPPRESSED, "late", NOW)


async def test_a_delivery_goes_with_its_alert_or_not_at_all(pool: Pool) -> None:
    async with transaction(pool) as connection:
        user = await a_user(connection)
    alert = an_alert()
    rows = [NewDelivery(alert.id, AlertStatus.FIRED, user_id, "desk", NOW) for user_id in (user.id, 999)]

    async def enter() -> None:
        async with transaction(pool) as connection:
            await record_alerts(connection, [said(alert)], NOW)
            await enqueue_deliveries(connection, rows, NOW)

    with pytest.raises(Conflict):
        await enter()
    async with transaction(pool) as connection:
        assert await list_deliveries(connection) == ()
        assert await alert_by_id(connection, alert.id) is None


async def test_the_channel_that_waits_longest_comes_first(connection: Connection) -> None:
    assert await next_due(connection) is None
    user_id, alerts = await filled(connection, 2)
    await enqueue_deliveries(connection, [NewDelivery(alerts[0], AlertStatus.FIRED, user_id, "old", NOW - 5)], NOW)
    found = await due_channels(connection, NOW + 10)
    assert [(channel.channel, channel.waiting, channel.oldest_due_at) for channel in found] == [
        ("old", 1, NOW - 5),
        ("desk", 2, NOW),
    ]
    assert [channel.channel for channel in await due_channels(connection, NOW - 1)] == ["old"]
    assert await next_due(connection) == NOW - 5


async def test_what_one_worker_has_no_other_gets_until_the_lease_ends(connection: Connection) -> None:
    user_id, alerts = await filled(connection)
    first = await claim(connection, user_id, limit=2)
    assert [row.alert_id for row in first] == alerts[:2]
    assert [row.attempts for row in first] == [1, 1]
    assert [row.alert_id for row in await claim(connection, user_id, "w2")] == alerts[2:]
    assert await due_channels(connection, NOW + 10) == ()
    assert [row.attempts for row in await claim(connection, user_id, "w3", NOW + 200)] == [2, 2, 2]


async def test_who_lost_the_lease_changes_nothing(connection: Connection) -> None:
    user_id, _ = await filled(connection, 1)
    ids = [row.id for row in await claim(connection, user_id, "slow")]
    await claim(connection, user_id, "quick", NOW + 200)
    assert await mark_delivered(connection, ids, by="slow", at=NOW) == 0
    assert await put_back(connection, ids, by="slow", due_at=NOW, reason="x") == 0
    assert await mark_delivered(connection, ids, by="quick", at=NOW, message_id=MESSAGE) == 1
    assert await mark_failed(connection, ids, by="quick", at=NOW, reason="x") == 0
    (row,) = await list_deliveries(connection, status=DeliveryStatus.DELIVERED)
    assert (row.message_id, row.finished_at, row.claimed_by) == (MESSAGE, NOW, None)


async def test_what_is_put_back_comes_again_when_it_is_due(connection: Connection) -> None:
    user_id, _ = await filled(connection, 1)
    ids = [row.id for row in await claim(connection, user_id)]
    assert await put_back(connection, ids, by="w1", due_at=NOW + 500, reason="429") == 1
    assert await claim(connection, user_id, now=NOW + 499) == []
    (row,) = await claim(connection, user_id, now=NOW + 500)
    assert (row.attempts, row.reason) == (2, "429")


async def test_every_end_is_counted_and_listed(connection: Connection) -> None:
    user_id, _ = await filled(connection, 4)
    rows = await claim(connection, user_id)
    await mark_delivered(connection, [rows[0].id], by="w1", at=NOW)
    await mark_failed(connection, [rows[1].id], by="w1", at=NOW, reason="gone")
    await mark_suppressed(connection, [rows[2].id], by="w1", at=NOW, reason="retracted")
    assert await count_deliveries(connection, NOW) == dict.fromkeys(DeliveryStatus, 1)
    assert await count_deliveries(connection, NOW + 1) == {}
    listed = await list_deliveries(connection, user_id=user_id, limit=2)
    assert [row.id for row in listed] == [rows[3].id, rows[2].id]
    assert [row.id for row in await list_deliveries(connection, before=rows[2].id)] == [rows[1].id, rows[0].id]
    assert [row.reason for row in await list_deliveries(connection, status=DeliveryStatus.FAILED)] == ["gone"]


async def test_a_failure_has_a_reason(pool: Pool) -> None:
    async with transaction(pool) as connection:
        user_id, _ = await filled(connection, 1)
        ids = [row.id for row in await claim(connection, user_id)]
    with pytest.raises(InvalidRequest):
        async with transaction(pool) as connection:
            await mark_failed(connection, ids, by="w1", at=NOW, reason=None)  # type: ignore[arg-type]


async def test_workers_at_once_never_have_the_same(pool: Pool) -> None:
    async with transaction(pool) as connection:
        user_id, _ = await filled(connection, 60)

    async def work(name: str) -> list[int]:
        mine: list[int] = []
        while True:
            async with transaction(pool) as connection:
                rows = await claim(connection, user_id, name, NOW + 100, limit=7)
                await mark_delivered(connection, [row.id for row in rows], by=name, at=NOW)
            if not rows:
                return mine
            mine += [row.id for row in rows]

    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(work(f"w{number}"), name=f"w{number}") for number in range(5)]
    told = [row for task in working for row in task.result()]
    async with transaction(pool) as connection:
        # Who finds nothing may only have met what another one was just claiming; the rest is told by the others.
        assert await count_deliveries(connection, NOW) == {DeliveryStatus.DELIVERED: 60}
    assert len(told) == len(set(told)) == 60
