"""A message a day, so that silence is noticed."""

import json
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from cache.examples import a_status
from lastmile.stage import Stage, a_channel
from livermore.app.channels import open_channels
from livermore.app.watchdog import WatchdogPlaces, message_of_the_day, send_due
from livermore.cache.keys import Keys, watchdog_key
from livermore.cache.network import ExchangeNetwork
from livermore.cache.watchdog import SENDING_SECONDS, claim_day
from livermore.core.account.settings import Channel
from livermore.core.market.timeframe import DAY, HOUR
from livermore.database.connect import Connection, Pool
from livermore.database.settings import all_settings
from notify.webhook import a_webhook, answers

NINE = 20_479 * DAY + 9 * HOUR


@dataclass
class Clock:
    at: int = NINE
    speed: float = 1.0

    def now(self) -> int:
        return self.at


@pytest.fixture
def stage(redis: Redis, keys: Keys, pool: Pool, connection: Connection) -> Stage:
    return Stage(redis, keys, pool, connection)


async def test_it_comes_once_a_day_at_its_hour_from_one_of_several_servers(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(NINE - 1)
    async with a_webhook() as webhook, open_channels(allows_private=True) as channels:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"watchdogHourUtc": 9})
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), name="kay")
        places = WatchdogPlaces(stage.redis, stage.pool, clock, channels, lambda *_: None)
        sent = []
        for clock.at in (NINE - 1, NINE, NINE + 1, NINE + HOUR, NINE + DAY):
            await send_due(places)
            await send_due(places)
            sent.append(len(webhook.taken))

    assert sent == [0, 1, 1, 1, 2]


async def test_one_that_could_not_be_sent_is_tried_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    async with a_webhook(answers(500)) as webhook, open_channels(allows_private=True) as channels:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"watchdogHourUtc": 9})
        places = WatchdogPlaces(stage.redis, stage.pool, Clock(), channels, lambda kind, _: said.append(kind))
        await send_due(places)
        webhook.answer = None
        await send_due(places)
        await send_due(places)

    assert said == ["watchdog_failed"]
    assert len(webhook.taken) == 2
    assert json.loads(webhook.taken[1]["payload_json"])["embeds"][0]["title"] == "Livermore is watching"


async def test_one_channel_that_answers_nonsense_keeps_the_message_from_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even when what goes wrong is nothing that anybody has thought of."""
    said: list[str] = []

    def broken(*_: object) -> None:
        raise RuntimeError("no such mark")

    async with a_webhook() as webhook, a_webhook() as other, open_channels(allows_private=True) as channels:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        monkeypatch.setenv("LIVERMORE_CHANNEL_OTHER", other.url)
        await stage.listener(
            a_channel("LIVERMORE_CHANNEL_HOOK"), a_channel("LIVERMORE_CHANNEL_OTHER"), n={"watchdogHourUtc": 9}
        )
        places = WatchdogPlaces(stage.redis, stage.pool, Clock(), channels, lambda _, words: said.append(words))
        notifier = await channels.notifier((await _channels_of(stage))[0])
        monkeypatch.setattr(notifier, "send", broken)
        await send_due(places)

    assert [words.partition(": ")[2] for words in said] == ["RuntimeError: no such mark"]
    assert len(other.taken) == 1


async def _channels_of(stage: Stage) -> list[Channel]:
    (person,) = await all_settings(stage.connection)
    return list(person.settings.notifications.channels)


async def test_it_says_who_does_not_watch(stage: Stage) -> None:
    status = a_status()
    await ExchangeNetwork(stage.redis, stage.keys).claim(status)

    message = await message_of_the_day(stage.redis, stage.pool, status.last_heartbeat)

    assert message.title == "Livermore is not watching Coinbase"
    assert message.lines[0].startswith("Coinbase: ")
    assert message.lines[-1] == "The last 24 hours: 0 alerts; deliveries: none was to be told."


async def test_a_server_that_dies_while_it_sends_leaves_the_day_to_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_webhook() as webhook, open_channels(allows_private=True) as channels:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        user = await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"watchdogHourUtc": 9})
        day = "2026-01-26"
        assert await claim_day(stage.redis, user, day)
        assert not await claim_day(stage.redis, user, day)
        assert 0 < await stage.redis.ttl(watchdog_key(user, day)) <= SENDING_SECONDS
        await stage.redis.delete(watchdog_key(user, day))
        await send_due(WatchdogPlaces(stage.redis, stage.pool, Clock(), channels, lambda *_: None))

        kept = [await stage.redis.ttl(key) async for key in stage.redis.scan_iter("livermore:watchdog:*")]
    assert len(webhook.taken) == 1
    assert kept[0] > SENDING_SECONDS
