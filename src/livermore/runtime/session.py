"""One session: feed and REST into the inbox, the engine in the middle, the outbox at the end, until cancelled.

The feed is opened first and the history spliced under it, so no candle falls between the two. The session owns its
tasks; what ends one of them ends it, and its owner decides what then.
"""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from livermore.core.engine import Engine
from livermore.core.instance.figures import Figures
from livermore.core.instance.status import FeedReport, FeedState, Lag, Today, WarmupProgress
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.messages import (
    BackfillAsked,
    CacheCleared,
    CandlesFetched,
    Commit,
    Effect,
    Event,
    FetchCandles,
    FetchReason,
    FetchRefused,
    Forget,
    Order,
    Report,
    SymbolsAdded,
    SymbolsRemoved,
    WatchChanged,
    WatchedBefore,
)
from livermore.core.restored import Restoration
from livermore.core.watch import Watch
from livermore.core.watched import KEPT_BASE
from livermore.errors import NotPossibleNow, StoreUnavailable
from livermore.runtime.delays import Delays
from livermore.runtime.errands import Errands, Progress
from livermore.runtime.fetcher import Fetcher
from livermore.runtime.inbox import SessionInbox
from livermore.runtime.outbox import Outbox
from livermore.runtime.ports import Clock, Exchange, Store
from livermore.runtime.recording import Recorder
from livermore.runtime.tally import Tally

EVENTS_PER_TURN: Final = 500
# What a boundary of 1,000 symbols makes at once and lets go of when it is committed: not to be searched meanwhile.
YOUNG_OBJECTS: Final = 50_000
FORGET_RETRY_SECONDS: Final = 0.5
# What a warm-up waits for. To compare with REST what is there already never ends, and nothing hangs on it.
HISTORY: Final = (FetchReason.WARMUP, FetchReason.GAP)


