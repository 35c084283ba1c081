"""A live feed that never stays down: symbols spread over connections, each renewed for ever.

It owns one task per connection; whoever runs it cancels it. A lost connection is an event in the inbox, no exception.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from livermore.core.messages import LinkDown, SymbolsRefused
from livermore.errors import ExchangeUnavailable, RateLimited
from livermore.exchanges.connection import Ending, FeedLimits, Life, open_socket
from livermore.exchanges.limiter import Budget
from livermore.exchanges.link import Inbox, Wire
from livermore.exchanges.retry import backoff

FIRST_REFUSED_WAIT_SECONDS = 30.0
LONGEST_REFUSED_WAIT_SECONDS = 600.0
"""How often the exchange is asked again for symbols that it does not serve."""


@dataclass(frozen=True, slots=True)
class FeedRoute:
    """Everything that the feed of one exchange needs.

    `links` numbers the connections and is shared by all feeds of an opened exchange. `connections` bounds new
    connections, `pace` gives what bounds the frames on one. Where the exchange counts frames by address, all
    connections share that, and `scheduled` is what they are charged to before connecting.
    """

    name: str
    url: str
    links: Iterator[int]
    make_wire: Callable[[int, frozenset[str]], Wire]
    connections: Budget
    scheduled: Budget | None
    pace: Callable[[], Budget]
    limits: FeedLimits
    rng: random.Random


async def run_feed(route: FeedRoute, symbols: Sequence[str], inbox: Inbox) -> None:
    """Keep the feed of these symbols flowing into the inbox until cancelled."""
    unique = list(dict.fromkeys(symbols))
    size = route.limits.symbols_per_connection
    async with asyncio.TaskGroup() as tasks:
        feed = _Feed(route, inbox, tasks)
        for start in range(0, len(unique), size):
            feed.watch(frozenset(unique[start : start + size]), feed.waits)
        # Even a feed of no symbols ends by cancellation only.
        await asyncio.Event().wait()


class _Feed:
    """The connections of one feed."""

    def __init__(self, route: FeedRoute, inbox: Inbox, tasks: asyncio.TaskGroup) -> None:
        self._route = route
        self._inbox = inbox
        self._tasks = tasks
        self._count = 0

    def waits(self) -> Iterator[float]:
        """The waits between attempts for symbols that should be served."""
        return backoff(self._route.rng)

    def _long_waits(self) -> Iterator[float]:
        return backoff(self._route.rng, first=FIRST_REFUSED_WAIT_SECONDS, cap=LONGEST_REFUSED_WAIT_SECONDS)

    def watch(self, symbols: frozenset[str], waits: Callable[[], Iterator[float]], *, at_once: bool = True) -> None:
        """Give these symbols a connection of their own."""
        self._count += 1
        name = f"feed.{self._route.name}.{self._count}"
        self._tasks.create_task(self._keep_up(symbols, waits, at_once=at_once), name=name)

    async def _keep_up(
        self, symbols: frozenset[str], fresh_waits: Callable[[], Iterator[float]], *, at_once: bool
    ) -> None:
        """Connect again and again; symbols that are refused leave for a connection that is tried less often."""
        wanted = set(symbols)

        def refuse(refused: frozenset[str]) -> None:
            wanted.difference_update(refused)
            self.watch(refused, self._long_waits, at_once=False)

        waits = fresh_waits()
        if not at_once:
            await self._pause(next(waits))
        while wanted:
            ending = await self._one_link(frozenset(wanted), refuse)
            if ending.was_useful:
                waits = fresh_waits()
            await self._pause(next(waits))

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._route.limits.speed)

    async def _one_link(self, symbols: frozenset[str], refuse: Callable[[frozenset[str]], None]) -> Ending:
        """One connection from its number to its `LinkDown`."""
        route = self._route
        link = next(route.links)
        wire = route.make_wire(link, symbols)
        greeting = wire.greeting()
        if not greeting:
            reason = "the exchange does not list them"
            await self._inbox.put((SymbolsRefused(link, symbols, reason), LinkDown(link, reason)))
            return Ending(reason, was_useful=False)
        try:
            # A turn is waited for before connecting, as the first frame must follow the connection within seconds.
            if route.scheduled is not None:
                await route.scheduled.spend(len(greeting))
            await route.connections.spend()
            async with open_socket(route.url, route.limits) as socket:
                ending = await Life(link, wire, self._inbox, route.limits, route.pace(), refuse).run(socket)
                await self._inbox.put((LinkDown(link, ending.reason),))
                return ending
        except RateLimited as exc:
            route.connections.hold(exc.retry_after_seconds)
            reason = str(exc)
        except ExchangeUnavailable as exc:
            reason = str(exc)
        await self._inbox.put((LinkDown(link, reason),))
        return Ending(reason, was_useful=False)
