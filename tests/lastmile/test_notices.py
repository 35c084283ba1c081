"""Operators are told without being drowned, and people can try a channel before they rely on it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from livermore.app.messenger import PAUSE, TestMessenger
from livermore.app.notices import MOST_REMEMBERED, SAME_EVERY, Notices
from livermore.app.worker_metrics import WorkerMetrics
from livermore.core.account.settings import Channel, ChannelKind
from livermore.errors import TooManyRequests
from notify.webhook import a_webhook, answers


class Clock:
    at = 1_000_000
    speed = 1.0

    def now(self) -> int:
        return self.at


def test_the_same_words_are_logged_once_a_minute_and_counted_always() -> None:
    registry, clock = CollectorRegistry(), Clock()
    notices = Notices(clock.now, WorkerMetrics(registry).count_notice)
    with capture_logs() as logged:
        for _ in range(5):
            notices.say("ledger_waits", "no connection")
        notices.say("ledger_waits", "other words")
        clock.at += SAME_EVERY
        notices.say("ledger_waits", "no connection")

    assert [(line["reason"], line.get("repeated")) for line in logged] == [
        ("no connection", None), ("other words", None), ("no connection", 4)
    ]  # fmt: skip
    assert registry.get_sample_value("livermore_notices_total", {"kind": "ledger_waits"}) == 7


def test_what_was_said_is_remembered_within_bounds() -> None:
    notices = Notices(Clock().now, lambda _: None)
    with capture_logs() as logged:
        for number in range(MOST_REMEMBERED + 1):
            notices.say("picture_missing", str(number))
        notices.say("picture_missing", "0")

    assert len(logged) == MOST_REMEMBERED + 2


def a_channel(**changes: Any) -> Channel:
    return Channel(id="phone", name="Phone", kind=ChannelKind.DISCORD, url_env="LIVERMORE_CHANNEL_HOOK", **changes)


async def test_a_test_message_says_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    messenger = TestMessenger(clock, allows_private=True)
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        assert await messenger.try_out(1, a_channel(is_enabled=False)) is None
        with pytest.raises(TooManyRequests, match="sent on phone a moment ago; try again in 5 s"):
            await messenger.try_out(1, a_channel())
        assert await messenger.try_out(2, a_channel()) is None
        assert await messenger.try_out(1, replace(a_channel(), id="desk")) is None
        clock.at += PAUSE
        webhook.answer = answers(404, "Unknown Webhook")
        reason = await messenger.try_out(1, a_channel())

    assert json.loads(webhook.taken[0]["payload_json"])["embeds"][0]["title"] == "TEST from Livermore"
    assert reason == "Discord refused it with 404: Unknown Webhook"


async def test_a_test_message_goes_to_no_private_address_unless_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        reason = await TestMessenger(Clock(), allows_private=False).try_out(1, a_channel())

    assert "LIVERMORE_ALLOW_PRIVATE_TARGETS" in (reason or "")
    assert not webhook.taken


async def test_a_variable_that_is_missing_is_named() -> None:
    reason = await TestMessenger(Clock(), allows_private=False).try_out(1, a_channel())

    assert reason == "this server has no environment variable LIVERMORE_CHANNEL_HOOK"
