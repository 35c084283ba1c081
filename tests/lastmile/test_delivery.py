"""People are told once, in few messages, and every alert has a fate on every channel."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from aiohttp import web
from redis.asyncio import Redis

from database.examples import an_alert
from lastmile.stage import Stage, a_channel
from livermore.app import delivery, errand
from livermore.cache.codec.alert import encode_alert
from livermore.cache.keys import Keys
from livermore.core.account.routing import LATE, NEVER_TOLD, NOISE_OFF, STALE
from livermore.core.alerts.alert import AlertStatus
from livermore.core.alerts.grouping import MOST_MESSAGES
from livermore.core.market.timeframe import HOUR, MINUTE, Timeframe
from livermore.database.alert_rows import Place
from livermore.database.alerts import Said, record_alerts
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.deliveries import NewDelivery, claim_deliveries, enqueue_deliveries
from livermore.errors import PictureFailed
from livermore.notify import discord
from livermore.runtime.clock import SystemClock
from notify.webhook import Answer, Webhook, a_webhook, answers, never


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(delivery, "FIRST_RETRY", 20)
    monkeypatch.setattr(delivery, "LONGEST_RETRY", 100)
    return Stage(redis, keys, pool, connection)


def told(webhook: Webhook) -> str:
    """All that was said on it."""
    return "\n".join(
        embed["title"] + embed["description"]
        for form in webhook.taken
        for embed in json.loads(form["payload_json"])["embeds"]
    )


async def test_an_alert_is_told_once_to_everybody(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook() as one, a_webhook() as other:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK_ONE", one.url)
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK_OTHER", other.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK_ONE"), a_channel("LIVERMORE_CHANNEL_HOOK_OTHER"))
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK_ONE"), name="kay")
        async with stage.workers(), stage.workers():
            await stage.say(an_alert(1))
            rows = await stage.settled(3)
            await stage.say(an_alert(1))
            await stage.say(an_alert(2))
            rows = await stage.settled(6)

    assert Counter(row.status for row in rows) == {"delivered": 6}
    assert (len(one.taken), len(other.taken)) == (4, 2)


async def test_a_storm_becomes_few_messages_and_loses_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 24: five hundred at once."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"groupAfterSeconds": 1.0})
        await stage.say(*(an_alert(number) for number in range(500)))
        async with stage.workers():
            rows = await stage.settled(500)

    assert {row.status for row in rows} == {"delivered"}
    assert len(webhook.taken) == len({row.message_id for row in rows}) <= 2 * MOST_MESSAGES
    assert sum(embed_counts(webhook)) == 500


def embed_counts(webhook: Webhook) -> list[int]:
    return [int(counted[1]) if (counted := re.search(r"(\d+) × ", line)) else 1 for line in told(webhook).split("\n")]


@pytest.mark.parametrize(
    "answer",
    [answers(429, '{"retry_after": 0.1}'), answers(500, "<html>"), never],
    ids=["wants us to wait", "is broken", "takes it and hangs"],
)
async def test_a_channel_that_fails_is_tried_again(
    stage: Stage, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 25; until it works again the reason can be seen."""
    monkeypatch.setattr(discord, "TIMEOUT", replace_timeout(0.3))
    async with a_webhook(answer) as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))

            async def was_put_back() -> bool:
                return any(row.status == "pending" and row.reason for row in await stage.deliveries())

            await stage.until(was_put_back)
            webhook.answer = None
            (row,) = await stage.settled(1)

    assert row.status == "delivered"
    assert row.attempts > 1


def replace_timeout(seconds: float) -> object:
    return type(discord.TIMEOUT)(total=seconds)


async def test_a_channel_that_fails_in_every_way_takes_it_in_the_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 25; of all its tries an alert has one fate, and a message that was taken in silence comes again."""
    monkeypatch.setattr(discord, "TIMEOUT", replace_timeout(0.3))
    turns = [answers(429, "<html>", Retry_After="0.2"), answers(500, "<html>"), answers(503), never]

    async def in_turn(request: web.Request) -> web.StreamResponse:
        return await turns.pop(0)(request) if turns else web.Response(status=204)

    async with a_webhook(in_turn) as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))
            (row,) = await stage.settled(1)

    assert (row.status, row.reason, row.attempts, len(webhook.taken)) == ("delivered", None, 5, 5)


async def test_trying_ends_visibly_when_it_would_be_no_news_any_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often that is: an outage of an hour costs a 1d alert nothing."""
    monkeypatch.setattr(delivery, "LONGEST_RETRY", 10)
    monkeypatch.setattr(delivery, "is_stale", lambda _, waited: waited > 1_500)
    async with a_webhook(answers(500)) as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))
            (row,) = await stage.settled(1)

    assert (row.status, row.attempts) == ("failed", len(webhook.taken))
    assert row.reason == f"given up, tried {row.attempts} times: Discord answered 500"
    assert "delivery_gave_up" in {kind for kind, _ in stage.said}


