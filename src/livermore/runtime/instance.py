"""One process of ours for one exchange: its claim, its states, and the sessions that it runs while it serves.

It is idle until it is told to start. Every transition is written to the status, then to the activity stream, then to
the log. A start that fails is rolled back: what was opened is closed, the claim is given back and the state is stopped;
so it is when the claim is lost. It stays there, visible, and can be started again.
"""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import structlog

from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import CLAIMABLE, State, Trigger
from livermore.core.instance.status import Pause, Status
from livermore.errors import AlreadyServed, LivermoreError, NotPossibleNow, StateError, StoreError, StoreFellBack
from livermore.runtime.heartbeat import USUAL_PACE, Pace, run_heartbeat
from livermore.runtime.ports import Clock, EpochBook, Network
from livermore.runtime.presence import Presence
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session

BOOK_SECONDS: Final = 3.0

OpenSession: TypeAlias = Callable[[Status, Reports], AbstractAsyncContextManager[Session]]
"""Opens a session for the instance of a status, whose epoch, admin and mode it goes by."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an instance stands on; `is_gone` tells whether the process that wrote a status has provably ended."""

    network: Network
    clock: Clock
    open_session: OpenSession
    book: EpochBook | None = None
    is_gone: Callable[[Status], bool] = lambda _: False
    pace: Pace = USUAL_PACE


class Tenure:
    """The time between a start and its end; `opened` is set with the first session, `failure` is why it has ended.

    `refused` is set when a session that was to follow a pause cannot be, and `refusal` is why; the pause then goes on.
    """

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.over = asyncio.Event()
        self.failure: Exception | None = None
        self.task: asyncio.Task[None] | None = None
        self.session_task: asyncio.Task[None] | None = None
        self.may_run = asyncio.Event()
        self.may_run.set()
        self.refused = asyncio.Event()
        self.refusal: NotPossibleNow | None = None
        self.is_resuming = False


