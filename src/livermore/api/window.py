"""What the API stands on: the stores, the clock, who can tell who somebody is, and the live stream."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import Depends
from redis.asyncio import Redis
from starlette.requests import HTTPConnection

from livermore.api.auth.gate import Gate
from livermore.api.live.hub import Hub
from livermore.api.metrics import Metrics
from livermore.api.symbols import WatchedSymbols
from livermore.cache.connect import keys_on
from livermore.cache.keys import Keys
from livermore.core.market.exchange import WATCHED, ExchangeIdentity, exchange_named
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Pool

ExchangeName: TypeAlias = Literal["coinbase", "binance", "binance_us"]
EXCHANGES: Final = WATCHED


@dataclass(frozen=True, slots=True)
class Window:
    """All that routes look at; `logs` is the folder of the log files, None where there are none."""

    redis: Redis
    pool: Pool
    now: Callable[[], Millis]
    gate: Gate
    hub: Hub
    metrics: Metrics
    symbols: WatchedSymbols
    logs: Path | None = None
    webhook_secret: str | None = None
    admin_email: str | None = None

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
