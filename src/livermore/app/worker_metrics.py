"""What the workers of a server count for Prometheus: alerts entered, deliveries by their fate, and what waits."""

import asyncio
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from redis.asyncio import Redis

from livermore.cache.alert_group import backlog
from livermore.cache.keys import Keys
from livermore.core.market.exchange import WATCHED
from livermore.database.connect import Pool, transaction
from livermore.database.deliveries import count_waiting
from livermore.errors import LivermoreError

LOOK_SECONDS: Final = 5.0
NAMES: Final = {exchange.id: exchange.name for exchange in WATCHED}


class WorkerMetrics:
    """The counters of the workers, in the registry of their server."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ledgered = Counter(
            "livermore_alerts_ledgered",
            "Entries of the alert streams, by what they meant to the ledger.",
            ("exchange", "outcome"),
            registry=registry,
        )
        self.deliveries = Counter("livermore_deliveries", "Deliveries by their fate.", ("fate",), registry=registry)
        self.notices = Counter(
            "livermore_notices", "What operators should know, by kind.", ("kind",), registry=registry
        )
        self.waiting = Gauge(
            "livermore_ledger_waiting", "Alerts in a stream that no worker has taken.", ("exchange",), registry=registry
        )
        self.unfinished = Gauge(
            "livermore_ledger_unfinished", "Alerts taken and not yet entered.", ("exchange",), registry=registry
        )
        self.outbox = Gauge("livermore_outbox_waiting", "Deliveries that are to be told.", registry=registry)

    def count_notice(self, kind: str) -> None:
        """Count what was said to operators."""
        self.notices.labels(kind).inc()

    async def run(self, redis: Redis, exchanges: Sequence[Keys], pool: Pool) -> None:
        """Look at what waits until cancelled; while a store is away its numbers stay."""
        while True:
            try:
                for keys in exchanges:
                    found, name = await backlog(redis, keys), NAMES[keys.exchange_id]
                    if found.waiting is not None:
                        self.waiting.labels(name).set(found.waiting)
                    self.unfinished.labels(name).set(found.unfinished)
                async with transaction(pool) as connection:
                    self.outbox.set(await count_waiting(connection))
            except LivermoreError:
                self.count_notice("metrics_wait")
            await asyncio.sleep(LOOK_SECONDS)
