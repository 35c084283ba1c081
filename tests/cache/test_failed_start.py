"""A start that fails, wherever it does, leaves nothing behind: no claim, no session, no task, no half state."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from cache.examples import a_status
from livermore.cache.instances import claim, live_instances, shown_status
from livermore.cache.keys import Keys
from livermore.cache.network import ExchangeNetwork
from livermore.core.alerts.rules import Rules
from livermore.core.instance.activity import Activity
from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import CLAIMABLE, State
from livermore.core.instance.status import Status
from livermore.core.market.timeframe import DAY
from livermore.core.messages import LinkUp
from livermore.core.watch import Watch
from livermore.errors import LivermoreError, StoreUnavailable
from livermore.runtime.heartbeat import Pace
from livermore.runtime.instance import Instance, Surroundings
from livermore.runtime.presence import Presence
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session
from runtime.fakes import FakeClock, FakeExchange, MemoryStore

PACE = Pace(heartbeat_seconds=2.0, lease_seconds=10.0, retry_seconds=0.01, farewell_seconds=2.0)
# The claim, the status and the entry that say that it starts.
STEPS = ("claim", "heartbeat", "record")


def _gone() -> None:
    raise StoreUnavailable("the connection has gone")


class BrokenNetwork(ExchangeNetwork):
    """The network, one step of which fails: before it is done, or after it, when the answer is lost."""

    step: str | None = None
    is_done_first = False
    breaks: Callable[[], object] = staticmethod(_gone)

    async def claim(self, status: Status, *, least_epoch: int = 0, gone: Status | None = None) -> int | Refusal:
        outcome: int | Refusal = 0
        if self.step != "claim" or self.is_done_first:
            outcome = await super().claim(status, least_epoch=least_epoch, gone=gone)
        await self._break("claim")
        return outcome

    async def heartbeat(self, status: Status) -> bool:
        outcome = True
        if self.step != "heartbeat" or self.is_done_first:
            outcome = await super().heartbeat(status)
        await self._break("heartbeat")
        return outcome

    async def record(self, entry: Activity) -> None:
        if self.step != "record" or self.is_done_first:
            await super().record(entry)
        await self._break("record")

    async def _break(self, step: str) -> None:
        if self.step == step:
            self.step = None
            self.breaks()
            await asyncio.sleep(0)


class Box:
    """An instance with a real network and a made-up exchange."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self.network = BrokenNetwork(redis, keys)
        self.opened: list[str] = []
        self.fails_at: str | None = None
        status = replace(a_status("one", State.IDLE), epoch=0)
        self.presence = Presence(status, self.network, FakeClock(), PACE)
        around = Surroundings(self.network, FakeClock(), self._open, pace=PACE)
        self.instance = Instance(self.presence, around)

    @asynccontextmanager
    async def _open(self, _status: Status, reports: Reports) -> AsyncIterator[Session]:
        exchange = FakeExchange()
        self._fail("adapter")
        self.opened.append("adapter")
        try:
            self._fail("symbols")
            watch = Watch(exchange.identity, exchange.traits, Rules(), False)
            await exchange.script.put([LinkUp(1, 100 * DAY, frozenset({"BTC-USD"}), True)])
            yield Session(exchange, MemoryStore(), watch, ("BTC-USD",), FakeClock(), reports.report)
        finally:
            self.opened.remove("adapter")

    def _fail(self, place: str) -> None:
        if self.fails_at == place:
            self.fails_at = None
            raise StoreUnavailable(f"no {place}")

    async def is_there(self) -> None:
        while await self.network.shown() is None:
            await asyncio.sleep(0.005)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Instance]:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            living = tasks.create_task(self.instance.run(), name="instance")
            await self.is_there()
            yield self.instance
            living.cancel()


async def check_nothing_left(box: Box, redis: Redis, keys: Keys) -> None:
    assert box.instance.status.connection_state in CLAIMABLE
    assert box.instance.session is None
    assert box.opened == []
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not names & {"tenure", "session", "pipeline", "heartbeat", "lifecycle", "opening", "epoch"}
    status = await shown_status(redis, keys)
    assert status is None or status.connection_state in CLAIMABLE
    assert isinstance(await claim(redis, keys, a_status("two")), int), "another one can have the exchange at once"


@pytest.mark.parametrize("is_done_first", [False, True])
@pytest.mark.parametrize("step", STEPS)
async def test_a_start_whose_store_fails_at_a_step_leaves_nothing(
    redis: Redis, keys: Keys, step: str, is_done_first: bool
) -> None:
    box = Box(redis, keys)
    async with box.running() as instance:
        box.network.step, box.network.is_done_first = step, is_done_first
        with pytest.raises(StoreUnavailable, match="the connection has gone"):
            await instance.start("ada@example.org")
        await check_nothing_left(box, redis, keys)


@pytest.mark.parametrize("place", ["adapter", "symbols"])
async def test_a_start_whose_session_does_not_open_leaves_nothing(redis: Redis, keys: Keys, place: str) -> None:
    box = Box(redis, keys)
    async with box.running() as instance:
        box.fails_at = place
        with pytest.raises(StoreUnavailable):
            await instance.start("ada@example.org")
        await check_nothing_left(box, redis, keys)


async def test_after_a_start_that_failed_the_next_one_serves(redis: Redis, keys: Keys) -> None:
    box = Box(redis, keys)
    async with box.running() as instance:
        box.network.step, box.network.is_done_first = "claim", True
        with pytest.raises(StoreUnavailable):
            await instance.start("ada@example.org")
        await instance.start("ada@example.org")
        assert instance.status.epoch == 2
        assert box.opened == ["adapter"]


@pytest.mark.parametrize("is_done_first", [False, True])
@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_is_ended_as_it_starts_leaves_no_claim(
    redis: Redis, keys: Keys, step: str, is_done_first: bool
) -> None:
    box = Box(redis, keys)
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        living = tasks.create_task(box.instance.run(), name="instance")
        await box.is_there()
        starting = tasks.create_task(_start(box.instance), name="start")
        box.network.step, box.network.is_done_first = step, is_done_first
        box.network.breaks = lambda: (starting.cancel(), living.cancel())
        await asyncio.wait([living, starting])
        await check_nothing_left(box, redis, keys)
        assert await live_instances(redis, keys) == ()


async def _start(instance: Instance) -> None:
    with contextlib.suppress(LivermoreError):
        await instance.start("ada@example.org")
