"""The instance: what it claims, writes and leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from livermore.core.alerts.rules import Rules
from livermore.core.instance.activity import ErrorSeen, StateChanged
from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.timeframe import DAY
from livermore.core.messages import LinkUp
from livermore.core.watch import Watch
from livermore.errors import AlreadyServed, ClaimLost, ExchangeUnavailable
from livermore.runtime.instance import Instance
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session
from runtime.fakes import FakeClock, FakeExchange, FakeNetwork, MemoryStore

NOON = 100 * DAY + DAY // 2


def a_status() -> Status:
    return Status(
        exchange_id=1,
        exchange_name="coinbase",
        instance_id="one",
        epoch=0,
        connection_state=State.IDLE,
        feed_state=FeedState.DOWN,
        registered_at=0,
        last_heartbeat=0,
        last_state_change=0,
        hostname="box",
        pid=1,
        version="0",
    )


class Process:
    """An instance among fakes."""

    def __init__(self) -> None:
        self.network = FakeNetwork()
        self.exchange = FakeExchange()
        self.store = MemoryStore()
        self.failure: Exception | None = None
        self.is_open = False
        self.instance = Instance(a_status(), self.network, FakeClock(), self._open)

    @asynccontextmanager
    async def _open(self, epoch: int, reports: Reports) -> AsyncIterator[Session]:
        assert epoch == 1
        if self.failure is not None:
            raise self.failure
        self.is_open = True
        watch = Watch(self.exchange.identity, self.exchange.traits, Rules(), False)
        try:
            yield Session(self.exchange, self.store, watch, ("BTC-USD",), FakeClock(), reports.report)
        finally:
            self.is_open = False

    @property
    def transitions(self) -> list[str]:
        return [entry.to_state.value for entry in self.network.entries if isinstance(entry, StateChanged)]

    async def serve_until(self, state: State) -> None:
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(self.instance.serve(), name="instance")
            while self.instance.status.connection_state is not state:
                await asyncio.sleep(0)
            serving.cancel()


async def test_it_goes_from_idle_to_active_and_leaves_stopped() -> None:
    process = Process()
    await process.exchange.script.put([LinkUp(1, NOON, frozenset({"BTC-USD"}), True)])
    await process.serve_until(State.ACTIVE)

    assert process.transitions == ["starting", "warming", "active", "stopping", "stopped"]
    assert [status.connection_state for status in process.network.statuses] == process.transitions
    assert {status.epoch for status in process.network.statuses} == {1}
    assert not process.is_open


async def test_it_is_told_who_serves_the_exchange() -> None:
    process = Process()
    process.network.refusal = Refusal(a_status(), 31_000)

    with pytest.raises(AlreadyServed, match=r"coinbase is served by an instance on box, process 1, idle.*31 s"):
        await process.instance.serve()

    assert not process.network.statuses


async def test_a_start_that_fails_is_rolled_back_and_says_why() -> None:
    process = Process()
    process.failure = ExchangeUnavailable("the exchange is in maintenance")

    with pytest.raises(ExchangeUnavailable):
        await process.instance.serve()

    assert process.transitions == ["starting", "stopping", "stopped"]
    last = process.network.statuses[-1]
    assert last.last_error == "ExchangeUnavailable: the exchange is in maintenance"
    assert last.connection_state is State.STOPPED


async def test_a_bug_in_the_session_is_left_in_the_status_too() -> None:
    process = Process()
    process.failure = ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        await process.instance.serve()

    assert process.network.statuses[-1].last_error == "ZeroDivisionError: a bug"


async def test_losing_the_claim_ends_it_without_touching_the_others_status() -> None:
    process = Process()
    process.store.is_lost = True
    await process.exchange.script.put([LinkUp(1, NOON, frozenset({"BTC-USD"}), True)])

    with pytest.raises(ClaimLost):
        async with asyncio.timeout(10):
            await process.instance.serve()

    assert not process.is_open


async def test_problems_reach_the_activity_stream() -> None:
    process = Process()
    process.failure = None
    await process.exchange.script.put([LinkUp(1, NOON, frozenset({"BTC-USD"}), True)])
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(process.instance.serve(), name="instance")
        process.store.times_away = 1
        while not any(isinstance(entry, ErrorSeen) for entry in process.network.entries):
            await asyncio.sleep(0)
        serving.cancel()

    (error,) = [entry for entry in process.network.entries if isinstance(entry, ErrorSeen)]
    assert error.error == "store_unavailable: Redis is away"
