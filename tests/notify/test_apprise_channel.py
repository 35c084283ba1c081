"""Channels of Apprise in their own process, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.alerts.grouping import Message
from livermore.errors import ChannelRefused, ChannelUnavailable
from livermore.notify.apprise_channel import AppriseNotifier, one_line, open_sender
from livermore.notify.outgoing import Outgoing
from notify.webhook import a_webhook, answers

HOSTILE = Message((), "BTC-USD\r\nX-Evil: 1 {{7*7}} ${HOME}", ("{{ config }}\r\n.\r\nRCPT TO:<a@b>", r"\n %s"))


@asynccontextmanager
async def open_apprise(url: str, *, allows_private: bool = False) -> AsyncIterator[AppriseNotifier]:
    """The channel at `url`, with a process of its own."""
    async with open_sender(allows_private=allows_private) as sender:
        yield AppriseNotifier(sender, url)


async def sent(channel: AppriseNotifier, message: Message = HOSTILE, picture: bytes | None = None) -> None:
    """Send it, however long the process takes to load on a busy machine."""
    while True:
        try:
            return await channel.send(Outgoing(message, picture))
        except ChannelUnavailable as error:
            if "no answer within" not in str(error):
                raise


async def test_a_message_goes_out_as_it_is_with_its_picture_and_no_more_headers() -> None:
    async with a_webhook() as webhook:
        url = webhook.url.replace("http://", "json://")
        async with open_apprise(url, allows_private=True) as channel:
            await sent(channel, picture=b"\x89PNG")

    body = json.loads(webhook.taken[0]["body"])
    assert body["title"] == "BTC-USD X-Evil: 1 {{7*7}} ${HOME}"
    assert "{{ config }}" in body["message"]
    assert r"\n %s" in body["message"]
    assert body["attachments"][0]["filename"] == "macdv-chart.png"
    assert "X-Evil" not in webhook.headers[0]


async def test_a_refusal_may_be_tried_again_with_its_reason() -> None:
    async with (
        a_webhook(answers(500)) as webhook,
        open_apprise(webhook.url.replace("http://", "json://"), allows_private=True) as channel,
    ):
        with pytest.raises(ChannelUnavailable, match="500"):
            await sent(channel)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_address_that_is_not_public_is_refused_at_the_connection(host: str) -> None:
    async with a_webhook() as webhook:
        url = webhook.url.replace("http://", "json://").replace("127.0.0.1", host)
        async with open_apprise(url) as channel:
            with pytest.raises(ChannelRefused, match="no public address"):
                await sent(channel)

    assert not webhook.taken


@pytest.mark.parametrize("url", ["nonsense", "what://is.this", "json://"])
async def test_what_is_no_address_is_refused(url: str) -> None:
    async with open_apprise(url) as channel:
        with pytest.raises(ChannelRefused, match="does not understand"):
            await sent(channel)


@pytest.mark.parametrize("url", ["syslog://", "exec://rm", "DBUS://", "file:///etc/passwd", "gnome://"])
async def test_a_channel_never_acts_on_this_machine(url: str) -> None:
    with pytest.raises(ChannelRefused, match="this machine"):
        async with open_apprise(url):
            pass


@pytest.mark.parametrize(
    ("url", "why"),
    [("json://1.1.1.1, syslog://", "this machine"), ("json://1.1.1.1, json://1.0.0.1", "several channels")],
)
async def test_an_address_is_one_channel_and_not_a_list(url: str, why: str) -> None:
    """Apprise takes lists, in which what acts on this machine could hide, and which cannot be tried again in part."""
    async with open_apprise(url) as channel:
        with pytest.raises(ChannelRefused, match=why):
            await sent(channel)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.taken.append(data)


async def test_a_datagram_reaches_no_address_that_is_not_public() -> None:
    """It needs no connection, so it is judged as it is sent."""
    loop = asyncio.get_running_loop()
    transport, heard = await loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    async with open_apprise(f"rsyslog://127.0.0.1:{port}") as channel:
        with pytest.raises(ChannelRefused, match="no public address"):
            await sent(channel)
    async with open_apprise(f"rsyslog://127.0.0.1:{port}", allows_private=True) as channel:
        await sent(channel)
        async with asyncio.timeout(20):
            while not heard.taken:
                await asyncio.sleep(0.01)
    transport.close()

    assert len(heard.taken) == 1


async def test_a_message_calls_nobody() -> None:
    """Apprise hands the body on as it is, and services behind it take some words for everybody in the room."""
    message = Message((), "@everyone BTC-USD", ("<!channel> <@1> @here",))
    async with a_webhook() as webhook:
        url = webhook.url.replace("http://", "json://")
        async with open_apprise(url, allows_private=True) as channel:
            await sent(channel, message)

    body = json.loads(webhook.taken[0]["body"])
    said = body["title"] + body["message"]
    assert not [word for word in ("@everyone", "@here", "<!channel", "<@1") if word in said]
    assert said.replace("\u200b", "") == "@everyone BTC-USD<!channel> <@1> @here"


@given(st.text())
def test_a_title_is_one_line_without_control_characters(text: str) -> None:
    title = one_line(text)

    assert title == "" or title.isprintable()
    assert "\n" not in title
