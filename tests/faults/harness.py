"""A simulated market under faults, a real Valkey, sessions that watch it, and the audit that judges what they wrote."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from rich.console import Console

from livermore.app.audit import Audit, AuditSettings, run_audit
from livermore.app.audit_rows import Stand, stands
from livermore.audit.finding import DAMAGE, Kind
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.cache.market_kind import check_market_kind
from livermore.cache.readers import newest_candles
from livermore.cache.store import MarketStore
from livermore.cli.audit import show
from livermore.config import Environment, urls_of
from livermore.core.alerts.rules import Rules
from livermore.core.market.exchange import BINANCE, COINBASE, ExchangeIdentity
from livermore.core.market.selection import most_traded
from livermore.core.market.timeframe import HOUR, MINUTE, Millis, Timeframe
from livermore.core.watch import Watch
from livermore.embedded.valkey import EmbeddedValkey, open_valkey
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.clock import SimulatedClock
from livermore.runtime.session import Session
from livermore.sim.faults.board import Posted
from livermore.sim.faults.fault import Fault
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings

SPEED = 900.0
SYMBOLS = 8
SEED = 5
# A midnight is passed after two hours, where all timeframes close together.
EVENING: Millis = 1_795_392_000_000 - 2 * HOUR
BOTH = (COINBASE, BINANCE)
# Revisions, late rows and second looks at them are all told of by then.
AFTERMATH: Millis = 15 * MINUTE
SETTLES_WITHIN_SECONDS = 120.0
WARM_WITHIN_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.05
SAMPLES_KEPT = 8


@dataclass(slots=True)
class Watching:
    """A session at work, and what it has reported."""

    session: Session
    totals: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def symbols(self) -> tuple[str, ...]:
        return self.session.symbols

    def stop_repairs(self) -> None:
        """From now on holes stay, and nothing is compared with REST: only to show what the repairs are good for."""
        engine = self.session._engine
        assert engine is not None
        engine.watch = replace(engine.watch, repairs=False)

    def report(self, kind: str, message: str) -> None:
        self.totals[kind] += 1
        kept = self.samples.setdefault(kind, [])
        if len(kept) < SAMPLES_KEPT:
            kept.append(message)


class Fire:
    """All of it together; time is the simulator's."""

    def __init__(self, sim: SimServer, valkey: EmbeddedValkey, redis: Redis, directory: Path) -> None:
        self.sim = sim
        self.valkey = valkey
        self.redis = redis
        self.directory = directory
        urls = {
            f"{name}_{kind}_url": url
            for name, origin in sim.urls.items()
            for kind, url in (("rest", origin.rest), ("ws", origin.websocket))
        }
        fields: dict[str, Any] = {
            "redis_host": valkey.host,
            "redis_port": valkey.port,
            "redis_secret": valkey.secret,
            "simulated_speed": sim.settings.speed,
            "symbols": sim.settings.symbols,
            **urls,
        }
        self.environment = Environment(**fields)
        self.variables = {f"LIVERMORE_{name.upper()}": str(value) for name, value in fields.items()}

    @property
    def now(self) -> Millis:
        return self.sim.clock.now()

    async def until(self, instant: Millis) -> None:
        await self.sim.clock.wait_until(instant)

    async def passes(self, duration: Millis) -> None:
        await self.until(self.now + duration)

    def post(self, *faults: Fault) -> list[Posted]:
        return self.sim.faults.post(faults)

    @asynccontextmanager
    async def watching(
        self,
        exchange: ExchangeIdentity,
        first: int | None = None,
        *,
        is_warm: bool = True,
        stale_after_seconds: float | None = None,
    ) -> AsyncIterator[Watching]:
        """A session of `exchange`, warm unless that is not waited for; leaving ends it.

        It watches the `first` of the most traded symbols, or all of them. The market may be silent for as long as the
        adapter thinks fit, or for `stale_after_seconds`.
        """
        urls, speed = urls_of(self.environment, exchange), self.sim.settings.speed
        await check_market_kind(self.redis, is_simulated=True)
        keys = Keys(exchange.id)
        epoch = int(await self.redis.incr(keys.epoch))
        settings = ExchangeSettings(urls.rest, urls.ws, speed, stale_after_seconds=stale_after_seconds)
        async with open_exchange(exchange.name, settings) as adapter:
            symbols = most_traded(await adapter.instruments(), first or self.sim.settings.symbols)
            watch = Watch(adapter.identity, adapter.traits, Rules(), is_simulated=True)
            clock = SimulatedClock(await adapter.server_time(), speed)
            store = MarketStore(self.redis, keys, epoch)
            seen: Watching
            session = Session(adapter, store, watch, symbols, clock, lambda kind, text: seen.report(kind, text))
            seen = Watching(session)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(session.run(), name=f"{exchange.name} session")
                async with asyncio.timeout(WARM_WITHIN_SECONDS):
                    await (session.warmed if is_warm else session.connected).wait()
                yield seen
                running.cancel()

    async def most_traded(self, exchange: ExchangeIdentity, count: int) -> list[str]:
        """The most traded symbols, in their order."""
        settings = ExchangeSettings(urls_of(self.environment, exchange).rest, None, self.sim.settings.speed)
        async with open_exchange(exchange.name, settings) as adapter:
            return list(most_traded(await adapter.instruments(), count))

    async def exchange_time(self, exchange: ExchangeIdentity) -> Millis:
        """The exchange's clock, as it tells it itself."""
        settings = ExchangeSettings(urls_of(self.environment, exchange).rest, None, self.sim.settings.speed)
        async with open_exchange(exchange.name, settings) as adapter:
            return await adapter.server_time()

    # ---------------------------------------------------------------------------------------- what the store says

    async def stands(self, exchange: ExchangeIdentity) -> list[Stand]:
        return [*(await stands(self.redis, Keys(exchange.id), None)).values()]

    async def unsettled(self, exchange: ExchangeIdentity, symbols: Sequence[str], until: Millis) -> list[str]:
        """What is not committed and confirmed up to `until` yet, one line for each series."""
        held = {stand.name: stand for stand in await self.stands(exchange)}
        wrong = []
        for symbol in symbols:
            for timeframe in Timeframe:
                stand = held.get((symbol, timeframe))
                ended = timeframe.opening(until)
                if stand is None or stand.committed_until < ended:
                    reached = None if stand is None else stand.committed_until
                    wrong.append(f"{symbol} {timeframe} stands at {reached}, not yet at {ended}")
                    continue
                rows = await newest_candles(self.redis, Keys(exchange.id), (symbol, timeframe), 200)
                open_rows = [row.opened_at for row in rows if row.closes_at <= ended and not row.is_confirmed]
                if open_rows:
                    wrong.append(f"{symbol} {timeframe} is not confirmed at {open_rows[:3]}")
        return wrong

    async def settled(self, watched: dict[ExchangeIdentity, Watching], until: Millis) -> None:
        """Return once every series is committed and confirmed up to `until`; says which are not when it takes long."""
        await self.until(until)
        wrong: list[str] = []
        try:
            async with asyncio.timeout(SETTLES_WITHIN_SECONDS):
                for exchange, seen in watched.items():
                    while wrong := await self.unsettled(exchange, seen.symbols, until):
                        await asyncio.sleep(LOOK_EVERY_SECONDS)
        except TimeoutError as exc:
            told = {exchange.name: seen.samples for exchange, seen in watched.items()}
            raise AssertionError("\n".join(["not settled:", *wrong, str(told)])) from exc

    async def audit(self, until: Millis | None = None, exchanges: Sequence[ExchangeIdentity] = ()) -> Audit:
        """What `livermore audit` says of all candles that close up to `until`."""
        settings = AuditSettings(exchanges=tuple(exchanges), until=until)
        return await run_audit(settings, self.environment, self.directory)


