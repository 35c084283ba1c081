"""A storm of 500 alerts within one second: how long until all are in the ledger, and until people are told of all."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from database.examples import an_alert
from lastmile.stage import Stage, a_channel
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.database.connect import DatabaseSettings, open_connection, open_pool
from livermore.database.migrate import apply_migrations
from livermore.embedded.postgres import open_postgres
from livermore.embedded.valkey import open_valkey
from notify.webhook import a_webhook

STORM: Final = 500
ROUNDS: Final = 7


async def _storms(folder: Path) -> list[tuple[float, float, int]]:
    """For each round the seconds until the last alert was entered and told, and how many messages that took."""
    async with open_valkey(folder / "valkey") as valkey, open_postgres(folder / "postgres") as postgres:
        settings = DatabaseSettings(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
        async with (
            open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)) as redis,
            open_connection(settings) as connection,
        ):
            await apply_migrations(connection, 1)
            await connection.commit()
            async with open_pool(settings) as pool, a_webhook() as webhook:
                os.environ["LIVERMORE_CHANNEL_STORM"] = webhook.url
                stage = Stage(redis, keys_on(redis, 1), pool, connection)
                await connection.set_autocommit(True)
                await stage.listener(a_channel("LIVERMORE_CHANNEL_STORM"), n={"groupAfterSeconds": 2.0})
                async with stage.workers():
                    return [await _storm(stage, number, lambda: len(webhook.taken)) for number in range(ROUNDS)]


async def _storm(stage: Stage, round_: int, messages: Callable[[], int]) -> tuple[float, float, int]:
    before, total = messages(), (round_ + 1) * STORM
    began = time.perf_counter()
    await stage.say(*(an_alert(round_ * STORM + number) for number in range(STORM)))

    async def is_entered() -> bool:
        return await stage.ledgered() == total

    await stage.until(is_entered)
    entered = time.perf_counter() - began
    await stage.settled(total)
    return entered, time.perf_counter() - began, messages() - before


def test_a_storm_of_alerts(benchmark: BenchmarkFixture, row: Callable[[str, str], None], tmp_path: Path) -> None:
    """The rounds are inside; the benchmark's own figure is that of all of them together."""
    with asyncio.Runner() as runner:
        found = benchmark.pedantic(lambda: runner.run(_storms(tmp_path)), rounds=1, iterations=1)
    entered = [one[0] for one in found]
    told = [one[1] for one in found]
    row(
        f"storm of {STORM} alerts, all in the ledger",
        f"{statistics.median(entered) * 1_000:.0f} ms in the middle of {ROUNDS} rounds, "
        f"{max(entered) * 1_000:.0f} ms at most",
    )
    row(
        f"storm of {STORM} alerts, all told, grouped for 2 s",
        f"{statistics.median(told):.1f} s in the middle, {max(told):.1f} s at most, "
        f"in {max(one[2] for one in found)} messages at most",
    )
    assert all(seconds > 0 for seconds in entered)


pytestmark = pytest.mark.timeout(300)
