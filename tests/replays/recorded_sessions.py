"""Real sessions that are recorded, beside the effects that their engine really had."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from livermore.core.alerts.rules import Rules
from livermore.core.engine import Engine
from livermore.core.market.timeframe import Millis
from livermore.core.messages import Effect, Event
from livermore.core.watch import Watch
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.clock import SimulatedClock
from livermore.runtime.recording import Recorder
from livermore.runtime.recording_lines import effect_line
from livermore.runtime.session import Session
from livermore.sim.server import serve
from livermore.sim.settings import SimSettings
from runtime.fakes import MemoryStore

SPEED = 1_200.0
BEGINS: Millis = 1_699_998_200_000


class Witness:
    """Sees all that the engines of sessions do, as lines; the session does not notice."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines: list[bytes] = []
        self.lines = lines
        self.watermark: Millis = 0
        witness = self

        class WatchedEngine(Engine):
            def handle(self, event: Event, now: Millis) -> tuple[Effect, ...]:
                effects = super().handle(event, now)
                lines.extend(effect_line(effect) for effect in effects)
                witness.watermark = max(witness.watermark, getattr(event, "at", 0))
                return effects

        monkeypatch.setattr("livermore.runtime.session.Engine", WatchedEngine)


@asynccontextmanager
async def running(session: Session) -> AsyncIterator[None]:
    """Run a session until left."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(session.run(), name="session")
        yield
        task.cancel()


async def record_simulated(
    path: Path, name: str, settings: SimSettings, is_enough: Callable[[MemoryStore], bool]
) -> MemoryStore:
    """Record a real session of `name` against the simulator until `is_enough` of what is stored; what was stored."""
    store = MemoryStore()
    reports: list[tuple[str, str]] = []
    async with serve(settings) as server:
        urls = server.urls[name]
        reached = ExchangeSettings(rest_url=urls.rest, ws_url=urls.websocket, speed=settings.speed)
        async with open_exchange(name, reached) as exchange:
            symbols = sorted(one.symbol for one in await exchange.instruments() if one.is_trading)[: settings.symbols]
            clock = SimulatedClock(await exchange.server_time(), settings.speed)
            watch = Watch(exchange.identity, exchange.traits, Rules(), is_simulated=True)
            report = lambda kind, message: reports.append((kind, message))  # noqa: E731
            recorder = Recorder(path, "test", report)
            session = Session(exchange, store, watch, symbols, clock, report, recorder)
            async with running(session):
                while not is_enough(store):
                    await asyncio.sleep(0.01)
    assert "recording_stopped" not in [kind for kind, _ in reports]
    return store
