"""All that the runtime needs from the world, on one page."""

from collections.abc import Sequence
from typing import Protocol

from livermore.core.instance.activity import Activity
from livermore.core.instance.claim import Refusal
from livermore.core.instance.status import Status
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

    async def run_feed(self, symbols: Sequence[str], inbox: Inbox) -> None:
        """Keep the live feed of `symbols` flowing into the inbox until cancelled."""


class Store(Protocol):
    """Where the truth about one exchange's market is written, fenced by the epoch of the writer."""

    async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        """Write each commit whole, in order.

        Raises:
            ClaimLost: when another instance has claimed the exchange since.
            StoreUnavailable: when the store cannot be reached; nothing, or a beginning of the commits, was written.
        """

    async def publish_tickers(self, tickers: Sequence[PublishTicker]) -> None:
        """Show the latest prices."""

    async def restoration(self, symbols: Sequence[str], window: int) -> Restoration:
        """The series of these symbols as they were last committed, with their newest `window` candles."""


class Network(Protocol):
    """Where the instances of one exchange meet."""

    async def claim(self, status: Status) -> int | Refusal:
        """Claim the exchange for the instance of `status`: the epoch, or who has it."""

    async def heartbeat(self, status: Status) -> bool:
        """Write the status and renew the claim; False when it is not ours any more."""

    async def record(self, entry: Activity) -> None:
        """Add an entry to the activity stream."""


class Clock(Protocol):
    """The only one who is asked what time it is."""

    @property
    def speed(self) -> float:
        """How much faster than ours it runs; only a simulated market's does not run at 1."""

    def now(self) -> Millis:
        """The present instant."""
