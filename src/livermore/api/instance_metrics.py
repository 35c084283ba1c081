"""What instances say of themselves, for Prometheus: read from Redis each time somebody asks."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from livermore.api.models.network import InstanceShown, Liveness, NetworkShown
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState


class _Instances(Collector):
    def __init__(self, items: Sequence[InstanceShown]) -> None:
        self._items = items

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = _gauge("up", "Whether an instance sends heartbeats.")
        active = _gauge("active", "Whether it is active.")
        live = _gauge("feed_live", "Whether its feed is live.")
        symbols = _gauge("symbols", "Symbols it watches.")
        age = _gauge("heartbeat_age_seconds", "Time since its last heartbeat.")
        exchange_lag = _gauge("exchange_lag_seconds", "How old the exchange's news are on arrival.")
        own_lag = _gauge("own_lag_seconds", "How long our own work on them takes.")
        for item in self._items:
            labels = [item.exchange_name]
            up.add_metric(labels, float(item.liveness is Liveness.LIVE))
            status = item.status
            active.add_metric(labels, float(status is not None and status.connection_state is State.ACTIVE))
            live.add_metric(labels, float(status is not None and status.feed_state is FeedState.LIVE))
            if item.heartbeat_age is not None:
                age.add_metric(labels, item.heartbeat_age / 1_000)
            if status is None:
                continue
            symbols.add_metric(labels, status.symbol_count)
            if status.lag is not None:
                exchange_lag.add_metric(labels, status.lag.exchange_ms / 1_000)
                own_lag.add_metric(labels, status.lag.own_ms / 1_000)
        yield from (up, active, live, symbols, age, exchange_lag, own_lag)


def _gauge(name: str, documentation: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"livermore_instance_{name}", documentation, labels=["exchange"])


def instance_metrics(network: NetworkShown) -> bytes:
    """The network in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Instances(network.items))
    return generate_latest(registry)
