"""A live feed that never stays down: symbols spread over connections, each renewed for ever.

It owns one task per group of symbols and one per connection; whoever runs it cancels it. A lost connection is an event
in the inbox, no exception. Before a connection grows too old, or when the exchange says that it will end it, another
takes its place while it still runs: see `tenure`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from livermore.core.market.instrument import Instrument
from livermore.core.messages import LinkDown, SymbolsRefused, SymbolsUnheard
from livermore.errors import DataError, ExchangeError, ExchangeUnavailable, RateLimited
from livermore.exchanges.connection import FeedLimits, Life, open_socket
from livermore.exchanges.limiter import Budget
from livermore.exchanges.link import Inbox, Wire
from livermore.exchanges.retry import backoff
from livermore.exchanges.tenure import Tenure
from livermore.exchanges.wanted import Wanted

FIRST_REFUSED_WAIT_SECONDS = 30.0
LONGEST_REFUSED_WAIT_SECONDS = 600.0
"""How often the exchange is asked again for symbols that it does not serve."""

UNLISTED = "the exchange does not list it"

RELIST_WITHIN_SECONDS = 5.0
"""How long a new connection waits for a new listing, of our time."""


@dataclass(frozen=True, slots=True)
class FeedRoute:
    """Everything that the feed of one exchange needs.

    `links` numbers the connections and is shared by all feeds of an opened exchange. `connections` bounds new
    connections, `pace` gives what bounds the frames on one. Where the exchange counts frames by address, all
    connections share that, and `scheduled` is what they are charged to before connecting. `listing` is the listing as
    it was read last, by symbol; `relist` reads it anew when it is old.
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
    listing: Callable[[], Mapping[str, Instrument]] | None = None
    relist: Callable[[], Awaitable[object]] | None = None


async def run_feed(
    route: FeedRoute, symbols: Sequence[str], inbox: Inbox, changes: AsyncIterator[Sequence[str]] | None = None
) -> None:
    """Keep the feed of these symbols flowing into the inbox until cancelled.

    `changes` brings all the symbols that are wanted from then on, each time that they are others.
    """
    async with asyncio.TaskGroup() as tasks:
        feed = _Feed(route, inbox, tasks)
        feed.want(symbols)
        if changes is not None:
            async for wanted in changes:
                feed.want(wanted)
        # Even a feed of no symbols ends by cancellation only.
        await asyncio.Event().wait()


