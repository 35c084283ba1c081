"""The one door out: commits with alerts before those without, each symbol's own in the engine's order.

Many are performed in one round trip. The session owns the outbox. While the store cannot be reached commits wait here,
up to a limit that then holds the engine back, and are written, each once, when it is back.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Final

from livermore.core.market.timeframe import Millis
from livermore.core.messages import Commit, Effect, PublishTicker
from livermore.errors import StoreUnavailable
from livermore.runtime.ports import Clock, Store

BATCH: Final = 250
# Between two round trips the engine has its turn, and what it then finds to be an alert goes first.
CALM_BATCH: Final = 100
WAITING_LIMIT: Final = 2_000
FIRST_RETRY_SECONDS: Final = 0.1
LONGEST_RETRY_SECONDS: Final = 2.0


class CommitQueue:
    """Commits that wait: those with alerts come first, and none before an earlier one of its symbol."""

    def __init__(self) -> None:
        self._urgent: deque[Commit] = deque()
        self._calm: deque[Commit] = deque()
        self._calm_by_symbol: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._calm)

    def append(self, commit: Commit) -> None:
        """Let a commit wait."""
        if commit.alerts and commit.symbol not in self._calm_by_symbol:
            self._urgent.append(commit)
        else:
            self._calm.append(commit)
            self._calm_by_symbol[commit.symbol] += 1

    def take(self) -> list[Commit]:
        """The commits to be written next, in one round trip; they wait no longer."""
        if self._urgent:
            return [self._urgent.popleft() for _ in range(min(BATCH, len(self._urgent)))]
        taken = [self._calm.popleft() for _ in range(min(CALM_BATCH, len(self._calm)))]
        for commit in taken:
            self._calm_by_symbol[commit.symbol] -= 1
            if not self._calm_by_symbol[commit.symbol]:
                del self._calm_by_symbol[commit.symbol]
        return taken


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
        self._commits = CommitQueue()
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
                await self._write(self._commits.take())
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
                await self._store.commit(commits, self._clock.now())
            except StoreUnavailable as error:
                self._report("store_unavailable", str(error))
                await asyncio.sleep(random.uniform(pause / 2, pause))
                pause = min(2 * pause, LONGEST_RETRY_SECONDS)
            else:
                break
        self._is_writing = False
        # Our own lag ends when the store has answered, which is later than what the alerts are stamped with.
        self._committed(commits, self._clock.now())

    async def _publish(self, tickers: list[PublishTicker]) -> None:
        try:
            await self._store.publish_tickers(tickers)
        except StoreUnavailable as error:
            # A ticker lives for seconds; the next one replaces it.
            self._report("store_unavailable", str(error))
