"""What goes out: frames and answers, whole, and how they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class Frame:
    """One outgoing WebSocket text frame; `product` is empty where it is about none in particular."""

    channel: str
    product: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A text that is sent: at once, or once `behind` others have gone before it, or `within` at the latest."""

    text: str
    behind: int = 0
    within: Millis = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One outgoing REST answer.

    `sent` is how much of the body is really sent, all of it where it is None; the rest comes after `pause`, beginning
    in the middle.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    pause: Millis = 0


def json_answer(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; underscores in the names of headers are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, msgspec.json.encode(body), headers=named)
