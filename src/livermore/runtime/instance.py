"""One process of ours for one exchange: its claim, its states, and the session that it runs while it serves.

Every transition is written to the status, then to the activity stream, then to the log. A start that fails is rolled
back: what was opened is closed, the claim is given back and the state is stopped.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Final, TypeAlias

import structlog

from livermore.core.instance.activity import ErrorSeen, StateChanged, actor_of
from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import Trigger, advance
from livermore.core.instance.status import FeedState, Status
from livermore.errors import AlreadyServed, ClaimLost, IllegalTransition, StoreError, StoreUnavailable
from livermore.runtime.ports import Clock, Network
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session

HEARTBEAT_SECONDS: Final = 5.0
LEASE_SECONDS: Final = 30.0
FAREWELL_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 0.5

OpenSession: TypeAlias = Callable[[int, Reports], AbstractAsyncContextManager[Session]]


class Instance:
    """The lifecycle in motion; `status` is what it says of itself."""

    def __init__(self, status: Status, network: Network, clock: Clock, open_session: OpenSession) -> None:
        self.status = status
        self._network = network
        self._clock = clock
        self._open_session = open_session
        self._reports = Reports(clock)
        self._session: Session | None = None
        self._log = structlog.get_logger("livermore")

    async def serve(self) -> None:
        """Claim the exchange and serve it until cancelled.

        Raises:
            AlreadyServed: when another instance serves it; the message says which.
            ClaimLost: when another instance has claimed it since, or the claim could not be renewed in time.
        """
        await self._claim()
        try:
            await self._advance(Trigger.START)
            async with self._open_session(self.status.epoch, self._reports) as session, asyncio.TaskGroup() as tasks:
                self._session = session
                tasks.create_task(session.run(), name="session")
                tasks.create_task(self._beat(), name="heartbeat")
                tasks.create_task(self._follow(session), name="lifecycle")
                tasks.create_task(self._record_reports(), name="activity")
        except asyncio.CancelledError:
            await self._farewell(Trigger.STOP)
            raise
        except Exception as error:
            reasons = _leaves(error)
            self._reports.report("session_failed", "; ".join(f"{type(one).__name__}: {one}" for one in reasons))
            await self._farewell(Trigger.FAILED)
            if len(reasons) == 1:
                raise reasons[0] from error
            raise

    async def _claim(self) -> None:
        now = self._clock.now()
        self.status = replace(self.status, registered_at=now, last_heartbeat=now)
        outcome = await self._network.claim(self.status)
        if isinstance(outcome, Refusal):
            raise AlreadyServed(outcome.sentence)
        self.status = replace(self.status, epoch=outcome)

    async def _follow(self, session: Session) -> None:
        await session.connected.wait()
        await self._advance_patiently(Trigger.CONNECTED)
        await session.warmed.wait()
        self.status = replace(self.status, connected_at=self._clock.now())
        await self._advance_patiently(Trigger.WARMED)

    async def _advance_patiently(self, trigger: Trigger) -> None:
        """Advance however long the store is away; that it is away too long is for the heartbeat to say."""
        change = self._change(trigger)
        while True:
            try:
                await self._announce(change)
            except StoreUnavailable as error:
                self._reports.report("store_unavailable", str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        renewed_at = loop.time()
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._write_status()
                renewed_at = loop.time()
            except (StoreUnavailable, TimeoutError) as error:
                self._reports.report("heartbeat_failed", str(error))
                if loop.time() - renewed_at > LEASE_SECONDS:
                    raise ClaimLost(f"the claim could not be renewed for {LEASE_SECONDS:g} s") from error

    async def _write_status(self) -> None:
        self.status = self._observed()
        if not await self._network.heartbeat(self.status):
            raise ClaimLost(f"{self.status.exchange_name} is not ours any more")

    def _observed(self) -> Status:
        session, last = self._session, self._reports.last
        status = replace(self.status, last_heartbeat=self._clock.now())
        if last is not None:
            status = replace(status, last_error=last.message, last_error_at=last.at)
        if session is None:
            return replace(status, feed_state=FeedState.DOWN)
        return replace(
            status,
            feed_state=session.feed_state,
            symbol_count=session.symbol_count,
            warmup=session.warmup,
            lag=session.lag,
        )

    async def _record_reports(self) -> None:
        while True:
            await self._reports.has_news.wait()
            await self._record_waiting()

    async def _record_waiting(self) -> None:
        for problem in self._reports.taken():
            entry = ErrorSeen(
                problem.at, actor_of(self.status), f"{problem.kind}: {problem.message}", self.status.connection_state
            )
            try:
                await self._network.record(entry)
            except StoreUnavailable:
                self._log.warning("activity.lost", kind=problem.kind)

    async def _advance(self, trigger: Trigger) -> None:
        await self._announce(self._change(trigger))

    def _change(self, trigger: Trigger) -> StateChanged:
        before = self.status.connection_state
        after = advance(before, trigger)
        if after is None:
            raise IllegalTransition(f"{trigger} is not possible while {before}")
        now = self._clock.now()
        self.status = replace(self.status, connection_state=after, last_state_change=now)
        return StateChanged(now, actor_of(self.status), before, after)

    async def _announce(self, change: StateChanged) -> None:
        """Tell of a transition: in the status, in the activity stream, in the log, in this order."""
        await self._write_status()
        await self._network.record(change)
        before, after = change.from_state.value, change.to_state.value
        self._log.info("state.changed", exchange=self.status.exchange_name, before=before, after=after)

    async def _farewell(self, trigger: Trigger) -> None:
        """Leave `stopped` behind, if the store can still be told within a second."""
        self._session = None
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._record_waiting()
                await self._advance(trigger)
                await self._advance(Trigger.ENDED)
        except (StoreError, IllegalTransition, TimeoutError) as error:
            self._log.warning("farewell.failed", reason=str(error))


def _leaves(error: Exception) -> list[Exception]:
    if not isinstance(error, ExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in _leaves(one)]
