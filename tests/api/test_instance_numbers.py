"""What an instance tells Prometheus of its budgets and lags is what its status says."""

from dataclasses import replace

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from redis.asyncio import Redis

from cache.examples import a_status
from livermore.app.instance_metrics import EDGES, InstanceMetrics
from livermore.cache.keys import Keys
from livermore.cache.network import ExchangeNetwork
from livermore.core.instance.status import BudgetUse, LagSpread
from livermore.runtime.clock import SystemClock
from livermore.runtime.heartbeat import USUAL_PACE
from livermore.runtime.presence import Presence

USED = BudgetUse("api.example.org", 212.0, 600.0, 3, 1)


def a_presence(redis: Redis, keys: Keys) -> Presence:
    return Presence(a_status(), ExchangeNetwork(redis, keys), SystemClock(), USUAL_PACE, lambda: (USED,))


async def test_budgets_are_told_by_host(redis: Redis, keys: Keys) -> None:
    registry = CollectorRegistry()
    registry.register(InstanceMetrics(a_presence(redis, keys)))
    labels = {"exchange": "coinbase", "host": "api.example.org"}

    def value(name: str) -> float | None:
        return registry.get_sample_value(f"livermore_budget_{name}", labels)

    assert [value(name) for name in ("used", "limit", "waiting", "limited_total")] == [212.0, 600.0, 3.0, 1.0]


async def test_lags_are_told_as_a_histogram(redis: Redis, keys: Keys) -> None:
    presence = a_presence(redis, keys)
    for took in (1, 5, 40, 40, 2_000_000):
        presence.figures.own_lag.add(took)
    registry = CollectorRegistry()
    registry.register(InstanceMetrics(presence))

    def below(edge: str) -> float | None:
        return registry.get_sample_value("livermore_own_lag_seconds_bucket", {"exchange": "coinbase", "le": edge})

    assert [below(edge) for edge in ("0.001", "0.005", "0.05", "300.0", "+Inf")] == [1.0, 2.0, 4.0, 4.0, 5.0]
    assert registry.get_sample_value("livermore_own_lag_seconds_count", {"exchange": "coinbase"}) == 5.0
    assert registry.get_sample_value("livermore_own_lag_seconds_sum", {"exchange": "coinbase"}) == 2_000.086
    assert generate_latest(registry).decode().count("livermore_exchange_lag_seconds_bucket") == len(EDGES) + 1


async def test_the_status_says_the_same(redis: Redis, keys: Keys) -> None:
    presence = a_presence(redis, keys)
    presence.figures.exchange_lag.add(12)
    status = presence.observed()

    assert status.budgets == (USED,)
    assert status.lags is not None
    assert status.lags.exchange == LagSpread(1, 12, 12, 12)
    assert status == replace(presence.observed(), last_heartbeat=status.last_heartbeat)
