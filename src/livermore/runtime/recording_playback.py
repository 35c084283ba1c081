"""Reading a recording back: what the session began with, its events in order, and how it ends.

A recording that was cut, by a crash or on its way here, is read up to its last whole line, and says so. Whatever else
is wrong with it is an error that names the file with the line, or with the range of bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import zstandard

from livermore.core.restored import RestoredSeries
from livermore.errors import InvalidRequest, MalformedMessage
from livermore.runtime.recording_files import MEBIBYTE, part_path
from livermore.runtime.recording_lines import FORMAT, Began, Continued, Ended, Opened, Record, Taken, record_of

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
# A frame is ended with the line that makes it a mebibyte; no line comes near the rest.
LARGEST_FRAME: Final = 64 * MEBIBYTE
READ_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class _Placed:
    """A record and where it stands."""

    record: Record
    path: Path
    line: int

    def wrong(self, reason: str) -> InvalidRequest:
        """The error that it is not what must stand there."""
        return InvalidRequest(f"{self.path}:{self.line}: {reason}")


class Playback:
    """A recording opened for reading; `taken` walks through its events once.

    `ending` says how it ended once all events have been walked through, and `is_cut` that it is not whole.

    Raises:
        InvalidRequest: when it cannot be read, is none, or is cut before its session began.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records = _records(path)
        opened = self._next()
        if not isinstance(opened.record, Opened):
            raise opened.wrong("a recording begins with a line that says so")
        self.livermore = opened.record.livermore
        began = self._next()
        if not isinstance(began.record, Began):
            raise began.wrong("the session does not begin where it should")
        self.began = began.record
        self.restored = tuple(self._restored() for _ in range(self.began.series))
        self.ending = ""
        self.is_cut = False

    def taken(self) -> Iterator[Taken]:
        """The events in the order in which the engine took them.

        Raises:
            InvalidRequest: at the line, or the range of bytes, that cannot be read.
        """
        last = f"{self._path}, before the first event"
        for placed in self._records:
            record = placed.record
            if isinstance(record, Ended):
                self.ending = record.reason
                return
            if not isinstance(record, Taken):
                raise placed.wrong(f"{type(record).__name__} among the events")
            last = f"{placed.path}:{placed.line}"
            yield record
        self.is_cut = True
        self.ending = f"the recording is cut; its last whole record is {last}"

    def _next(self) -> _Placed:
        placed = next(self._records, None)
        if placed is None:
            raise InvalidRequest(f"{self._path}: the recording is cut before its session began")
        return placed

    def _restored(self) -> RestoredSeries:
        placed = self._next()
        if not isinstance(placed.record, RestoredSeries):
            raise placed.wrong(f"a restored series was to be here, not {type(placed.record).__name__}")
        return placed.record


def is_recording(path: Path) -> bool:
    """Whether a file begins as a recording does.

    Raises:
        InvalidRequest: when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(ZSTD_MAGIC)) == ZSTD_MAGIC
    except OSError as exc:
        raise InvalidRequest(f"{path}: {exc.strerror or exc}") from exc


def _records(first: Path) -> Iterator[_Placed]:
    """The records of all parts; those that only join the parts are checked and left out."""
    opened: Opened | None = None
    part: int | None = 0
    while part is not None:
        path = part_path(first, part)
        if part and not path.exists():
            return
        expected, part = part, None
        for placed in _placed(path):
            record = placed.record
            if placed.line == 1:
                _check_opening(placed, expected, opened)
                if opened is not None:
                    continue
                opened = record if isinstance(record, Opened) else None
            elif isinstance(record, Continued):
                part = expected + 1
                break
            yield placed


def _check_opening(placed: _Placed, part: int, before: Opened | None) -> None:
    record = placed.record
    if not isinstance(record, Opened):
        raise placed.wrong("not a recording: it does not begin as one")
    if record.format != FORMAT:
        raise placed.wrong(f"recorded in format {record.format}; this version reads format {FORMAT}")
    if record.part != part:
        raise placed.wrong(f"this is part {record.part} of a recording; replay it from its first file")
    if before is not None and record.recording != before.recording:
        raise placed.wrong("this part is of another recording than the file before it")


def _placed(path: Path) -> Iterator[_Placed]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            record = record_of(line)
        except MalformedMessage as exc:
            raise InvalidRequest(f"{path}:{number}: {exc}") from exc
        yield _Placed(record, path, number)


def _lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file; what a cut has left of the last one is no line."""
    left = b""
    try:
        with path.open("rb") as file:
            for frame in _frames(path, file):
                *lines, left = (left + frame).split(b"\n")
                yield from lines
    except OSError as exc:
        raise InvalidRequest(f"{path}: {exc.strerror or exc}") from exc


def _frames(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """What each frame holds, once its checksum is seen to be right; of a last one that is cut, what there is."""
    position, read = 0, file.read(READ_BYTES)
    while read:
        frame = zstandard.ZstdDecompressor().decompressobj()
        held = bytearray()
        begins_at = position
        try:
            while read and not frame.eof:
                held += frame.decompress(read)
                position += len(read) - len(frame.unused_data)
                read = frame.unused_data or file.read(READ_BYTES)
                if len(held) > LARGEST_FRAME:
                    raise InvalidRequest(f"{path}: not a recording: the frame at byte {begins_at} is too large")
        except zstandard.ZstdError as exc:
            reason = f"bytes {begins_at} to {position + len(read)} cannot be read: {exc}"
            raise InvalidRequest(f"{path}: {reason}") from exc
        yield bytes(held)
