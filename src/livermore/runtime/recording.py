"""The recorder of a session: what the engine takes is written to files, and the engine never waits for it.

The session hands over events before the engine sees them, so the one that breaks an engine is recorded too. They wait
here, up to a limit, for a thread that spells, compresses and writes them; a disk that cannot keep up or fails ends the
recording with a report, never the session. A crash loses at most what came in during the last second.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from livermore.core.market.timeframe import Millis
from livermore.core.messages import Event
from livermore.core.restored import RestoredSeries
from livermore.core.watch import Watch
from livermore.errors import StoreError
from livermore.runtime.recording_files import RecordingFiles, RecordingLimits, began_with
from livermore.runtime.recording_lines import Record, Taken

WAITING_LIMIT: Final = 100_000
BATCH: Final = 5_000
LIMITS: Final = RecordingLimits()
FLUSH_SECONDS: Final = 1.0
RECORDING_STOPPED: Final = "recording_stopped"
SESSION_ENDED: Final = "the session has ended"


class Recorder:
    """The recording of one session; `report` is told by kind and message when it stops before the session does."""

    def __init__(
        self,
        path: Path,
        version: str,
        report: Callable[[str, str], None],
        limits: RecordingLimits = LIMITS,
        waiting_limit: int = WAITING_LIMIT,
    ) -> None:
        self._files = RecordingFiles(path, version, limits)
        self._report = report
        self._waiting_limit = waiting_limit
        self._waiting: deque[Record] = deque()
        self._filled = asyncio.Event()
        self._has_batch = asyncio.Event()
        self._stopped: str | None = None

    def begin(self, watch: Watch, symbols: Sequence[str], restored: Sequence[RestoredSeries], began_at: Millis) -> None:
        """Note what the session's engine is made of; comes once, before any event."""
        self._waiting.append(began_with(watch, symbols, len(restored), began_at))
        self._waiting.extend(restored)
        self._filled.set()

    def take(self, events: Sequence[tuple[Event, Millis]]) -> None:
        """Note events in the order in which the engine takes them, each with the instant it was received."""
        if self._stopped is not None:
            return
        if len(self._waiting) + len(events) > self._waiting_limit:
            self._stop(f"the disk cannot keep up: {len(self._waiting)} events wait to be recorded")
            return
        self._waiting.extend(Taken(event, now) for event, now in events)
        self._filled.set()
        if len(self._waiting) >= BATCH:
            self._has_batch.set()

    async def run(self) -> None:
        """Write what is noted until cancelled; the rest is written on the way out."""
        try:
            while True:
                await self._filled.wait()
                # Many events in one block compress several times better than each by itself.
                with suppress(TimeoutError):
                    async with asyncio.timeout(FLUSH_SECONDS):
                        await self._has_batch.wait()
                self._has_batch.clear()
                self._filled.clear()
                try:
                    await asyncio.to_thread(self._write, self._stopped)
                except StoreError as error:
                    self._waiting.clear()
                    self._stop(str(error))
        finally:
            # Not awaited, as whoever cancels must not wait twice; a write still under way is waited for by its lock.
            try:
                self._write(self._stopped or SESSION_ENDED)
            except StoreError as error:
                self._stop(str(error))

    def _next(self) -> Iterator[Record]:
        # Taken out where they are written, so that a thread that is cancelled before it began has taken nothing.
        for _ in range(len(self._waiting)):
            yield self._waiting.popleft()

    def _write(self, reason: str | None) -> None:
        self._files.write(self._next())
        if reason is not None:
            self._files.close(reason)

    def _stop(self, reason: str) -> None:
        if self._stopped is None:
            self._stopped = reason
            self._report(RECORDING_STOPPED, reason)
            # What waits is still written, and the reason after it.
            self._filled.set()
            self._has_batch.set()
