"""The API on real stores, for tests: people who are signed in, and a market to look at."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis

from livermore.api.app import serving
from livermore.api.auth.clerk import ClerkFront
from livermore.api.auth.gate import Gate, TrustedIssuer
from livermore.api.auth.local import ISSUER, LocalIssuer, open_local_issuer
from livermore.api.live.hub import Hub
from livermore.api.metrics import Metrics
from livermore.api.server import listening, serve
from livermore.api.symbols import WatchedSymbols
from livermore.api.window import Window
from livermore.cache.commit import CANDLES_KEPT
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.account.people import Identity, Role
from livermore.core.alerts.alert import Alert
from livermore.core.indicators.macdv import MacdV
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.messages import Commit, SeriesCommit
from livermore.core.snapshot import SeriesSnapshot, Tail
from livermore.database.connect import Pool, transaction
from livermore.database.users import upsert_from_identity
from livermore.runtime.clock import SystemClock

NOW = SystemClock().now
numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stage:
    """The API, its stores, and who can sign in."""

    app: Any
    window: Window
    http: httpx.AsyncClient
    local: LocalIssuer

    async def token(self, role: Role = Role.ADMIN, email: str | None = None) -> str:
        """The access token of somebody new with that role."""
        email = email or f"{role}-{next(numbers)}@example.org"
        identity = Identity(ISSUER, email, email, is_email_verified=True)
        async with transaction(self.window.pool) as connection:
            await upsert_from_identity(connection, identity, NOW(), role=role)
        return self.local.grant(email).access_token

    async def headers(self, role: Role = Role.ADMIN, email: str | None = None) -> Mapping[str, str]:
        return {"authorization": f"Bearer {await self.token(role, email)}"}


@asynccontextmanager
async def a_stage(
    redis: Redis,
    pool: Pool,
    folder: Path,
    *,
    trusted: Sequence[TrustedIssuer] = (),
    webhook_secret: str | None = None,
    clerk: ClerkFront | None = None,
    screens: Path | None = None,
    admin_email: str | None = None,
) -> AsyncIterator[Stage]:
    """The API without a socket: requests go straight to it."""
    local = open_local_issuer(redis, folder / "keys", NOW)
    gate = Gate(redis, pool, NOW, local=local, trusted=trusted)
    symbols = WatchedSymbols(redis, pool, NOW)
    hub = Hub(redis, symbols.note)
    window = Window(
        redis,
        pool,
        NOW,
        gate,
        hub,
        Metrics(),
        symbols,
        logs=folder / "logs",
        webhook_secret=webhook_secret,
        clerk=clerk,
        admin_email=admin_email,
    )
    app = serving(window, screens)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://livermore.test") as http:
        yield Stage(app, window, http, local)


@asynccontextmanager
async def listening_stage(stage: Stage) -> AsyncIterator[str]:
    """The address of a server of that stage, with its live stream."""
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(serve(stage.app, listener), name="server"),
                tasks.create_task(stage.window.hub.run(), name="hub"),
            ]
            yield f"127.0.0.1:{port}"
            for task in running:
                task.cancel()


def a_series(
    symbol: str, timeframe: Timeframe, count: int, *, until: Millis, start: float = 100.0
) -> tuple[SeriesCommit, tuple[Candle, ...]]:
    """A commit of candles that rise and fall, and the candles; the last one closes by `until`."""
    last = timeframe.opening(until) - timeframe.millis
    candles = []
    fold = MacdV()
    reading = None
    for index in range(count):
        opened_at = last - (count - 1 - index) * timeframe.millis
        close = start + (index % 17) - (index % 5)
        candle = Candle(symbol, timeframe, opened_at, close, close + 1.5, close - 1.0, close + 0.5, 10.0 + index)
        fold.step(candle.high, candle.low, candle.close)
        reading = fold.reading(candle)
        candles.append(candle)
    first = candles[0].opened_at
    snapshot = SeriesSnapshot(first, last, first, fold.state(), (), first, Tail(MacdV().state(), ()))
    return SeriesCommit(timeframe, tuple(candles), reading, snapshot), tuple(candles)


async def a_market(
    redis: Redis, keys: Keys, symbols: Sequence[str], *, until: Millis, count: int = 60, epoch: int = 1
) -> None:
    """Have the series of these symbols stored as an instance stores them."""
    assert count <= CANDLES_KEPT
    await redis.set(keys.epoch, epoch)
    store = MarketStore(redis, keys, epoch)
    series = {timeframe: a_series("X-USD", timeframe, count, until=until)[0] for timeframe in Timeframe}
    commits = []
    for symbol in symbols:
        parts = []
        for timeframe in Timeframe:
            made, _ = a_series(symbol, timeframe, count, until=until) if count <= 100 else (series[timeframe], ())
            parts.append(made)
        commits.append(Commit(symbol, tuple(parts), ()))
    await store.commit(commits, until)


async def raise_alert(redis: Redis, keys: Keys, alert: Alert, *, epoch: int = 1) -> None:
    """Put an alert on the stream as an instance does, in a commit of its own."""
    await redis.set(keys.epoch, epoch)
    await MarketStore(redis, keys, epoch).commit([Commit(alert.symbol, (), (alert,))], NOW())
