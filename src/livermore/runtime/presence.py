"""What an instance says of itself: its status, its transitions and its problems, in the store and in the log.

An activity of the instance keeps it seen while it is idle or stopped; while it serves, the heartbeat of its claim does.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from livermore.core.instance.activity import ErrorSeen, PauseChanged, StateChanged, actor_of
from livermore.core.instance.figures import Figures
from livermore.core.instance.lifecycle import CLAIMABLE, State, Trigger, advance
from livermore.core.instance.status import BudgetUse, FeedState, Pause, Status
from livermore.errors import ClaimLost, IllegalTransition, StoreError, StoreUnavailable
from livermore.runtime.heartbeat import Pace
from livermore.runtime.ports import Clock, Network
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session


class Presence:
    """The status of an instance and everybody who is told of it; `session` is what it runs at present, if any.

    `figures` are counted by its sessions; `budgets` tells what is used of what its exchange allows.
    """

    def __init__(
        self,
        status: Status,
        network: Network,
        clock: Clock,
        pace: Pace,
        budgets: Callable[[], tuple[BudgetUse, ...]] = tuple,
    ) -> None:
        self.status = status
        self.figures = Figures(clock.now())
        self._budgets = budgets
        self.session: Session | None = None
        self.reports = Reports(clock)
        self._network = network
        self._clock = clock
        self._pace = pace
        self._log = structlog.get_logger("livermore")

    @property
    def state(self) -> State:
        """Where the instance stands."""
        return self.status.connection_state

    def note(self, **changes: Any) -> None:
        """Change fields of the status; they are told with the next write."""
        self.status = replace(self.status, **changes)

    async def run_seen(self) -> None:
        """Be among the live instances while idle or stopped; while serving the heartbeat does it."""
        while True:
            if self.status.connection_state in CLAIMABLE:
                await self.write_patiently()
            await asyncio.sleep(self._pace.heartbeat_seconds)

    async def write_patiently(self) -> None:
        """Write the status; that it cannot be is reported, and for others to act upon."""
        try:
            async with asyncio.timeout(self._pace.heartbeat_seconds):
                await self.write()
        except (StoreError, TimeoutError) as error:
            self.reports.report("heartbeat_failed", str(error) or "no answer in time")

    async def write(self) -> None:
        """Write the status, which renews the claim where there is one.

        Raises:
            ClaimLost: when the claim is not ours any more.
            StoreError: when the store cannot be told, or holds something foreign.
        """
        self.status = self.observed()
        if self.status.connection_state in CLAIMABLE:
            await self._network.show(self.status)
        elif not await self._network.heartbeat(self.status):
            raise ClaimLost(f"{self.status.exchange_name} is not ours any more")

    def observed(self) -> Status:
        """The status as it is now."""
        session, last, now = self.session, self.reports.last, self._clock.now()
        status = replace(self.status, last_heartbeat=now, lags=self.figures.lags(now), budgets=self._budgets())
        if last is not None:
            status = replace(status, last_error=last.message, last_error_at=last.at)
        if session is None:
            return replace(
                status,
                today=None if status.connection_state in CLAIMABLE else status.today,
                feed_state=FeedState.DOWN,
                feed_reasons=(),
                stale_symbols=(),
                stale_count=0,
                warmup=None,
                lag=None,
            )
        feed = session.feed_report
        return replace(
            status,
            feed_state=feed.state,
            feed_reasons=feed.reasons,
            stale_symbols=feed.stale,
            stale_count=feed.stale_count,
            symbol_count=session.symbol_count,
            warmup=session.warmup,
            lag=session.lag,
            today=session.today,
        )

    async def run_recording(self) -> None:
        """Write what is reported to the activity stream until cancelled."""
        while True:
            await self.reports.has_news.wait()
            await self._record_waiting()

    async def _record_waiting(self) -> None:
        for problem in self.reports.taken():
            entry = ErrorSeen(
                problem.at, actor_of(self.status), f"{problem.kind}: {problem.message}", self.status.connection_state
            )
            try:
                await self._network.record(entry)
            except StoreError:
                self._log.warning("activity.lost", kind=problem.kind)

    def change(self, trigger: Trigger) -> StateChanged:
        """Go to the next state.

        Raises:
            IllegalTransition: when the table has no such edge.
        """
        before = self.status.connection_state
        after = advance(before, trigger)
        if after is None:
            raise IllegalTransition(f"{trigger} is not possible while {before}")
        now = self._clock.now()
        self.status = replace(self.status, connection_state=after, last_state_change=now)
        return StateChanged(now, actor_of(self.status), before, after)

    async def announce(self, change: StateChanged) -> None:
        """Tell of a transition: in the status, in the activity stream, in the log, in this order."""
        await self.write()
        await self._network.record(change)
        self._log_change(change)

    def _log_change(self, change: StateChanged) -> None:
        before, after = change.from_state.value, change.to_state.value
        self._log.info("state.changed", exchange=self.status.exchange_name, before=before, after=after)

    async def tell(self, trigger: Trigger) -> None:
        """Advance, and tell of it as far as the store can be told within a second: the state changes all the same."""
        change = self.change(trigger)
        try:
            async with asyncio.timeout(self._pace.farewell_seconds):
                try:
                    await self.write()
                finally:
                    await self._network.record(change)
        except (StoreError, TimeoutError) as error:
            self._log.warning("state.untold", reason=str(error) or "no answer in time")
        self._log_change(change)

    async def tell_paused(self, by: str, *, is_paused: bool) -> None:
        """Tell that somebody paused the instance, or had it go on: in status, activity stream and log, in order."""
        entry = PauseChanged(self._clock.now(), actor_of(self.status), is_paused, by, self.status.connection_state)
        await self.write_patiently()
        try:
            async with asyncio.timeout(self._pace.farewell_seconds):
                await self._network.record(entry)
        except (StoreError, TimeoutError) as error:
            self._log.warning("activity.lost", kind="pause", reason=str(error) or "no answer in time")
        self._log.info("session.paused" if is_paused else "session.resumed", exchange=self.status.exchange_name, by=by)

    async def keep_pause(self, pause: Pause | None) -> None:
        """Have a pause, or its end, outlast this process; that it cannot be kept is reported."""
        try:
            async with asyncio.timeout(self._pace.heartbeat_seconds):
                await self._network.keep_pause(self.status.epoch, pause)
        except (StoreError, TimeoutError) as error:
            what = "end of the pause" if pause is None else "pause"
            self.reports.report("pause_unkept", f"the {what} would not outlast this process: {error or 'no answer'}")

    async def advance_patiently(self, trigger: Trigger) -> None:
        """Advance however long the store is away; that it is away too long is for the heartbeat to say."""
        change = self.change(trigger)
        while True:
            try:
                await self.announce(change)
            except StoreUnavailable as error:
                self.reports.report("store_unavailable", str(error))
                await asyncio.sleep(self._pace.retry_seconds)
            else:
                return

    async def farewell(self, trigger: Trigger) -> None:
        """Leave `stopped` behind, having told of what went wrong first."""
        try:
            async with asyncio.timeout(self._pace.farewell_seconds):
                await self._record_waiting()
        except TimeoutError:
            self._log.warning("activity.lost", kind="session_failed")
        if self.status.connection_state is not State.STOPPING:
            await self.tell(trigger)
        self.note(paused_by=None, paused_at=None)
        await self.tell(Trigger.ENDED)

    async def learn_of_lost_claim(self) -> None:
        """Take a claim for our own whose answer never came, so that the next write gives it back.

        Only where no claim is under way. While the store cannot be asked, such a claim is left to run out.
        """
        try:
            async with asyncio.timeout(self._pace.farewell_seconds):
                shown = await self._network.shown()
        except (StoreError, TimeoutError):
            return
        if shown is not None and shown.instance_id == self.status.instance_id and shown.epoch > self.status.epoch:
            self.note(epoch=shown.epoch)
            await self.write_patiently()

    async def leave(self) -> None:
        """Be no more among the live instances."""
        await self.learn_of_lost_claim()
        try:
            async with asyncio.timeout(self._pace.farewell_seconds):
                await self._network.leave(self.status.instance_id)
        except (StoreError, TimeoutError) as error:
            self._log.warning("farewell.failed", reason=str(error) or "no answer in time")
