"""What an audit reads: where each stored series stands, what the stream says, and the rows that are taken for true."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

from livermore.audit.finding import SeriesName
from livermore.audit.oracle import TruthSeries
from livermore.audit.rows import absent, contiguous, folded
from livermore.cache.codec.indicator import decode_indicator
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.cache.readers import StreamedAlert, newest_alerts, newest_candles, watched_symbols
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.snapshot import SeriesSnapshot
from livermore.errors import StoreError
from livermore.runtime.ports import Exchange

LEAD: Final = 1_000
"""How many candles before the period a long series is begun: its seed then weighs (25/26)^1000, less than 1e-16."""

SHORT_LEAD: Final = 500
"""After so many candles a series that could not be begun early enough is judged: the seed weighs less than 1e-8."""

STORED: Final = 1_000
ENTRIES_PER_PAGE: Final = 1_000
MOST_ENTRIES: Final = 5_000_000
FETCHES_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a stored series stands: what was committed of it, and the opening of the row with which we begin."""

    symbol: str
    timeframe: Timeframe
    snapshot: SeriesSnapshot
    begins_at: Millis

    @property
    def name(self) -> SeriesName:
        """What it is called."""
        return self.symbol, self.timeframe

    @property
    def committed_until(self) -> Millis:
        """The close of its newest candle."""
        return self.snapshot.last_opened_at + self.timeframe.millis


@dataclass(frozen=True, slots=True)
class Rows:
    """The true rows of a series, contiguous; candles that close up to `settles_at` only settle its averages.

    `holes` counts the buckets that were left out.
    """

    truth: TruthSeries
    settles_at: Millis
    holes: int


async def stands(redis: Redis, keys: Keys, since: Millis | None) -> dict[SeriesName, Stand]:
    """Every stored series of an exchange, to be judged from `since` on, or from when it was watched.

    Raises:
        CorruptRecord: when one of them is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    symbols = await watched_symbols(redis, keys)
    names = [(symbol, timeframe) for symbol in symbols for timeframe in Timeframe]
    async with answered(redis), redis.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.get(keys.indicator(*name))
        raws: list[Any] = await pipeline.execute()
    found: dict[SeriesName, Stand] = {}
    for (symbol, timeframe), raw in zip(names, raws, strict=True):
        if raw is not None:
            snapshot = decode_indicator(raw, keys.indicator(symbol, timeframe)).snapshot
            judged_from = max(snapshot.watched_since, since or 0)
            begins_at = max(snapshot.started_at, timeframe.opening(judged_from) - LEAD * timeframe.millis)
            found[symbol, timeframe] = Stand(symbol, timeframe, snapshot, begins_at)
    return found


async def stream_entries(redis: Redis, keys: Keys) -> tuple[StreamedAlert, ...]:
    """The whole stream of alerts, oldest first.

    Raises:
        StoreError: when it has more entries than an audit can hold.
        StoreUnavailable: when Redis cannot be used.
    """
    entries: list[StreamedAlert] = []
    before: str | None = None
    while page := await newest_alerts(redis, keys, ENTRIES_PER_PAGE, before):
        entries += page
        before = page[-1].cursor
        if len(entries) > MOST_ENTRIES:
            raise StoreError(f"the stream of alerts has more than {MOST_ENTRIES:,} entries")
    return tuple(reversed(entries))


async def fetched_rows(exchange: Exchange, series: Sequence[Stand], until: Millis) -> list[Rows]:
    """The rows of each series as the exchange has them, up to the candle that closes by `until`.

    Raises:
        ExchangeError: when the exchange does not answer, or refuses.
    """
    await exchange.instruments()
    gate = asyncio.Semaphore(FETCHES_AT_ONCE)

    async def fetch(stand: Stand) -> Rows:
        async with gate:
            rows = await exchange.candles(stand.symbol, stand.timeframe, stand.begins_at, until)
        return rows_of(exchange.identity, stand, rows, until)

    async with asyncio.TaskGroup() as tasks:
        fetching = [tasks.create_task(fetch(stand), name=f"{stand.symbol} {stand.timeframe}") for stand in series]
    return [task.result() for task in fetching]


async def stored_rows(
    redis: Redis, keys: Keys, exchange: ExchangeIdentity, series: Sequence[Stand], until: Millis
) -> list[Rows]:
    """The rows of each series as they are stored; longer candles are folded again as far as 5m ones are there.

    Raises:
        CorruptRecord: when a stored candle is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    rows: list[Rows] = []
    base: dict[str, Sequence[Candle]] = {}
    for stand in sorted(series, key=lambda stand: stand.timeframe.millis):
        stored = await newest_candles(redis, keys, stand.name, STORED)
        by_opening = {candle.opened_at: candle for candle in stored}
        if stand.timeframe is BASE:
            base[stand.symbol] = stored
        else:
            refolded = folded(base.get(stand.symbol, ()), stand.timeframe)
            by_opening |= {candle.opened_at: candle for candle in refolded if candle.opened_at in by_opening}
        own = [candle for _, candle in sorted(by_opening.items()) if stand.begins_at <= candle.opened_at]
        rows.append(rows_of(exchange, stand, [candle for candle in own if candle.closes_at <= until], until))
    return rows


def rows_of(exchange: ExchangeIdentity, stand: Stand, rows: Sequence[Candle], until: Millis) -> Rows:
    """The rows made contiguous, up to what was committed or, where rows go further, to the last of them."""
    millis = stand.timeframe.millis
    begins_at = rows[0].opened_at if rows else stand.begins_at
    whole = contiguous(rows, min(until, stand.committed_until))
    earlier = (begins_at - stand.snapshot.started_at) // millis
    # Rows that begin later than asked for have lost more of the series than its seed.
    settles_at = begins_at + SHORT_LEAD * millis if begins_at > stand.begins_at else 0
    truth = TruthSeries(exchange, stand.symbol, stand.timeframe, whole, earlier)
    return Rows(truth, settles_at, absent(rows, stand.timeframe))
