"""Random faults of all kinds on two exchanges: repaired, the hours audit clean; unrepaired, the damage is seen."""

from dataclasses import replace
from pathlib import Path

import pytest

from faults.harness import AFTERMATH, BOTH, Fire, Watching, a_fire, check_clean, figures, tell
from livermore.audit.finding import Kind
from livermore.core.market.exchange import BINANCE, COINBASE, ExchangeIdentity
from livermore.core.market.timeframe import DAY, HOUR, MINUTE, SECOND, Millis
from livermore.sim.faults import fault as kinds
from livermore.sim.faults.random_day import random_faults

SEEDS = (1, 2, 3)


async def burn(fire: Fire, seed: int, duration: Millis) -> int:
    """Let a random day act for so long; answers how many kinds of faults have hit."""
    began = fire.now
    faults = random_faults(seed, duration / SECOND, tuple(exchange.name for exchange in BOTH))
    posted = fire.post(*(replace(fault, start=began + (fault.start or 0.0) * SECOND) for fault in faults))
    await fire.until(began + duration)
    hit = {type(one.fault) for one in posted if one.hits or isinstance(one.fault, kinds.ClockOffset)}
    fire.sim.faults.clear()
    return len(hit)


async def a_day(directory: Path, seed: int, duration: Millis, symbols: int, speed: float) -> None:
    watched: dict[ExchangeIdentity, Watching] = {}
    async with a_fire(directory, symbols=symbols, speed=speed, seed=seed) as fire:
        async with fire.watching(COINBASE) as coinbase, fire.watching(BINANCE) as binance:
            watched = {COINBASE: coinbase, BINANCE: binance}
            kinds_hit = await burn(fire, seed, duration)
            ends = fire.now + AFTERMATH
            await fire.settled(watched, ends)
        audit = await fire.audit(ends)
    tell(f"seed {seed}: {figures(audit)}; {kinds_hit} kinds of faults have hit")
    tell(f"reported: { {exchange.name: dict(seen.totals) for exchange, seen in watched.items()} }")
    check_clean(audit)
    assert kinds_hit >= min(8, duration // HOUR)


@pytest.mark.timeout(180)
async def test_hours_of_random_faults_audit_clean(tmp_path: Path) -> None:
    await a_day(tmp_path, SEEDS[0], 6 * HOUR, symbols=8, speed=900.0)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_day_of_random_faults_audits_clean(seed: int, tmp_path: Path) -> None:
    await a_day(tmp_path, seed, DAY, symbols=30, speed=300.0)


@pytest.mark.timeout(120)
async def test_without_repairs_the_damage_is_seen(tmp_path: Path) -> None:
    """The same machinery, but holes stay and nothing is compared with REST: that the rest audits clean is earned."""
    async with a_fire(tmp_path) as fire, fire.watching(COINBASE) as coinbase, fire.watching(BINANCE) as binance:
        watched = {COINBASE: coinbase, BINANCE: binance}
        await fire.settled(watched, fire.now)
        for seen in watched.values():
            seen.stop_repairs()
        fire.post(kinds.Revision(probability=0.5, after=400.0, by=0.02, duration=(40 * MINUTE) / SECOND))
        await fire.passes(60 * MINUTE)
        wrong = await fire.audit()
        fire.post(kinds.Disconnect(duration=0.0))
        await fire.passes(30 * MINUTE)
        ends = fire.now - 10 * MINUTE
        behind = {exchange: await fire.unsettled(exchange, seen.symbols, ends) for exchange, seen in watched.items()}
    tell(figures(wrong))

    assert not wrong.is_clean
    assert sum(one.counts[kind] for one in wrong.exchanges for kind in (Kind.MISSED, Kind.FALSE)) > 0
    assert all(any("stands at" in line for line in lines) for lines in behind.values()), "a hole has stopped no series"
