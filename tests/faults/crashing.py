"""A real instance that kills itself in the middle of a commit: ``python crashing.py EXCHANGE WHICH AWAITS``.

WHICH is `first`, the first commit of all, or `alert`, the first one that carries alerts. The process dies with SIGKILL
when the commit has been suspended AWAITS times: before its first step at 0, and when it has ended but nobody knows yet
if it is not suspended so often. Nothing of the instance is changed but the moment of its death.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Generator, Sequence
from typing import Any

from livermore.app import instance, sessions
from livermore.cache.store import MarketStore
from livermore.config import read_environment
from livermore.core.market.exchange import exchange_named
from livermore.core.market.timeframe import Millis
from livermore.core.messages import Commit

NO_MORE_AWAITS = "the commit had no further await"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed:
    """A coroutine that takes the process with it after so many suspensions, or at its end."""

    def __init__(self, work: Coroutine[Any, Any, None], awaits: int) -> None:
        self._work = work
        self._awaits = awaits

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._work.__await__()
        for _ in range(self._awaits):
            try:
                waits_for = next(steps)
            except StopIteration:
                # Written down for the test, which must know how many suspensions there are to enumerate.
                sys.stdout.write(f"{NO_MORE_AWAITS}\n")
                sys.stdout.flush()
                break
            yield waits_for
        die()


class CrashingStore(MarketStore):
    """A store whose chosen commit is its process' last."""

    which = "first"
    awaits = 0

    async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        work = super().commit(commits, committed_at)
        if self.which == "alert" and not any(commit.alerts for commit in commits):
            await work
        else:
            await Doomed(work, self.awaits)


if __name__ == "__main__":
    name, CrashingStore.which = sys.argv[1:3]
    CrashingStore.awaits = int(sys.argv[3])
    sessions.MarketStore = CrashingStore  # type: ignore[misc]
    asyncio.run(instance.run_instance(exchange_named(name), read_environment(), is_autostarted=True))
