"""What an exchange lists, as an instance last read it, for those who look for a symbol to watch.

The value, with rows of symbol, base, quote, whether it is traded, and the volume of 24 h in the quote currency::

    {"at":1769093400000,"rows":[["BTC-USD","BTC","USD",true,1200000000.0]]}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from livermore.cache.codec.record import decoded
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import DAY, Millis

LISTING_LIFE: Final[Millis] = 7 * DAY


class Listed(msgspec.Struct, array_like=True, frozen=True):
    """A symbol as an exchange lists it; `volume` is in the quote currency over 24 h, None where it is not told."""

    symbol: str
    base: str
    quote: str
    is_trading: bool
    volume: float | None


@dataclass(frozen=True, slots=True)
class Listing:
    """All symbols of an exchange, as they were `at`."""

    at: Millis
    symbols: tuple[Listed, ...]


class _ListingRecord(msgspec.Struct):
    at: int
    rows: tuple[Listed, ...]


_decoder = msgspec.json.Decoder(_ListingRecord)


async def store_listing(redis: Redis, keys: Keys, instruments: Sequence[Instrument], at: Millis) -> None:
    """Keep for a week what the exchange lists.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    rows = tuple(Listed(one.symbol, one.base, one.quote, one.is_trading, one.quote_volume_24h) for one in instruments)
    async with answered(redis):
        await redis.set(keys.instruments, msgspec.json.encode(_ListingRecord(at, rows)), px=LISTING_LIFE)


async def listing_of(redis: Redis, keys: Keys) -> Listing | None:
    """What the exchange lists; None where no instance has read it within a week.

    Raises:
        CorruptRecord: when the value is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        raw: Any = await redis.get(keys.instruments)
    if raw is None:
        return None
    return read_listing(raw, keys.instruments)


def read_listing(raw: bytes, key: str) -> Listing:
    """The listing that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    record = decoded(_decoder, raw, key)
    return Listing(record.at, record.rows)