async def test_a_channel_that_comes_back_tells_what_was_lost_once_the_news_first_and_then_what_waited(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        user = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        now = SystemClock().now()
        alerts = [an_alert(number) for number in range(12)]
        async with transaction(stage.pool) as connection:
            await record_alerts(connection, [Said(one, Place(1, at, 0)) for at, one in enumerate(alerts, 1)], now)
            rows = [NewDelivery(one.id, AlertStatus.FIRED, user, "hook", now) for one in alerts]
            await enqueue_deliveries(connection, rows[:3], now - 11 * MINUTE)
            await connection.execute(
                "UPDATE livermore.alert_deliveries SET status = 'failed', reason = 'x', finished_at = %s", (now,)
            )
            await enqueue_deliveries(connection, rows[3:8], now - 9 * MINUTE)
            await enqueue_deliveries(connection, rows[8:], now + HOUR)
        async with stage.workers():
            await stage.settled(12)
            await stage.say(an_alert(20))
            await stage.settled(13)

    embeds = [json.loads(form["payload_json"])["embeds"][0] for form in webhook.taken]
    assert [one["title"].partition(",")[0] for one in embeds[:2]] == ["4 alerts", "5 alerts that waited"]
    assert embeds[0]["description"].startswith("3 alerts could not be told here, raised at ")
    assert re.match(r"told \d+ min late\n", embeds[1]["description"])
    assert sum("could not be told" in one["description"] for one in embeds) == 1


async def test_what_a_channel_refuses_for_good_is_not_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook(answers(404, "Unknown Webhook")) as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))
            (row,) = await stage.settled(1)

    assert (row.status, len(webhook.taken)) == ("failed", 1)
    assert "404" in (row.reason or "")


async def test_one_channel_that_hangs_holds_no_other_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook(never) as hanging, a_webhook() as well:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK_HANGING", hanging.url)
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK_WELL", well.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK_HANGING"), a_channel("LIVERMORE_CHANNEL_HOOK_WELL"))
        async with stage.workers():
            await stage.say(an_alert(1))

            async def is_told() -> bool:
                return bool(well.taken)

            await stage.until(is_told)
            assert {row.channel: row.status for row in await stage.deliveries()}["hook-hanging"] == "pending"


async def test_what_waited_long_is_told_with_its_time_and_why(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        user = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), profile={"timezone": "Asia/Kolkata"})
        now = SystemClock().now()
        alerts = [an_alert(1), an_alert(2)]
        async with transaction(stage.pool) as connection:
            await record_alerts(connection, [Said(one, Place(1, at, 0)) for at, one in enumerate(alerts, 1)], now)
            rows = [NewDelivery(one.id, AlertStatus.FIRED, user, "hook", now) for one in alerts]
            await enqueue_deliveries(connection, rows[:1], now - 9 * MINUTE)
            await enqueue_deliveries(connection, rows[1:], now)
            await connection.execute(
                "UPDATE livermore.alert_deliveries SET reason = 'Discord answered 500' WHERE alert_id = %s",
                (alerts[0].id,),
            )
        async with stage.workers():
            await stage.settled(2)

    words = [json.loads(form["payload_json"])["embeds"][0]["description"] for form in webhook.taken]
    assert len(words) == 2
    assert sum(bool(re.match(r"told \d+ min late: Discord answered 500\n", text)) for text in words) == 1
    assert all(" IST · " in text for text in words)


async def test_what_is_late_or_unwanted_is_recorded_and_not_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(
            a_channel("LIVERMORE_CHANNEL_HOOK", timeframes=["5m"]),
            alerts={"noise": {"reversalOversold": "off", "level": "silent"}},
        )
        async with stage.workers():
            await stage.say(
                replace(an_alert(1), status=AlertStatus.LATE),
                an_alert(2, label="reversal_oversold"),
                replace(an_alert(3), timeframe=Timeframe.H1, opened_at=1_769_090_400_000),
                an_alert(4),
            )
            rows = await stage.settled(3)

    assert Counter((row.status, row.reason) for row in rows) == {
        ("suppressed", LATE): 1, ("suppressed", NOISE_OFF): 1, ("delivered", None): 1
    }  # fmt: skip
    (form,) = webhook.taken
    assert json.loads(form["payload_json"])["flags"] == discord.SILENT


async def test_a_retraction_is_told_to_those_who_were_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))
            await stage.settled(1)
            await stage.say(replace(an_alert(1), status=AlertStatus.RETRACTED))
            await stage.settled(2)

    assert "retracted" in told(webhook)
    assert len(webhook.taken) == 2


async def test_what_is_taken_back_before_it_was_told_is_never_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        await stage.say(an_alert(1), replace(an_alert(1), status=AlertStatus.RETRACTED))
        async with stage.workers():
            rows = await stage.settled(2)

    assert {row.reason for row in rows} == {errand.TAKEN_BACK, NEVER_TOLD}
    assert not webhook.taken


