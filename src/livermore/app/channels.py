"""The channels of people as they are opened: the address comes from the environment, and from nowhere else."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from livermore.core.account.settings import Channel, ChannelKind
from livermore.errors import ChannelUnavailable
from livermore.notify.apprise_channel import AppriseNotifier, open_sender
from livermore.notify.discord import open_discord
from livermore.notify.forking import ForkingProcess
from livermore.notify.outgoing import Notifier

CHANNELS_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class _Address:
    kind: ChannelKind
    url: str


class Channels:
    """Open channels, each opened when it is first needed; the one used longest ago is closed for a new one."""

    def __init__(self, sender: ForkingProcess, *, allows_private: bool) -> None:
        self._sender = sender
        self._allows_private = allows_private
        self._open: dict[_Address, tuple[AsyncExitStack, Notifier]] = {}

    async def notifier(self, channel: Channel) -> Notifier:
        """What speaks to `channel`.

        Raises:
            ChannelRefused: when its address cannot be used.
            ChannelUnavailable: when this server has no such environment variable.
        """
        url = os.environ.get(channel.url_env, "")
        if not url:
            raise ChannelUnavailable(f"this server has no environment variable {channel.url_env}")
        address = _Address(channel.kind, url)
        stack, notifier = self._open.pop(address) if address in self._open else await self._opened(address)
        self._open[address] = stack, notifier
        while len(self._open) > CHANNELS_KEPT:
            oldest = next(iter(self._open))
            await self._open.pop(oldest)[0].aclose()
        return notifier

    async def _opened(self, address: _Address) -> tuple[AsyncExitStack, Notifier]:
        async with AsyncExitStack() as stack:
            notifier: Notifier
            if address.kind is ChannelKind.DISCORD:
                opened = open_discord(address.url, allows_private=self._allows_private)
                notifier = await stack.enter_async_context(opened)
            else:
                notifier = AppriseNotifier(self._sender, address.url)
            return stack.pop_all(), notifier

    async def close(self) -> None:
        """Close them all."""
        while self._open:
            await self._open.popitem()[1][0].aclose()


@asynccontextmanager
async def open_channels(*, allows_private: bool) -> AsyncIterator[Channels]:
    """Channels that are closed with the context."""
    async with open_sender(allows_private=allows_private) as sender:
        channels = Channels(sender, allows_private=allows_private)
        try:
            yield channels
        finally:
            await channels.close()
