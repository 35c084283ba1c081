"""Simulated time: it starts somewhere, runs `speed` times as fast as ours, and never goes backwards."""

import asyncio
import time
from collections.abc import Callable

from livermore.core.market.timeframe import Millis


def wall_millis() -> Millis:
    """The real present instant."""
    return time.time_ns() // 1_000_000


class SimClock:
    """The clock of all simulated exchanges.

    `started_at` is the simulated instant at which it was made. `monotonic` counts real seconds and `wall` tells the
    real instant, which only tokens signed by real clients are compared with.
    """

    def __init__(
        self,
        started_at: Millis,
        speed: float,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], Millis] = wall_millis,
    ) -> None:
        self.started_at = started_at
        self.speed = speed
        self.wall = wall
        self._monotonic = monotonic
        self._began = monotonic()

    def now(self) -> Millis:
        """The simulated present instant."""
        return self.started_at + int((self._monotonic() - self._began) * 1_000 * self.speed)

    def real_seconds(self, simulated: Millis) -> float:
        """How many real seconds so much simulated time takes; never negative."""
        return max(0.0, simulated / 1_000 / self.speed)

    def at_least(self, simulated: Millis, real_seconds: float) -> Millis:
        """A simulated duration, stretched where it would be shorter than so many real seconds.

        Deadlines for somebody else's reaction use it: networks and programs do not run faster for being simulated.
        """
        return max(simulated, int(real_seconds * 1_000 * self.speed))

    async def wait_until(self, instant: Millis) -> None:
        """Return once the simulated instant has come."""
        await asyncio.sleep(self.real_seconds(instant - self.now()))
