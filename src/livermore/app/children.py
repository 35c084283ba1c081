"""Child processes under a supervisor: started, watched, started again when they fail, and ended with us.

A child runs in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor, which then ends all
of them in order. What a child says on standard error goes to its log file.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from livermore.embedded.parent import ends_with_parent
from livermore.errors import ConfigError

STOP_SECONDS: Final = 2.0
FIRST_RESTART_SECONDS: Final = 0.5
LONGEST_RESTART_SECONDS: Final = 30.0
HEALTHY_SECONDS: Final = 60.0
CONFIG_EXIT: Final = 2
WARNING: Final = "livermore: warning:"
ERROR_LEVELS: Final = frozenset({"error", "critical"})


@dataclass(frozen=True, slots=True)
class Child:
    """A command of ours to run as a process: its name for people, arguments, extra environment and log file.

    What it writes to standard output is handed line by line to `hears`.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    hears: Callable[[str], None] = lambda _: None


@asynccontextmanager
async def started(child: Child) -> AsyncIterator[Process]:
    """The running child; it is told to end on the way out, and killed if it does not."""
    child.log.parent.mkdir(parents=True, exist_ok=True)
    with child.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "livermore",
            *child.arguments,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=log,
            env={**os.environ, **child.environment},
            start_new_session=True,
            preexec_fn=ends_with_parent(),
        )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    # It may have ended by itself before either signal.
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def run_supervised(child: Child, say: Callable[[str, str], None]) -> None:
    """Keep the child running until cancelled; `say` is told, with the child's name, when it has to be started again.

    Raises:
        ConfigError: when the child ends at its first start because its configuration is wrong, which no restart would
            mend. One that was content with it before meets something new, as the program's next version: that is
            mended beside us, and takes nobody else along.
    """
    pause, was_content = FIRST_RESTART_SECONDS, False
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        async with started(child) as process:
            if process.stdout is not None:
                async for line in process.stdout:
                    child.hears(line.decode(errors="replace").rstrip())
            code = await process.wait()
        if code != CONFIG_EXIT:
            was_content = True
        elif not was_content:
            raise ConfigError(last_line(child.log).removeprefix("livermore: ") or f"{child.name} cannot be configured")
        if loop.time() - began > HEALTHY_SECONDS:
            pause = FIRST_RESTART_SECONDS
        reason = why_ended(code, child.log)
        said = f"ended with code {code} and is started again in {pause:g} s{f': {reason}' if reason else ''}"
        say(child.name, f"{said} (log: {child.log})")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_RESTART_SECONDS)


def why_ended(code: int, log: Path) -> str | None:
    """Why a process has ended, where that can be told: the signal that killed it, or the error at the end of its log.

    What else stands there last, as of a request that was answered, is no reason of anything.
    """
    if code < 0:
        return f"it was killed by {_signal_name(-code)}"
    line = last_line(log)
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError:
        is_warning = line.startswith(WARNING)
        return None if is_warning else line.removeprefix("livermore: ") or None
    if fields.get("level") not in ERROR_LEVELS:
        return None
    last_of_traceback = str(fields.get("exception") or "").strip().rpartition("\n")[2]
    words = (fields.get("event"), last_of_traceback or fields.get("reason") or fields.get("message"))
    return ": ".join(str(word) for word in words if word) or None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_line(log: Path) -> str:
    """The last line of a log file that says something, or nothing."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "")
