"""What a server of our own needs of the machine: private files, a free port, the end of a log, living processes."""

import os
import socket
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
LOG_LIMIT_BYTES: Final = 5_000_000
LOG_TAIL_BYTES: Final = 2_000


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only, and on the disk when this returns."""
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def log_file(path: Path) -> int:
    """A descriptor to append to the log, which is begun anew, the old one beside it, once it has grown large."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def log_tail(path: Path, since: int = 0) -> str:
    """The last words of a log, those before byte `since` left out."""
    try:
        return path.read_bytes()[since:][-LOG_TAIL_BYTES:].decode(errors="replace").strip()
    except OSError as exc:
        return f"no log ({exc})"


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number, be it somebody else's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as candidate:
        candidate.bind((LOOPBACK, 0))
        port: int = candidate.getsockname()[1]
    return port
