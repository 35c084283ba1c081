"""What is lost on the way may cost time, never an alert: emptied stores, lost messages, long outages, hostile words."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from database.examples import an_alert
from lastmile.proxy import a_proxy
from lastmile.stage import Stage, a_channel
from livermore.app import delivery, workers
from livermore.cache.keys import Keys
from livermore.core.account.settings import parse_settings
from livermore.core.alerts.alert import Direction
from livermore.core.market.timeframe import Timeframe
from livermore.database.connect import Connection, DatabaseSettings, Pool, open_pool
from livermore.errors import InvalidRequest
from livermore.notify.picture import Picture
from livermore.notify.renderer import Renderer
from notify.webhook import a_webhook

STORM = 200


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(delivery, "FIRST_RETRY", 20)
    monkeypatch.setattr(delivery, "LONGEST_RETRY", 100)
    return Stage(redis, keys, pool, connection)


async def test_a_storm_over_an_outage_of_postgresql_is_told_whole_and_once(
    stage: Stage, settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 17 to the end: entered and told, each alert once, though the database went away in the middle."""
    async with a_proxy(settings.host, settings.port) as proxy, a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"mostAlertsPerMessage": 100})
        through = DatabaseSettings("127.0.0.1", proxy.port, settings.name, settings.user, settings.password)
        async with open_pool(through) as pool, stage.workers(pool):
            await stage.say(*(an_alert(number) for number in range(STORM // 2)))
            await stage.settled(STORM // 2)
            proxy.cut()
            await stage.say(*(an_alert(number) for number in range(STORM // 2, STORM)))

            async def has_noticed() -> bool:
                return {kind for kind, _ in stage.said} >= {"ledger_waits", "delivery_waits"}

            await stage.until(has_noticed)
            proxy.mend()
            rows = await stage.settled(STORM)

    assert {row.status for row in rows} == {"delivered"}
    assert len(rows) == STORM
    assert len(webhook.taken) == len({row.message_id for row in rows})


async def test_an_emptied_redis_costs_no_alert_that_was_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 14: what was entered stays, is not told again when it is raised again, and what is new is told."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1))
            await stage.settled(1)
            await stage.redis.flushall()
            # The instance that rebuilds its candles raises again what its memory does not know any more.
            await stage.say(an_alert(1), an_alert(2), epoch=2)
            rows = await stage.settled(2)

    assert {row.alert_id for row in rows} == {an_alert(1).id, an_alert(2).id}
    assert len(webhook.taken) == 2


async def test_alerts_need_no_channel(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 16: nothing is published here at all, as if every message were lost; the ledger reads the stream."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        pubsub = stage.redis.pubsub()
        await pubsub.subscribe(stage.keys.alerts_channel)
        async with stage.workers():
            await stage.say(an_alert(1))
            await stage.settled(1)
        heard = [await pubsub.get_message(timeout=0.01) for _ in range(3)]
        await pubsub.aclose()  # type: ignore[no-untyped-call]

    assert [one["type"] for one in heard if one is not None] == ["subscribe"]
    assert len(webhook.taken) == 1


HOSTILE = "\r\nX-Evil: 1 {{7*7}} ${jndi:ldap://x} @everyone <@1> [x](http://evil) \u202e"


async def test_hostile_words_are_words(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 32: in a symbol they reach people as text: no header, no template, no mention, no link."""
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(replace(an_alert(1), symbol=HOSTILE))
            (row,) = await stage.settled(1)

    assert row.status == "delivered"
    assert "X-Evil" not in webhook.headers[0]
    payload = json.loads(webhook.taken[0]["payload_json"])
    assert payload["allowed_mentions"] == {"parse": []}
    title = payload["embeds"][0]["title"]
    assert "{{7\\*7}}" in title
    assert "[x](" not in title
    assert "\\<\\@1\\>" in title


@pytest.mark.parametrize(
    "channel",
    [
        {"urlEnv": "HOOK\r\nX: 1"},
        {"urlEnv": "$(reboot)"},
        {"urlEnv": "HTTPS_PROXY"},
        {"id": "../../etc"},
        {"symbols": ["<script>"]},
        {"name": "x" * 10_000},
    ],
    ids=lambda one: next(iter(one)),
)
def test_hostile_settings_are_refused(channel: dict[str, object]) -> None:
    """Fault 32: what is no name of a variable, no id and no symbol never gets into a channel."""
    document = {"notifications": {"channels": [{**a_channel("LIVERMORE_CHANNEL_HOOK"), **channel}]}}

    with pytest.raises(InvalidRequest):
        parse_settings(document)


@asynccontextmanager
async def hanging() -> AsyncIterator[Renderer]:
    """A renderer whose process takes what it is to draw, and says nothing."""
    program = "import os, time; os.write(1, bytes(4)); time.sleep(600)"
    renderer = Renderer((sys.executable, "-c", program), deadline_seconds=0.3)
    try:
        yield renderer
    finally:
        await renderer.close()


async def test_a_hanging_drawing_process_holds_no_alert_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 26: the alert goes without its picture, once."""
    picture = Picture("", "", Timeframe.M5, Direction.UP, False, ())
    monkeypatch.setattr(delivery, "picture_of", lambda *_: picture)
    monkeypatch.setattr(workers, "open_renderer", hanging)
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK", hasChart=True))
        async with stage.workers():
            await stage.say(an_alert(1))
            (row,) = await stage.settled(1)

    assert row.status == "delivered"
    assert [("files[0]" in form) for form in webhook.taken] == [False]
    assert ("picture_missing", "ZEC-USD 5m: no answer within 0.3 s") in stage.said
