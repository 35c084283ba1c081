"""An alert has one trace, whose id is its own, wherever its parts were done."""

import sys
import uuid
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from opentelemetry.trace import get_current_span
from redis.asyncio import Redis

from database.examples import an_alert
from lastmile.stage import Stage, a_channel
from livermore.app.traces import ENDPOINT, AlertTraces, check_collector, open_traces
from livermore.cache.keys import Keys
from livermore.database.connect import Connection, Pool
from livermore.errors import ConfigError
from notify.webhook import a_webhook


@dataclass
class Span:
    name: str
    trace_id: int
    began: int
    attributes: dict[str, str]
    ended: int | None = None

    def end(self, end_time: int) -> None:
        self.ended = end_time


@dataclass
class Tracer:
    """Keeps what it is told, as a tracer of the SDK would."""

    spans: list[Span] = field(default_factory=list)

    def start_span(self, name: str, *, context: Any, attributes: dict[str, str], start_time: int) -> Span:
        parent = get_current_span(context).get_span_context()
        assert parent.is_valid
        span = Span(name, parent.trace_id, start_time, attributes)
        self.spans.append(span)
        return span


async def test_each_step_of_an_alert_is_a_span_of_its_trace(
    redis: Redis, keys: Keys, pool: Pool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = Tracer()
    stage = Stage(redis, keys, pool, connection, traces=AlertTraces(tracer))
    async with a_webhook() as webhook:
        monkeypatch.setenv("LIVERMORE_CHANNEL_HOOK", webhook.url)
        await stage.listener(a_channel("LIVERMORE_CHANNEL_HOOK"))
        async with stage.workers():
            await stage.say(an_alert(1), an_alert(1))
            await stage.settled(1)

    alert = an_alert(1)
    assert [span.name for span in tracer.spans] == ["frame to commit", "ledger", "delivery"]
    assert {span.trace_id for span in tracer.spans} == {uuid.UUID(alert.id).int}
    assert tracer.spans[0].began == alert.times.received * 1_000_000
    assert tracer.spans[2].attributes["livermore.channel"] == "hook"
    assert all(span.ended is not None and span.ended >= span.began for span in tracer.spans)


def test_nobody_is_traced_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    with open_traces() as traces:
        assert traces is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "nonsense",
        "localhost:4318",
        "http://",
        "http://:4318",
        "ftp://box:4318",
        "http://box:port",
        "http://box:99999",
        "http://box:0",
        "http://two words",
        "http://box:4318\n",
        "http://[::1",
        "http://k\u00e4se",
    ],
)
def test_what_is_no_address_of_a_collector_is_refused_with_its_cure(endpoint: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{ENDPOINT} is no address of a collector: .*http://127\.0\.0\.1:4318"):
        check_collector({ENDPOINT: endpoint})


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4318", "https://otel.example.org/v1", "http://[::1]:4318"])
def test_an_address_is_taken_and_what_it_needs_is_named(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for needed in ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"):
        monkeypatch.setitem(sys.modules, needed, ModuleType(needed))
    check_collector({ENDPOINT: endpoint})

    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ConfigError, match=r"pip install livermore\[traces\]"):
        check_collector({ENDPOINT: endpoint})


def test_nobody_is_asked_for_a_collector() -> None:
    check_collector({})
    check_collector({ENDPOINT: ""})
