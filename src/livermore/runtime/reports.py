"""What an operator should know: counted, logged by sample, and kept as the status' last error.

A broken feed can produce thousands of identical problems a second; of each kind a few are shown in a while and the rest
are counted, so that the first ones can still be found.
"""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

import structlog

from livermore.core.market.timeframe import SECOND, Millis
from livermore.runtime.ports import Clock

SAMPLES: Final = 5
SAMPLE_EVERY: Final[Millis] = 10 * SECOND
WAITING_LIMIT: Final = 1_000
ORDINARY: Final = frozenset({"link_ended", "symbols_unheard"})
"""What is worth a line in the log and no alarm: a planned rotation, thin symbols without trades."""


@dataclass(slots=True)
class _Window:
    since: Millis
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One report, at our instant `at`."""

    at: Millis
    kind: str
    message: str


class Reports:
    """All that was reported: totals by kind, the last problem, and those not yet written to the activity stream."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._log = structlog.get_logger("livermore")
        self._windows: dict[str, _Window] = {}
        self.totals: Counter[str] = Counter()
        self.last: Problem | None = None
        self.has_news = asyncio.Event()
        self._waiting: deque[Problem] = deque(maxlen=WAITING_LIMIT)

    def taken(self) -> tuple[Problem, ...]:
        """The problems that nobody has taken yet, oldest first."""
        taken = tuple(self._waiting)
        self._waiting.clear()
        self.has_news.clear()
        return taken

    def report(self, kind: str, message: str) -> None:
        """Take in one problem."""
        problem = Problem(self._clock.now(), kind, message)
        self.totals[kind] += 1
        if kind in ORDINARY:
            self._log.info(kind, message=message, total=self.totals[kind])
            return
        self.last = problem
        if self._is_sample(problem):
            self._waiting.append(problem)
            self.has_news.set()
            self._log.warning(kind, message=message, total=self.totals[kind])

    def _is_sample(self, problem: Problem) -> bool:
        window = self._windows.get(problem.kind)
        if window is None or problem.at - window.since >= SAMPLE_EVERY:
            window = self._windows[problem.kind] = _Window(problem.at)
        window.seen += 1
        return window.seen <= SAMPLES
