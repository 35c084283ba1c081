"""An alert that is taken back, raised again, and taken back again: people's last word is what stands."""

import json
from dataclasses import replace

import pytest
from aiohttp import web
from redis.asyncio import Redis

from database.examples import an_alert
from lastmile.stage import Stage, a_channel
from livermore.app import delivery, errand
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.database.connect import Connection, Pool
from livermore.database.deliveries import (
    DeliveryStatus,
    NewDelivery,
    claim_deliveries,
    deliveries_of,
    enqueue_deliveries,
    put_back,
)
from livermore.database.told import retry_delivery
from livermore.runtime.clock import SystemClock
from notify.webhook import Answer, Webhook, a_webhook

FIRED = an_alert(1)
RETRACTED = replace(FIRED, status=AlertStatus.RETRACTED)


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection) -> Stage:
    return Stage(redis, keys, pool, connection)


def heard(webhook: Webhook) -> list[str]:
    """What was said on it, message by message."""
    titles = [json.loads(form["payload_json"])["embeds"][0]["title"] for form in webhook.taken]
    return ["retracted" if "retracted" in title else "fired" for title in titles]


async def settled_after(stage: Stage, *alerts: Alert) -> None:
    """Say them one by one, each once nothing waits any more."""
    for alert in alerts:
        before = await revisions(stage)
        await stage.say(alert)
        await stage.until(lambda before=before: has_more(stage, before))
        await stage.settled(1)


async def revisions(stage: Stage) -> int:
    row = await (await stage.connection.execute("SELECT count(*) FROM livermore.alert_revisions")).fetchone()
    return int(row[0]) if row else 0


async def has_more(stage: Stage, before: int) -> bool:
    return await revisions(stage) > before


async def test_each_turn_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revision may be revised back, and that again."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await settled_after(stage, FIRED, RETRACTED, FIRED, RETRACTED, FIRED)

    assert heard(webhook) == ["fired", "retracted", "fired", "retracted", "fired"]
    history = await deliveries_of(stage.connection, FIRED.id)
    assert [row.status_told for row in history] == heard(webhook)
    assert {row.status for row in history} == {DeliveryStatus.DELIVERED}
    assert len({row.message_id for row in history}) == len(history)
    assert [row.finished_at for row in history] == sorted(row.finished_at or 0 for row in history)


async def test_a_telling_that_was_given_up_stays_to_be_seen_and_is_not_retried_beside_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(_: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        user = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await settled_after(stage, FIRED, RETRACTED)
            webhook.answer = refuses
            await settled_after(stage, FIRED)
            (*_, given_up) = await deliveries_of(stage.connection, FIRED.id)
            assert given_up.status is DeliveryStatus.FAILED
            webhook.answer = None
            await settled_after(stage, RETRACTED, FIRED)
            assert not await retry_delivery(stage.connection, given_up.id, user, SystemClock().now())

    history = await deliveries_of(stage.connection, FIRED.id)
    assert [(row.status_told, row.status) for row in history] == [
        ("fired", "delivered"), ("retracted", "delivered"), ("fired", "failed"), ("fired", "delivered")
    ]  # fmt: skip


async def test_what_is_raised_again_before_people_hear_that_it_was_not_is_no_news(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"groupAfterSeconds": 2.0})
        async with stage.workers():
            await stage.say(FIRED)
            await stage.settled(1)
            await stage.say(RETRACTED, FIRED)
            rows = await stage.settled(2)

    assert heard(webhook) == ["fired"]
    assert {row.status_told: row.reason for row in rows} == {
        AlertStatus.FIRED: None, AlertStatus.RETRACTED: errand.RAISED_AGAIN
    }  # fmt: skip


async def test_what_was_never_told_and_is_raised_again_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        await stage.say(FIRED, RETRACTED)
        async with stage.workers():
            await stage.settled(2)
            assert heard(webhook) == []
            await settled_after(stage, FIRED, RETRACTED)

    assert heard(webhook) == ["fired", "retracted"]


async def test_what_is_raised_again_while_its_retraction_is_on_its_way_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await settled_after(stage, FIRED)
            webhook.answer = raises_again(stage, webhook)
            await stage.say(RETRACTED)
            await stage.until(lambda: has_heard(webhook, 3))
            await stage.settled(2)

    assert heard(webhook) == ["fired", "retracted", "fired"]


def raises_again(stage: Stage, webhook: Webhook) -> Answer:
    """Take it once the ledger knows that the alert stands again."""

    async def answer(_: web.Request) -> web.StreamResponse:
        webhook.answer = None
        before = await revisions(stage)
        await stage.say(FIRED)
        await stage.until(lambda: has_more(stage, before))
        return web.Response(status=204)

    return answer


async def has_heard(webhook: Webhook, count: int) -> bool:
    return len(webhook.taken) >= count


async def test_what_a_channel_wants_later_is_not_taken_along_sooner(stage: Stage) -> None:
    """Grouping takes what is almost due, but not what the channel has asked to be spared with."""
    user, now = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK")), SystemClock().now()
    await stage.say(FIRED)
    async with stage.workers():
        await stage.until(lambda: has_entered(stage))
    await stage.connection.execute("DELETE FROM livermore.alert_deliveries")
    await enqueue_deliveries(stage.connection, [NewDelivery(FIRED.id, AlertStatus.FIRED, user, "hook", now + 500)], now)

    async def claimed() -> list[int]:
        taken = await claim_deliveries(
            stage.connection, user, "hook", by="w", now=now, until=now + 1, limit=9, ahead=1_000
        )
        return [one.id for one in taken]

    ids = await claimed()
    assert len(ids) == 1
    await put_back(stage.connection, ids, by="w", due_at=now + 500, reason="it wants us to wait")
    assert await claimed() == []


async def has_entered(stage: Stage) -> bool:
    return await stage.ledgered() == 1


async def test_a_server_that_stops_before_it_hands_over_gives_all_of_it_to_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its picture was being drawn: nobody has the message, so nobody need wait for the lease."""
    drawing: list[bool] = []

    async def draws(*_: object) -> bytes | None:
        drawing.append(True)
        await stage.until(is_never)
        return None

    async def is_never() -> bool:
        return False

    monkeypatch.setattr(delivery.DeliveryWorker, "_picture", draws)
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK", hasChart=True))
        async with stage.workers():
            await stage.say(FIRED)
            await stage.until(lambda: is_drawing(drawing))
        (row,) = await stage.deliveries()

    assert (row.status, row.claimed_by, row.reason) == ("pending", None, delivery.ENDED)
    assert not webhook.taken


async def is_drawing(drawing: list[bool]) -> bool:
    return bool(drawing)
