"""The real command, run as a person runs it."""

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

Outcome: TypeAlias = subprocess.CompletedProcess[str]
Livermore: TypeAlias = Callable[..., Outcome]
SOURCE = Path(__file__).resolve().parents[2] / "src"
PRICES = "timestamp,open,high,low,close,volume"


def hears_ctrl_c() -> None:
    """Let a child that is about to begin be interrupted, also where we run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def livermore() -> Livermore:
    """Run the command with these arguments in a process of its own."""

    def run(*arguments: object, **environment: str) -> Outcome:
        return subprocess.run(
            [sys.executable, "-m", "livermore", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    return run


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write a table of prices into a file."""

    def write(rows: Iterable[Sequence[object] | str], header: str = PRICES, name: str = "candles.csv") -> Path:
        lines = [header, *(row if isinstance(row, str) else ",".join(map(str, row)) for row in rows)]
        text = "\n".join(lines) + "\n"
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write
