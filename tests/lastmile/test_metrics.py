"""What is counted can be asked for, and the dashboard asks for nothing else."""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from cache.examples import a_candle, a_commit, a_status, an_alert
from database.examples import an_alert as another_alert
from lastmile.stage import Stage
from livermore.api.instance_metrics import instance_metrics
from livermore.api.metrics import Metrics
from livermore.api.models.network import NetworkShown
from livermore.app.instance_metrics import InstanceMetrics, run_metrics
from livermore.app.worker_metrics import WorkerMetrics
from livermore.cache.keys import Keys
from livermore.cache.network import ExchangeNetwork
from livermore.core.instance.status import Lag
from livermore.database.connect import Connection, Pool
from livermore.runtime.clock import SystemClock
from livermore.runtime.heartbeat import USUAL_PACE
from livermore.runtime.presence import Presence
from livermore.runtime.tally import Tally

DASHBOARD = json.loads((Path(__file__).parents[2] / "docs" / "grafana.json").read_text())


def a_presence(redis: Redis, keys: Keys) -> Presence:
    status = replace(a_status(), lag=Lag(120, 4))
    return Presence(status, ExchangeNetwork(redis, keys), SystemClock(), USUAL_PACE)


def asked_names() -> set[str]:
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return {name for expression in expressions for name in re.findall(r"livermore_\w+", expression)}


def names_of(*collected: Iterable[object]) -> set[str]:
    """As Prometheus knows them, by type."""
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
    return {
        f"{family.name}{ending}"  # type: ignore[attr-defined]
        for families in collected
        for family in families
        for ending in endings[family.type]  # type: ignore[attr-defined]
    }


async def test_the_dashboard_asks_only_for_what_is_told(redis: Redis, keys: Keys) -> None:
    server = Metrics()
    WorkerMetrics(server.registry)
    network = instance_metrics(NetworkShown.model_construct(items=[]))
    told = names_of(
        server.registry.collect(),
        text_string_to_metric_families(network.decode()),
        InstanceMetrics(a_presence(redis, keys)).collect(),
    )
    told |= {"livermore_instance_exchange_lag_seconds", "livermore_instance_own_lag_seconds"}

    assert asked_names() <= told
    assert len(asked_names()) > 20


async def test_an_instance_answers_prometheus_on_its_own_port(redis: Redis, keys: Keys) -> None:
    presence = a_presence(redis, keys)
    presence.reports.report("feed_lost", "gone")
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run_metrics(presence, "127.0.0.1", 0, found.set_result), name="metrics")
        async with asyncio.timeout(20):
            port = await found
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
        running.cancel()

    assert 'livermore_reports_total{exchange="coinbase",kind="feed_lost"} 1.0' in text
    assert 'livermore_instance_symbols{exchange="coinbase"} 0.0' in text


def test_what_was_written_is_counted() -> None:
    tally = Tally()
    candles = [a_candle(number) for number in range(3)]
    tally.wrote([a_commit(candles, [an_alert(candles[-1])]), a_commit(candles[:1])])

    assert tally.candles == {"5m": 4}
    assert tally.alerts == {"fired": 1}


async def test_workers_count_what_they_enter_and_what_waits(
    redis: Redis, keys: Keys, pool: Pool, connection: Connection
) -> None:
    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry)
    stage = Stage(redis, keys, pool, connection, metrics=metrics)

    def count(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"livermore_{name}", labels)

    await stage.say(another_alert(1), another_alert(1), another_alert(2))
    async with stage.workers():

        async def is_counted() -> bool:
            entered = count("alerts_ledgered_total", exchange="coinbase", outcome="new") == 2
            return entered and count("ledger_waiting", exchange="coinbase") == 0

        await stage.until(is_counted)
        assert count("alerts_ledgered_total", exchange="coinbase", outcome="repeated") == 1
        assert count("outbox_waiting") == 0
