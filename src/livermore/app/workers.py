"""What a server does beside answering: entering alerts into the ledger and telling people of them, and of each day."""

import asyncio
import socket
import uuid
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from livermore.app.channels import open_channels
from livermore.app.delivery import DeliveryPlaces, DeliveryWorker
from livermore.app.ledger import LedgerPlaces, run_ledger
from livermore.app.traces import Traces
from livermore.app.watchdog import WatchdogPlaces, run_watchdog
from livermore.app.worker_metrics import WorkerMetrics
from livermore.cache.keys import Keys
from livermore.database.connect import Pool
from livermore.notify.renderer import open_renderer
from livermore.runtime.ports import Clock


async def run_workers(
    redis: Redis,
    exchanges: Sequence[Keys],
    pool: Pool,
    clock: Clock,
    say: Callable[[str, str], None],
    *,
    allows_private: bool = False,
    metrics: WorkerMetrics | None = None,
    traces: Traces | None = None,
    site: str | None = None,
) -> None:
    """Drain every alert stream and deliver what people are to be told, with links to `site`, until cancelled."""
    worker = f"{socket.gethostname()}:{uuid.uuid4().hex[:12]}"
    keys_by_id = {keys.exchange_id: keys for keys in exchanges}
    has_news = asyncio.Event()
    counted = WorkerMetrics(CollectorRegistry()) if metrics is None else metrics
    ledger = LedgerPlaces(redis, pool, clock, worker, say, has_news, counted, traces)
    async with open_channels(allows_private=allows_private) as channels, open_renderer() as renderer:
        places = DeliveryPlaces(
            redis, keys_by_id.__getitem__, pool, clock, channels, renderer, worker, say, has_news, counted, traces, site
        )
        async with asyncio.TaskGroup() as tasks:
            for keys in exchanges:
                tasks.create_task(run_ledger(ledger, keys), name=f"ledger of exchange {keys.exchange_id}")
            tasks.create_task(DeliveryWorker(places).run(), name="delivery")
            tasks.create_task(run_watchdog(WatchdogPlaces(redis, pool, clock, channels, say)), name="watchdog")
            tasks.create_task(counted.run(redis, exchanges, pool), name="worker-metrics")
