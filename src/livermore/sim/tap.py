"""The door for faults: everything a simulated exchange says goes through here, whole frames and whole answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """One outgoing WebSocket text frame; `product` is empty where it is about none in particular."""

    exchange: str
    channel: str
    product: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One outgoing REST answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class WireTap(Protocol):
    """What may change on the way out."""

    def frames(self, frame: Frame) -> Sequence[Frame]:
        """What is sent in place of the frame: it, something else, several, or nothing."""

    def answer(self, exchange: str, path: str, answer: Answer) -> Answer:
        """What is answered in place of the answer to `path`."""


class OpenTap:
    """Lets everything through."""

    def frames(self, frame: Frame) -> Sequence[Frame]:
        """The frame itself."""
        return (frame,)

    def answer(self, exchange: str, path: str, answer: Answer) -> Answer:  # noqa: ARG002
        """The answer itself."""
        return answer
