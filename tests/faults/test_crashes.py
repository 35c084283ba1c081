"""An instance is killed at every await of a commit, and at random moments; what it left behind audits clean."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from faults.crashing import NO_MORE_AWAITS
from faults.harness import EVENING, LOOK_EVERY_SECONDS, Fire, a_fire, check_clean, figures, tell
from livermore.cache.keys import Keys
from livermore.cache.readers import watched_symbols
from livermore.core.market.exchange import BINANCE, COINBASE, ExchangeIdentity
from livermore.core.market.timeframe import BASE, MINUTE

SOURCE = Path(__file__).resolve().parents[2] / "src"
CRASHING = Path(__file__).with_name("crashing.py")
SPEED = 600.0
MOST_AWAITS = 30
# Each costs seconds: a few whenever the tests run, and all that are promised where there is time.
FEW_KILLS, RANDOM_KILLS = 6, 20
DIES_WITHIN_SECONDS = 120.0
CATCHES_UP_WITHIN_SECONDS = 120.0

pytestmark = pytest.mark.timeout(480)


@asynccontextmanager
async def a_process(fire: Fire, *command: str) -> AsyncIterator[Process]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    environment = {**bare, "PYTHONPATH": str(SOURCE), **fire.variables}
    # A killed instance keeps its claim until that expires after 45 s; here it expires at once.
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=PIPE, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def expire_claim(fire: Fire, exchange: ExchangeIdentity) -> None:
    """Do what 45 s without a heartbeat do to the claim of a killed instance."""
    await fire.redis.delete(Keys(exchange.id).status)


async def caught_up(fire: Fire, exchange: ExchangeIdentity) -> None:
    """Return once every series of a running instance is committed and confirmed up to what is now present."""
    until = fire.now
    async with asyncio.timeout(CATCHES_UP_WITHIN_SECONDS):
        while True:
            symbols = await watched_symbols(fire.redis, Keys(exchange.id))
            if len(symbols) == fire.sim.settings.symbols and not await fire.unsettled(exchange, symbols, until):
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)


async def finish(fire: Fire, exchange: ExchangeIdentity) -> None:
    """A last run catches up with all that was missed, and the audit judges all of them together."""
    await expire_claim(fire, exchange)
    async with a_process(fire, "-m", "livermore", "instance", exchange.name, "--autostart"):
        await caught_up(fire, exchange)
        ends = BASE.opening(fire.now)
        await fire.until(ends + 15 * MINUTE)
        await caught_up(fire, exchange)
    audit = await fire.audit(ends, [exchange])
    tell(f"{figures(audit)}, after {(ends - EVENING) // MINUTE} minutes")
    # Killed at the very first commit, it may not have watched long enough for an alert.
    check_clean(audit, [exchange], is_eventful=False)


@pytest.mark.parametrize("which", ["first", "alert"])
async def test_killed_at_every_await_of_a_commit(which: str, tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        ended, awaits = False, 0
        while not ended:
            assert awaits <= MOST_AWAITS, "the commit is suspended more often than can be enumerated"
            await expire_claim(fire, COINBASE)
            async with a_process(fire, str(CRASHING), COINBASE.name, which, str(awaits)) as process:
                async with asyncio.timeout(DIES_WITHIN_SECONDS):
                    out, _ = await process.communicate()
                assert process.returncode == -signal.SIGKILL
                ended = NO_MORE_AWAITS.encode() in out
            awaits += 1

        assert awaits > 2, "a commit waits for the store at least once"
        tell(f"killed at {awaits} points")
        await finish(fire, COINBASE)


@pytest.mark.parametrize("kills", [FEW_KILLS, pytest.param(RANDOM_KILLS, marks=pytest.mark.soak)])
async def test_killed_at_random_moments(kills: int, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    tell(f"seed {seed}")
    dice = random.Random(seed)
    async with a_fire(tmp_path, speed=SPEED) as fire:
        for _ in range(kills):
            await expire_claim(fire, BINANCE)
            before = await fire.redis.get(Keys(BINANCE.id).epoch)
            async with a_process(fire, "-m", "livermore", "instance", BINANCE.name, "--autostart") as process:
                async with asyncio.timeout(DIES_WITHIN_SECONDS):
                    while await fire.redis.get(Keys(BINANCE.id).epoch) == before:
                        assert process.returncode is None
                        await asyncio.sleep(LOOK_EVERY_SECONDS)
                # Somewhere between its claim and a while after its warm-up, in the market's time.
                await fire.until(fire.now + int(dice.uniform(0, 12) * MINUTE))
                assert process.returncode is None
                process.kill()
        await finish(fire, BINANCE)