async def test_a_picture_that_fails_holds_no_alert_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 26; here the candles are not even there."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK", hasChart=True))
        async with stage.workers():
            await stage.say(an_alert(1))
            (row,) = await stage.settled(1)

    assert row.status == "delivered"
    assert "files[0]" not in webhook.taken[0]
    assert ("picture_missing", f"ZEC-USD 5m: {PictureFailed('the candle of the alert is not at hand')}") in stage.said


async def test_a_variable_that_is_not_set_is_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "is_stale", lambda *_: True)
    await stage.listener(a_channel("LIVERMORE_CHANNEL_NO_SUCH_HOOK"))
    async with stage.workers():
        await stage.say(an_alert(1))
        (row,) = await stage.settled(1)

    assert row.status == "failed"
    assert "LIVERMORE_CHANNEL_NO_SUCH_HOOK" in (row.reason or "")


@pytest.mark.parametrize("asked", [0.0, -5.0, 1e300, float("inf"), float("nan")])
def test_an_absurd_wait_is_none(asked: float) -> None:
    """A limit that asks for no time, or for an eternity, neither uses up all attempts at once nor ends us."""
    pauses = [delivery.pause_after(attempts, asked, 0.5) for attempts in range(1, 6)]

    assert pauses == sorted(pauses)
    assert pauses[0] > 0
    assert pauses[-1] <= delivery.LONGEST_ASKED


async def test_what_a_channel_cannot_even_say_ends_visibly(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of our own is one more failed attempt, and not a channel that is stuck for ever."""
    monkeypatch.setattr(delivery, "MOST_ATTEMPTS", 2)

    def broken(outgoing: object) -> None:
        raise RuntimeError("no such mark")

    monkeypatch.setattr(discord, "_form", broken)
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))
            (row,) = await stage.settled(1)

    assert (row.status, row.attempts) == ("failed", 2)
    assert "RuntimeError" in (row.reason or "")


async def test_settings_that_change_meanwhile_count(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook(answers(500)) as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        user = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1), an_alert(2, label="reversal_oversold"))
            await stage.until(lambda: has_tried(webhook))
            await stage.settle(
                user, a_channel("LIVERMORE_CHANNEL_HOOK", types=["level"]), alerts={"noise": {"level": "off"}}
            )
            webhook.answer = None
            rows = await stage.settled(2)

    assert {row.reason for row in rows} == {NOISE_OFF, errand.NOT_MEANT}


async def has_tried(webhook: Webhook) -> bool:
    return bool(webhook.taken)


async def test_a_server_that_stops_leaves_what_it_has_not_told_to_others_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook(never) as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"groupAfterSeconds": 1.0})
        await stage.say(an_alert(1), an_alert(2))
        async with stage.workers():
            await stage.until(lambda: has_tried(webhook))
        rows = await stage.deliveries()

    assert {row.status for row in rows} == {"pending"}
    assert sorted(row.claimed_by is None for row in rows) == [False, True]


async def test_what_another_took_meanwhile_is_not_told_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was held up longer than its lease tells nothing more of what it had."""
    async with a_webhook() as webhook:

        async def steals(request: object) -> web.StreamResponse:
            await stage.connection.execute(
                "UPDATE livermore.alert_deliveries SET claimed_by = 'another', claimed_until = 9e15::bigint"
                " WHERE status = 'pending'"
            )
            return web.Response(status=204)

        webhook.answer = steals
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"groupAfterSeconds": 1.0})
        await stage.say(an_alert(1), an_alert(2), an_alert(3))
        async with stage.workers():
            await stage.until(lambda: has_tried(webhook))
            await stage.say(an_alert(4))
            await stage.until(lambda: has_told(webhook, 2))

    assert len(webhook.taken) == 2
    assert told(webhook).count("ZEC-USD") == 4


async def has_told(webhook: Webhook, count: int) -> bool:
    return len(webhook.taken) >= count


async def test_what_waited_too_long_for_a_server_is_no_news(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        fields = {"alert": encode_alert(an_alert(1)), "epoch": 1}
        await stage.redis.xadd(stage.keys.alerts, fields, id="1769093400000-0")  # type: ignore[arg-type]
        await stage.say(an_alert(2))
        async with stage.workers():
            rows = await stage.settled(2)

    assert {row.alert_id: row.reason for row in rows} == {an_alert(1).id: STALE, an_alert(2).id: None}
    assert len(webhook.taken) == 1


async def test_grouping_takes_nothing_from_another_worker(stage: Stage) -> None:
    """What is due within the time of grouping is taken along, but not what somebody has already."""
    user = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
    now = SystemClock().now()
    await record_alerts(stage.connection, [Said(an_alert(1), Place(1, now, 0))], now)
    await enqueue_deliveries(
        stage.connection, [NewDelivery(an_alert(1).id, AlertStatus.FIRED, user, "hook", now + 60_000)], now
    )

    async def claimed(by: str) -> int:
        return len(
            await claim_deliveries(
                stage.connection, user, "hook", by=by, now=now, until=now + 1, limit=9, ahead=300_000
            )
        )

    assert (await claimed("one"), await claimed("other")) == (1, 0)
