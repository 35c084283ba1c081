"""What a running session was told to do by people, how far that has got, and who waits for it.

An order goes in by the inbox like all else. Whoever gave it waits here: for what the engine made of it, for history, or
for answers. Nothing is polled: the session looks after each turn of its engine, and only while somebody waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from livermore.core.messages import CandlesFetched, Effect, Event, FetchCandles, FetchRefused, Order
from livermore.errors import NotPossibleNow

Progress: TypeAlias = Callable[[int, int], None]
"""Told how much is done, of how much, each time that it is more."""


class _Errand:
    """Something that is done when its count reaches `total`."""

    def __init__(self, count: Callable[[], int], total: int, progress: Progress | None) -> None:
        self._count = count
        self._total = total
        self._progress = progress
        self._told = -1
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(self) -> None:
        """Tell of progress, and finish when all is done."""
        count = min(self._count(), self._total)
        if count != self._told and self._progress is not None:
            self._progress(count, self._total)
        self._told = count
        if count >= self._total and not self.finished.done():
            self.finished.set_result(None)


class Errands:
    """All that is waited for in one session."""

    def __init__(self) -> None:
        self._orders: list[tuple[Order, asyncio.Future[tuple[Effect, ...]]]] = []
        self._errands: list[_Errand] = []
        self._unanswered: list[set[FetchCandles]] = []
        self._has_ended = False

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        """While the block lasts the session runs; whoever still waits afterwards is told that it has ended."""
        try:
            yield
        finally:
            self._has_ended = True
            waiting = [future for _, future in self._orders] + [errand.finished for errand in self._errands]
            for future in waiting:
                if not future.done():
                    future.set_exception(NotPossibleNow("the session has ended"))

    async def brought(self, order: Order, put: Awaitable[None]) -> tuple[Effect, ...]:
        """What the engine does with `order`, once `put` has put it into the inbox.

        Raises:
            NotPossibleNow: when the session has ended, or ends meanwhile.
        """
        handled: asyncio.Future[tuple[Effect, ...]] = asyncio.get_running_loop().create_future()
        place = (order, handled)
        self._orders.append(place)
        try:
            if self._has_ended:
                handled.set_exception(NotPossibleNow("the session has ended"))
            await put
            return await handled
        finally:
            self._orders.remove(place)

    def handled(self, event: Event, effects: Iterable[Effect]) -> None:
        """Note that the engine has handled an event."""
        for order, handled in self._orders:
            if order is event and not handled.done():
                handled.set_result(tuple(effects))
        if self._unanswered and isinstance(event, CandlesFetched | FetchRefused):
            for orders in self._unanswered:
                orders.discard(event.order)

    async def answered(self, orders: Iterable[FetchCandles], progress: Progress | None) -> None:
        """Wait until all these orders are answered or refused.

        Raises:
            NotPossibleNow: when the session ends meanwhile.
        """
        left = set(orders)
        total = len(left)
        self._unanswered.append(left)
        try:
            await self.done(lambda: total - len(left), total, progress)
        finally:
            self._unanswered.remove(left)

    async def done(self, count: Callable[[], int], total: int, progress: Progress | None) -> None:
        """Wait until the count has reached the total.

        Raises:
            NotPossibleNow: when the session ends meanwhile.
        """
        errand = _Errand(count, total, progress)
        errand.look()
        self._errands.append(errand)
        try:
            if self._has_ended and not errand.finished.done():
                raise NotPossibleNow("the session has ended")
            await errand.finished
        finally:
            self._errands.remove(errand)

    def look(self) -> None:
        """See how far everything has got."""
        for errand in self._errands:
            errand.look()
