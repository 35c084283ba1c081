"""Which symbols are watched, remembered for a moment: finding out means asking both stores."""

import asyncio
from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis

from livermore.cache.connect import keys_on
from livermore.cache.readers import watched_symbols
from livermore.core.market.timeframe import SECOND, Millis
from livermore.database.connect import Pool, transaction
from livermore.database.symbols import monitored_symbols
from livermore.errors import StoreError

REMEMBERED_FOR: Final[Millis] = 5 * SECOND
PATIENCE_SECONDS: Final = 1.0


class WatchedSymbols:
    """The symbols of each exchange that have a series, but for those that were given up: what they had is kept."""

    def __init__(self, redis: Redis, pool: Pool, now: Callable[[], Millis]) -> None:
        self._redis = redis
        self._pool = pool
        self._now = now
        self._given_up: dict[int, frozenset[str]] = {}
        self._found: dict[int, tuple[Millis, tuple[str, ...]]] = {}

    async def of(self, exchange_id: int, *, is_afresh: bool = False) -> tuple[str, ...]:
        """Those of an exchange, in the order of the alphabet, as they were at most 5 s ago, or `is_afresh` as they are.

        While PostgreSQL is away those that were given up are what they were.

        Raises:
            StoreUnavailable: when Redis cannot be used.
        """
        now = self._now()
        looked_at, symbols = self._found.get(exchange_id, (0, ()))
        if is_afresh or not 0 <= now - looked_at < REMEMBERED_FOR:
            stored = await watched_symbols(self._redis, keys_on(self._redis, exchange_id))
            given_up = await self._read_given_up(exchange_id)
            symbols = tuple(symbol for symbol in stored if symbol not in given_up)
            self._found[exchange_id] = (now, symbols)
        return symbols

    async def given_up(self, exchange_id: int) -> frozenset[str]:
        """Those that are watched no longer though something of them is stored, as they were at most 5 s ago.

        Raises:
            StoreUnavailable: when Redis cannot be used.
        """
        await self.of(exchange_id)
        return self._given_up.get(exchange_id, frozenset())

    async def _read_given_up(self, exchange_id: int) -> frozenset[str]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), transaction(self._pool) as connection:
                rows = await monitored_symbols(connection, exchange_id)
        except (StoreError, TimeoutError):
            return self._given_up.get(exchange_id, frozenset())
        wanted = {row.symbol for row in rows if row.is_active}
        self._given_up[exchange_id] = frozenset(row.symbol for row in rows) - wanted
        return self._given_up[exchange_id]

    def note(self, exchange_id: int, symbol: str) -> None:
        """Look again, as a symbol was heard of that nobody knew."""
        if exchange_id in self._found and symbol not in self._found[exchange_id][1]:
            del self._found[exchange_id]
