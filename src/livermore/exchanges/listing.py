"""Reading the listing of an exchange before its feed can be opened."""

import asyncio
from collections.abc import Awaitable, Callable

from livermore.core.messages import LinkDown
from livermore.errors import ExchangeError
from livermore.exchanges.feed import FeedRoute
from livermore.exchanges.link import Inbox
from livermore.exchanges.retry import backoff, is_transient


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
