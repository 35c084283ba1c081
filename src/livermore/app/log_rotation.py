"""Log files that stay within bounds: a full one becomes ``x.log.1``, the one before it ``x.log.2``, and so on.

A child of ours appends to a file that it was given at its start, so the file stays the same: what it holds is copied
away, and then it is emptied.
"""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from io import RawIOBase
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
    """Begin a new part of `log` if it is full; a log that cannot be is left as it is."""
    copy = log.with_name(f"{log.name}.copy")
    try:
        if log.stat().st_size <= limit_bytes:
            return False
        # What is written while we copy is copied too, until there is nothing more; then it is emptied at once. No part
        # moves before the copy is whole: on a full disk none would be left after a while.
        with log.open("rb") as source, copy.open("wb", buffering=0) as target:
            while chunk := source.read(1 << 20):
                _write(target, chunk)
            for number in range(PARTS_KEPT - 1, 0, -1):
                part = _part(log, number)
                if part.exists():
                    part.replace(_part(log, number + 1))
            copy.replace(_part(log, 1))
            while chunk := source.read(1 << 20):
                _write(target, chunk)
            os.truncate(log, 0)
    except OSError:
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)
        return False
    return True


def _write(target: RawIOBase, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[target.write(left) or 0 :]


def _part(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
