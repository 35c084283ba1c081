"""What the server counts for Prometheus, in a registry of its own."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one server process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "livermore_http_requests", "Requests.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "livermore_http_request_seconds",
            "Time to answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.clients = Gauge("livermore_stream_clients", "Clients of the live stream.", registry=self.registry)
        self.sent = Counter(
            "livermore_stream_messages", "Messages sent to clients of the live stream.", registry=self.registry
        )
        self.dropped = Counter("livermore_stream_dropped", "Values a slow client never saw.", registry=self.registry)
        self.store_up = Gauge("livermore_store_up", "Whether a store answers.", ("store",), registry=self.registry)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return generate_latest(self.registry)
