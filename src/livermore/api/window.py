"""What the API stands on: the stores, the clock, who can tell who somebody is, and the live stream."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, TypeAlias

from fastapi import Depends
from redis.asyncio import Redis
from starlette.requests import HTTPConnection

from livermore.api.auth.clerk import ClerkFront
from livermore.api.auth.gate import Gate
from livermore.api.live.hub import Hub
from livermore.api.matrix import Shapes
from livermore.api.metrics import Metrics
from livermore.api.symbol_ranks import SymbolRanks
from livermore.api.symbols import WatchedSymbols
from livermore.cache.connect import keys_on
from livermore.cache.keys import Keys
from livermore.core.account.settings import Channel
from livermore.core.market.exchange import WATCHED, ExchangeIdentity, exchange_named
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Pool

ExchangeName: TypeAlias = Literal["coinbase", "binance", "binance_us"]
EXCHANGES: Final = WATCHED


class Messenger(Protocol):
    """Who can send a message on trial."""

    async def try_out(self, user_id: int, channel: Channel) -> str | None:
        """Send it; None when it was taken, or else why not.

        Raises:
            TooManyRequests: when that person has just sent one.
        """


@dataclass(frozen=True, slots=True)
class Window:
    """All that routes look at; `logs` is the folder of the log files, None where there are none.

    Without a `messenger` no message is sent on trial; with a `clerk` the screens have people sign in there. Who has
    the lock `previewing` computes a preview of alerts; `shapes` and `ranks` remember what the matrix of readings was
    made of.
    """

    redis: Redis
    pool: Pool
    now: Callable[[], Millis]
    gate: Gate
    hub: Hub
    metrics: Metrics
    symbols: WatchedSymbols
    logs: Path | None = None
    webhook_secret: str | None = None
    clerk: ClerkFront | None = None
    admin_email: str | None = None
    messenger: Messenger | None = None
    previewing: asyncio.Lock = field(default_factory=asyncio.Lock)
    shapes: Shapes = field(default_factory=Shapes)
    ranks: SymbolRanks = field(default_factory=SymbolRanks)

    def keys(self, exchange: ExchangeIdentity) -> Keys:
        """The names of all that belongs to an exchange."""
        return keys_on(self.redis, exchange.id)


def _window(connection: HTTPConnection) -> Window:
    window: Window = connection.app.state.window
    return window


def _exchange(exchange: ExchangeName) -> ExchangeIdentity:
    return exchange_named(exchange)


TheWindow = Annotated[Window, Depends(_window)]
TheExchange = Annotated[ExchangeIdentity, Depends(_exchange)]