class _Feed:
    """The connections of one feed."""

    def __init__(self, route: FeedRoute, inbox: Inbox, tasks: asyncio.TaskGroup) -> None:
        self._route = route
        self._inbox = inbox
        self._tasks = tasks
        self._count = 0
        self._served: list[Wanted] = []
        self._refused: list[Wanted] = []

    def want(self, symbols: Iterable[str]) -> None:
        """Carry these symbols and no others: on the connections that there are as long as these have room."""
        unique = list(dict.fromkeys(symbols))
        wished = frozenset(unique)
        groups = [*self._served, *self._refused]
        carried = frozenset().union(*(group.symbols for group in groups))
        fresh = [symbol for symbol in unique if symbol not in carried]
        size = self._route.limits.symbols_per_connection
        for group in groups:
            kept = group.symbols & wished
            room = size - len(kept) if kept and group in self._served else 0
            joining, fresh = fresh[:room], fresh[room:]
            group.change(kept.union(joining))
        self._served = [group for group in self._served if group.symbols]
        self._refused = [group for group in self._refused if group.symbols]
        for start in range(0, len(fresh), size):
            self._watch(frozenset(fresh[start : start + size]))

    def _watch(self, symbols: frozenset[str], *, are_refused: bool = False) -> None:
        """Give these symbols a connection of their own; such as are refused are tried after a while, and less often."""
        self._count += 1
        name = f"feed.{self._route.name}.{self._count}"
        wanted = Wanted(symbols)
        (self._refused if are_refused else self._served).append(wanted)
        self._tasks.create_task(self._keep_up(name, wanted, are_refused=are_refused), name=name)

    def _waits(self, *, are_refused: bool) -> Iterator[float]:
        if are_refused:
            return backoff(self._route.rng, first=FIRST_REFUSED_WAIT_SECONDS, cap=LONGEST_REFUSED_WAIT_SECONDS)
        return backoff(self._route.rng)

    async def _keep_up(self, name: str, wanted: Wanted, *, are_refused: bool) -> None:
        """Connect again and again, before the last connection has ended where that can be foreseen."""

        def refuse(refused: frozenset[str]) -> None:
            still_wanted = refused & wanted.symbols
            wanted.change(wanted.symbols - refused)
            if still_wanted:
                self._watch(still_wanted, are_refused=True)

        waits = self._waits(are_refused=are_refused)
        serving: list[Tenure] = []
        if are_refused:
            await self._pause(next(waits))
        while wanted.symbols:
            if are_refused or serving:
                await self._relist()
            tenure = Tenure(
                next(self._route.links), serving, rng=self._route.rng, rotate_after=self._route.limits.rotate_after
            )
            served = self._serve(tenure, wanted, refuse)
            self._tasks.create_task(served, name=f"{name}.link.{tenure.link}")
            await tenure.needs_successor.wait()
            if tenure.was_useful:
                waits = self._waits(are_refused=are_refused)
            serving = [one for one in (*serving, tenure) if not one.is_over.is_set()]
            if tenure.is_over.is_set() or not tenure.was_useful:
                await self._pause(next(waits), *serving)

    async def _pause(self, seconds: float, *serving: Tenure) -> None:
        """Wait so long at speed 1, or until a connection that still serves has ended too."""
        try:
            async with asyncio.timeout(seconds / self._route.limits.speed):
                await (serving[-1].is_over if serving else asyncio.Event()).wait()
        except TimeoutError:
            return

    async def _relist(self) -> None:
        """Read the listing anew where it is old; if that fails, the old one serves on."""
        if self._route.relist is None:
            return
        try:
            async with asyncio.timeout(RELIST_WITHIN_SECONDS):
                await self._route.relist()
        except (ExchangeError, DataError, TimeoutError) as exc:
            await self._inbox.put((LinkDown(next(self._route.links), f"the listing cannot be read: {exc}"),))

    async def _serve(self, tenure: Tenure, wanted: Wanted, refuse: Callable[[frozenset[str]], None]) -> None:
        """One connection from its number to its end."""
        symbols = wanted.symbols
        wire = self._route.make_wire(tenure.link, await self._listed(tenure.link, symbols, refuse))
        if not wire.greeting():
            down = LinkDown(tenure.link, "the exchange lists none of its symbols")
            await self._inbox.put((SymbolsRefused(tenure.link, symbols, UNLISTED), down))
        else:
            await self._connect(tenure, wire, wanted, refuse)
        tenure.end()

    async def _listed(
        self, link: int, symbols: frozenset[str], refuse: Callable[[frozenset[str]], None]
    ) -> frozenset[str]:
        """Those symbols that are listed, if any; of the others, and of those that do not trade, it is told why."""
        listing = {} if self._route.listing is None else self._route.listing()
        if not listing:
            return symbols
        halted = frozenset(symbol for symbol in symbols & listing.keys() if not listing[symbol].is_trading)
        if halted:
            await self._inbox.put((SymbolsUnheard(link, halted, "listed, but not traded at present"),))
        unlisted = symbols - listing.keys()
        if not unlisted:
            return symbols
        if unlisted == symbols:
            return frozenset()
        await self._inbox.put((SymbolsRefused(link, unlisted, UNLISTED),))
        refuse(unlisted)
        return symbols - unlisted

    async def _connect(
        self, tenure: Tenure, wire: Wire, wanted: Wanted, refuse: Callable[[frozenset[str]], None]
    ) -> None:
        """Open a connection and live its life; whatever the end, it is told."""
        route = self._route
        try:
            # A turn is waited for before connecting, as the first frame must follow the connection within seconds.
            if route.scheduled is not None:
                await route.scheduled.spend(len(wire.greeting()))
            await route.connections.spend()
            async with open_socket(route.url, route.limits) as socket:
                life = Life(tenure, wire, self._inbox, route.limits, route.pace(), wanted, refuse)
                reason = await life.run(socket)
                await self._inbox.put((LinkDown(tenure.link, reason),))
                tenure.end()
                return
        except RateLimited as exc:
            route.connections.hold(exc.retry_after_seconds)
            reason = str(exc)
        except ExchangeUnavailable as exc:
            reason = str(exc)
        await self._inbox.put((LinkDown(tenure.link, reason),))
