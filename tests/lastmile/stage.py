"""The last mile on a stage: alerts are said on a real stream, workers run, and what they did can be looked at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from database.examples import a_user
from livermore.app.traces import Traces
from livermore.app.worker_metrics import WorkerMetrics
from livermore.app.workers import run_workers
from livermore.cache.codec.alert import encode_alert
from livermore.cache.keys import Keys
from livermore.core.account.settings import parse_settings
from livermore.core.alerts.alert import Alert
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.deliveries import Delivery, list_deliveries
from livermore.database.settings import settings_of, update_settings
from livermore.runtime.clock import SystemClock

PATIENCE_SECONDS = 40


@dataclass
class Stage:
    redis: Redis
    keys: Keys
    pool: Pool
    connection: Connection
    said: list[tuple[str, str]] = field(default_factory=list)
    metrics: WorkerMetrics | None = None
    traces: Traces | None = None

    @property
    def kinds(self) -> list[str]:
        """Of what kind that was which operators were told."""
        return [kind for kind, _ in self.said]

    async def say(self, *alerts: Alert, epoch: int = 1) -> None:
        """Put alerts on the stream as a commit does."""
        async with self.redis.pipeline(transaction=False) as pipeline:
            for alert in alerts:
                fields = {"alert": encode_alert(alert), "id": alert.id, "status": alert.status, "epoch": epoch}
                pipeline.xadd(self.keys.alerts, fields)  # type: ignore[arg-type]
            await pipeline.execute()

    async def listener(self, *channels: dict[str, Any], name: str = "jesse", **changes: Any) -> int:
        """A user with these channels, and other changes of the settings; the user's number."""
        user = await a_user(self.connection, name)
        await self.settle(user.id, *channels, **changes)
        return user.id

    async def settle(self, user_id: int, *channels: dict[str, Any], **changes: Any) -> None:
        """Change what a user has set."""
        document = {"notifications": {"channels": list(channels), "groupAfterSeconds": 0.0, **changes.pop("n", {})}}
        stored = await settings_of(self.connection, user_id)
        wanted = parse_settings({**document, **changes})
        async with transaction(self.pool) as connection:
            await update_settings(connection, user_id, wanted, stored.version, by="test", at=1)

    async def until(self, is_so: Callable[[], Any]) -> Any:
        """Wait for a condition, asked again and again, to hold; answers with what it said."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = await is_so()
                if found:
                    return found
                await asyncio.sleep(0.05)

    async def ledgered(self) -> int:
        row = await (await self.connection.execute("SELECT count(*) FROM livermore.alerts")).fetchone()
        return int(row[0]) if row else 0

    async def deliveries(self) -> tuple[Delivery, ...]:
        return await list_deliveries(self.connection, limit=10_000)

    async def settled(self, count: int) -> tuple[Delivery, ...]:
        """The deliveries once there are so many and none waits any more."""

        async def found() -> tuple[Delivery, ...] | None:
            rows = await self.deliveries()
            return rows if len(rows) >= count and all(row.status != "pending" for row in rows) else None

        rows: tuple[Delivery, ...] = await self.until(found)
        return rows

    @asynccontextmanager
    async def workers(self, pool: Pool | None = None, redis: Redis | None = None) -> AsyncIterator[None]:
        """A server's workers, until the block ends."""

        def noted(kind: str, words: str) -> None:
            self.said.append((kind, words))

        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(
                run_workers(
                    redis or self.redis,
                    [self.keys],
                    pool or self.pool,
                    SystemClock(),
                    noted,
                    allows_private=True,
                    metrics=self.metrics,
                    traces=self.traces,
                ),
                name="workers",
            )
            yield
            running.cancel()


def a_channel(variable: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": variable.removeprefix("LIVERMORE_CHANNEL_").lower().replace("_", "-"),
        "name": "A channel",
        "kind": "discord",
        "urlEnv": variable,
        "hasChart": False,
        **changes,
    }
