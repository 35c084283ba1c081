"""How long the exchange's frames and our own commits take, whatever the two clocks differ by.

They are compared when a connection comes up, and every hour: our clock may be set, a simulator started again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from livermore.core.alerts.alert import Alert
from livermore.core.instance.clock_offset import ClockOffset
from livermore.core.instance.histogram import LagHistogram
from livermore.core.instance.status import Lag
from livermore.core.market.timeframe import Millis
from livermore.core.messages import CandleSeen, Event, Heard, LinkUp
from livermore.errors import DataError, ExchangeError
from livermore.runtime.ports import Clock, Exchange

SAMPLES: Final = 500
COMPARED_EVERY_SECONDS: Final = 3_600.0
# A thousand symbols come up on many connections at once, and a poor line brings new ones again and again.
REST_SECONDS: Final = 60.0


class Delays:
    """The latest delays of one session; `exchange_lag` counts those of frames, in our own milliseconds."""

    def __init__(
        self, exchange: Exchange, clock: Clock, report: Callable[[str, str], None], exchange_lag: LagHistogram
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._report = report
        self._histogram = exchange_lag
        self._offset = ClockOffset(clock.speed)
        self._is_due = asyncio.Event()
        self._of_frames: deque[Millis] = deque(maxlen=SAMPLES)
        self._of_commits: deque[Millis] = deque(maxlen=SAMPLES)

    def heard(self, event: Event, received_at: Millis) -> None:
        """Take in what the feed says, received at that instant of our clock."""
        if isinstance(event, Heard | CandleSeen):
            lag = received_at + self._offset.millis - event.at
            self._of_frames.append(lag)
            self._histogram.add(self._ours(lag))
        elif isinstance(event, LinkUp):
            self._is_due.set()

    def committed(self, alerts: Iterable[Alert], committed_at: Millis) -> None:
        """Take in the alerts that the store has taken by that instant of our clock."""
        self._of_commits.extend(committed_at - alert.times.received for alert in alerts)

    @property
    def lag(self) -> Lag | None:
        """The middle of the latest delays, of the exchange's frames and of our commits of alerts; both are ours."""
        if not self._of_frames:
            return None
        return Lag(self._ours(_middle(self._of_frames)), self._ours(_middle(self._of_commits)))

    async def run(self) -> None:
        """Compare the clocks until cancelled, beginning with the first connection."""
        await self._is_due.wait()
        while True:
            self._is_due.clear()
            await self._compare()
            await asyncio.sleep(REST_SECONDS)
            try:
                async with asyncio.timeout(COMPARED_EVERY_SECONDS - REST_SECONDS):
                    await self._is_due.wait()
            except TimeoutError:
                continue

    async def _compare(self) -> None:
        asked_at = self._clock.now()
        try:
            theirs = await self._exchange.server_time()
        except (ExchangeError, DataError) as error:
            self._report("clock_unread", str(error))
            return
        said = self._offset.measured(asked_at=asked_at, theirs=theirs, answered_at=self._clock.now())
        if said is not None:
            self._report("clock_offset", said)

    def _ours(self, duration: Millis) -> Millis:
        return round(duration / self._clock.speed)


def _middle(samples: deque[Millis]) -> Millis:
    return sorted(samples)[len(samples) // 2] if samples else 0
