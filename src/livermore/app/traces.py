"""Traces for those who collect them: one of each alert, from the frame that proved its close to the people it reached.

The trace of an alert has the alert's own id, for a UUID has as many bits as the id of a trace; so servers that share
the work need tell each other nothing. There are none unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector, which the
extra ``livermore[traces]`` then speaks to.
"""

import importlib
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from livermore import __version__
from livermore.core.alerts.alert import Alert
from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
NANOS: Final = 1_000_000
EXPORT_SECONDS: Final = 3
_SDK: Final = "opentelemetry.sdk.trace"
_EXPORTER: Final = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


class Traces(Protocol):
    """Who is told what became of alerts, and when."""

    def ledgered(self, alert: Alert, at: Millis) -> None:
        """The alert was entered into the ledger."""

    def delivered(self, alert: Alert, channel: str, began: Millis, at: Millis) -> None:
        """A channel has taken the alert."""


class AlertTraces:
    """Spans of a tracer of OpenTelemetry; each is made when what it tells of is over."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer
        self._trace: Any = importlib.import_module("opentelemetry.trace")

    def ledgered(self, alert: Alert, at: Millis) -> None:
        """From frame to commit by the instance's own times, and from there into the ledger."""
        times = alert.times
        committed = times.received if times.committed is None else times.committed
        self._span(alert, "frame to commit", times.received, committed, {})
        self._span(alert, "ledger", committed, at, {})

    def delivered(self, alert: Alert, channel: str, began: Millis, at: Millis) -> None:
        """From the first byte of the message until it was taken."""
        self._span(alert, "delivery", began, at, {"livermore.channel": channel})

    def _span(self, alert: Alert, name: str, began: Millis, ended: Millis, more: dict[str, str]) -> None:
        number = uuid.UUID(alert.id).int
        parent = self._trace.NonRecordingSpan(
            self._trace.SpanContext(number, number & (2**64 - 1), True, self._trace.TraceFlags(1))
        )
        attributes = {
            "livermore.alert": alert.id,
            "livermore.exchange": alert.exchange.name,
            "livermore.symbol": alert.symbol,
            "livermore.timeframe": str(alert.timeframe),
            "livermore.label": alert.label,
            **more,
        }
        context = self._trace.set_span_in_context(parent)
        span = self._tracer.start_span(name, context=context, attributes=attributes, start_time=began * NANOS)
        # A simulated market has a clock of its own, which may be ahead of ours.
        span.end(end_time=max(began, ended) * NANOS)


def check_collector(variables: Mapping[str, str]) -> None:
    """See that traces could be sent to the collector that is named, before anything is started.

    Raises:
        ConfigError: when that is no address, or the extra is not installed.
    """
    endpoint = variables.get(ENDPOINT)
    if not endpoint:
        return
    if not _is_address(endpoint):
        raise ConfigError(
            f"{ENDPOINT} is no address of a collector: say http:// or https://, its host and its port, "
            "as in http://127.0.0.1:4318, or leave it out to send no traces"
        )
    try:
        importlib.import_module(_EXPORTER)
        importlib.import_module(_SDK)
    except ImportError as error:
        raise ConfigError(f"{ENDPOINT} is set, which needs the extra: pip install livermore[traces]") from error


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_clean = text.isascii() and text.isprintable() and " " not in text
    return is_clean and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


@contextmanager
def open_traces() -> Iterator[Traces | None]:
    """Where traces go, None where nobody collects them; those that wait are sent before it is left.

    Raises:
        ConfigError: when a collector is named that is none, or the extra is not installed.
    """
    if not os.environ.get(ENDPOINT):
        yield None
        return
    check_collector(os.environ)
    sdk: Any = importlib.import_module(_SDK)
    export: Any = importlib.import_module("opentelemetry.sdk.trace.export")
    resources: Any = importlib.import_module("opentelemetry.sdk.resources")
    otlp: Any = importlib.import_module(_EXPORTER)
    described = resources.Resource.create({"service.name": "livermore", "service.version": __version__})
    provider = sdk.TracerProvider(resource=described)
    # Spans are sent by a thread of its own, and dropped when too many wait: no alert waits for its trace.
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter(timeout=EXPORT_SECONDS)))
    try:
        yield AlertTraces(provider.get_tracer("livermore", __version__))
    finally:
        provider.shutdown()
