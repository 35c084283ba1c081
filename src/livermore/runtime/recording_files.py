"""The files of a recording: JSON lines in zstd frames, each file and their number bounded.

A recording called FILE continues in FILE.1, FILE.2 and so on; an engine can only begin with its session, so the files
are one whole that is replayed from the first one. Nothing of it is ever dropped or overwritten: at its bound a
recording ends, and says so. What has been written survives the process; a frame ends every mebibyte and carries a
checksum over all of it.
"""

import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zstandard

from livermore.core.market.timeframe import Millis
from livermore.core.watch import Watch
from livermore.errors import StoreError
from livermore.runtime.recording_lines import Began, Continued, Ended, Opened, Record, line_of

MEBIBYTE: Final = 1 << 20
FRAME_BYTES: Final = MEBIBYTE
LEVEL: Final = 3


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """How large one file gets, compressed and but for the last frame, and how many there are at most.

    An event takes some 50 bytes, so that 4 GiB are a day of a thousand events a second.
    """

    file_bytes: int = 64 * MEBIBYTE
    files: int = 64


def part_path(first: Path, part: int) -> Path:
    """Where a part of the recording called `first` is."""
    return first if part == 0 else first.with_name(f"{first.name}.{part}")


def began_with(watch: Watch, symbols: Sequence[str], series: int, began_at: Millis) -> Began:
    """The record of what a session begins with."""
    return Began(watch, watch.rules.version, tuple(symbols), series, began_at)


class _FrameFile:
    """One file, made of zstd frames; unbuffered, so that what is flushed is the system's to keep."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        self._frame = self._compressor.compressobj()
        self._in_frame = 0
        self.written = 0

    def write(self, line: bytes) -> None:
        """Take in a line; it is sure to be in the file only after the next `flush`."""
        self._put(self._frame.compress(line))
        self._in_frame += len(line)
        if self._in_frame >= FRAME_BYTES:
            self._end_frame()

    def flush(self) -> None:
        """Put into the file all that was taken in."""
        if self._in_frame:
            self._put(self._frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))

    def close(self) -> None:
        """End the frame and the file."""
        try:
            if self._in_frame:
                self._end_frame()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _end_frame(self) -> None:
        self._put(self._frame.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH))
        self._frame = self._compressor.compressobj()
        self._in_frame = 0

    def _put(self, compressed: bytes) -> None:
        left = memoryview(compressed)
        while left:
            count = self._file.write(left)
            self.written += count
            left = left[count:]


class RecordingFiles:
    """The writing end of a recording: blocking, for one thread at a time; a second one waits for the first."""

    def __init__(self, path: Path, version: str, limits: RecordingLimits) -> None:
        self._path = path
        self._version = version
        self._limits = limits
        self._recording = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._file: _FrameFile | None = None
        self._part = 0
        self._is_over = False

    def write(self, records: Iterable[Record]) -> None:
        """Write records and see that they are in the file; none is asked for before it is this thread's turn.

        Raises:
            StoreError: when they cannot be written, or the bound is reached; nothing can be written after that.
        """
        with self._lock:
            try:
                self._write(records)
            except (OSError, zstandard.ZstdError, TypeError, ValueError) as exc:
                self._is_over = True
                if self._file is not None:
                    self._file.abandon()
                raise StoreError(f"{part_path(self._path, self._part)} cannot be written: {_reason(exc)}") from exc

    def close(self, reason: str) -> None:
        """End the recording, saying why, if it has begun and not ended.

        Raises:
            StoreError: when that cannot be written.
        """
        with self._lock:
            if self._is_over or self._file is None:
                return
            self._is_over = True
            try:
                self._file.write(line_of(Ended(reason)))
                self._file.close()
            except (OSError, zstandard.ZstdError) as exc:
                raise StoreError(f"{part_path(self._path, self._part)} cannot be ended: {_reason(exc)}") from exc

    def _write(self, records: Iterable[Record]) -> None:
        if self._is_over:
            return
        file = self._file or self._open_first()
        for record in records:
            if file.written >= self._limits.file_bytes:
                file = self._open_next(file)
            file.write(line_of(record))
        file.flush()

    def _open_first(self) -> _FrameFile:
        for part in range(self._limits.files):
            if part_path(self._path, part).exists():
                raise FileExistsError(f"{part_path(self._path, part).name} exists, and no recording is overwritten")
        return self._open()

    def _open_next(self, full: _FrameFile) -> _FrameFile:
        if self._part + 1 == self._limits.files:
            reason = f"the recording has reached its bound of {self._limits.files} files"
            full.write(line_of(Ended(reason)))
            full.close()
            self._is_over = True
            raise StoreError(reason)
        full.write(line_of(Continued(self._part + 1)))
        full.close()
        self._part += 1
        return self._open()

    def _open(self) -> _FrameFile:
        self._file = _FrameFile(part_path(self._path, self._part))
        self._file.write(line_of(Opened(self._recording, self._part, self._version)))
        return self._file


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
