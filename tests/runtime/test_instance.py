"""The instance: what it claims, writes and leaves behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from livermore.core.alerts.rules import Rules
from livermore.core.instance.activity import ErrorSeen, PauseChanged, StateChanged
from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Pause, Status
from livermore.core.market.timeframe import DAY
from livermore.core.messages import LinkUp
from livermore.core.watch import Mode, Watch
from livermore.errors import (
    AlreadyServed,
    ClaimLost,
    ConfigError,
    ExchangeUnavailable,
    NotPossibleNow,
    StateError,
    StoreUnavailable,
)
from livermore.runtime.autostart import run_autostart
from livermore.runtime.heartbeat import Pace
from livermore.runtime.instance import Instance, Surroundings
from livermore.runtime.presence import Presence
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session
from runtime.fakes import FakeClock, FakeExchange, FakeNetwork, MemoryStore

NOON = 100 * DAY + DAY // 2
FAST = Pace(
    heartbeat_seconds=0.02, lease_seconds=0.1, retry_seconds=0.01, longest_retry_seconds=0.02, farewell_seconds=5.0
)
ADA = "ada@example.org"


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


class FakeBook:
    """A second memory of epochs, which can be away."""

    def __init__(self, known: int = 0) -> None:
        self.known = known
        self.recorded: list[tuple[int, int, str]] = []
        self.is_away = False

    async def least_epoch(self, exchange_id: int) -> int:
        """What it knows."""
        if self.is_away:
            raise StoreUnavailable("PostgreSQL is away")
        return self.known

    async def record_epoch(self, exchange_id: int, epoch: int, instance_id: str, at: int) -> None:
        """Keep it."""
        if self.is_away:
            raise StoreUnavailable("PostgreSQL is away")
        self.recorded.append((exchange_id, epoch, instance_id))


class Process:
    """An instance among fakes."""

    def __init__(self, book: FakeBook | None = None, pace: Pace = FAST) -> None:
        self.network = FakeNetwork()
        self.exchange = FakeExchange()
        self.store = MemoryStore()
        self.clock = FakeClock()
        self.failure: Exception | None = None
        self.is_open = False
        self.opened = 0
        self.gone: set[str] = set()
        self.pace = pace
        around = Surroundings(
            self.network, self.clock, self._open, book, lambda status: status.instance_id in self.gone, pace
        )
        self.instance = Instance(Presence(a_status(), self.network, self.clock, pace), around)

    @asynccontextmanager
    async def _open(self, status: Status, reports: Reports) -> AsyncIterator[Session]:
        if self.failure is not None:
            raise self.failure
        self.is_open = True
        self.opened += 1
        watch = Watch(self.exchange.identity, self.exchange.traits, Rules(), False)
        try:
            yield Session(self.exchange, self.store, watch, ("BTC-USD",), FakeClock(), reports.report)
        finally:
            self.is_open = False

    @property
    def state(self) -> State:
        return self.instance.status.connection_state

    @property
    def transitions(self) -> list[str]:
        return [entry.to_state.value for entry in self.network.entries if isinstance(entry, StateChanged)]

    async def feeds(self) -> None:
        await self.exchange.script.put([LinkUp(1, NOON, frozenset({"BTC-USD"}), True)])

    async def until(self, is_so: Callable[[], object]) -> None:
        while not is_so():
            await asyncio.sleep(0.001)

    @asynccontextmanager
    async def running(self, *, autostart: bool = False) -> AsyncIterator[Instance]:
        """The process as it runs; leaving is its SIGTERM."""
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            living = tasks.create_task(self.instance.run(), name="instance")
            await self.until(lambda: self.network.shown_statuses or self.network.is_away)
            keeping = None
            if autostart:
                keeping = tasks.create_task(run_autostart(self.instance, self.network, self.pace), name="autostart")
            yield self.instance
            if keeping is not None:
                keeping.cancel()
            living.cancel()

    @asynccontextmanager
    async def active(self) -> AsyncIterator[Instance]:
        await self.feeds()
        async with self.running() as instance:
            await instance.start(ADA)
            await self.until(lambda: self.state is State.ACTIVE)
            yield instance


# ------------------------------------------------------------------------------------------------ the states


async def test_it_is_idle_and_seen_until_it_is_told_to_start() -> None:
    process = Process()
    async with process.running():
        await process.until(lambda: len(process.network.shown_statuses) > 3)

        assert {status.connection_state for status in process.network.shown_statuses} == {State.IDLE}
        assert not process.network.claims

    assert process.network.has_left
    assert not process.transitions


async def test_it_goes_from_idle_to_active_and_leaves_stopped() -> None:
    process = Process()
    async with process.active() as instance:
        assert instance.status.admin_email == ADA

    assert process.transitions == ["starting", "warming", "active", "stopping", "stopped"]
    assert {status.epoch for status in process.network.statuses} == {1}
    assert process.network.shown_statuses[-1].connection_state is State.STOPPED
    assert not process.is_open


async def test_each_transition_is_in_the_status_before_it_is_in_the_activity() -> None:
    process = Process()
    async with process.active() as instance:
        await instance.stop()

    for state in ("starting", "warming", "active", "stopping", "stopped"):
        assert process.network.order.index(f"status {state}") < process.network.order.index(f"activity {state}")


async def test_it_can_be_stopped_and_started_again_in_one_process() -> None:
    process = Process()
    async with process.active() as instance:
        await instance.stop()
        assert process.state is State.STOPPED
        assert not process.is_open
        await process.feeds()
        await instance.start("bob@example.org")
        await process.until(lambda: process.state is State.ACTIVE)
        assert instance.status.epoch == 2
        assert instance.status.admin_email == "bob@example.org"

    assert process.transitions == ["starting", "warming", "active", "stopping", "stopped"] * 2


async def test_what_is_not_possible_now_is_refused_and_changes_nothing() -> None:
    process = Process()
    async with process.running() as instance:
        for order in (instance.stop(), instance.pause(ADA), instance.resume(ADA)):
            with pytest.raises(NotPossibleNow, match="not running"):
                await order
        assert process.state is State.IDLE
        await process.feeds()
        await instance.start(ADA)
        with pytest.raises(NotPossibleNow, match="already"):
            await instance.start(ADA)
        with pytest.raises(NotPossibleNow, match="not paused"):
            await instance.resume(ADA)
        await instance.pause(ADA)
        with pytest.raises(NotPossibleNow, match=f"paused already, by {ADA}"):
            await instance.pause("bob@example.org")


# ------------------------------------------------------------------------------------------------ pause


async def test_a_pause_ends_the_session_and_keeps_the_claim() -> None:
    process = Process()
    async with process.active() as instance:
        await instance.pause(ADA)

        assert not process.is_open
        last = process.network.statuses[-1]
        assert (last.connection_state, last.feed_state, last.paused_by) == (State.ACTIVE, FeedState.DOWN, ADA)
        beats = len(process.network.statuses)
        await process.until(lambda: len(process.network.statuses) > beats + 2)

        await process.feeds()
        await instance.resume(ADA)
        assert process.is_open
        await process.until(lambda: process.network.statuses[-1].feed_state is FeedState.LIVE)
        assert process.network.statuses[-1].paused_by is None
        assert (process.opened, instance.status.epoch) == (2, 1)

    assert process.transitions == ["starting", "warming", "active", "stopping", "stopped"]


async def test_a_pause_and_its_end_are_told_with_who_asked_for_them() -> None:
    process = Process()
    async with process.active() as instance:
        await instance.pause(ADA)
        await process.feeds()
        await instance.resume("bob@example.org")

    told = [one for one in process.network.entries if isinstance(one, PauseChanged)]
    assert [(one.is_paused, one.by, one.state) for one in told] == [
        (True, ADA, State.ACTIVE),
        (False, "bob@example.org", State.ACTIVE),
    ]
    assert {one.actor.epoch for one in told} == {1}


async def test_a_pause_while_warming_is_gone_on_from() -> None:
    process = Process()
    process.exchange.answering.clear()
    await process.feeds()
    async with process.running() as instance:
        await instance.start(ADA)
        await process.until(lambda: process.state is State.WARMING)
        await instance.pause(ADA)
        process.exchange.answering.set()
        await process.feeds()
        await instance.resume(ADA)
        await process.until(lambda: process.state is State.ACTIVE)


async def test_a_pause_outlasts_the_process_where_that_starts_by_itself() -> None:
    first = Process()
    async with first.active() as instance:
        await instance.pause(ADA)
    assert first.network.kept_pause is not None

    second = Process()
    second.network.kept_pause = first.network.kept_pause
    await second.feeds()
    async with second.running(autostart=True) as instance:
        await second.until(lambda: second.network.statuses)
        assert (instance.status.paused_by, instance.status.paused_at) == (ADA, first.network.kept_pause.at)
        assert (second.state, second.opened) == (State.STARTING, 0)
        assert second.network.statuses[-1].paused_by == ADA

        await instance.resume("bob@example.org")
        await second.until(lambda: second.state is State.ACTIVE)
        assert (second.opened, second.network.kept_pause, instance.status.paused_by) == (1, None, None)


@pytest.mark.parametrize("end", ["resume", "stop", "start"])
async def test_a_pause_ends_with_a_resume_a_stop_or_a_start_by_somebody(end: str) -> None:
    process = Process()
    await process.feeds()
    async with process.running() as instance:
        if end == "start":
            process.network.kept_pause = Pause(ADA, 5)
            await instance.start("bob@example.org")
        else:
            await instance.start(ADA)
            await instance.pause(ADA)
            await (instance.stop() if end == "stop" else instance.resume(ADA))

        assert process.network.kept_pause is None
        assert instance.status.paused_by is None
        assert process.is_open is (end != "stop")


async def test_what_was_changed_is_shown_at_once_where_that_is_asked_for() -> None:
    process = Process(pace=replace(FAST, heartbeat_seconds=60.0, lease_seconds=600.0))
    async with process.active() as instance:
        instance.note(mode=Mode.POSITION_MONITOR)
        assert process.network.statuses[-1].mode is Mode.SCALPER_MACDV
        await instance.show()
        assert process.network.statuses[-1].mode is Mode.POSITION_MONITOR


@pytest.mark.parametrize("is_grouped", [False, True])
async def test_a_resume_that_is_not_possible_leaves_it_paused_with_its_claim(is_grouped: bool) -> None:
    process = Process()
    refusal: Exception = NotPossibleNow("nothing is held")
    async with process.active() as instance:
        await instance.pause(ADA)
        paused_at = instance.status.paused_at
        for _ in range(2):
            process.failure = ExceptionGroup("of the adapter", [refusal]) if is_grouped else refusal
            with pytest.raises(NotPossibleNow, match="nothing is held"):
                await instance.resume("bob@example.org")
            assert (process.state, instance.status.epoch) == (State.ACTIVE, 1)
            assert (instance.status.paused_by, instance.status.paused_at) == (ADA, paused_at)
            assert process.network.kept_pause == Pause(ADA, paused_at or 0)

        process.failure = None
        await process.feeds()
        await instance.resume(ADA)
        assert process.is_open


async def test_an_instance_that_comes_back_paused_can_be_stopped_and_is_not_started_by_itself_again() -> None:
    process = Process()
    process.network.kept_pause = Pause(ADA, 5)
    async with process.running(autostart=True) as instance:
        await process.until(lambda: instance.status.paused_by == ADA and process.network.statuses)
        await instance.stop()

        assert (process.state, process.network.kept_pause, process.opened) == (State.STOPPED, None, 0)


async def test_a_pause_holds_though_it_cannot_be_kept_and_that_is_said() -> None:
    process = Process(pace=replace(FAST, lease_seconds=30.0))
    async with process.active() as instance:
        process.network.is_away = True
        await instance.pause(ADA)

        assert instance.status.paused_by == ADA
        assert not process.is_open
        assert instance.reports.totals["pause_unkept"] == 1


async def test_a_paused_instance_can_be_stopped() -> None:
    process = Process()
    async with process.active() as instance:
        await instance.pause(ADA)
        await instance.stop()

        assert process.network.shown_statuses[-1].connection_state is State.STOPPED
        assert instance.status.paused_by is None


# ------------------------------------------------------------------------------------------------ starts that fail


async def test_it_is_told_who_serves_the_exchange_and_stays_idle() -> None:
    process = Process()
    process.network.refusal = Refusal(replace(a_status(), instance_id="two", admin_email=ADA), 31_000)
    async with process.running() as instance:
        with pytest.raises(AlreadyServed, match=rf"coinbase is served by an instance on box, process 1.*{ADA}.*31 s"):
            await instance.start(ADA)
        assert process.state is State.IDLE

    assert not process.network.statuses
    assert not process.transitions


async def test_the_claim_of_a_process_that_has_provably_ended_is_taken_at_once() -> None:
    process = Process()
    holder = replace(a_status(), instance_id="dead", epoch=7, connection_state=State.ACTIVE)
    process.network.refusal = Refusal(holder, 31_000)
    process.gone.add("dead")
    async with process.running() as instance:
        await instance.start(ADA)

        assert [gone for _, _, gone in process.network.claims] == [None, holder]


async def test_a_start_that_fails_is_rolled_back_and_says_why() -> None:
    process = Process()
    process.failure = ExchangeUnavailable("the exchange is in maintenance")
    async with process.running() as instance:
        with pytest.raises(ExchangeUnavailable):
            await instance.start(ADA)

        assert process.transitions == ["starting", "stopping", "stopped"]
        last = process.network.shown_statuses[-1]
        assert last.last_error == "ExchangeUnavailable: the exchange is in maintenance"
        assert last.connection_state is State.STOPPED

        process.failure = None
        await process.feeds()
        await instance.start(ADA)
        await process.until(lambda: process.state is State.ACTIVE)


async def test_a_bug_in_the_session_is_left_in_the_status_too_and_the_process_lives_on() -> None:
    process = Process()
    process.failure = ZeroDivisionError("a bug")
    async with process.running() as instance:
        with pytest.raises(StateError, match="ZeroDivisionError: a bug"):
            await instance.start(ADA)

        assert process.network.shown_statuses[-1].last_error == "ZeroDivisionError: a bug"


async def test_a_start_while_the_store_is_away_leaves_it_idle() -> None:
    process = Process()
    async with process.running() as instance:
        process.network.is_away = True
        with pytest.raises(StoreUnavailable):
            await instance.start(ADA)
        assert process.state is State.IDLE
        process.network.is_away = False


# ------------------------------------------------------------------------------------------------ epochs


async def test_an_epoch_known_to_the_database_is_exceeded_and_the_claim_recorded_there() -> None:
    book = FakeBook(41)
    process = Process(book)
    async with process.active() as instance:
        await process.until(lambda: book.recorded)

        assert instance.status.epoch == 42
        assert book.recorded == [(1, 42, "one")]


async def test_without_the_database_it_starts_and_says_so() -> None:
    book = FakeBook()
    book.is_away = True
    process = Process(book)
    async with process.active():
        await process.until(lambda: process.instance.reports.totals["epoch_unrecorded"])

        assert process.instance.reports.totals["epoch_unread"] == 1
        assert process.state is State.ACTIVE


async def test_an_epoch_of_its_own_is_exceeded_though_the_store_has_forgotten_it() -> None:
    """Two claims with one number would take each other for themselves."""
    process = Process()
    async with process.active() as instance:
        await instance.stop()
        process.network.epoch = 0
        await process.feeds()
        await instance.start(ADA)

        assert instance.status.epoch == 2


# ------------------------------------------------------------------------------------------------ losing the claim


async def test_where_the_store_has_lost_the_last_writes_another_session_makes_up_for_them() -> None:
    process = Process()
    process.store.falls_back = True
    await process.feeds()
    async with process.active() as instance:
        await process.until(lambda: process.opened == 2)
        assert process.transitions == ["starting", "warming", "active"]
        assert len(process.network.claims) == 1
        assert instance.reports.totals == {"store_fell_back": 1}


async def test_losing_the_claim_ends_the_session_and_the_instance_stays_visible() -> None:
    process = Process()
    async with process.active() as instance:
        process.network.is_ours = False
        await process.until(lambda: process.state is State.STOPPED)

        assert not process.is_open
        shown = len(process.network.shown_statuses)
        await process.until(lambda: len(process.network.shown_statuses) > shown + 1)
        assert process.network.shown_statuses[-1].last_error == "ClaimLost: coinbase is not ours any more"
        assert isinstance(instance.tenure and instance.tenure.failure, ClaimLost)


async def test_a_claim_that_cannot_be_renewed_is_given_up_before_it_runs_out() -> None:
    process = Process(pace=replace(FAST, farewell_seconds=0.05))
    async with process.active():
        process.network.is_away = True
        await process.until(lambda: process.state is State.STOPPED)
        assert not process.is_open
        process.network.is_away = False
        shown = len(process.network.shown_statuses)
        await process.until(lambda: len(process.network.shown_statuses) > shown)

        last = process.network.shown_statuses[-1]
        assert last.connection_state is State.STOPPED
        assert last.last_error == "ClaimLost: the claim could not be renewed for 0.1 s"
        assert len(process.network.claims) == 1


# ------------------------------------------------------------------------------------------------ autostart


async def test_autostart_starts_and_again_when_a_session_fails() -> None:
    process = Process()
    await process.feeds()
    async with process.running(autostart=True) as instance:
        await process.until(lambda: process.state is State.ACTIVE)
        process.network.is_ours = False
        await process.until(lambda: process.state is State.STOPPED)
        process.network.is_ours = True
        await process.feeds()
        await process.until(lambda: process.state is State.ACTIVE)
        assert instance.status.epoch >= 2


async def test_autostart_obeys_who_stops_it_and_minds_it_again_once_it_was_started() -> None:
    process = Process()
    await process.feeds()
    async with process.running(autostart=True) as instance:
        await process.until(lambda: process.state is State.ACTIVE)
        await instance.stop()
        beats = len(process.network.shown_statuses)
        await process.until(lambda: len(process.network.shown_statuses) > beats + 4)
        assert process.state is State.STOPPED
        assert len(process.network.claims) == 1

        await process.feeds()
        await instance.start(ADA)
        await process.until(lambda: process.state is State.ACTIVE)
        process.network.is_ours = False
        await process.until(lambda: process.state is State.STOPPED)
        process.network.is_ours = True
        await process.until(lambda: len(process.network.claims) == 3)


async def test_autostart_names_the_holder_once_and_follows_when_it_is_gone() -> None:
    process = Process()
    holder = replace(a_status(), instance_id="two", connection_state=State.ACTIVE)
    process.network.refusal = Refusal(holder, 31_000)
    await process.feeds()
    async with process.running(autostart=True):
        await process.until(lambda: len(process.network.claims) > 3)
        assert process.state is State.IDLE
        assert process.instance.reports.totals["start_refused"] == 1

        process.network.refusal = None
        await process.until(lambda: process.state is State.ACTIVE)


async def test_autostart_leaves_an_exchange_alone_that_was_stopped_on_another_instance() -> None:
    process = Process()
    process.network.refusal = Refusal(replace(a_status(), instance_id="two", connection_state=State.ACTIVE), 31_000)
    async with process.running(autostart=True):
        await process.until(lambda: len(process.network.claims) > 1)
        stopped = replace(a_status(), instance_id="two", connection_state=State.STOPPED)
        process.network.refusal = Refusal(stopped, 31_000)
        await asyncio.sleep(0)
        claims = len(process.network.claims)
        beats = len(process.network.shown_statuses)
        await process.until(lambda: len(process.network.shown_statuses) > beats + 4)

        assert len(process.network.claims) <= claims + 1


async def test_autostart_ends_the_process_where_no_second_try_would_help() -> None:
    process = Process()
    process.failure = ConfigError("the name of the exchange's key is wrong")

    with pytest.raises(ExceptionGroup) as caught:
        async with process.running(autostart=True):
            await process.until(lambda: False)

    assert caught.group_contains(ConfigError)


# ---------------------------------------------------------------------------------------- what earlier ones got wrong


async def test_the_heartbeat_goes_on_while_it_serves() -> None:
    process = Process()
    async with process.active():
        process.clock.at = 5_000
        await process.until(lambda: process.network.statuses[-1].last_heartbeat == 5_000)
        process.clock.at = 10_000
        await process.until(lambda: process.network.statuses[-1].last_heartbeat == 10_000)


async def test_an_error_reaches_the_status_and_the_activity_stream() -> None:
    process = Process()
    async with process.active() as instance:
        process.clock.at = 7_000
        instance.reports.report("store_unavailable", "Redis is away")
        await process.until(lambda: process.network.statuses[-1].last_error)

        last = process.network.statuses[-1]
        assert (last.last_error, last.last_error_at) == ("Redis is away", 7_000)
        await process.until(lambda: any(isinstance(entry, ErrorSeen) for entry in process.network.entries))

    (error,) = [entry for entry in process.network.entries if isinstance(entry, ErrorSeen)]
    assert (error.error, error.state) == ("store_unavailable: Redis is away", State.ACTIVE)
