"""Delays are told by the exchange's clock, which is compared with ours whenever a connection comes up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from livermore.core.instance.histogram import LagHistogram
from livermore.core.market.timeframe import HOUR, Millis
from livermore.core.messages import Heard, LinkUp
from livermore.errors import ExchangeUnavailable
from livermore.runtime import delays
from livermore.runtime.delays import Delays
from runtime.fakes import FakeClock, FakeExchange

NOON = 12 * HOUR


class Venue(FakeExchange):
    """An exchange with a clock, which cannot be read while it is away."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.ahead: Millis = 0
        self.is_away = False
        self.times_read = 0

    async def server_time(self) -> Millis:
        """What its clock shows."""
        self.times_read += 1
        if self.is_away:
            raise ExchangeUnavailable("no answer")
        return self.clock.now() + self.ahead


class Desk:
    """Delays of a venue, and what was reported."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        self.venue = Venue(self.clock)
        self.reports: list[tuple[str, str]] = []
        self.delays = Delays(
            self.venue, self.clock, lambda kind, text: self.reports.append((kind, text)), LagHistogram(NOON)
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.delays.run(), name="clocks")
            yield
            running.cancel()

    def connect(self) -> None:
        self.delays.heard(LinkUp(1, self.clock.now() + self.venue.ahead, frozenset(), True), self.clock.now())

    def hear(self, delay: Millis) -> None:
        """A frame comes that has been under way for so long, by the exchange's clock."""
        for _ in range(delays.SAMPLES):
            self.delays.heard(Heard(1, self.clock.now() + self.venue.ahead - delay), self.clock.now())

    async def until(self, is_so: Callable[[], object]) -> None:
        while not is_so():
            await asyncio.sleep(0.001)


async def test_an_offset_is_told_with_its_number_and_is_no_delay() -> None:
    desk = Desk()
    desk.venue.ahead = -300_000
    async with desk.running():
        desk.connect()
        await desk.until(lambda: desk.reports)
        desk.hear(80)

    assert desk.reports == [("clock_offset", "the exchange's clock is 300.0 s behind ours")]
    assert desk.delays.lag is not None
    assert desk.delays.lag.exchange_ms == 80


async def test_a_clock_that_is_set_meanwhile_is_found_at_the_next_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delays, "REST_SECONDS", 0.0)
    desk = Desk()
    async with desk.running():
        desk.connect()
        await desk.until(lambda: desk.venue.times_read)
        desk.clock.at += HOUR
        desk.venue.ahead = -HOUR
        desk.connect()
        await desk.until(lambda: desk.reports)
        desk.hear(80)

    assert desk.delays.lag is not None
    assert desk.delays.lag.exchange_ms == 80


async def test_it_is_compared_again_while_nothing_else_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delays, "REST_SECONDS", 0.0)
    monkeypatch.setattr(delays, "COMPARED_EVERY_SECONDS", 0.01)
    desk = Desk()
    async with desk.running():
        desk.connect()
        await desk.until(lambda: desk.venue.times_read > 3)

    assert desk.reports == []


async def test_many_connections_at_once_are_compared_once() -> None:
    desk = Desk()
    async with desk.running():
        for _ in range(50):
            desk.connect()
        await desk.until(lambda: desk.venue.times_read)
        for _ in range(50):
            desk.connect()
            await asyncio.sleep(0)

    assert desk.venue.times_read == 1


async def test_an_exchange_that_does_not_tell_the_time_leaves_what_was_known() -> None:
    desk = Desk()
    desk.venue.is_away = True
    async with desk.running():
        desk.connect()
        await desk.until(lambda: desk.reports)
        desk.hear(80)

    assert desk.reports == [("clock_unread", "no answer")]
    assert desk.delays.lag is not None
    assert desk.delays.lag.exchange_ms == 80
