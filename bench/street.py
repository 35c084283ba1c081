"""The real session between a feed of prepared frames and a real Valkey, in a thread of its own, with a stopwatch."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from threading import Thread
from time import perf_counter
from typing import Protocol

import uvloop
from bench.midnight import quiet_candle

from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import Commit, FeedEvent, PublishTicker
from livermore.core.restored import Restoration, RestoredSeries
from livermore.core.watch import Watch
from livermore.runtime.clock import SystemClock
from livermore.runtime.ports import Inbox
from livermore.runtime.session import Session

EPOCH = 1


class Wire(Protocol):
    def receive(self, frame: str | bytes) -> tuple[FeedEvent, ...]: ...


class PreparedExchange:
    """An exchange whose feed says some frames, waits to be let go, and says the others.

    `read_at` holds the instant at which each of the other frames was read. REST says what is known already, so that the
    session is warm when it is let go.
    """

    def __init__(
        self, identity: ExchangeIdentity, traits: ExchangeTraits, wire: Wire, before: list[bytes], burst: list[bytes]
    ) -> None:
        self.identity = identity
        self.traits = traits
        self.read_at: list[float] = []
        self.is_ready = asyncio.Event()
        self.go = asyncio.Event()
        self._wire = wire
        self._before = before
        self._burst = burst

    async def run_feed(
        self,
        symbols: Sequence[str],  # noqa: ARG002 - the frames name them
        inbox: Inbox,
        changes: object = None,  # noqa: ARG002 - they stay
    ) -> None:
        for frame in self._before:
            await inbox.put(self._wire.receive(frame))
        self.is_ready.set()
        await self.go.wait()
        for frame in self._burst:
            self.read_at.append(perf_counter())
            await inbox.put(self._wire.receive(frame))
        await asyncio.Event().wait()

    async def instruments(self) -> tuple[Instrument, ...]:
        return ()

    async def server_time(self) -> Millis:
        return 0

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        return tuple(quiet_candle(symbol, timeframe, opened_at) for opened_at in range(since, until, timeframe.millis))


class TimedStore:
    """The real store, which notes when each commit was acknowledged; its restoration was prepared."""

    def __init__(self, store: MarketStore, series: tuple[RestoredSeries, ...], expected: int) -> None:
        self.acknowledged: list[tuple[Commit, float]] = []
        self.is_done = asyncio.Event()
        self._store = store
        self._series = series
        self._expected = expected

    async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        await self._store.commit(commits, committed_at)
        now = perf_counter()
        self.acknowledged.extend((commit, now) for commit in commits)
        if len(self.acknowledged) >= self._expected:
            self.is_done.set()

    async def publish_tickers(self, tickers: Sequence[PublishTicker]) -> None:
        await self._store.publish_tickers(tickers)

    async def restoration(self, *_: Sequence[str] | int) -> Restoration:
        return Restoration(self._series, ())


class Street:
    """One session that stands ready until it is let go; `alert_delays` are in seconds from frame to commit."""

    def __init__(
        self,
        server: RedisSettings,
        watch: Watch,
        series: tuple[RestoredSeries, ...],
        symbols: Sequence[str],
        prepare: Callable[[], PreparedExchange],
    ) -> None:
        self._server = server
        self._watch = watch
        self._series = series
        self._symbols = symbols
        self._prepare = prepare
        self._ready: Future[None] = Future()
        self._done: Future[None] = Future()
        self.alert_delays: list[float] = []
        self.commit_delays: list[float] = []
        self._thread = Thread(target=self._play, name="street")
        self._thread.start()
        self._ready.result(60)

    def let_go(self) -> int:
        """Hand over the burst and wait until the last commit is acknowledged; answers with the number of alerts."""
        self._loop.call_soon_threadsafe(self._exchange.go.set)
        self._done.result(60)
        return len(self.alert_delays)

    def close(self) -> None:
        self._thread.join()

    def _play(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._run())

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._exchange = exchange = self._prepare()
        async with open_redis(self._server) as redis:
            await redis.flushall()
            keys = Keys(exchange.identity.id)
            await redis.set(keys.epoch, EPOCH)
            store = TimedStore(MarketStore(redis, keys, EPOCH), self._series, len(self._symbols))
            session = Session(exchange, store, self._watch, self._symbols, SystemClock(), lambda *_: None)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(session.run(), name="session")
                await exchange.is_ready.wait()
                async with asyncio.timeout(30):
                    await session.warmed.wait()
                self._ready.set_result(None)
                async with asyncio.timeout(60):
                    await store.is_done.wait()
                self._measure(exchange, store)
                self._done.set_result(None)
                running.cancel()

    def _measure(self, exchange: PreparedExchange, store: TimedStore) -> None:
        """Of each commit, the time since its own frame was read, or since the one frame that proved them all."""
        one = len(exchange.read_at) == 1
        read_at = (
            dict.fromkeys(self._symbols, exchange.read_at[0])
            if one
            else dict(zip(self._symbols, exchange.read_at, strict=True))
        )
        for commit, acknowledged in store.acknowledged:
            delay = acknowledged - read_at[commit.symbol]
            self.commit_delays.append(delay)
            self.alert_delays.extend(delay for _ in commit.alerts)


def percentiles(seconds: Sequence[float]) -> Iterator[tuple[str, float]]:
    """The middle, the 99th of a hundred and the longest, in milliseconds."""
    ordered = sorted(seconds)
    for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        yield name, round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3, 1)
