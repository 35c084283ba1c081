"""What a client of the live stream may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from livermore.errors import InvalidRequest

MESSAGE_BYTES: Final = 32 * 1024


class _AskedRecord(msgspec.Struct, forbid_unknown_fields=True):
    token: str | None = None
    subscribe: list[str] = []
    unsubscribe: list[str] = []
    cursors: dict[str, str] = {}
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of a client: its token, topics to begin and to end, and from where to go on in each of them."""

    token: str | None
    subscribe: Sequence[str]
    unsubscribe: Sequence[str]
    cursors: Mapping[str, str]
    cursor_alone: str | None
    """The cursor of the only topic that is subscribed to."""


_decoder = msgspec.json.Decoder(_AskedRecord)


def asked_in(text: str | bytes) -> Asked:
    """What the client says.

    Raises:
        InvalidRequest: when it is too long, no JSON, or has fields that nobody knows.
    """
    if len(text) > MESSAGE_BYTES:
        raise InvalidRequest(f"a message has at most {MESSAGE_BYTES} bytes")
    try:
        record = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise InvalidRequest(f"the message is not what a client says: {exc}") from exc
    if record.cursor is not None and len(record.subscribe) != 1:
        raise InvalidRequest("cursor goes with one topic; of several, each has its own in cursors")
    return Asked(record.token, record.subscribe, record.unsubscribe, record.cursors, record.cursor)
