"""The log files read backwards: JSON lines, the newest first, a bounded piece at a time.

Files are cut, renamed and removed while they are read, by ourselves or by other tools. So a cursor knows how the file
began that it stands in: that file is found again under its next name, and no line of another one is taken for its own.
"""

import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from livermore.errors import InvalidRequest, StoreError

BLOCK_BYTES: Final = 64 * 1024
LINE_BYTES: Final = 64 * 1024
LOOKED_THROUGH_BYTES: Final = 32 * 1024 * 1024
"""A search ends there and says where to go on, so that no request reads for ever."""

MARK_BYTES: Final = 1024
"""So much of a file's beginning tells it from the others; what was once written there stays while lines are added."""

CURSOR: Final = r"^\d{1,4}:\d{1,15}:\d{1,4}:[0-9a-f]{8}$"
"""Its part, an offset, and how many bytes the part began with and their checksum (``0:48211:1024:9ae0daaf``)."""

CUT: Final = "the log was cut or removed here by somebody else; what stood before cannot be found any more"
SUFFIXES: Final = (".log", ".jsonl")
_PART: Final = re.compile(r"(.+)\.(\d{1,4})")
LEVELS: Final = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log: when, how bad, what, and everything else it said."""

    file: str
    timestamp: str
    level: str
    event: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines are wanted."""

    level: str = "debug"
    text: str | None = None
    correlation_id: str | None = None
    file: str | None = None

    def takes(self, line: LogLine, raw: bytes) -> bool:
        """Whether a line is wanted."""
        if LEVELS.index(line.level) < LEVELS.index(self.level):
            return False
        if self.text is not None and self.text.lower() not in raw.decode(errors="replace").lower():
            return False
        return self.correlation_id is None or self.correlation_id in (
            line.fields.get("correlation_id"),
            line.fields.get("correlationId"),
        )


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, newest first, and where to go on."""

    lines: tuple[LogLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Mark:
    """How a file began when it was first read: so many bytes, and their checksum."""

    length: int
    checksum: int

    def is_of(self, file: BinaryIO) -> bool:
        """Whether the file is still the one, and was not cut."""
        return _mark_of(file, self.length) == self


@dataclass(frozen=True, slots=True)
class _Place:
    """Before which byte of which part reading goes on."""

    part: int
    offset: int
    mark: _Mark

    @property
    def cursor(self) -> str:
        """As it is given to clients."""
        return f"{self.part}:{self.offset}:{self.mark.length}:{self.mark.checksum:08x}"


def log_names(folder: Path) -> tuple[str, ...]:
    """The logs there are, without their rotated parts; one that has only those, being renamed, is among them."""
    names = {(found[1] if (found := _PART.fullmatch(path.name)) else path.name) for path in folder.iterdir()}
    return tuple(sorted(name for name in names if Path(name).suffix in SUFFIXES and _parts(folder, name)))


def log_page(folder: Path, wanted: LogFilter, limit: int, cursor: str | None) -> LogPage:
    """A page of one log with its rotated parts, which are named ``x.log.1`` (the newest of them) and on.

    Where the file that was being read is gone, the last line says so and the page is the last one.

    Raises:
        InvalidRequest: when there is no such log, or the cursor is none of ours.
        StoreError: when a file cannot be read.
    """
    name = wanted.file
    if name is None or name not in log_names(folder):
        raise InvalidRequest(f"there is no log {name!r}; there are {', '.join(log_names(folder)) or 'none'}")
    found: list[LogLine] = []
    budget = LOOKED_THROUGH_BYTES
    try:
        for place, raw in _lines_before(folder, name, _place(cursor)):
            if place is None:
                return LogPage((*found, LogLine(name, "", "warning", CUT, {})), None)
            budget -= len(raw) + 1 if raw else BLOCK_BYTES
            line = _line(name, raw) if raw else None
            if line is not None and wanted.takes(line, raw):
                found.append(line)
            if len(found) == limit or budget <= 0:
                return LogPage(tuple(found), place.cursor)
    except OSError as exc:
        raise StoreError(f"the log cannot be read: {exc.strerror}") from exc
    return LogPage(tuple(found), None)


def _place(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    if not re.fullmatch(CURSOR, cursor):
        raise InvalidRequest("the cursor is none of this list")
    part, offset, length, checksum = cursor.split(":")
    return _Place(int(part), int(offset), _Mark(int(length), int(checksum, 16)))


def _lines_before(folder: Path, name: str, place: _Place | None) -> Iterator[tuple[_Place | None, bytes]]:
    """The lines before a place, or all, over all older parts, the last one first.

    An empty one says that something was looked through without finding a line, no place that the file is gone.
    """
    while True:
        here = None if place is None else _part_of(folder, name, place)
        if place is None or place.offset == 0:
            # Of a file that was read to its beginning nobody needs to know where it has gone.
            before = -1 if place is None else place.part if here is None else here
            part = next((one for one in _parts(folder, name) if one > before), None)
            if part is None:
                return
        elif here is None:
            yield None, b""
            return
        else:
            part = here
        with suppress(FileNotFoundError), _path(folder, name, part).open("rb") as file:
            mark, end = (place.mark, place.offset) if place is not None and place.offset else (_mark_of(file), None)
            for offset, raw in _backwards(file, end, mark):
                place = _Place(part, offset, mark)
                yield place, raw


def _part_of(folder: Path, name: str, place: _Place) -> int | None:
    """Which part the file is by now that a place is in; one that is rotated goes up."""
    for part in _parts(folder, name):
        with suppress(FileNotFoundError):
            if part >= place.part:
                with _path(folder, name, part).open("rb") as file:
                    if place.mark.is_of(file):
                        return part
    return None


def _parts(folder: Path, name: str) -> list[int]:
    """The parts of a log that there are, the newest first."""
    files = [path.name for path in folder.iterdir() if path.name.startswith(name) and path.is_file()]
    numbers = [int(found[2]) for found in map(_PART.fullmatch, files) if found and found[1] == name]
    return sorted([0, *numbers] if name in files else numbers)


def _path(folder: Path, name: str, part: int) -> Path:
    return folder / (name if part == 0 else f"{name}.{part}")


def _mark_of(file: BinaryIO, length: int = MARK_BYTES) -> _Mark:
    file.seek(0)
    began = file.read(length)
    return _Mark(len(began), zlib.crc32(began))


def _backwards(file: BinaryIO, end: int | None, mark: _Mark) -> Iterator[tuple[int, bytes]]:
    """The lines that end before `end`, the last one first, each with the place where it begins.

    An empty one says how far it has come: to 0 at last, unless the file was cut meanwhile.
    """
    size = file.seek(0, os.SEEK_END)
    position = size if end is None else min(end, size)
    rest = b""
    while position > 0:
        start = max(0, position - BLOCK_BYTES)
        file.seek(start)
        block = file.read(position - start)
        if len(block) < position - start or not mark.is_of(file):
            return
        if not block.strip(b"\0"):
            # A file that was cut under somebody who does not append goes on behind a hole.
            block, rest, whole = b"", b"", rest
            yield position, whole
        lines = (block + rest).split(b"\n")
        offset = start + len(lines[0]) + 1
        places = []
        for line in lines[1:]:
            places.append((offset, line.lstrip(b"\0")))
            offset += len(line) + 1
        yield from ((place, line) for place, line in reversed(places) if line)
        # A line without an end is no line: what of it lies further back is passed over.
        rest = lines[0].lstrip(b"\0")[:LINE_BYTES]
        position = start
        if position > 0 and not places:
            yield position, b""
    yield 0, rest


def _line(name: str, raw: bytes) -> LogLine | None:
    """The line as it was written, or as text where somebody else wrote it."""
    try:
        fields = msgspec.json.decode(raw[:LINE_BYTES])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        fields = None
    if not isinstance(fields, dict):
        return LogLine(name, "", "error", raw[:LINE_BYTES].decode(errors="replace"), {})
    level = fields.pop("level", "info")
    timestamp, event = fields.pop("timestamp", ""), fields.pop("event", "")
    return LogLine(name, str(timestamp), level if level in LEVELS else "info", str(event), fields)
