"""Which symbols are watched, remembered for a moment: finding out means walking over all keys."""

from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis

from livermore.cache.connect import keys_on
from livermore.cache.readers import watched_symbols
from livermore.core.market.timeframe import SECOND, Millis

REMEMBERED_FOR: Final[Millis] = 5 * SECOND


class WatchedSymbols:
    """The symbols of each exchange that have a series."""

    def __init__(self, redis: Redis, now: Callable[[], Millis]) -> None:
        self._redis = redis
        self._now = now
        self._found: dict[int, tuple[Millis, tuple[str, ...]]] = {}

    async def of(self, exchange_id: int) -> tuple[str, ...]:
        """Those of an exchange, in the order of the alphabet, as they were at most 5 s ago.

        Raises:
            StoreUnavailable: when Redis cannot be used.
        """
        now = self._now()
        looked_at, symbols = self._found.get(exchange_id, (0, ()))
        if not 0 <= now - looked_at < REMEMBERED_FOR:
            symbols = await watched_symbols(self._redis, keys_on(self._redis, exchange_id))
            self._found[exchange_id] = (now, symbols)
        return symbols

    def note(self, exchange_id: int, symbol: str) -> None:
        """Look again, as a symbol was heard of that nobody knew."""
        if exchange_id in self._found and symbol not in self._found[exchange_id][1]:
            del self._found[exchange_id]
