"""A connection's term of office: when another has to take its place, whom it replaces itself, and that it is over.

Exchanges end connections after a day, or when a server is about to close. The successor is opened first, both run for
an overlap, and only then does the old one go. Tenures are made by a feed, which owns the tasks; nothing waits in here.
"""

import asyncio
import random
from collections.abc import Sequence

from livermore.core.market.timeframe import BASE, MINUTE, SECOND, Millis

ROTATE_AFTER_SECONDS = 23 * 3600.0
"""Binance ends a connection after 24 hours; Coinbase says nothing, but old connections are known to go dead."""

ROTATION_JITTER = 0.02
"""The share of its age by which a connection is replaced earlier or later than others that began with it."""

OVERLAP: Millis = 10 * SECOND
"""How long both connections run, by the exchange's clock on either: more than any grace, so that the old one has told
all that happened until the new one came up."""

LONGEST_OVERLAP: Millis = 5 * MINUTE
"""A new connection without any market news is believed then: its symbols are thin."""

CALM: tuple[Millis, Millis] = (MINUTE, 3 * MINUTE)
"""The part of a 5m bucket in which planned replacements begin, away from the close that they could disturb."""


class Tenure:
    """One connection, as those see it that come before and after it.

    `needs_successor` is set when it is due to be replaced, or over. `was_useful` says that it has brought news for long
    enough to begin waits anew. `replaced_by` is the connection that has taken its place: it may go.
    """

    def __init__(
        self,
        link: int,
        predecessors: Sequence["Tenure"] = (),
        *,
        rng: random.Random,
        rotate_after: float = ROTATE_AFTER_SECONDS,
    ) -> None:
        self.link = link
        self.needs_successor = asyncio.Event()
        self.is_over = asyncio.Event()
        self.was_useful = False
        self.replaced_by: int | None = None
        self.newest: Millis = 0
        self._predecessors = tuple(predecessors)
        self._up_at: Millis | None = None
        self._has_market_news = False
        self._longest = rotate_after * (1.0 + ROTATION_JITTER * (2.0 * rng.random() - 1.0))

    @property
    def goodbye(self) -> str | None:
        """Why the connection may end, once another has taken its place."""
        return None if self.replaced_by is None else f"replaced by connection {self.replaced_by}"

    def came_up(self, at: Millis) -> None:
        """The exchange has confirmed its symbols."""
        self._up_at = at

    def brought_news(self) -> None:
        """It carries the market."""
        self._has_market_news = True

    def heard(self, newest: Millis, up_for: float, farewell: str | None) -> None:
        """The exchange's clock on it stands at `newest`, it has been up for so many of the exchange's seconds.

        With a `farewell` it is replaced at once, with age when the bucket in progress is calm.
        """
        self.newest = newest
        if self._predecessors:
            self._take_over()
        if farewell is not None or (up_for >= self._longest and CALM[0] <= newest % BASE.millis < CALM[1]):
            self.needs_successor.set()

    def end(self) -> None:
        """The connection is no more."""
        self.is_over.set()
        self.needs_successor.set()

    def _take_over(self) -> None:
        """Let the predecessors go when the overlap is over by the clocks of all, and the market is heard here too."""
        up_at = self._up_at
        if up_at is None or not (self._has_market_news or self.newest >= up_at + LONGEST_OVERLAP):
            return
        serving = [one for one in self._predecessors if not one.is_over.is_set()]
        if min(one.newest for one in (self, *serving)) < up_at + OVERLAP:
            return
        for one in serving:
            one.replaced_by = self.link
        self._predecessors = ()
