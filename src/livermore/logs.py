"""Structured logging: an event name and keys, one line per event, on standard error.

People get coloured lines in a terminal; programs get JSON lines elsewhere.
"""

import contextlib
import logging
import sys
import threading
from typing import Final, TextIO

import structlog

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class LineLogger:
    """Writes each event as a line; one that cannot be written, as on a full disk, is lost and ends nobody."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._turn = threading.Lock()

    def msg(self, message: str) -> None:
        """Write a line."""
        with self._turn, contextlib.suppress(OSError):
            self._file.write(message + "\n")
            self._file.flush()

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def set_up_logs(level: str, *, for_people: bool) -> None:
    """Send all log events of this process from `level` up to standard error."""
    render: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
        if for_people
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: LineLogger(sys.stderr),
        cache_logger_on_first_use=True,
    )
