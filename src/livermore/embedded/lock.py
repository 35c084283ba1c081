"""One process at a time on a data directory: a lock that the system lets go of when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from livermore.errors import ConfigError

LOCK_NAME: Final = "livermore.lock"


@contextmanager
def locked(directory: Path, cure: str = "stop it or name another directory") -> Iterator[Path]:
    """Hold the directory, made where it is missing, and give its full path; what a dead process left locked is free.

    `cure` is what to tell whoever comes second.

    Raises:
        ConfigError: when another process holds it; the message names that process.
    """
    path = directory / LOCK_NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileExistsError as exc:
        # The system says of both that they exist, which is the opposite of the trouble.
        raise ConfigError(
            f"the data directory {directory} cannot be used: it, or what it is in, is a file or leads to a place that "
            "is not there; mount the disk behind it, or move it away"
        ) from exc
    except OSError as exc:
        raise ConfigError(f"the data directory {directory} cannot be used ({exc})") from exc
    try:
        _hold(descriptor, directory, cure)
        yield directory.absolute()
    finally:
        os.close(descriptor)


def _hold(descriptor: int, directory: Path, cure: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        raise ConfigError(f"the data directory {directory} is in use by process {holder}; {cure}") from exc
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
