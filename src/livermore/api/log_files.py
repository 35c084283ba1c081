"""The log files read backwards: JSON lines, the newest first, a bounded piece at a time."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from livermore.errors import InvalidRequest, StoreError

BLOCK_BYTES: Final = 64 * 1024
LINE_BYTES: Final = 64 * 1024
LOOKED_THROUGH_BYTES: Final = 32 * 1024 * 1024
"""A search ends there and says where to go on, so that no request reads for ever."""

SUFFIXES: Final = (".log", ".jsonl")
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


def log_names(folder: Path) -> tuple[str, ...]:
    """The logs there are, without their rotated parts."""
    return tuple(sorted(path.name for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file()))


def log_page(folder: Path, wanted: LogFilter, limit: int, cursor: str | None) -> LogPage:
    """A page of one log with its rotated parts, which are named ``x.log.1`` (the newest of them) and on.

    Raises:
        InvalidRequest: when there is no such log, or the cursor is none of ours.
        StoreError: when a file cannot be read.
    """
    name = wanted.file
    if name is None or name not in log_names(folder):
        raise InvalidRequest(f"there is no log {name!r}; there are {', '.join(log_names(folder)) or 'none'}")
    part, end = _place(cursor)
    found: list[LogLine] = []
    budget = LOOKED_THROUGH_BYTES
    try:
        while (path := _part(folder, name, part)).exists():
            for offset, raw in _backwards(path, end):
                budget -= len(raw) + 1
                line = _line(name, raw)
                if line is not None and wanted.takes(line, raw):
                    found.append(line)
                if len(found) == limit or budget <= 0:
                    return LogPage(tuple(found), f"{part}:{offset}")
            part, end = part + 1, None
    except OSError as exc:
        raise StoreError(f"the log cannot be read: {exc.strerror}") from exc
    return LogPage(tuple(found), None)


def _place(cursor: str | None) -> tuple[int, int | None]:
    if cursor is None:
        return 0, None
    part, _, offset = cursor.partition(":")
    return int(part), int(offset)


def _part(folder: Path, name: str, part: int) -> Path:
    return folder / (name if part == 0 else f"{name}.{part}")


def _backwards(path: Path, end: int | None) -> Iterator[tuple[int, bytes]]:
    """The lines that end before `end`, the last one first, each with the place where it begins."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        position = size if end is None else min(end, size)
        rest = b""
        while position > 0:
            start = max(0, position - BLOCK_BYTES)
            file.seek(start)
            lines = (file.read(position - start) + rest).split(b"\n")
            rest, offset = lines[0], start + len(lines[0]) + 1
            places = []
            for line in lines[1:]:
                places.append((offset, line))
                offset += len(line) + 1
            for place, line in reversed(places):
                if line:
                    yield place, line
            # A line without an end is no line: what of it lies further back is passed over.
            rest = rest[:LINE_BYTES]
            position = start
        if rest:
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
