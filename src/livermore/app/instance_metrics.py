"""The numbers of one instance for Prometheus, on a port of its own.

The names that the server has too (it reads them from the status in Redis) mean the same here and are never older than
the question.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from livermore.core.instance.histogram import LagHistogram
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import BudgetUse, FeedState
from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError
from livermore.runtime.presence import Presence

EDGES: Final[tuple[Millis, ...]] = (
    *(1, 2, 5, 10, 25, 50, 100, 250, 500),
    *(1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000),
)
"""The buckets of lags in ms; above 64 ms they may hold what is a thirty-second part longer."""

NOTHING: Final[Mapping[str, int]] = {}


class InstanceMetrics(Collector):
    """What `presence` knows at the moment of the question; numbers that grow begin anew with each session."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        status, session = self._presence.observed(), self._presence.session
        exchange = status.exchange_name
        lag = status.lag
        gauges: tuple[tuple[str, str, float | None], ...] = (
            ("active", "Whether it is active.", float(status.connection_state is State.ACTIVE)),
            ("feed_live", "Whether its feed is live.", float(status.feed_state is FeedState.LIVE)),
            ("symbols", "Symbols it watches.", status.symbol_count),
            ("stale_symbols", "Symbols without news.", status.stale_count),
            (
                "exchange_lag_seconds",
                "How old the exchange's news are on arrival.",
                None if lag is None else lag.exchange_ms / 1_000,
            ),
            (
                "own_lag_seconds",
                "How long our own work on them takes.",
                None if lag is None else lag.own_ms / 1_000,
            ),
        )
        for name, words, value in gauges:
            if value is not None:
                yield _family(GaugeMetricFamily, f"instance_{name}", words, exchange, {"": value}, None)
        tally = None if session is None else session.tally
        counters: tuple[tuple[str, str, str, Mapping[str, int]], ...] = (
            ("candles", "Candles written, corrections included.", "timeframe", tally.candles if tally else NOTHING),
            ("alerts", "Alerts committed.", "status", tally.alerts if tally else NOTHING),
            ("requests", "Requests for history, repairs among them.", "reason", tally.requests if tally else NOTHING),
            ("reports", "What operators should know.", "kind", self._presence.reports.totals),
        )
        for name, words, label, counts in counters:
            yield _family(CounterMetricFamily, name, words, exchange, counts, label)
        waiting = NOTHING if session is None else session.waiting
        yield _family(GaugeMetricFamily, "queue_waiting", "What waits in a queue.", exchange, waiting, "queue")
        yield from _budgets(exchange, status.budgets)
        figures = self._presence.figures
        words = "From the exchange's instant of its news to their arrival."
        yield _histogram("exchange_lag_seconds", words, exchange, figures.exchange_lag)
        words = "From the arrival of what closed a candle to the store's answer."
        yield _histogram("own_lag_seconds", words, exchange, figures.own_lag)


def _budgets(exchange: str, budgets: Sequence[BudgetUse]) -> Iterator[Metric]:
    """What is used of each host's allowance, in its own weights and by the exchange's minute."""
    gauges = (
        ("used", "Weight used in the last minute.", {one.host: one.used for one in budgets}),
        ("limit", "Weight that may be used in a minute.", {one.host: one.limit for one in budgets}),
        ("waiting", "Requests that wait for their turn.", {one.host: one.waiting for one in budgets}),
    )
    for name, words, values in gauges:
        yield _family(GaugeMetricFamily, f"budget_{name}", words, exchange, values, "host")
    limited = {one.host: one.limited for one in budgets}
    yield _family(CounterMetricFamily, "budget_limited", "Times a host asked for silence.", exchange, limited, "host")


def _histogram(name: str, words: str, exchange: str, lags: LagHistogram) -> Metric:
    family = HistogramMetricFamily(f"livermore_{name}", words, labels=["exchange"])
    counted = zip(EDGES, lags.at_most(EDGES), strict=True)
    buckets = [(str(edge / 1_000), float(count)) for edge, count in counted]
    family.add_metric([exchange], [*buckets, ("+Inf", float(sum(lags.counts)))], lags.total / 1_000)
    return family


def _family(
    kind: Callable[..., GaugeMetricFamily] | Callable[..., CounterMetricFamily],
    name: str,
    words: str,
    exchange: str,
    values: Mapping[str, float],
    label: str | None,
) -> Metric:
    labels = ["exchange"] if label is None else ["exchange", label]
    family = kind(f"livermore_{name}", words, labels=labels)
    for key, value in values.items():
        family.add_metric([exchange] if label is None else [exchange, str(key)], value)
    return family


async def run_metrics(presence: Presence, host: str, port: int, told: Callable[[int], None] = lambda _: None) -> None:
    """Answer Prometheus at `/metrics` until cancelled; `told` hears the port, which is any free one for 0.

    Raises:
        ConfigError: when the port cannot be had.
    """
    # A web server is loaded only by an instance that is one.
    from prometheus_client import make_asgi_app

    from livermore.api.server import listening, serve

    registry = CollectorRegistry()
    registry.register(InstanceMetrics(presence))
    with ExitStack() as stack:
        try:
            listener = stack.enter_context(listening(host, port))
        except ConfigError as error:
            raise ConfigError(f"LIVERMORE_METRICS_PORT cannot be had: {error}") from error
        told(listener.getsockname()[1])
        await serve(make_asgi_app(registry), listener)