@asynccontextmanager
async def a_fire(
    directory: Path,
    *faults: Fault,
    speed: float = SPEED,
    symbols: int = SYMBOLS,
    seed: int = SEED,
    start: Millis = EVENING,
) -> AsyncIterator[Fire]:
    """A market and a store; `faults` are there from the start."""
    settings = SimSettings(0, 0, 0, speed=speed, symbols=symbols, seed=seed, start=start)
    async with open_valkey(directory / "valkey") as valkey, serve(settings) as sim:
        sim.faults.post(faults)
        async with open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)) as redis:
            yield Fire(sim, valkey, redis, directory)


def check_clean(audit: Audit, exchanges: Sequence[ExchangeIdentity] = BOTH, *, is_eventful: bool = True) -> None:
    """Nothing was missed, false, duplicate or differing, and there was something to judge; shows the report if not."""
    if not audit.is_clean:
        show(audit, Console(width=200))
    assert [one.exchange for one in audit.exchanges] == list(exchanges)
    for one in audit.exchanges:
        found = {kind.value: one.counts[kind] for kind in sorted(DAMAGE)}
        assert found == {"differing": 0, "duplicate": 0, "false": 0, "missed": 0}, one.exchange.name
        assert one.counts[Kind.PENDING] == 0
    expected = sum(one.outcome.expected for one in audit.exchanges)
    assert expected > 0 or not is_eventful, "nothing happened that could be missed"


def figures(audit: Audit) -> str:
    """The counts in one line, for the log."""
    parts = [
        f"{one.exchange.name}: {one.outcome.found}/{one.outcome.expected} alerts, "
        + ", ".join(f"{kind.value} {count}" for kind, count in one.counts.items() if count or kind in DAMAGE)
        for one in audit.exchanges
    ]
    return "; ".join(parts)


def tell(line: str) -> None:
    """Say something for the log of the test."""
    sys.stdout.write(f"{line}\n")
