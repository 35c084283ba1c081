"""Stand-ins for the outside, shared by the tests of the runtime."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from livermore.core.instance.activity import Activity, StateChanged
from livermore.core.instance.claim import Refusal
from livermore.core.instance.status import Pause, Status
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import COINBASE, ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import Commit, Event, PublishTicker
from livermore.core.restored import Restoration
from livermore.errors import ClaimLost, ExchangeRefused, ExchangeUnavailable, StoreFellBack, StoreUnavailable
from livermore.runtime.ports import Inbox


def a_candle(
    opened_at: Millis, close: float = 100.0, *, timeframe: Timeframe = BASE, symbol: str = "BTC-USD"
) -> Candle:
    """A traded candle around `close`."""
    return Candle(symbol, timeframe, opened_at, close, close + 1, close - 1, close, 1.0)


class FakeClock:
    """A clock that stands where it is put."""

    speed = 1.0

    def __init__(self, at: Millis = 0) -> None:
        self.at = at

    def now(self) -> Millis:
        """The instant it was put at."""
        return self.at


class FakeExchange:
    """An exchange whose history is flat and whose feed says what the test puts into `script`."""

    identity: ExchangeIdentity = COINBASE
    traits = ExchangeTraits(grace=2_000, rows_per_request=100, lists_silence=False)

    def __init__(self) -> None:
        self.script: asyncio.Queue[Sequence[Event]] = asyncio.Queue()
        self.asked: list[tuple[str, Timeframe, Millis, Millis]] = []
        self.failures: list[Exception] = []
        self.answering = asyncio.Event()
        self.answering.set()

    async def instruments(self) -> tuple[Instrument, ...]:
        """One symbol."""
        return (Instrument("BTC-USD", "BTC-USD", "BTC", "USD", True, 1e9),)

    async def server_time(self) -> Millis:
        """The beginning of time."""
        return 0

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        """Flat history, unless a failure is due."""
        self.asked.append((symbol, timeframe, since, until))
        await self.answering.wait()
        if self.failures:
            raise self.failures.pop(0)
        return tuple(
            a_candle(at, timeframe=timeframe, symbol=symbol) for at in range(since, until, timeframe.millis) if at >= 0
        )

    async def run_feed(
        self, symbols: Sequence[str], inbox: Inbox, changes: AsyncIterator[Sequence[str]] | None = None
    ) -> None:
        """Say what the script says."""
        while True:
            await inbox.put(await self.script.get())


class MemoryStore:
    """A store in memory, which can be away or lost to another instance."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.tickers: list[PublishTicker] = []
        self.batches: list[int] = []
        self.forgotten: list[tuple[int, tuple[str, ...]]] = []
        self.times_away = 0
        self.is_lost = False
        self.falls_back = False
        self.restored = Restoration((), ())

    async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        """Keep the commits."""
        if self.falls_back:
            self.falls_back = False
            raise StoreFellBack("the last writes are lost")
        if self.is_lost:
            raise ClaimLost("another instance has claimed the exchange")
        if self.times_away:
            self.times_away -= 1
            raise StoreUnavailable("Redis is away")
        self.batches.append(len(commits))
        self.commits.extend(commits)

    async def forget(self, symbols: Sequence[str]) -> None:
        """Note what is to be forgotten, after how many commits."""
        if self.times_away:
            self.times_away -= 1
            raise StoreUnavailable("Redis is away")
        self.forgotten.append((len(self.commits), tuple(symbols)))

    async def publish_tickers(self, tickers: Sequence[PublishTicker]) -> None:
        """Keep the tickers."""
        self.tickers.extend(tickers)

    async def restoration(self, symbols: Sequence[str], window: int) -> Restoration:
        """What the test has put there."""
        return self.restored


class FakeNetwork:
    """A meeting place of one, which keeps all that it is told and can be away."""

    def __init__(self) -> None:
        self.statuses: list[Status] = []
        self.shown_statuses: list[Status] = []
        self.entries: list[Activity] = []
        self.claims: list[tuple[Status, int, Status | None]] = []
        self.refusal: Refusal | None = None
        self.is_ours = True
        self.is_away = False
        self.has_left = False
        self.kept_pause: Pause | None = None
        self.epoch = 0
        self.order: list[str] = []

    async def claim(self, status: Status, *, least_epoch: int = 0, gone: Status | None = None) -> int | Refusal:
        """Grant the next epoch, or refuse."""
        self._answer()
        self.claims.append((status, least_epoch, gone))
        if self.refusal is not None and self.refusal.holder != gone:
            return self.refusal
        self.epoch = max(self.epoch, least_epoch) + 1
        return self.epoch

    async def heartbeat(self, status: Status) -> bool:
        """Keep the status."""
        self._answer()
        self.statuses.append(status)
        self.order.append(f"status {status.connection_state}")
        return self.is_ours

    async def show(self, status: Status) -> bool:
        """Keep the status apart from those of a claim."""
        self._answer()
        self.shown_statuses.append(status)
        self.order.append(f"status {status.connection_state}")
        return True

    async def shown(self) -> Status | None:
        """Who has refused us, or the last that we have shown."""
        self._answer()
        if self.refusal is not None:
            return self.refusal.holder
        return self.shown_statuses[-1] if self.shown_statuses else None

    async def leave(self, instance_id: str) -> None:
        """Note that it has left."""
        self._answer()
        self.has_left = True

    async def keep_pause(self, epoch: int, pause: Pause | None) -> None:
        """Keep it."""
        self._answer()
        self.kept_pause = pause

    async def pause(self) -> Pause | None:
        """What was kept."""
        self._answer()
        return self.kept_pause

    async def record(self, entry: Activity) -> None:
        """Keep the entry."""
        self._answer()
        self.entries.append(entry)
        self.order.append(f"activity {entry.to_state}" if isinstance(entry, StateChanged) else "error")

    def _answer(self) -> None:
        if self.is_away:
            raise StoreUnavailable("Redis is away")


def refused() -> ExchangeRefused:
    """An error that no retry mends."""
    return ExchangeRefused("no such product")


def away() -> ExchangeUnavailable:
    """An error that time mends."""
    return ExchangeUnavailable("time-out")
