"""Looking at the instances of all exchanges through Redis, as any other reader would."""

from collections.abc import Sequence

from redis.asyncio import Redis

from livermore.cache.activity_stream import StreamedActivity, newest_entries
from livermore.cache.connect import keys_on
from livermore.cache.instances import live_instances
from livermore.cache.readers import Unreadable, statuses
from livermore.core.instance.activity import Activity
from livermore.core.instance.overview import NetworkRow, Sighting, network_rows
from livermore.core.instance.status import Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis
from livermore.errors import CorruptRecord


async def look(redis: Redis, exchanges: Sequence[ExchangeIdentity], now: Millis) -> tuple[NetworkRow, ...]:
    """A row for each exchange, as of our instant `now`.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    return network_rows([await _sighting(redis, exchange, now) for exchange in exchanges], now)


async def newest_of_all(
    redis: Redis, exchanges: Sequence[ExchangeIdentity], count: int, now: Millis
) -> tuple[StreamedActivity, ...]:
    """The newest entries of all these exchanges together, oldest first.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    found = [entry for one in exchanges for entry in await newest_entries(redis, one.name, count, now)]
    return tuple(sorted(found, key=lambda entry: entry.place)[-count:])


async def _sighting(redis: Redis, exchange: ExchangeIdentity, now: Millis) -> Sighting:
    keys = keys_on(redis, exchange.id)
    status = (await statuses(redis, [keys])).get(exchange.id)
    instances: tuple[Status, ...] = ()
    unreadable = status.reason if isinstance(status, Unreadable) else None
    try:
        instances = await live_instances(redis, keys)
    except CorruptRecord as exc:
        unreadable = unreadable or str(exc)
    return Sighting(
        exchange,
        status if isinstance(status, Status) else None,
        unreadable,
        instances,
        await _latest(redis, exchange, now) if status is None else None,
    )


async def _latest(redis: Redis, exchange: ExchangeIdentity, now: Millis) -> Activity | None:
    for streamed in await newest_entries(redis, exchange.name, 1, now):
        if not isinstance(streamed.entry, Unreadable):
            return streamed.entry
    return None
