"""A message on trial: sent at once on one channel, and what became of it."""

import asyncio
from math import ceil
from typing import Final

from livermore.app.channels import open_channels
from livermore.core.account.settings import Channel
from livermore.core.alerts.grouping import Message
from livermore.core.market.timeframe import SECOND, Millis
from livermore.errors import NotifyError, TooManyRequests
from livermore.notify.outgoing import Outgoing
from livermore.runtime.ports import Clock

TITLE: Final = "TEST from Livermore"
LINES: Final = ("This is a test: no alert has fired.", "If you can read it, alerts can reach you here.")
MOST_SECONDS: Final = 20.0
PAUSE: Final[Millis] = 5 * SECOND
AT_ONCE: Final = 4


class TestMessenger:
    """Sends test messages, some at a time, and on each channel of a person one in 5 s."""

    __test__ = False

    def __init__(self, clock: Clock, *, allows_private: bool) -> None:
        self._clock = clock
        self._allows_private = allows_private
        self._tried_at: dict[tuple[int, str], Millis] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def try_out(self, user_id: int, channel: Channel) -> str | None:
        """Send a test message; None when it was taken, or else why not.

        Raises:
            TooManyRequests: when that person has just sent one there.
        """
        now, tried = self._clock.now(), (user_id, channel.id)
        self._tried_at = {one: at for one, at in self._tried_at.items() if 0 <= now - at < PAUSE}
        if tried in self._tried_at:
            wait = (self._tried_at[tried] + PAUSE - now) / SECOND
            words = f"a test message was sent on {channel.id} a moment ago; try again in {ceil(wait)} s"
            raise TooManyRequests(words, retry_after_seconds=wait)
        self._tried_at[tried] = now
        try:
            # Channels of its own: trying one out must not wait for its alerts, nor close what sends them.
            async with (
                asyncio.timeout(MOST_SECONDS),
                self._turns,
                open_channels(allows_private=self._allows_private) as channels,
            ):
                notifier = await channels.notifier(channel)
                await notifier.send(Outgoing(Message((), TITLE, LINES)))
        except NotifyError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {MOST_SECONDS:g} s"
        return None
