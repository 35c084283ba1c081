"""What a warm-up and a restart ask of the exchange at its real limits: counts, for durations are the machine's.

`python -m bench.warmup` measures the seconds beside what the limit would allow.
"""

import asyncio
from pathlib import Path

import pytest

from faults.harness import BOTH, EVENING, LOOK_EVERY_SECONDS, Fire, Watching, a_fire
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import MINUTE, Timeframe

FEW = 4
# In the middle of a candle: none closes while the test runs, so what has to be asked is known beforehand.
START = EVENING + 2 * MINUTE
STORED_WITHIN_SECONDS = 60.0

pytestmark = pytest.mark.timeout(240)


async def until_stored(fire: Fire, exchange: ExchangeIdentity, seen: Watching) -> None:
    async with asyncio.timeout(STORED_WITHIN_SECONDS):
        while len(await fire.stands(exchange)) < len(seen.symbols) * len(Timeframe):
            await asyncio.sleep(LOOK_EVERY_SECONDS)


def check_unhindered(seen: Watching) -> None:
    """The exchange has never said that it was too much, and nothing had to be asked twice."""
    budget = seen.session._exchange.budget
    assert budget.times_limited == 0
    assert "fetch_failed" not in seen.totals


@pytest.mark.parametrize("exchange", BOTH, ids=lambda one: one.name)
async def test_history_costs_one_request_for_each_series_and_a_full_cache_none(
    exchange: ExchangeIdentity, tmp_path: Path
) -> None:
    async with a_fire(tmp_path, speed=1.0, symbols=FEW, start=START) as fire:
        async with fire.watching(exchange) as first:
            warmup = first.session.warmup
            assert warmup is not None
            assert warmup.total == warmup.done == FEW * len(Timeframe)
            await until_stored(fire, exchange, first)
            check_unhindered(first)
        async with fire.watching(exchange) as again:
            assert again.session.warmup is None, "a full cache has cost requests"
            check_unhindered(again)
