"""The listing of an exchange: read before its feed can be opened, and anew when a symbol is missing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from livermore.core.market.instrument import Instrument
from livermore.core.messages import LinkDown
from livermore.errors import ExchangeError
from livermore.exchanges.feed import FeedRoute
from livermore.exchanges.link import Inbox
from livermore.exchanges.retry import backoff, is_transient

FRESH_SECONDS = 300.0
"""How long a listing is good enough for whoever looks for a symbol that was not on it, at speed 1."""


class Listing:
    """The instruments by symbol, as they were read last; an empty answer is none, as no exchange lists nothing."""

    def __init__(self, fetch: Callable[[], Awaitable[object]], *, speed: float) -> None:
        self.by_symbol: dict[str, Instrument] = {}
        self._fetch = fetch
        self._speed = speed
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    def read(self, instruments: Iterable[Instrument]) -> None:
        """Take in what the exchange lists now."""
        by_symbol = {instrument.symbol: instrument for instrument in instruments}
        if by_symbol:
            # In place, so that connections that are open know what is listed since.
            self.by_symbol.clear()
            self.by_symbol.update(by_symbol)
        self._read_at = time.monotonic()

    async def renew(self) -> None:
        """Fetch it again unless it is fresh; many may ask at once.

        Raises:
            ExchangeError: when it cannot be fetched; it stays what it was.
        """
        async with self._reading:
            if (time.monotonic() - self._read_at) * self._speed >= FRESH_SECONDS:
                await self._fetch()


async def until_listed(fetch: Callable[[], Awaitable[object]], route: FeedRoute, inbox: Inbox) -> None:
    """Ask for the listing until it is given; each failure is shown as a link that did not come up.

    Raises:
        ExchangeRefused: when the exchange will not give it.
    """
    for wait in backoff(route.rng):
        try:
            await fetch()
        except ExchangeError as exc:
            if not is_transient(exc):
                raise
            await inbox.put((LinkDown(next(route.links), f"the listing cannot be read: {exc}"),))
        else:
            return
        await asyncio.sleep(wait / route.limits.speed)
