"""Fault 27: a thousand symbols for hours in flat memory, and the audit of a sample of them at the end.

``LIVERMORE_SOAK_SECONDS`` says for how long, ``LIVERMORE_SOAK_SYMBOLS`` how many, ``LIVERMORE_SOAK_SPEED`` how fast and
``LIVERMORE_SOAK_EXCHANGES`` on which exchanges: two of a thousand symbols at ten times the speed keep two cores busy,
and where other things run on them the speed has to be lower still: a starved simulator is a silent exchange.
Samples go to ``soak-memory.csv`` in the test's directory, which `pytest --basetemp` names, beside the instances' logs.
"""

import asyncio
import os
import random
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from faults.harness import LOOK_EVERY_SECONDS, Fire, a_fire, check_clean, figures, tell
from livermore.app.audit import Audit, AuditSettings, run_audit
from livermore.cache.connect import keys_on
from livermore.cache.instances import shown_status
from livermore.cache.readers import watched_symbols
from livermore.core.instance.lifecycle import State
from livermore.core.market.exchange import ExchangeIdentity, exchange_named
from livermore.core.market.timeframe import BASE, Millis

SOURCE = Path(__file__).resolve().parents[2] / "src"
SECONDS = float(os.environ.get("LIVERMORE_SOAK_SECONDS", "3600"))
SYMBOLS = int(os.environ.get("LIVERMORE_SOAK_SYMBOLS", "1000"))
SPEED = float(os.environ.get("LIVERMORE_SOAK_SPEED", "10"))
EXCHANGES = os.environ.get("LIVERMORE_SOAK_EXCHANGES", "coinbase,binance").split(",")
WARM_WITHIN_SECONDS = 900.0
SETTLES_WITHIN_SECONDS = 900.0
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


@asynccontextmanager
async def an_instance(fire: Fire, exchange: ExchangeIdentity) -> AsyncIterator[Process]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    command = ("-m", "livermore", "instance", exchange.name, "--autostart")
    with (fire.directory / f"{exchange.name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env={**bare, "PYTHONPATH": str(SOURCE), **fire.variables},
            stdin=DEVNULL, stdout=DEVNULL, stderr=log,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def until_active(fire: Fire, exchange: ExchangeIdentity, process: Process) -> None:
    async with asyncio.timeout(WARM_WITHIN_SECONDS):
        while True:
            assert process.returncode is None, "it has ended; its log says why"
            status = await shown_status(fire.redis, keys_on(fire.redis, exchange.id))
            if status is not None and status.connection_state is State.ACTIVE:
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_a_thousand_symbols_for_hours_in_flat_memory(tmp_path: Path) -> None:
    exchanges = [exchange_named(name) for name in EXCHANGES]
    async with a_fire(tmp_path, symbols=SYMBOLS, speed=SPEED) as fire, AsyncExitStack() as stack:
        processes: dict[ExchangeIdentity, Process] = {}
        for exchange in exchanges:
            processes[exchange] = await stack.enter_async_context(an_instance(fire, exchange))
        for exchange, process in processes.items():
            await until_active(fire, exchange, process)
        samples = await sampled(fire, processes)
        ends = BASE.opening(fire.now)
        audits = {exchange: await audited(fire, exchange, ends) for exchange in exchanges}

    peaks = {one: first_and_last(found) for one, found in samples.items()}
    for exchange, (early, late) in peaks.items():
        tell(f"{exchange.name}: {len(samples[exchange])} samples, {early:.0f} MB at first, {late:.0f} MB at last")
        tell(figures(audits[exchange]))
    for exchange, audit in audits.items():
        check_clean(audit, [exchange])
    for early, late in peaks.values():
        assert late - early <= GROWTH_BOUND_MB
        assert late <= SIZE_BOUND_MB


def first_and_last(samples: list[float]) -> tuple[float, float]:
    """The most in the first and in the last third."""
    third = max(1, len(samples) // 3)
    return max(samples[:third]), max(samples[-third:])


async def sampled(fire: Fire, processes: Mapping[ExchangeIdentity, Process]) -> dict[ExchangeIdentity, list[float]]:
    """What each process holds over time, in MB; none may end meanwhile."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    samples: dict[ExchangeIdentity, list[float]] = {exchange: [] for exchange in processes}
    with (fire.directory / "soak-memory.csv").open("w", encoding="ascii") as file:
        file.write(",".join(["seconds", *(exchange.name for exchange in processes), "valkey", "load"]) + "\n")
        while loop.time() - began < SECONDS:
            for exchange, process in processes.items():
                assert process.returncode is None, f"{exchange.name} has ended"
                samples[exchange].append(resident_mb(process.pid))
            store = int((await fire.redis.info("memory"))["used_memory"]) / 1024**2
            row = [loop.time() - began, *(found[-1] for found in samples.values()), store, os.getloadavg()[0]]
            file.write(",".join(f"{number:.1f}" for number in row) + "\n")
            file.flush()
            await asyncio.sleep(SAMPLE_EVERY_SECONDS)
    return samples


async def audited(fire: Fire, exchange: ExchangeIdentity, ends: Millis) -> Audit:
    """The audit of some of the symbols, drawn, once they are committed and confirmed up to `ends`."""
    names = await watched_symbols(fire.redis, keys_on(fire.redis, exchange.id))
    seed = random.SystemRandom().randrange(1 << 32)
    drawn = random.Random(seed).sample(sorted(names), min(AUDITED, len(names)))
    tell(f"seed {seed} draws {', '.join(drawn)}")
    async with asyncio.timeout(SETTLES_WITHIN_SECONDS):
        while await fire.unsettled(exchange, drawn, ends):
            await asyncio.sleep(SAMPLE_EVERY_SECONDS)
    settings = AuditSettings(exchanges=(exchange,), symbols=tuple(drawn), until=ends)
    return await run_audit(settings, fire.environment, fire.directory)
