"""Whoever asks of any alert of a day whether it was right is told that it is equal: the whole street, under faults."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from api.stage import Stage, a_stage
from faults.harness import BOTH, Fire, a_fire, tell
from livermore.app.workers import run_workers
from livermore.cache.alert_group import backlog
from livermore.cache.keys import Keys
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.timeframe import DAY, SECOND, Millis
from livermore.database.connect import Pool
from livermore.runtime.clock import SystemClock
from livermore.sim.faults import fault as kinds
from livermore.sim.faults.random_day import random_faults

PAGE = 200
NOT_KEPT = "its candle is not kept any more"
ASKED_AT_ONCE = 4
PATIENCE_SECONDS = 60


@dataclass
class Day:
    """What became of a day: the alerts as the API lists them, and what asking again says of each."""

    alerts: list[dict[str, Any]] = field(default_factory=list)
    equal: set[str] = field(default_factory=set)
    unequal: list[str] = field(default_factory=list)

    @property
    def statuses(self) -> Counter[str]:
        return Counter(alert["status"] for alert in self.alerts)


async def all_alerts(stage: Stage) -> list[dict[str, Any]]:
    """Every alert of the ledger, page by page."""
    headers = await stage.headers()
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await stage.http.get(f"/api/v1/alerts?limit={PAGE}{cursor}", headers=headers)
        page = answer.json()
        assert page["source"] == "ledger", "the ledger has not caught up"
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def ask_again(stage: Stage, day: Day) -> None:
    """Have every alert computed once more, and its provenance told."""
    headers = await stage.headers()
    waiting = list(day.alerts)

    async def ask() -> None:
        while waiting:
            alert = waiting.pop()
            again = await stage.http.post(f"/api/v1/alerts/{alert['id']}/re-evaluation", headers=headers)
            told = again.json()
            if again.status_code == 200 and told["outcome"] == "equal":
                day.equal.add(alert["id"])
            elif again.status_code != 200 or told["reasons"] != [NOT_KEPT] or alert["id"] not in day.equal:
                named = f"{alert['exchangeName']} {alert['symbol']} {alert['timeframe']} {alert['label']}"
                day.unequal.append(f"{named} at {alert['closeTime']}, {alert['status']}: {told}")

    async with asyncio.TaskGroup() as tasks:
        for number in range(ASKED_AT_ONCE):
            tasks.create_task(ask(), name=f"ask {number}")


@asynccontextmanager
async def the_workers(fire: Fire, pool: Pool) -> AsyncIterator[None]:
    """A server's workers, which enter what both exchanges say."""
    async with asyncio.TaskGroup() as tasks:
        keys = [Keys(exchange.id) for exchange in BOTH]
        running = tasks.create_task(
            run_workers(fire.redis, keys, pool, SystemClock(), lambda kind, words: tell(f"{kind}: {words}")),
            name="workers",
        )
        yield
        running.cancel()


async def entered(fire: Fire) -> None:
    """Return once nothing of the streams waits for the ledger."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for exchange in BOTH:
            while True:
                found = await backlog(fire.redis, Keys(exchange.id))
                if found.waiting in (0, None) and found.unfinished == 0:
                    break
                await asyncio.sleep(0.05)


async def said_by_streams(fire: Fire) -> set[str]:
    """The ids of all alerts on the streams."""
    entries = [await fire.redis.xrange(Keys(exchange.id).alerts) for exchange in BOTH]
    return {fields[b"id"].decode() for one in entries for _, fields in one}


async def burn(fire: Fire, seed: int, duration: Millis) -> None:
    """Let a random day act, with candles that are revised after their close throughout."""
    began = fire.now
    faults = random_faults(seed, duration / SECOND, tuple(exchange.name for exchange in BOTH))
    fire.post(*(replace(fault, start=began + (fault.start or 0.0) * SECOND) for fault in faults))
    fire.post(kinds.Revision(probability=0.3, after=400.0, by=0.01, duration=duration / SECOND))
    await fire.until(began + duration)
    fire.sim.faults.clear()


async def a_day(directory: Path, pool: Pool, *, duration: Millis, symbols: int, speed: float, seed: int) -> Day:
    """Let the day pass and ask of each of its alerts, at noon and at its end, for 26 hours of candles are kept.

    Nothing is waited for then: candles and alerts are written together, so they agree wherever the sessions stop.
    """
    day = Day()
    async with a_fire(directory, symbols=symbols, speed=speed, seed=seed) as fire, the_workers(fire, pool):
        for half in range(2):
            async with fire.watching(COINBASE), fire.watching(BINANCE):
                await burn(fire, seed + 100 * half, duration // 2)
            await entered(fire)
            async with a_stage(fire.redis, pool, directory) as stage:
                day.alerts = await all_alerts(stage)
                await ask_again(stage, day)
        said = await said_by_streams(fire)
    tell(f"seed {seed}: {len(day.alerts)} asked again: {dict(day.statuses)}")
    ids = [alert["id"] for alert in day.alerts]
    assert len(ids) == len(set(ids))
    assert set(ids) == said, "the ledger has not what the streams say"
    return day


@pytest.mark.timeout(300)
async def test_every_alert_of_a_day_is_equal_when_it_is_computed_again(tmp_path: Path, pool: Pool) -> None:
    """A whole day of faults and revisions; what was amended is equal to its amended numbers."""
    day = await a_day(tmp_path, pool, duration=DAY, symbols=4, speed=3_000.0, seed=1)

    assert day.unequal == []
    assert day.statuses["amended"] + day.statuses["retracted"] > 0, "no revision has changed an alert"


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
async def test_every_alert_of_a_day_of_many_symbols_is_equal(seed: int, tmp_path: Path, pool: Pool) -> None:
    day = await a_day(tmp_path, pool, duration=DAY, symbols=30, speed=300.0, seed=seed)

    assert day.unequal == []
    assert day.statuses["amended"] + day.statuses["retracted"] > 0, "no revision has changed an alert"
