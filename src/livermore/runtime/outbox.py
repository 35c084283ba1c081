"""The one door out: effects are performed in the order the engine gave them, many in one round trip.

The session owns the outbox. While the store cannot be reached commits wait here, up to a limit that then holds the
engine back, and are written, each once, when it is back.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from livermore.core.market.timeframe import Millis
from livermore.core.messages import Commit, Effect, PublishTicker
from livermore.errors import StoreUnavailable
from livermore.runtime.ports import Clock, Store

BATCH: Final = 250
WAITING_LIMIT: Final = 2_000
FIRST_RETRY_SECONDS: Final = 0.1
LONGEST_RETRY_SECONDS: Final = 2.0


class Outbox:
    """Commits waiting to be written, and the latest ticker of each symbol."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        report: Callable[[str, str], None],
        committed: Callable[[Sequence[Commit], Millis], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._report = report
        self._committed = committed
        self._commits: deque[Commit] = deque()
        self._tickers: dict[str, PublishTicker] = {}
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_writing = False

    @property
    def is_idle(self) -> bool:
        """Whether all that was put in has been written."""
        return not self._commits and not self._is_writing

    async def put(self, effects: Sequence[Effect]) -> None:
        """Take commits and tickers; waits while too many commits are not written yet."""
        for effect in effects:
            if isinstance(effect, Commit):
                self._commits.append(effect)
            elif isinstance(effect, PublishTicker):
                self._tickers[effect.ticker.symbol] = effect
        self._filled.set()
        if len(self._commits) > WAITING_LIMIT:
            self._has_room.clear()
            await self._has_room.wait()

    async def run(self) -> None:
        """Write what comes in until cancelled.

        Raises:
            ClaimLost: when another instance has claimed the exchange.
        """
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._commits:
                await self._write([self._commits.popleft() for _ in range(min(BATCH, len(self._commits)))])
                if len(self._commits) <= WAITING_LIMIT:
                    self._has_room.set()
            if self._tickers:
                tickers = list(self._tickers.values())
                self._tickers.clear()
                await self._publish(tickers)

    async def _write(self, commits: list[Commit]) -> None:
        self._is_writing = True
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                committed_at = self._clock.now()
                await self._store.commit(commits, committed_at)
            except StoreUnavailable as error:
                self._report("store_unavailable", str(error))
                await asyncio.sleep(random.uniform(pause / 2, pause))
                pause = min(2 * pause, LONGEST_RETRY_SECONDS)
            else:
                break
        self._is_writing = False
        self._committed(commits, committed_at)

    async def _publish(self, tickers: list[PublishTicker]) -> None:
        try:
            await self._store.publish_tickers(tickers)
        except StoreUnavailable as error:
            # A ticker lives for seconds; the next one replaces it.
            self._report("store_unavailable", str(error))
