"""A frame of the live stream."""

from typing import Any

import msgspec

from livermore.api.live.topics import Topic

_encode = msgspec.json.Encoder().encode


def told(data: Any) -> bytes:
    """Plain values as JSON."""
    return _encode(data)


def frame(topic: Topic | None, kind: str, cursor: str | None, data: bytes) -> str:
    """What goes over the wire; `data` is JSON already.

    ``{"topic":"alerts","kind":"change","cursor":"ab12.1_1769093400000-0","data":{…}}``
    """
    named = None if topic is None else str(topic)
    return _encode({"topic": named, "kind": kind, "cursor": cursor, "data": msgspec.Raw(data)}).decode()
