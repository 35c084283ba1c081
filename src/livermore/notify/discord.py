"""Discord by its webhooks: one embed for a message, with the picture of the alert in it.

https://docs.discord.com/developers/resources/webhook#execute-webhook: a POST of JSON, or of a form with the JSON in
``payload_json`` and the picture in ``files[0]``. Each answer tells what is left of the limit::

    X-RateLimit-Remaining: 0
    X-RateLimit-Reset-After: 1.2
    429 {"message": "You are being rate limited.", "retry_after": 0.42, "global": false}
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, FormData, InvalidURL, TCPConnector
from yarl import URL

from livermore.core.alerts.alert import Alert
from livermore.core.alerts.text import STAGE_COLOURS, price_text
from livermore.errors import ChannelRefused, ChannelUnavailable
from livermore.notify.outgoing import Outgoing
from livermore.notify.targets import PublicResolver, check_literal

TIMEOUT: Final = ClientTimeout(total=10)
LONGEST_TITLE: Final = 250
LONGEST_ANSWER: Final = 4_000
LONGEST_REASON: Final = 200
LONGEST_WAIT_SECONDS: Final = 5.0
PICTURE_NAME: Final = "macdv-chart.png"
SILENT: Final = 1 << 12
# What Discord would read as its own mark-up; an @ is defused by allowed_mentions as well.
_MARKUP: Final = str.maketrans({mark: f"\\{mark}" for mark in "\\*_~`|>[]()#@<"})


class _Limited(msgspec.Struct, frozen=True):
    retry_after: float = 1.0


class DiscordNotifier:
    """One webhook; it waits by itself for a limit that is about to be lifted."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = _checked(url)
        self._free_at = 0.0

    async def send(self, outgoing: Outgoing) -> None:
        """Post the message; see `Notifier.send`."""
        loop = asyncio.get_running_loop()
        wait = self._free_at - loop.time()
        if wait > LONGEST_WAIT_SECONDS:
            raise ChannelUnavailable("Discord's limit is used up", retry_after_seconds=wait)
        await asyncio.sleep(max(0.0, wait))
        try:
            async with self._session.post(
                self._url, params={"wait": "true"}, data=_form(outgoing), allow_redirects=False
            ) as response:
                self._note_limit(response, loop.time())
                await _judge(response)
        except TimeoutError as error:
            raise ChannelUnavailable("Discord did not answer in time") from error
        except InvalidURL as error:
            raise ChannelRefused("the address cannot be used") from error
        except ClientError as error:
            # The words of an error may hold the address, which is a secret.
            raise ChannelUnavailable(f"Discord cannot be reached ({type(error).__name__})") from error

    def _note_limit(self, response: ClientResponse, now: float) -> None:
        if response.headers.get("X-RateLimit-Remaining") != "0":
            return
        try:
            self._free_at = now + max(0.0, float(response.headers.get("X-RateLimit-Reset-After", "")))
        except ValueError:
            self._free_at = now


@asynccontextmanager
async def open_discord(url: str, *, allows_private: bool = False) -> AsyncIterator[DiscordNotifier]:
    """The webhook at `url`.

    Raises:
        ChannelRefused: when the address cannot be used, or is not public and `allows_private` is not set.
    """
    if not allows_private:
        check_literal(_checked(url).host or "")
    connector = TCPConnector(resolver=None if allows_private else PublicResolver())
    async with ClientSession(connector=connector, timeout=TIMEOUT, trust_env=False) as session:
        yield DiscordNotifier(session, url)


def _checked(url: str) -> URL:
    try:
        address = URL(url)
    except ValueError as error:
        raise ChannelRefused("the address is no URL") from error
    if address.scheme not in ("https", "http") or not address.host:
        raise ChannelRefused("the address is no https URL")
    return address


async def _judge(response: ClientResponse) -> None:
    status = response.status
    if status < 300:
        return
    if status == 429:
        raise ChannelUnavailable("Discord wants us to wait", retry_after_seconds=await _retry_after(response))
    if status >= 500:
        raise ChannelUnavailable(f"Discord answered {status}")
    words = (await _beginning(response)).decode(errors="replace")
    raise ChannelRefused(f"Discord refused it with {status}: {words[:LONGEST_REASON]}")


async def _retry_after(response: ClientResponse) -> float:
    try:
        return msgspec.json.decode(await _beginning(response), type=_Limited).retry_after
    except msgspec.MsgspecError:
        with contextlib.suppress(ValueError):
            return float(response.headers.get("Retry-After", ""))
        return _Limited().retry_after


async def _beginning(response: ClientResponse) -> bytes:
    """What it says, as far as it is worth reading; whatever stands between us and Discord may answer anything."""
    said = b""
    while len(said) < LONGEST_ANSWER and (chunk := await response.content.read(LONGEST_ANSWER - len(said))):
        said += chunk
    return said


def _form(outgoing: Outgoing) -> FormData:
    # A form can be read once, so each try needs its own; the names of its fields are ours alone.
    form = FormData()
    form.add_field("payload_json", msgspec.json.encode(_payload(outgoing)).decode(), content_type="application/json")
    if outgoing.picture is not None:
        form.add_field("files[0]", outgoing.picture, filename=PICTURE_NAME, content_type="image/png")
    return form


def _payload(outgoing: Outgoing) -> Mapping[str, Any]:
    message = outgoing.message
    embed: dict[str, Any] = {
        "title": _plain(message.title)[:LONGEST_TITLE],
        "description": "\n".join(_plain(line) for line in message.lines),
        "footer": {"text": "Livermore"},
    }
    if message.alerts:
        embed["color"] = int(STAGE_COLOURS[message.alerts[0].stage].removeprefix("#"), 16)
    if len(message.alerts) == 1:
        embed |= _details(message.alerts[0])
    if message.link is not None:
        embed["url"] = message.link
    if outgoing.picture is not None:
        embed["image"] = {"url": f"attachment://{PICTURE_NAME}"}
    payload: dict[str, Any] = {"username": "Livermore", "embeds": [embed], "allowed_mentions": {"parse": []}}
    if outgoing.is_silent:
        payload["flags"] = SILENT
    return payload


def _details(alert: Alert) -> Mapping[str, Any]:
    views = "  ".join(f"{view.timeframe} {_points(view.value)} {view.stage}" for view in alert.timeframes)
    return {
        "timestamp": datetime.fromtimestamp(alert.closes_at / 1_000, UTC).isoformat(),
        "fields": [
            {"name": "Price", "value": price_text(alert.price), "inline": True},
            {"name": "MACD-V", "value": f"{alert.previous_value:+.1f} → {alert.value:+.1f}", "inline": True},
            {"name": "Bias", "value": alert.bias.value, "inline": True},
            {"name": "Timeframes", "value": views or "none", "inline": False},
        ],
    }


def _points(value: float | None) -> str:
    return "n/a" if value is None else f"{value:+.0f}"


def _plain(text: str) -> str:
    return text.translate(_MARKUP)
