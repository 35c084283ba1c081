"""All that the runtime needs from the world, on one page."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from livermore.core.account.settings import Settings
from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.instance.activity import Activity
from livermore.core.instance.claim import Refusal
from livermore.core.instance.command_record import StepTaken
from livermore.core.instance.commands import Answer, Heard, Taking
from livermore.core.instance.status import Pause, Status
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import Commit, Event, PublishTicker
from livermore.core.restored import Restoration


class Inbox(Protocol):
    """The one door in."""

    async def put(self, events: Sequence[Event]) -> None:
        """Take events in, in order; waits while there is no room."""


class Exchange(Protocol):
    """One exchange, seen through its adapter."""

    @property
    def identity(self) -> ExchangeIdentity:
        """Its number and names."""

    @property
    def traits(self) -> ExchangeTraits:
        """How it tells of candles."""

    async def instruments(self) -> tuple[Instrument, ...]:
        """All it lists, with the trading volume of the last day where the listing tells."""

    async def server_time(self) -> Millis:
        """Its clock."""

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        """The closed candles that open in ``[since, until)``, oldest first, in as many requests as it takes."""

    async def run_feed(
        self, symbols: Sequence[str], inbox: Inbox, changes: AsyncIterator[Sequence[str]] | None = None
    ) -> None:
        """Keep the live feed of `symbols` flowing into the inbox until cancelled.

        `changes` brings all the symbols that are wanted from then on, each time that they are others.
        """


class Store(Protocol):
    """Where the truth about one exchange's market is written, fenced by the epoch of the writer."""

    async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        """Write each commit whole, in order.

        Raises:
            ClaimLost: when another instance has claimed the exchange since.
            StoreUnavailable: when the store cannot be reached; nothing, or a beginning of the commits, was written.
        """

    async def forget(self, symbols: Sequence[str]) -> None:
        """Delete all that is known of these symbols but their alerts.

        Raises:
            ClaimLost, StoreUnavailable: as `commit` does.
        """

    async def publish_tickers(self, tickers: Sequence[PublishTicker]) -> None:
        """Show the latest prices."""

    async def restoration(self, symbols: Sequence[str], window: int) -> Restoration:
        """The series of these symbols as they were last committed, with their newest `window` candles."""


class Network(Protocol):
    """Where the instances of one exchange meet."""

    async def claim(self, status: Status, *, least_epoch: int = 0, gone: Status | None = None) -> int | Refusal:
        """Claim the exchange for the instance of `status`: the epoch, which is above `least_epoch`, or who has it.

        `gone` is the status of a holder whose process has provably ended: if it is still the holder, it has it no more.
        """

    async def heartbeat(self, status: Status) -> bool:
        """Write the status and renew the claim; False when it is not ours any more."""

    async def show(self, status: Status) -> bool:
        """Show an instance that does not serve; whether it is the one that people see first."""

    async def shown(self) -> Status | None:
        """The status of the instance that serves, or else of the newest one that is there."""

    async def leave(self, instance_id: str) -> None:
        """Take an instance that ends from among the live ones."""

    async def keep_pause(self, epoch: int, pause: Pause | None) -> None:
        """Keep that the exchange is paused, or with None that it is not, whatever becomes of the process.

        Raises:
            ClaimLost: when the claim of that epoch is over.
            StoreUnavailable: when it cannot be kept.
        """

    async def pause(self) -> Pause | None:
        """Who has paused the exchange, as it was kept."""

    async def record(self, entry: Activity) -> None:
        """Add an entry to the activity stream."""


class Bus(Protocol):
    """The way of commands to an instance, and of its answers back."""

    def heard(self) -> AsyncIterator[Heard]:
        """All that is said to the instances of the exchange, until cancelled.

        Raises:
            StoreUnavailable: when the channel is lost.
        """

    async def take(self, correlation_id: str, named: str | None) -> tuple[Taking, str | None]:
        """Whether this instance has the command, which may have `named` its instance; with GONE, who had it."""

    async def answer(self, said: Answer) -> None:
        """Say an answer to whoever listens."""

    async def record(self, step: StepTaken) -> None:
        """Keep a step of a command in the audit."""


class Directory(Protocol):
    """What people have set and which symbols they watch, as an instance sees it; it may be away."""

    async def settings(self, admin_email: str | None) -> Settings:
        """The settings of a person; the defaults where they have none.

        Raises:
            StoreUnavailable: when they cannot be read.
        """

    async def symbols(self, exchange_id: int) -> tuple[MonitoredSymbol, ...]:
        """The symbols that are to be watched.

        Raises:
            StoreUnavailable: when they cannot be read.
        """

    async def add_symbols(self, exchange_id: int, rows: Sequence[MonitoredSymbol], by: str, at: Millis) -> None:
        """Have these symbols watched from now on.

        Raises:
            StoreUnavailable: when they cannot be written.
        """

    async def remove_symbols(
        self, exchange_id: int, symbols: Sequence[str], by: str, at: Millis, user: str | None = None
    ) -> int:
        """Have these symbols watched no longer, for everybody or for one user; answers how many were.

        Raises:
            StoreUnavailable: when they cannot be written.
        """

    async def held_symbols(self, exchange_id: int) -> tuple[str, ...]:
        """The symbols in which somebody has a position.

        Raises:
            StoreUnavailable: when they cannot be read.
        """


class EpochBook(Protocol):
    """A second memory of the claims of an exchange, for when the first one forgets."""

    async def least_epoch(self, exchange_id: int) -> int:
        """The highest epoch that is known; 0 for none.

        Raises:
            StoreUnavailable: when it cannot be read.
        """

    async def record_epoch(self, exchange_id: int, epoch: int, instance_id: str, at: Millis) -> None:
        """Remember a claim.

        Raises:
            StoreUnavailable: when it cannot be written.
        """


class Clock(Protocol):
    """The only one who is asked what time it is."""

    @property
    def speed(self) -> float:
        """How much faster than ours it runs; only a simulated market's does not run at 1."""

    def now(self) -> Millis:
        """The present instant."""