class Session:
    """The pipeline of one exchange between start and stop.

    `report` is told, by kind and message, what an operator should know. `connected` is set once the feed flows,
    `warmed` once all history is in. `recorder`, where there is one, is shown all that the engine takes; `figures` are
    those of the instance, which outlast the session. `attended` is what the session before says of itself by that name.
    """

    def __init__(
        self,
        exchange: Exchange,
        store: Store,
        watch: Watch,
        symbols: Sequence[str],
        clock: Clock,
        report: Callable[[str, str], None],
        recorder: Recorder | None = None,
        figures: Figures | None = None,
        attended: Mapping[str, Millis] | None = None,
    ) -> None:
        self._exchange = exchange
        self._store = store
        self._watch = watch
        self._symbols = tuple(dict.fromkeys(symbols))
        self._errands = Errands()
        self._wants_others = asyncio.Event()
        # What is being added is not among the symbols yet, and would not be found by who removes it meanwhile.
        self._changing = asyncio.Lock()
        self._unwritten: Counter[str] = Counter()
        self._has_written = asyncio.Event()
        self._clock = clock
        self._report = report
        self._recorder = recorder
        self.figures = figures or Figures(clock.now())
        self.figures.begin()
        self._inbox = SessionInbox(clock)
        self._fetcher = Fetcher(exchange, self._inbox, report)
        self._outbox = Outbox(store, clock, report, self._committed)
        self._attended = dict(attended or {})
        self._engine: Engine | None = None
        self._began_fetching_at: Millis | None = None
        self._asked = 0
        self._answered = 0
        self.tally = Tally()
        self._delays = Delays(exchange, clock, report, self.figures.exchange_lag)
        self.connected = asyncio.Event()
        self.warmed = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled.

        Raises:
            ClaimLost: when another instance has claimed the exchange.
            StoreUnavailable: when the store cannot be read at the start.
        """
        restoration = await self._store.restoration(self._symbols, KEPT_BASE)
        for refused in restoration.refused:
            self._report("series_refused", f"{refused.symbol} {refused.timeframe} is fetched anew: {refused.reason}")
        self._engine = Engine(self._watch, self._symbols, restoration.series)
        with self._errands.until_the_end():
            await self._run(self._engine, restoration)

    async def _run(self, engine: Engine, restoration: Restoration) -> None:
        if before := self.attended:
            await self._inbox.put([WatchedBefore(before)])
        async with asyncio.TaskGroup() as tasks:
            if self._recorder is not None:
                self._recorder.begin(self._watch, self._symbols, restoration.series, self._clock.now())
                tasks.create_task(self._recorder.run(), name="recorder")
            tasks.create_task(self._outbox.run(), name="outbox")
            tasks.create_task(self._fetcher.run(), name="fetcher")
            tasks.create_task(self._turn(engine), name="engine")
            feed = self._exchange.run_feed(self._symbols, self._inbox, self._changes())
            tasks.create_task(feed, name="feed")
            tasks.create_task(self._delays.run(), name="clocks")

    async def _turn(self, engine: Engine) -> None:
        while True:
            events = await self._inbox.take(EVENTS_PER_TURN)
            if self._recorder is not None:
                self._recorder.take(events)
            effects: list[Effect] = []
            for event, received_at in events:
                self._delays.heard(event, received_at)
                brought = engine.handle(event, received_at)
                if brought:
                    effects.extend(brought)
                    self.figures.brought(brought, received_at)
                self._errands.handled(event, brought)
            await self._perform(effects)
            self._check_progress(engine, events)
            self._errands.look()
            # Let the connections and the outbox breathe between two full turns.
            await asyncio.sleep(0)

    async def _perform(self, effects: Sequence[Effect]) -> None:
        out: list[Effect] = []
        for effect in effects:
            if isinstance(effect, FetchCandles):
                self.tally.asked(effect)
                self.figures.day.asked(effect, self._clock.now())
                self._count_asked(effect)
                self._fetcher.ask(effect)
            elif isinstance(effect, Forget):
                await self._put(out)
                out = []
                await self._forget(effect)
            elif isinstance(effect, Report):
                name = f"{effect.symbol}: " if effect.symbol else ""
                sample = f" ({effect.sample})" if effect.sample else ""
                self._report(effect.kind, f"{name}{effect.message}{sample}")
            elif isinstance(effect, Commit) and effect.alerts:
                out.append(self._computed(effect))
            else:
                out.append(effect)
        await self._put(out)

    async def _put(self, effects: Sequence[Effect]) -> None:
        if effects:
            self._unwritten.update(effect.symbol for effect in effects if isinstance(effect, Commit))
            await self._outbox.put(effects)

    async def _forget(self, effect: Forget) -> None:
        """Delete what the store holds, once all that was decided before is written, and before anything after it."""
        while self._unwritten:
            self._has_written.clear()
            await self._has_written.wait()
        while True:
            try:
                await self._store.forget(effect.symbols)
            except StoreUnavailable as error:
                self._report("store_unavailable", str(error))
                await asyncio.sleep(FORGET_RETRY_SECONDS)
            else:
                return

    def _computed(self, commit: Commit) -> Commit:
        computed_at = self._clock.now()
        computed = Commit(
            commit.symbol, commit.series, tuple(alert.stamped(computed=computed_at) for alert in commit.alerts)
        )
        self.figures.stands_for(commit, computed)
        return computed

    def _committed(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        self.tally.wrote(commits)
        self.figures.wrote(commits, committed_at, self._clock.speed, counts_lags=self.warmed.is_set())
        for commit in commits:
            self._unwritten[commit.symbol] -= 1
            if not self._unwritten[commit.symbol]:
                del self._unwritten[commit.symbol]
        self._has_written.set()
        self._errands.look()
        self._delays.committed((alert for commit in commits for alert in commit.alerts), committed_at)

    def _count_asked(self, order: FetchCandles) -> None:
        if not self.warmed.is_set() and order.reason in HISTORY:
            self._asked += 1
            if self._began_fetching_at is None:
                self._began_fetching_at = self._clock.now()

    def _check_progress(self, engine: Engine, events: Sequence[tuple[Event, Millis]]) -> None:
        if engine.links:
            self.connected.set()
        if self.warmed.is_set():
            return
        self._answered += sum(
            isinstance(event, CandlesFetched | FetchRefused) and event.order.reason in HISTORY for event, _ in events
        )
        if self._answered == self._asked and engine.has_heard_of_all:
            # What the history left is here to stay: to search it for garbage again and again would hold up a boundary.
            gc.collect()
            gc.freeze()
            gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
            self.warmed.set()

    # -------------------------------------------------------------------------------------------- what it can be told

    async def _changes(self) -> AsyncIterator[Sequence[str]]:
        """All symbols that are wanted, each time that they are others."""
        while True:
            await self._wants_others.wait()
            self._wants_others.clear()
            yield self._symbols

    async def add_symbols(self, symbols: Sequence[str], progress: Progress | None = None) -> dict[str, str]:
        """Watch these symbols too; answers once their history is in, with those that are refused, and why.

        `progress` is told how many series are ready, of how many. Whoever stops waiting does not stop the watching.

        Raises:
            NotPossibleNow: when the session is not running, or ends meanwhile.
            StoreUnavailable: when what is stored of them cannot be read; nothing is changed then.
        """
        engine = self._running()
        named = tuple(dict.fromkeys(symbols))
        async with self._changing:
            await self._take_in(tuple(symbol for symbol in named if symbol not in self._symbols))
        await self._errands.done(lambda: engine.warm_count(named), len(named) * len(Timeframe), progress)
        return {symbol: engine.refused[symbol] for symbol in named if symbol in engine.refused}

    async def _take_in(self, fresh: tuple[str, ...]) -> None:
        if fresh:
            # One that was removed a moment ago may have commits that wait: what is stored is older than what is told.
            await self._errands.done(lambda: int(not any(self._unwritten[symbol] for symbol in fresh)), 1, None)
            restoration = await self._store.restoration(fresh, KEPT_BASE)
            for refused in restoration.refused:
                self._report("series_refused", f"{refused.symbol} {refused.timeframe}: {refused.reason}")
            await self._tell(SymbolsAdded(fresh, restoration.series))
            self._symbols = (*self._symbols, *fresh)
            self._wants_others.set()

    async def remove_symbols(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Watch these symbols no longer; what is stored of them stays. Answers with those that were watched.

        Raises:
            NotPossibleNow: when the session is not running.
        """
        self._running()
        async with self._changing:
            gone = tuple(symbol for symbol in self._symbols if symbol in set(symbols))
            if gone:
                self._symbols = tuple(symbol for symbol in self._symbols if symbol not in set(gone))
                await self._tell(SymbolsRemoved(gone))
                self._wants_others.set()
            return gone

    @property
    def symbols(self) -> tuple[str, ...]:
        """All that are watched, or are to be."""
        return self._symbols

    @property
    def attended(self) -> Mapping[str, Millis]:
        """Up to where the buckets of each symbol were closed while it was watched, here or by the session before."""
        own = {} if self._engine is None else self._engine.attended
        return {name: until for name, until in {**self._attended, **own}.items() if name in self._symbols}

    @property
    def watch(self) -> Watch:
        """What is gone by at present."""
        return self._watch

    async def change_watch(self, watch: Watch) -> None:
        """Go by other rules, or raise alerts at another moment, for all candles that close from now on.

        Raises:
            NotPossibleNow: when the session is not running.
        """
        self._running()
        await self._tell(WatchChanged(watch))
        self._watch = watch

    async def backfill(
        self,
        symbols: Sequence[str],
        timeframes: Sequence[Timeframe] = tuple(Timeframe),
        candles: int | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Fetch the newest candles that are at hand anew, up to so many, and compare; answers how many series that was.

        Raises:
            NotPossibleNow: when the session is not running, or ends meanwhile.
        """
        self._running()
        event = BackfillAsked(tuple(dict.fromkeys(symbols)), tuple(dict.fromkeys(timeframes)), candles)
        orders = [order for order in await self._tell(event) if isinstance(order, FetchCandles)]
        await self._errands.answered(orders, progress)
        return len(orders)

    async def clear_cache(self, symbols: Sequence[str], progress: Progress | None = None) -> None:
        """Delete all that is stored of these symbols but their alerts; answers once what is watched is fetched anew.

        Raises:
            NotPossibleNow: when the session is not running, or ends meanwhile.
        """
        engine = self._running()
        named = tuple(dict.fromkeys(symbols))
        await self._tell(CacheCleared(named))
        await self._errands.done(lambda: engine.warm_count(named), len(named) * len(Timeframe), progress)

    def _running(self) -> Engine:
        if self._engine is None:
            raise NotPossibleNow("the session has not begun yet")
        return self._engine

    async def _tell(self, order: Order) -> tuple[Effect, ...]:
        """Put an order into the inbox; answers with what the engine did with it."""
        return await self._errands.brought(order, self._inbox.put([order]))

    # -------------------------------------------------------------------------------------------- what is told of it

    @property
    def feed_state(self) -> FeedState:
        """How well the exchange is heard."""
        return FeedState.DOWN if self._engine is None else self._engine.feed_state

    @property
    def feed_report(self) -> FeedReport:
        """How well the exchange is heard, why not better, and which symbols are without news."""
        if self._engine is None:
            return FeedReport(FeedState.DOWN, ("the session has not begun yet",))
        return self._engine.feed_report(self._clock.now())

    @property
    def symbol_count(self) -> int:
        """How many symbols are watched."""
        return len(self._symbols)

    @property
    def waiting(self) -> Mapping[str, int]:
        """How much waits in each queue: what came in, what is to be written, what is to be asked."""
        return {"inbox": len(self._inbox), "commits": self._unwritten.total(), "requests": len(self._fetcher)}

    @property
    def warmup(self) -> WarmupProgress | None:
        """How many requests for history were answered, of how many, and how long the rest should take."""
        if self._began_fetching_at is None:
            return None
        asked, answered = self._asked, self._answered
        elapsed = self._clock.now() - self._began_fetching_at
        eta = None if not answered else elapsed * (asked - answered) // answered
        return WarmupProgress(answered, asked, None if eta is None else self._ours(eta))

    @property
    def today(self) -> Today:
        """What was done since midnight by the market's clock."""
        return self.figures.day.today(self._clock.now())

    @property
    def lag(self) -> Lag | None:
        """The middle of the latest delays, of the exchange's frames and of our commits of alerts."""
        return self._delays.lag

    def _ours(self, duration: Millis) -> Millis:
        """A duration of the market's clock as it passes for us."""
        return round(duration / self._clock.speed)
