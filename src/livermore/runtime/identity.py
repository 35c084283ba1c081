"""Who this process is on its machine, and whether the process of another instance on it has provably ended.

A process number is given out again, so a process is told by its mark: ``<boot id>/<namespace of process numbers>/<start
in ticks since the boot>``, as Linux tells them under /proc. Where it does not, nothing is provable, and who waits for
a dead instance waits until its claim has run out.
"""

import os
from pathlib import Path
from typing import Final

from livermore.core.instance.status import Status

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE: Final = Path("/proc/self/ns/pid")
START_FIELD: Final = 22
STATE_FIELD: Final = 3
DEAD_STATES: Final = frozenset({"Z", "X", "x"})


def process_mark() -> str | None:
    """The mark of this process, or None where the system does not tell."""
    place, start = _place(), _start(os.getpid())
    return None if place is None or start is None else f"{place}/{start}"


def is_provably_gone(status: Status) -> bool:
    """Whether the process that wrote `status` ran here, and has ended; False where that is not known."""
    if status.process_mark is None or status.pid <= 0:
        return False
    place, _, start = status.process_mark.rpartition("/")
    if not place or place != _place():
        return False
    try:
        # Asks without sending anything. A listing of /proc may hide other people's processes; this does not.
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    now_there = _start(status.pid)
    return now_there is not None and now_there != start


def _place() -> str | None:
    """The machine since it was switched on, and the namespace in which a process number means anything."""
    try:
        return f"{BOOT_ID.read_text().strip()}/{NAMESPACE.stat().st_ino}"
    except OSError:
        return None


def _start(pid: int) -> str | None:
    """When a process was started, in ticks; "0" for one that has ended and that nobody has asked about yet."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name of the program, in brackets, may hold anything.
    fields = line.rpartition(")")[2].split()
    first = STATE_FIELD
    if len(fields) <= START_FIELD - first:
        return None
    return "0" if fields[0] in DEAD_STATES else fields[START_FIELD - first]
