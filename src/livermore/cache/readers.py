"""Looking at the market as the instances have written it: for screens, the API and whoever follows the alerts.

What cannot be read is answered as `Unreadable` in its place, so that one foreign value does not hide all others.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from redis.asyncio import Redis

from livermore.cache.codec.alert import decode_alert
from livermore.cache.codec.candle import decode_candles
from livermore.cache.codec.indicator import decode_reading
from livermore.cache.codec.status import decode_status
from livermore.cache.codec.ticker import decode_ticker
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import Alert
from livermore.core.indicators.reading import Reading
from livermore.core.instance.status import Status
from livermore.core.market.candle import Candle
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import BASE, DAY, Millis, Timeframe
from livermore.errors import CorruptRecord

ALERTS_PER_READ: Final = 500
FOLLOW_BLOCK_MILLIS: Final = 2_000
FROM_THE_START: Final = "0-0"
LATELY: Final[Millis] = DAY


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value in Redis that is not ours."""

    reason: str


@dataclass(frozen=True, slots=True)
class StreamedAlert:
    """An alert as it stands in the stream of its exchange; `cursor` is where it stands."""

    exchange_id: int
    cursor: str
    alert: Alert | Unreadable


SeriesName: TypeAlias = tuple[str, Timeframe]


async def watched_symbols(redis: Redis, keys: Keys) -> tuple[str, ...]:
    """The symbols of an exchange that have a 5m series, in the order of the alphabet.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        fields: Any = await redis.hkeys(keys.readings)
    end = Keys.reading_field("", BASE).encode()
    return tuple(sorted(field[: -len(end)].decode() for field in fields if field.endswith(end)))


async def newest_readings(
    redis: Redis, keys: Keys, series: Sequence[SeriesName]
) -> dict[SeriesName, Reading | Unreadable]:
    """The newest reading of each series that has one, whoever asked for it to be watched.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    raws = await _values(redis, [keys.indicator(*name) for name in series])
    readings: dict[SeriesName, Reading | Unreadable] = {}
    for name, raw in zip(series, raws, strict=True):
        try:
            reading = None if raw is None else decode_reading(raw, keys.indicator(*name))
        except CorruptRecord as exc:
            readings[name] = Unreadable(str(exc))
        else:
            if reading is not None:
                readings[name] = reading
    return readings


async def lately_watched(redis: Redis, keys: Keys) -> tuple[str, ...]:
    """Those symbols with a 5m series that goes on: what people have removed ends days before the others do.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    symbols = await watched_symbols(redis, keys)
    found = await newest_readings(redis, keys, [(symbol, BASE) for symbol in symbols])
    closes = {name[0]: one.closes_at for name, one in found.items() if isinstance(one, Reading)}
    newest = max(closes.values(), default=0)
    return tuple(symbol for symbol in symbols if closes.get(symbol, newest) >= newest - LATELY)


async def newest_candles(redis: Redis, keys: Keys, series: SeriesName, count: int) -> tuple[Candle, ...]:
    """The newest `count` candles of a series, oldest first.

    Raises:
        CorruptRecord: when one of them is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    name = keys.candles(*series)
    async with answered(redis):
        members: Any = await redis.zrange(name, -count, -1)
    return decode_candles(members, name)


async def tickers(redis: Redis, keys: Keys, symbols: Sequence[str]) -> dict[str, Ticker | Unreadable]:
    """The latest price of each symbol that had one within a minute.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    raws = await _values(redis, [keys.ticker(symbol) for symbol in symbols])
    found: dict[str, Ticker | Unreadable] = {}
    for symbol, raw in zip(symbols, raws, strict=True):
        if raw is not None:
            try:
                found[symbol] = decode_ticker(raw, keys.ticker(symbol))
            except CorruptRecord as exc:
                found[symbol] = Unreadable(str(exc))
    return found


async def statuses(redis: Redis, exchanges: Sequence[Keys]) -> dict[int, Status | Unreadable]:
    """The status of each exchange that has an instance, by the number of the exchange.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    found: dict[int, Status | Unreadable] = {}
    for keys in exchanges:
        (raw,) = await _values(redis, [keys.status])
        if raw is not None:
            try:
                found[keys.exchange_id] = decode_status(raw, keys.status)
            except CorruptRecord as exc:
                found[keys.exchange_id] = Unreadable(str(exc))
    return found


async def newest_alerts(redis: Redis, keys: Keys, count: int, before: str | None = None) -> tuple[StreamedAlert, ...]:
    """The newest alerts of an exchange, newest first; those older than the cursor `before` where one is given.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        entries: Any = await redis.xrevrange(keys.alerts, max="+" if before is None else f"({before}", count=count)
    return tuple(_streamed(keys, entry) for entry in entries)


async def follow_alerts(
    redis: Redis, exchanges: Sequence[Keys], cursors: Mapping[int, str]
) -> AsyncIterator[StreamedAlert]:
    """All alerts after the cursor of each exchange, in order, and from then on each as it is committed.

    An exchange without a cursor is followed from its first alert. It ends only by cancellation or error.

    Raises:
        StoreUnavailable: when Redis cannot be used; go on with the cursors of the last alerts received.
    """
    keys_by_stream = {keys.alerts: keys for keys in exchanges}
    position = {keys.alerts: cursors.get(keys.exchange_id, FROM_THE_START) for keys in exchanges}
    while True:
        async with answered(redis):
            answer: Any = await redis.xread(position, count=ALERTS_PER_READ, block=FOLLOW_BLOCK_MILLIS)  # type: ignore[arg-type]
        for name, entries in answer:
            stream = name.decode()
            for entry in entries:
                streamed = _streamed(keys_by_stream[stream], entry)
                position[stream] = streamed.cursor
                yield streamed


async def _values(redis: Redis, names: Sequence[str]) -> list[bytes | None]:
    # One GET for each, not MGET: without a hash tag the keys of a Cluster live in many slots.
    async with answered(redis), redis.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.get(name)
        values: list[bytes | None] = await pipeline.execute()
        return values


def _streamed(keys: Keys, entry: tuple[bytes, Mapping[bytes, bytes]]) -> StreamedAlert:
    cursor, fields = entry
    try:
        alert: Alert | Unreadable = decode_alert(fields.get(b"alert", b""), keys.alerts)
    except CorruptRecord as exc:
        alert = Unreadable(str(exc))
    return StreamedAlert(keys.exchange_id, cursor.decode(), alert)
