"""Log files that stay within bounds: a full one becomes ``x.log.1``, the one before it ``x.log.2``, and so on.

A child of ours appends to a file that it was given at its start, so the file stays the same: what it holds is copied
away, and then it is emptied. Other tools may do the same; who cuts the file while we copy it has it his way.
"""

import asyncio
import contextlib
import errno
import os
from collections.abc import Sequence
from io import BufferedRandom, RawIOBase
from pathlib import Path
from typing import Final

LOG_LIMIT_BYTES: Final = 5_000_000
PARTS_KEPT: Final = 5
LOOK_SECONDS: Final = 10.0


async def run_rotation(logs: Sequence[Path]) -> None:
    """Keep these logs within bounds until cancelled."""
    while True:
        for log in logs:
            await asyncio.to_thread(rotate, log)
        await asyncio.sleep(LOOK_SECONDS)


def rotate(log: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> bool:
    """Begin a new part of `log` if it is full; one that cannot be copied, or is cut by others, stays as it is."""
    copy = log.with_name(f"{log.name}.copy")
    try:
        if log.stat().st_size <= limit_bytes:
            return False
        # What is written while we copy is copied too, until there is nothing more; then it is emptied at once. No part
        # moves before the copy is whole: on a full disk none would be left after a while.
        with log.open("r+b") as source, copy.open("wb", buffering=0) as target:
            _copy(source, target)
            for number in range(PARTS_KEPT - 1, 0, -1):
                part = _part(log, number)
                if part.exists():
                    part.replace(_part(log, number + 1))
            copy.replace(_part(log, 1))
            _copy(source, target)
            # The file that was copied, whatever it is called by now.
            os.ftruncate(source.fileno(), 0)
    except OSError:
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)
        return False
    return True


def _copy(source: BufferedRandom, target: RawIOBase) -> None:
    """Copy what is left of the source.

    Raises:
        OSError: when it cannot be, or when the source was cut: what stands in it now begins before where we are.
    """
    while chunk := source.read(1 << 20):
        _write(target, chunk)
    if os.fstat(source.fileno()).st_size < source.tell():
        raise OSError(errno.ESTALE, "somebody else has cut the log")


def _write(target: RawIOBase, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[target.write(left) or 0 :]


def _part(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
