"""The only place that asks what time it is."""

import time

from livermore.core.market.timeframe import Millis


class SystemClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> Millis:
        """The present instant."""
        return time.time_ns() // 1_000_000


class SimulatedClock:
    """A clock that was at `anchor` when it was made and runs `speed` times as fast as ours.

    In a simulated market all times of an alert are told by it, so that they lie on one line with the candles.
    """

    def __init__(self, anchor: Millis, speed: float) -> None:
        self._anchor = anchor
        self.speed = speed
        self._started_at = time.monotonic()

    def now(self) -> Millis:
        """The present simulated instant."""
        return self._anchor + int((time.monotonic() - self._started_at) * 1_000 * self.speed)
