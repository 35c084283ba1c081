"""What is handed to a channel, and what every channel can do."""

from dataclasses import dataclass
from typing import Protocol

from livermore.core.alerts.grouping import Message


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message, with the picture of its alert where there is one; `is_silent` asks for no sound."""

    message: Message
    picture: bytes | None = None
    is_silent: bool = False


class Notifier(Protocol):
    """One way to reach people."""

    async def send(self, outgoing: Outgoing) -> None:
        """Hand it over; when this returns, the other side has taken it.

        A time-out says nothing about whether it was taken, so a message that is sent again may arrive twice: people
        are told at least once.

        Raises:
            ChannelUnavailable: when it may be tried again, after `retry_after_seconds` where the other side says so.
            ChannelRefused: when it would never be taken.
        """
