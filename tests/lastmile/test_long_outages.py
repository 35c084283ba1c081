"""Stores that are killed in the middle of a storm and stay away: nothing is missed and nothing is told twice."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from database.examples import an_alert
from faults.harness import tell
from lastmile.stage import Stage, a_channel
from livermore.app.database import open_own_database
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import Alert
from livermore.database.connect import POOL_TIMEOUT_SECONDS, DatabaseSettings, open_connection, open_pool
from livermore.database.deliveries import Delivery
from livermore.embedded.lasting import LastingServer
from livermore.embedded.valkey import EmbeddedValkey, open_valkey
from livermore.runtime.clock import SystemClock
from notify.webhook import Webhook, a_webhook

STORM = 400
PER_MESSAGE = 50
# Seconds away; minutes are the business of the soak.
BRIEFLY = 3.0
FOR_MINUTES = 200.0

pytestmark = pytest.mark.timeout(150)


@dataclass
class House:
    """A PostgreSQL and a Valkey of one's own, which may be killed, and the last mile over them."""

    stage: Stage
    settings: DatabaseSettings
    postgres: LastingServer
    valkey: EmbeddedValkey
    webhook: Webhook

    async def say(self, alerts: Sequence[Alert], epoch: int = 1) -> None:
        """Say them as an instance does: what the store did not take is said again when it is back."""
        waiting = list(alerts)
        while waiting:
            try:
                await self.stage.say(*waiting[:10], epoch=epoch)
                waiting = waiting[10:]
            except (RedisError, OSError):
                await asyncio.sleep(0.1)

    async def settled(self) -> tuple[Delivery, ...]:
        """All deliveries of the storm, once none waits any more."""
        async with open_connection(self.settings) as connection:
            self.stage.connection = connection
            return await self.stage.settled(STORM)

    async def has_told(self) -> bool:
        return bool(self.webhook.taken)


@asynccontextmanager
async def a_house(directory: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    now = SystemClock().now()
    async with (
        open_own_database(directory / "people", is_simulated=True, now=now) as own,
        open_valkey(directory / "valkey") as valkey,
        open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)) as redis,
        open_pool(own.settings) as pool,
        a_webhook() as webhook,
    ):
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        async with open_connection(own.settings) as connection:
            stage = Stage(redis, Keys(1), pool, connection)
            await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"), n={"mostAlertsPerMessage": PER_MESSAGE})
        yield House(stage, own.settings, own.server, valkey, webhook)


async def kill(server: LastingServer) -> None:
    """Let it end without a word."""
    os.kill(server.pid, signal.SIGKILL)
    await server.process.wait()


def check_told_once(house: House, rows: Sequence[Delivery], storm: Sequence[Alert], what: str) -> None:
    """Missed 0, duplicate 0: in the ledger, and on the channel."""
    taken = house.webhook.taken
    tell(f"{what}: {len(rows)} of {len(storm)} alerts told in {len(taken)} messages; {Counter(house.stage.kinds)}")
    assert sorted(row.alert_id for row in rows) == sorted(alert.id for alert in storm)
    assert {row.status for row in rows} == {"delivered"}
    assert len(taken) == len({row.message_id for row in rows})


async def without_postgresql(directory: Path, monkeypatch: pytest.MonkeyPatch, away: float) -> None:
    """Fault 17: killed when half of the storm is said, and the other half is said while it is away."""
    storm = [an_alert(number) for number in range(STORM)]
    async with a_house(directory, monkeypatch) as house:
        async with house.stage.workers():
            await house.say(storm[: STORM // 2])
            await house.stage.until(house.has_told)
            await kill(house.postgres)
            await house.say(storm[STORM // 2 :])
            await asyncio.sleep(away)
            house.postgres.process = await house.postgres.started_again()
            rows = await house.settled()
        check_told_once(house, rows, storm, f"PostgreSQL killed for {away:g} s")
        # A shorter absence may be waited out without a word.
        assert away < POOL_TIMEOUT_SECONDS or "ledger_waits" in house.stage.kinds


async def without_valkey(directory: Path, monkeypatch: pytest.MonkeyPatch, away: float) -> None:
    """Fault 14: killed in the middle, and back with its data; then emptied, and told again all that it had."""
    storm = [an_alert(number) for number in range(STORM)]
    async with a_house(directory, monkeypatch) as house:
        async with house.stage.workers():
            await house.say(storm[: STORM // 4])
            await kill(house.valkey)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(house.say(storm[STORM // 4 : STORM // 2]), name="say")
                await asyncio.sleep(away)
                house.valkey.process = await house.valkey.started_again()
            async with open_connection(house.settings) as connection:
                house.stage.connection = connection
                await house.stage.settled(STORM // 2)
            await house.stage.redis.flushall()
            await house.say(storm, epoch=2)
            rows = await house.settled()
        check_told_once(house, rows, storm, f"Valkey killed for {away:g} s, then emptied")


async def test_a_storm_over_a_killed_postgresql_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await without_postgresql(tmp_path, monkeypatch, BRIEFLY)


async def test_a_storm_over_a_killed_and_emptied_valkey_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await without_valkey(tmp_path, monkeypatch, BRIEFLY)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_postgresql_may_be_away_for_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than the lease of what was being told when it went."""
    await without_postgresql(tmp_path, monkeypatch, FOR_MINUTES)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_valkey_may_be_away_for_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await without_valkey(tmp_path, monkeypatch, FOR_MINUTES)
