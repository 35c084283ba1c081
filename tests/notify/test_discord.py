"""The Discord webhook over a real socket: what is posted, and what becomes of every answer."""

import json
from dataclasses import replace

import pytest
from aiohttp import ClientTimeout, web

from core.alerts.test_alert import an_alert
from livermore.core.alerts.grouping import Message, Telling, messages_of
from livermore.errors import ChannelRefused, ChannelUnavailable
from livermore.notify import discord
from livermore.notify.discord import open_discord
from livermore.notify.outgoing import Outgoing
from notify.webhook import Answer, a_webhook, answers, never


def an_outgoing(picture: bytes | None = None, *, is_silent: bool = False) -> Outgoing:
    return Outgoing(messages_of([an_alert("level_150")])[0], picture, is_silent)


async def test_an_alert_is_an_embed_with_its_picture() -> None:
    async with a_webhook() as webhook, open_discord(webhook.url, allows_private=True) as channel:
        await channel.send(an_outgoing(b"\x89PNG"))

    (form,) = webhook.taken
    payload = json.loads(form["payload_json"])
    (embed,) = payload["embeds"]
    assert form["files[0]"] == b"\x89PNG"
    assert embed["image"]["url"] == "attachment://macdv-chart.png"
    assert "crossed above 150" in embed["title"]
    assert payload["allowed_mentions"] == {"parse": []}
    assert "flags" not in payload


async def test_an_alert_says_when_it_was_and_leads_to_the_screens() -> None:
    alert = an_alert("level_150")
    (message,) = messages_of([alert], telling=Telling(now=alert.closes_at, site="https://livermore.example"))
    async with a_webhook() as webhook, open_discord(webhook.url, allows_private=True) as channel:
        await channel.send(Outgoing(message))

    (embed,) = json.loads(webhook.taken[0]["payload_json"])["embeds"]
    assert embed["url"] == f"https://livermore.example/alerts/{alert.id}"
    assert embed["color"] == 0x7F8A94
    assert " UTC · " in embed["description"]


async def test_a_storm_is_one_embed_that_lists_all() -> None:
    alerts = [replace(an_alert("level_150"), id=str(number), symbol=f"A{number}-USD") for number in range(30)]
    messages = messages_of(alerts)
    async with a_webhook() as webhook, open_discord(webhook.url, allows_private=True) as channel:
        for message in messages:
            await channel.send(Outgoing(message, is_silent=True))

    payloads = [json.loads(form["payload_json"]) for form in webhook.taken]
    text = "\n".join(payload["embeds"][0]["description"] for payload in payloads)
    assert all(f"A{number}\\-USD" in text or f"A{number}-USD" in text for number in range(30))
    assert all(payload["flags"] == discord.SILENT for payload in payloads)


async def test_hostile_words_are_no_mark_up() -> None:
    message = Message((), "@everyone [x](http://evil)", ("**bold** ```code``` <@1>", "# head"))
    async with a_webhook() as webhook, open_discord(webhook.url, allows_private=True) as channel:
        await channel.send(Outgoing(message))

    (embed,) = json.loads(webhook.taken[0]["payload_json"])["embeds"]
    assert embed["title"] == r"\@everyone \[x\]\(http://evil\)"
    assert embed["description"] == "\\*\\*bold\\*\\* \\`\\`\\`code\\`\\`\\` \\<\\@1\\>\n\\# head"


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (answers(429, '{"message": "limited", "retry_after": 0.42, "global": false}'), 0.42),
        (answers(429, "<html>", Retry_After="7"), 7.0),
        (answers(429, "<html>", Retry_After="soon"), 1.0),
        (answers(429, "<html>", Retry_After="²"), 1.0),
        (answers(429, "x" * 10_000_000), 1.0),
        (answers(500, "<html>broken</html>"), None),
        (answers(503), None),
    ],
)
async def test_what_may_be_tried_again_says_when(answer: Answer, seconds: float | None) -> None:
    async with a_webhook(answer) as webhook, open_discord(webhook.url, allows_private=True) as channel:
        with pytest.raises(ChannelUnavailable) as caught:
            await channel.send(an_outgoing())

    assert caught.value.retry_after_seconds == seconds


@pytest.mark.parametrize("answer", [answers(404, "Unknown Webhook"), answers(302, Location="http://127.0.0.1/")])
async def test_what_will_never_be_taken_says_so(answer: Answer) -> None:
    async with a_webhook(answer) as webhook, open_discord(webhook.url, allows_private=True) as channel:
        if answer is not None and webhook.url:
            with pytest.raises(ChannelRefused):
                await channel.send(an_outgoing())

    assert len(webhook.taken) == 1, "a redirect is not followed"


async def test_a_refusal_that_is_no_text_is_a_refusal() -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=404, body=b"\xff\xfe" * 5_000, content_type="text/html")

    async with a_webhook(refuse) as webhook, open_discord(webhook.url, allows_private=True) as channel:
        with pytest.raises(ChannelRefused) as caught:
            await channel.send(an_outgoing())

    assert str(caught.value).isascii() or "\ufffd" in str(caught.value)
    assert len(str(caught.value)) < 300


async def test_who_takes_it_and_hangs_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord, "TIMEOUT", ClientTimeout(total=0.5))
    async with a_webhook(never) as webhook, open_discord(webhook.url, allows_private=True) as channel:
        with pytest.raises(ChannelUnavailable, match="did not answer in time"):
            await channel.send(an_outgoing())


async def test_nobody_there_may_be_tried_again_and_tells_no_secret() -> None:
    async with a_webhook() as webhook:
        url = webhook.url
    async with open_discord(url, allows_private=True) as channel:
        with pytest.raises(ChannelUnavailable) as caught:
            await channel.send(an_outgoing())

    assert "secret" not in str(caught.value)


async def test_a_limit_that_is_used_up_is_waited_for_or_told() -> None:
    used_up = answers(200, "{}", X_RateLimit_Remaining="0", X_RateLimit_Reset_After="0.1")
    async with a_webhook(used_up) as webhook, open_discord(webhook.url, allows_private=True) as channel:
        await channel.send(an_outgoing())
        webhook.answer = answers(200, "{}", X_RateLimit_Remaining="0", X_RateLimit_Reset_After="60")
        await channel.send(an_outgoing())
        with pytest.raises(ChannelUnavailable) as caught:
            await channel.send(an_outgoing())

    assert caught.value.retry_after_seconds == pytest.approx(60, abs=5)
    assert len(webhook.taken) == 2, "nothing is sent into a limit that is known"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.5", "169.254.169.254", "[::ffff:127.0.0.1]"])
async def test_an_address_that_is_not_public_is_refused(host: str) -> None:
    with pytest.raises(ChannelRefused, match="no public address"):
        async with open_discord(f"https://{host}/api/webhooks/1/secret"):
            pass


async def test_a_name_of_this_machine_is_refused_at_the_connection() -> None:
    async with a_webhook() as webhook, open_discord(webhook.url.replace("127.0.0.1", "localhost")) as channel:
        with pytest.raises(ChannelRefused, match="localhost is no public address"):
            await channel.send(an_outgoing())

    assert not webhook.taken


@pytest.mark.parametrize("url", ["", "discord.com/api", "ftp://example.org/x", "file:///etc/passwd", "https://[bad"])
async def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ChannelRefused):
        async with open_discord(url):
            pass