class Instance:
    """The lifecycle in motion; `status` is what it says of itself, `session` what it runs, if any."""

    def __init__(self, presence: Presence, around: Surroundings) -> None:
        self._presence = presence
        self.reports = self._presence.reports
        self._around = around
        self._network = around.network
        self._clock = around.clock
        self.begun = asyncio.Event()
        self.refused_by: str | None = None
        self._turn = asyncio.Lock()
        self._tenure: Tenure | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._log = structlog.get_logger("livermore")

    @property
    def status(self) -> Status:
        """What it says of itself now."""
        return self._presence.status

    @property
    def session(self) -> Session | None:
        """What it runs at present."""
        return self._presence.session

    def note(self, **changes: Any) -> None:
        """Change fields of the status; they are told with the next heartbeat."""
        self._presence.note(**changes)

    async def show(self) -> None:
        """Write the status now: who has the result of a command sees in the status what it changed."""
        await self._presence.write_patiently()

    async def run(self) -> None:
        """Be there until cancelled; what it does meanwhile, others tell it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self._presence.run_seen(), name="presence")
                tasks.create_task(self._presence.run_recording(), name="activity")
        finally:
            self._tasks = None
            await self._presence.leave()

    # ------------------------------------------------------------------------------------------- what it is told

    async def start(
        self, admin_email: str | None, display_name: str | None = None, *, keeps_pause: bool = False
    ) -> None:
        """Claim the exchange and open a session; returns once that is open, which is before it is warm.

        A pause ends with it, or, with `keeps_pause`, goes on: then the claim is all, until it is resumed.

        Raises:
            AlreadyServed: when another instance serves it; the message says which.
            NotPossibleNow: when this instance serves it already.
            LivermoreError: whatever the session could not be opened for; then all is rolled back.
        """
        async with self._turn:
            if self._tasks is None or self.status.connection_state not in CLAIMABLE:
                raise NotPossibleNow(f"{self.status.exchange_name} is {self.status.connection_state} here already")
            self._presence.note(admin_email=admin_email, admin_display_name=display_name)
            try:
                pause = await self._network.pause()
                await self._claim()
            except (AlreadyServed, StoreError) as error:
                await self._presence.learn_of_lost_claim()
                await self._refused(error)
                raise
            self.refused_by = None
            tenure = self._tenure = Tenure()
            if pause is not None and keeps_pause:
                tenure.may_run.clear()
                self._presence.note(paused_by=pause.by, paused_at=pause.at)
                self._log.info("session.still_paused", exchange=self.status.exchange_name, by=pause.by)
            elif pause is not None:
                await self._presence.keep_pause(None)
            tenure.task = self._tasks.create_task(self._serve(tenure), name="tenure")
            self.begun.set()
            if tenure.may_run.is_set():
                await self._opened(tenure)

    async def stop(self) -> None:
        """End the session and give the claim back.

        Raises:
            NotPossibleNow: when it is not running.
        """
        async with self._turn:
            tenure = self._running()
            if self.status.paused_by is not None:
                await self._presence.keep_pause(None)
            await self._presence.tell(Trigger.STOP)
            await _ended(tenure.task)

    async def pause(self, by: str) -> None:
        """End feed and alerts, and keep the claim.

        Raises:
            NotPossibleNow: when there is nothing to pause.
        """
        async with self._turn:
            tenure = self._running()
            if self.status.paused_by is not None:
                raise NotPossibleNow(f"{self.status.exchange_name} is paused already, by {self.status.paused_by}")
            now = self._clock.now()
            self._presence.note(paused_by=by, paused_at=now)
            tenure.may_run.clear()
            await _ended(tenure.session_task)
            await self._presence.keep_pause(Pause(by, now))
            await self._presence.tell_paused(by, is_paused=True)

    async def resume(self, by: str) -> None:
        """Open a session again; what was missed is caught up with.

        Raises:
            NotPossibleNow: when it is not paused, or cannot go on as things are; then it is still paused.
            LivermoreError: whatever else the session could not be opened for; then the instance has stopped.
        """
        async with self._turn:
            tenure, paused_by, paused_at = self._running(), self.status.paused_by, self.status.paused_at
            if paused_by is None:
                raise NotPossibleNow(f"{self.status.exchange_name} is not paused")
            await self._presence.keep_pause(None)
            self._presence.note(paused_by=None, paused_at=None)
            tenure.opened.clear()
            tenure.refused.clear()
            tenure.is_resuming = True
            tenure.may_run.set()
            try:
                await self._opened(tenure)
            except NotPossibleNow:
                if not tenure.over.is_set():
                    self._presence.note(paused_by=paused_by, paused_at=paused_at)
                    await self._presence.keep_pause(Pause(paused_by, paused_at or self._clock.now()))
                raise
            finally:
                tenure.is_resuming = False
            await self._presence.tell_paused(by, is_paused=False)

    @property
    def tenure(self) -> Tenure | None:
        """The present tenure, or the last one."""
        return self._tenure

    def _running(self) -> Tenure:
        tenure = self._tenure
        if tenure is None or tenure.over.is_set() or self.status.connection_state is State.STOPPING:
            raise NotPossibleNow(f"{self.status.exchange_name} is not running here: {self.status.connection_state}")
        return tenure

    async def _opened(self, tenure: Tenure) -> None:
        """Return once the session is open, or raise why it could not be."""
        async with asyncio.TaskGroup() as tasks:
            events = (tenure.opened, tenure.refused, tenure.over)
            waits = [tasks.create_task(event.wait(), name="opening") for event in events]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()
        if not tenure.over.is_set():
            if tenure.refusal is not None and tenure.refused.is_set():
                raise tenure.refusal
            return
        failure = tenure.failure or NotPossibleNow("it was ended as it began")
        if isinstance(failure, LivermoreError):
            raise failure
        raise StateError(f"the session failed: {type(failure).__name__}: {failure}") from failure

    # ------------------------------------------------------------------------------------------- the claim

    async def _claim(self) -> None:
        now = self._clock.now()
        status = replace(self._presence.observed(), registered_at=now, connection_state=State.STARTING)
        least = await self._least_epoch()
        outcome = await self._network.claim(status, least_epoch=least)
        if isinstance(outcome, Refusal) and self._around.is_gone(outcome.holder):
            gone = outcome.holder
            self._log.info("claim.taken_over", exchange=status.exchange_name, pid=gone.pid, epoch=gone.epoch)
            outcome = await self._network.claim(status, least_epoch=least, gone=gone)
        if isinstance(outcome, Refusal):
            raise AlreadyServed(outcome.sentence, holder_id=outcome.holder.instance_id)
        self._presence.note(epoch=outcome, registered_at=now)

    async def _least_epoch(self) -> int:
        # A store that has lost its last writes may know less than we do.
        own = self.status.epoch
        if self._around.book is None:
            return own
        try:
            async with asyncio.timeout(BOOK_SECONDS):
                return max(own, await self._around.book.least_epoch(self.status.exchange_id))
        except (StoreError, TimeoutError) as error:
            self.reports.report("epoch_unread", str(error) or "the database does not answer")
            return own

    async def _record_epoch(self, book: EpochBook) -> None:
        status = self.status
        try:
            async with asyncio.timeout(BOOK_SECONDS):
                await book.record_epoch(status.exchange_id, status.epoch, status.instance_id, status.registered_at)
        except (StoreError, TimeoutError) as error:
            self.reports.report("epoch_unrecorded", str(error) or "the database does not answer")

    async def _refused(self, error: LivermoreError) -> None:
        """Say why the exchange could not be had; once for each holder, however often it is tried."""
        holder = str(error.context.get("holder_id", type(error).__name__))
        if holder != self.refused_by:
            self.refused_by = holder
            self.reports.report("start_refused", str(error))
            await self._presence.write_patiently()

    # ------------------------------------------------------------------------------------------- a tenure

    async def _serve(self, tenure: Tenure) -> None:
        """Serve until cancelled; whatever ends it otherwise is told in the status, and is no end of the process."""
        trigger = Trigger.STOP
        try:
            await self._presence.announce(self._presence.change(Trigger.START))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(
                    run_heartbeat(self._presence.write, self._around.pace, self.reports.report), name="heartbeat"
                )
                if self._around.book is not None:
                    tasks.create_task(self._record_epoch(self._around.book), name="epoch")
                await self._run_sessions(tenure, tasks)
        except Exception as error:  # noqa: BLE001 - one of the four places of docs/house.md
            reasons = _leaves(error)
            tenure.failure, trigger = reasons[0], Trigger.FAILED
            bugs = [one for one in reasons if not isinstance(one, LivermoreError)]
            self._log.error("session.failed", exc_info=bugs[0] if bugs else None)
            self.reports.report("session_failed", "; ".join(f"{type(one).__name__}: {one}" for one in reasons))
        finally:
            try:
                await self._presence.farewell(trigger)
            finally:
                tenure.over.set()

    async def _run_sessions(self, tenure: Tenure, tasks: asyncio.TaskGroup) -> None:
        while True:
            await tenure.may_run.wait()
            tenure.session_task = tasks.create_task(self._run_session(tenure), name="session")
            await asyncio.wait([tenure.session_task])

    async def _run_session(self, tenure: Tenure) -> None:
        try:
            async with self._around.open_session(self.status, self.reports) as session, asyncio.TaskGroup() as tasks:
                self._presence.session = session
                tenure.opened.set()
                tasks.create_task(session.run(), name="pipeline")
                tasks.create_task(self._follow(session), name="lifecycle")
        except (NotPossibleNow, ExceptionGroup) as error:
            reasons = _leaves(error)
            refusal = reasons[0]
            if all(isinstance(one, StoreFellBack) for one in reasons):
                # The next session begins with what there is, and makes up for what is lost.
                self.reports.report("store_fell_back", str(refusal))
                return
            if not tenure.is_resuming or tenure.opened.is_set() or not isinstance(refusal, NotPossibleNow):
                raise
            # What could not be begun is no reason to lose the claim, and the pause with it.
            tenure.refusal = refusal
            tenure.may_run.clear()
            tenure.refused.set()
        finally:
            self._presence.session = None
            # What a session froze once it was warm is garbage now.
            gc.unfreeze()

    async def _follow(self, session: Session) -> None:
        await session.connected.wait()
        if self.status.connection_state is State.STARTING:
            await self._presence.advance_patiently(Trigger.CONNECTED)
        await session.warmed.wait()
        if self.status.connection_state is State.WARMING:
            self._presence.note(connected_at=self._clock.now())
            await self._presence.advance_patiently(Trigger.WARMED)


async def _ended(task: asyncio.Task[None] | None) -> None:
    """Cancel a task and return once it has ended, however it did."""
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


def _leaves(error: Exception) -> list[Exception]:
    if not isinstance(error, ExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in _leaves(one)]
