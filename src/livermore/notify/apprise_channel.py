"""Any other channel, by an Apprise address such as ``ntfy://…``, ``tgram://…`` or ``mailto://…``.

Apprise is other people's protocols over blocking sockets, so it runs in a process of its own, each message in a copy
of that, which is ended when it does not answer, and whose sockets reach public addresses only. One process serves all
addresses: it takes some 45 MB, and a copy a few more for as long as it sends.
"""

import base64
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from livermore.errors import ChannelRefused, ChannelUnavailable
from livermore.notify.forking import ForkingProcess, serve_forking
from livermore.notify.outgoing import Outgoing
from livermore.notify.process import ProcessFailed
from livermore.notify.targets import refuse_private_connections

DEADLINE_SECONDS: Final = 15.0
SERVICE_SECONDS: Final = 10.0
LONGEST_REASON: Final = 300
PUBLIC_ONLY: Final = "public-only"
ANYWHERE: Final = "anywhere"
# What Apprise can do beside sending: run programs and Python files of this machine, or write to it.
LOCAL_SCHEMAS: Final = frozenset(
    {"dbus", "kde", "gio", "glib", "qt", "gnome", "macosx", "windows", "syslog", "exec", "file", "python"}
)


class _Request(msgspec.Struct, frozen=True):
    url: str
    title: str
    body: str
    picture: str | None


class _Answer(msgspec.Struct, frozen=True):
    is_delivered: bool
    is_final: bool
    reason: str


class AppriseNotifier:
    """One Apprise address, spoken to by a process that others may use too.

    Raises:
        ChannelRefused: when the address means this very machine.
    """

    def __init__(self, process: ForkingProcess, url: str) -> None:
        refusal = _refusal({url.partition("://")[0].strip().lower()})
        if refusal is not None:
            raise ChannelRefused(refusal)
        self._process = process
        self._url = url

    async def send(self, outgoing: Outgoing) -> None:
        """Hand the message to Apprise; see `Notifier.send`. Apprise tells no time to wait, and knows no silence."""
        picture = None if outgoing.picture is None else base64.b64encode(outgoing.picture).decode()
        message = outgoing.message
        title, body = unmentioned(one_line(message.title)), unmentioned(message.text)
        if message.link is not None:
            body += f"\n{message.link}"
        request = _Request(self._url, title, body, picture)
        try:
            answer = msgspec.json.decode(await self._process.ask(msgspec.json.encode(request)), type=_Answer)
        except ProcessFailed as error:
            raise ChannelUnavailable(f"the channel gave {error}") from error
        if answer.is_final:
            raise ChannelRefused(answer.reason)
        if not answer.is_delivered:
            raise ChannelUnavailable(answer.reason)


@asynccontextmanager
async def open_sender(*, allows_private: bool = False) -> AsyncIterator[ForkingProcess]:
    """The process that speaks to all Apprise addresses; it is started when the first message is sent."""
    reach = ANYWHERE if allows_private else PUBLIC_ONLY
    process = ForkingProcess((sys.executable, "-m", "livermore.notify.apprise_channel", reach), DEADLINE_SECONDS)
    try:
        yield process
    finally:
        await process.close()


def _refusal(schemas: Iterable[str]) -> str | None:
    """Why channels of these kinds are not used, or None where they are."""
    local = sorted(LOCAL_SCHEMAS.intersection(schemas))
    return f"a channel of the kind {local[0]} would act on this machine" if local else None


def one_line(text: str) -> str:
    """A title that cannot begin another header: control characters become spaces."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def unmentioned(text: str) -> str:
    """Words that call nobody: what many services would read as the name of everybody is broken by an invisible space.

    >>> unmentioned("@everyone <!channel>").isascii()
    False
    """
    return text.replace("@", "@\u200b").replace("<!", "<\u200b!")


def main() -> None:
    """Send what is asked for until standard input ends."""
    # Loaded only in the process that sends, and before it makes copies of itself; all services come with the first.
    import apprise.attachment.memory

    apprise.Apprise().add("json://localhost")
    refusals = [] if sys.argv[1] == ANYWHERE else refuse_private_connections()
    decoder = msgspec.json.Decoder(_Request)

    def answer(line: bytes) -> bytes:
        sent = _sent(decoder.decode(line))
        if refusals:
            sent = _Answer(False, True, refusals[0])
        return msgspec.json.encode(sent)

    serve_forking(answer)


def _sent(request: _Request) -> _Answer:
    import apprise
    from apprise.attachment.memory import AttachMemory

    reasons: list[str] = []
    asset = apprise.AppriseAsset(app_id="Livermore", app_desc="Livermore", service_timeout=SERVICE_SECONDS)
    channels = apprise.Apprise(asset=asset)
    if not channels.add(request.url):
        return _Answer(False, True, "Apprise does not understand the address of the channel")
    # What Apprise has made of the address counts, not how it is spelled.
    services = list(channels)
    schemas = (service.schemas() for service in services)  # type: ignore[no-untyped-call]
    refusal = _refusal({schema for kinds in schemas for schema in kinds})
    if refusal is None and len(services) > 1:
        refusal = "the address names several channels; one that fails would have the others told again"
    if refusal is not None:
        return _Answer(False, True, refusal)
    attachments = apprise.AppriseAttachment()
    if request.picture is not None:
        png = base64.b64decode(request.picture)
        picture = AttachMemory(png, name="macdv-chart.png", mimetype="image/png")  # type: ignore[no-untyped-call]
        attachments.add(picture)
    result = channels.notify(
        body=request.body,
        title=request.title,
        body_format=apprise.NotifyFormat.TEXT,
        attach=attachments if request.picture is not None else None,
        interpret_escapes=False,
        log_callback=lambda entry, _: reasons.append(str(entry.message)),
    )
    reason = one_line("; ".join(reasons))[:LONGEST_REASON] or "Apprise could not deliver it"
    return _Answer(bool(result), False, reason)


if __name__ == "__main__":
    main()
