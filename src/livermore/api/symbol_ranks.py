"""How the symbols of an exchange rank, remembered for a moment: tier, place and trading volume."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from livermore.cache.instruments import listing_of
from livermore.cache.keys import Keys
from livermore.core.account.symbols import watched_once
from livermore.core.market.timeframe import SECOND, Millis
from livermore.database.connect import Pool, transaction
from livermore.database.symbols import monitored_symbols
from livermore.errors import CorruptRecord, StoreError

REMEMBERED_FOR: Final[Millis] = 15 * SECOND
PATIENCE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A symbol among others: `volume` is of 24 h in the quote currency, as the exchange's listing was last read."""

    tier: int | None = None
    rank: int | None = None
    volume: float | None = None


NOTHING_KNOWN: Final = Standing()


class SymbolRanks:
    """The standings of each exchange; what cannot be read stays as it was known."""

    def __init__(self) -> None:
        self._found: dict[int, Mapping[str, Standing]] = {}
        self._looked_at: dict[int, Millis] = {}

    async def of(self, redis: Redis, pool: Pool, keys: Keys, now: Millis) -> Mapping[str, Standing]:
        """Those of an exchange, as they were at most 15 s ago where the stores answer."""
        number = keys.exchange_id
        if not 0 <= now - self._looked_at.get(number, -REMEMBERED_FOR) < REMEMBERED_FOR:
            # Noted first: while one asks, and while the stores are away, others go by what is known.
            self._looked_at[number] = now
            self._found[number] = await _standings(redis, pool, keys, self._found.get(number, {}))
        return self._found.get(number, {})


async def _standings(redis: Redis, pool: Pool, keys: Keys, before: Mapping[str, Standing]) -> Mapping[str, Standing]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            listing = await listing_of(redis, keys)
            async with transaction(pool) as connection:
                rows = await monitored_symbols(connection, keys.exchange_id)
    except (StoreError, CorruptRecord, TimeoutError):
        return before
    volumes = {} if listing is None else {one.symbol: one.volume for one in listing.symbols}
    found: dict[str, Standing] = {}
    for row in watched_once(rows):
        volume = volumes.get(row.symbol)
        if volume is None and row.volume is not None:
            volume = float(row.volume)
        # Of several users of one symbol the first counts.
        found.setdefault(row.symbol, Standing(row.tier, row.rank, volume))
    for symbol, volume in volumes.items():
        found.setdefault(symbol, Standing(volume=volume))
    return found
