"""Fault 27: a thousand symbols for hours in flat memory, and the audit of a sample of them at the end.

``LIVERMORE_SOAK_SECONDS`` says for how long, ``LIVERMORE_SOAK_SYMBOLS`` how many, ``LIVERMORE_SOAK_SPEED`` how fast:
three exchanges of a thousand symbols at 60 times the speed need a machine to themselves. Samples go to
``soak-memory.csv`` in the test's directory, which `pytest --basetemp` names.
"""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

import pytest

from faults.harness import LOOK_EVERY_SECONDS, check_clean, figures, tell
from livermore.app.audit import Audit, AuditSettings, run_audit
from livermore.app.audit_places import store_of
from livermore.cache.connect import open_redis
from livermore.cache.keys import Keys
from livermore.cache.readers import watched_symbols
from livermore.config import Environment
from livermore.core.market.exchange import COINBASE

SOURCE = Path(__file__).resolve().parents[2] / "src"
SECONDS = float(os.environ.get("LIVERMORE_SOAK_SECONDS", "3600"))
SYMBOLS = int(os.environ.get("LIVERMORE_SOAK_SYMBOLS", "1000"))
SPEED = float(os.environ.get("LIVERMORE_SOAK_SPEED", "60"))
NO_REDIS = Environment(redis_host=None)
WARM_WITHIN_SECONDS = 900.0
SAMPLE_EVERY_SECONDS = 5.0
AUDITED = 20
# What a process may grow by between the first and the last third of its samples, and what it may hold at all.
GROWTH_BOUND_MB = 32.0
SIZE_BOUND_MB = 400.0


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def instance_of(exchange: str, directory: Path) -> int | None:
    """The process that serves the exchange for the `livermore up` of that directory."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                is_ours = (entry / "cwd").readlink() == directory
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if is_ours and b"instance" in command and exchange.encode() in command:
                return int(entry.name)
    return None


def told(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


async def until_active(process: Process, log: Path) -> None:
    async with asyncio.timeout(WARM_WITHIN_SECONDS):
        while "Coinbase     active" not in told(log):
            assert process.returncode is None, told(log)[-2000:]
            await asyncio.sleep(LOOK_EVERY_SECONDS)


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_a_thousand_symbols_for_hours_in_flat_memory(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    command = ("up", "--sim", "--symbols", str(SYMBOLS), "--speed", str(SPEED))
    log = tmp_path / "up.log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "livermore", *command,
            cwd=tmp_path, env={**bare, "PYTHONPATH": str(SOURCE)}, stdin=DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        await until_active(process, log)
        samples = await sampled(process, tmp_path)
        audit = await audited(tmp_path)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()

    third = max(1, len(samples) // 3)
    early, late = max(samples[:third]), max(samples[-third:])
    tell(f"{len(samples)} samples over {SECONDS:g} s: {early:.0f} MB at first, {late:.0f} MB at last; {figures(audit)}")
    check_clean(audit, [COINBASE])
    assert late - early <= GROWTH_BOUND_MB
    assert late <= SIZE_BOUND_MB


async def sampled(process: Process, directory: Path) -> list[float]:
    loop = asyncio.get_running_loop()
    began, samples = loop.time(), []
    first = instance_of(COINBASE.name, directory)
    assert first is not None
    with (directory / "soak-memory.csv").open("w", encoding="ascii") as file:
        file.write("seconds,megabytes\n")
        while loop.time() - began < SECONDS:
            assert process.returncode is None
            assert instance_of(COINBASE.name, directory) == first, "the instance was started again"
            samples.append(resident_mb(first))
            file.write(f"{loop.time() - began:.0f},{samples[-1]:.1f}\n")
            file.flush()
            await asyncio.sleep(SAMPLE_EVERY_SECONDS)
    return samples


async def audited(directory: Path) -> Audit:
    """The audit of some of the symbols, drawn."""
    home = directory / ".livermore"
    async with open_redis(store_of(NO_REDIS, home)) as redis:
        names = await watched_symbols(redis, Keys(COINBASE.id))
    seed = random.SystemRandom().randrange(1 << 32)
    drawn = random.Random(seed).sample(names, min(AUDITED, len(names)))
    tell(f"seed {seed} draws {', '.join(drawn)}")
    return await run_audit(AuditSettings(exchanges=(COINBASE,), symbols=tuple(drawn)), NO_REDIS, home)
