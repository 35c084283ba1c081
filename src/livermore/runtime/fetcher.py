"""The courtyard: orders for candles go out by the back and come home by the front door, as events.

The session owns the fetcher. How fast it may ask is the adapter's business; which order comes first is decided by
`core.plan`. An exchange that cannot be reached is asked again without end, since a hole never mends itself.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Final

from livermore.core.messages import CandlesFetched, Event, FetchCandles, FetchRefused
from livermore.core.plan import urgency
from livermore.errors import DataError, ExchangeError
from livermore.runtime.ports import Exchange, Inbox

WORKERS: Final = 16
RETRY_SECONDS: Final = 0.5


class Fetcher:
    """Orders waiting for an answer, the most urgent first."""

    def __init__(self, exchange: Exchange, inbox: Inbox, report: Callable[[str, str], None]) -> None:
        self._exchange = exchange
        self._inbox = inbox
        self._report = report
        self._orders: list[tuple[tuple[int, int], int, FetchCandles]] = []
        self._arrivals = itertools.count()
        self._asked = asyncio.Event()

    def __len__(self) -> int:
        """How many orders wait; those that are under way do not."""
        return len(self._orders)

    def ask(self, order: FetchCandles) -> None:
        """Take an order; its answer will come in through the inbox."""
        heapq.heappush(self._orders, (urgency(order), next(self._arrivals), order))
        self._asked.set()

    async def run(self) -> None:
        """Answer orders until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(WORKERS):
                tasks.create_task(self._work(), name=f"fetcher-{number}")

    async def _work(self) -> None:
        while True:
            while not self._orders:
                self._asked.clear()
                await self._asked.wait()
            _, _, order = heapq.heappop(self._orders)
            answer = await self._answer(order)
            if answer is None:
                self.ask(order)
            else:
                await self._inbox.put([answer])

    async def _answer(self, order: FetchCandles) -> Event | None:
        try:
            candles = await self._exchange.candles(order.symbol, order.timeframe, order.since, order.until)
        except (ExchangeError, DataError) as error:
            self._report("fetch_failed", f"{order.symbol} {order.timeframe}: {error}")
            if not error.transient:
                return FetchRefused(order, str(error))
            # The adapter has tried several times already; one worker's rest leaves the others to more urgent orders.
            await asyncio.sleep(RETRY_SECONDS)
            return None
        return CandlesFetched(order, candles)
