"""The sessions of an instance, one after the other: the exchange's adapter, the store and the course put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from livermore import __version__
from livermore.cache.keys import Keys
from livermore.cache.market_kind import check_market_kind
from livermore.cache.store import MarketStore
from livermore.config import Environment, urls_of
from livermore.core.instance.figures import Figures
from livermore.core.instance.status import Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.watch import Mode
from livermore.exchanges.limiter import Budgets
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.clock import SimulatedClock, SystemClock
from livermore.runtime.course import Course
from livermore.runtime.ports import Clock, Exchange
from livermore.runtime.recording import Recorder
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session


class Sessions:
    """Opens sessions; `note` changes what the instance says of itself, `budgets` and `figures` are those of the whole
    process.

    With `record` each session is recorded: the first one in that file, the second in one with ``-2`` in its name …
    """

    def __init__(
        self,
        exchange: ExchangeIdentity,
        environment: Environment,
        redis: Redis,
        keys: Keys,
        course: Course,
        note: Callable[..., None],
        record: Path | None,
        budgets: Budgets,
        figures: Figures,
    ) -> None:
        self._exchange = exchange
        self._environment = environment
        self._redis = redis
        self._keys = keys
        self._course = course
        self._note = note
        self._record = record
        self._budgets = budgets
        self._figures = figures
        self._epoch: int | None = None
        self._latest: tuple[Mode, Session] | None = None
        self._opened = 0

    @asynccontextmanager
    async def open(self, status: Status, reports: Reports) -> AsyncIterator[Session]:
        """A session for the instance of `status`.

        The first one of a claim goes by the admin's settings anew; one after a pause watches what the one before did.
        """
        course, mode, latest = self._course, status.mode, self._latest
        if status.epoch != self._epoch:
            latest = None
            await course.read_settings_if_possible(status.admin_email)
            self._epoch, mode = status.epoch, course.mode
            self._note(mode=mode)
        self._opened += 1
        async with self._adapter() as adapter:
            course.exchange = adapter
            try:
                if latest is not None and latest[0] is mode:
                    symbols = latest[1].symbols
                else:
                    symbols = await course.symbols(adapter, mode, status.admin_email)
                clock = await self._clock(adapter)
                # The exchange has answered: only now there is something to write. A start that fails marks nothing.
                await check_market_kind(self._redis, is_simulated=self._environment.simulated_speed is not None)
                store = MarketStore(self._redis, self._keys, status.epoch)
                recorder = self._recorder(reports)
                watch = course.watch(adapter)
                attended = None if self._latest is None else self._latest[1].attended
                session = Session(
                    adapter, store, watch, symbols, clock, reports.report, recorder, self._figures, attended
                )
                self._latest = mode, session
                yield session
            finally:
                course.exchange = None

    @asynccontextmanager
    async def _adapter(self) -> AsyncIterator[Exchange]:
        urls = urls_of(self._environment, self._exchange)
        settings = ExchangeSettings(urls.rest, urls.ws, self._environment.simulated_speed or 1.0)
        async with open_exchange(self._exchange.name, settings, budgets=self._budgets) as adapter:
            yield adapter

    async def _clock(self, adapter: Exchange) -> Clock:
        speed = self._environment.simulated_speed
        return SystemClock() if speed is None else SimulatedClock(await adapter.server_time(), speed)

    def _recorder(self, reports: Reports) -> Recorder | None:
        if self._record is None:
            return None
        name = self._record
        path = name if self._opened == 1 else name.with_name(f"{name.stem}-{self._opened}{name.suffix}")
        return Recorder(path, __version__, reports.report)
