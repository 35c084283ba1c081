"""Finding an embedded Valkey that somebody else runs, from what it leaves in its data directory."""

from dataclasses import dataclass, field
from pathlib import Path

from livermore.embedded.place import LOOPBACK, is_alive
from livermore.embedded.valkey import PID_NAME, PORT_NAME, SECRET_NAME


@dataclass(frozen=True, slots=True)
class RunningValkey:
    """How to reach a server that is not ours to end."""

    host: str
    port: int
    secret: str = field(repr=False)


def running_valkey(data_dir: Path) -> RunningValkey | None:
    """The server whose data is in `data_dir`, or None while none runs there; nothing is changed.

    A server removes the note of its process when it ends; one that was killed leaves it, but no process behind it.
    """
    port, pid = _read(data_dir / PORT_NAME), _read(data_dir / PID_NAME)
    secret = _read(data_dir / SECRET_NAME)
    if not (port.isdecimal() and pid.isdecimal() and secret) or not is_alive(int(pid)):
        return None
    return RunningValkey(LOOPBACK, int(port), secret)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
