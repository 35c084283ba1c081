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
from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.watch import ORIGINAL, Era, known_since
from livermore.errors import StoreError
from livermore.runtime.ports import Exchange

LEAD: Final = 1_000
"""How many candles before the period a long series is begun, and twice as many as long as that is not enough."""

SETTLING: Final = 500
"""So many candles with trades after another beginning than its own a series is judged: the first true ranges then weigh
(25/26)^500, less than 1e-8. Those without trades do not count, for the ATR stands still over them."""

STORED: Final = 1_000
ENTRIES_PER_PAGE: Final = 1_000
MOST_ENTRIES: Final = 5_000_000
FETCHES_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a stored series stands, and from when on it is to be judged.

    `started_at` and `last_opened_at` are the openings of its first and of its newest candle; candles that closed up to
    `watched_since` were history. `eras` are the rules it went by, the present ones last; none for the original ones.
    `is_heard` says that there is news of its symbol, so that it is watched still.
    """

    symbol: str
    timeframe: Timeframe
    started_at: Millis
    last_opened_at: Millis
    watched_since: Millis
    judged_from: Millis
    eras: tuple[Era, ...] = ()
    is_heard: bool = False

    @property
    def rules(self) -> Rules:
        """The rules that it goes by at present."""
        return (self.eras[-1] if self.eras else ORIGINAL).rules

    @property
    def name(self) -> SeriesName:
        """What it is called."""
        return self.symbol, self.timeframe

    @property
    def committed_until(self) -> Millis:
        """The close of its newest candle."""
        return self.last_opened_at + self.timeframe.millis


@dataclass(frozen=True, slots=True)
class Rows:
    """The true rows of a series, contiguous; those that close up to `settles_at` only settle its averages.

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
        for symbol in symbols:
            pipeline.exists(keys.ticker(symbol))
        answers: list[Any] = await pipeline.execute()
    raws, heard = answers[: len(names)], dict(zip(symbols, answers[len(names) :], strict=True))
    found: dict[SeriesName, Stand] = {}
    for (symbol, timeframe), raw in zip(names, raws, strict=True):
        if raw is not None:
            stored = decode_indicator(raw, keys.indicator(symbol, timeframe))
            snapshot, eras = stored.snapshot, stored.eras
            found[symbol, timeframe] = Stand(
                symbol,
                timeframe,
                snapshot.started_at,
                snapshot.last_opened_at,
                snapshot.watched_since,
                max(snapshot.watched_since, since or 0, known_since(eras)),
                eras,
                bool(heard[symbol]),
            )
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
            return await _fetched(exchange, stand, until)

    async with asyncio.TaskGroup() as tasks:
        fetching = [tasks.create_task(fetch(stand), name=f"{stand.symbol} {stand.timeframe}") for stand in series]
    return [task.result() for task in fetching]


async def _fetched(exchange: Exchange, stand: Stand, until: Millis) -> Rows:
    """The rows of a series, begun early enough that its beginning does not matter any more, or at its own beginning."""
    started_at, lead = stand.started_at, LEAD * stand.timeframe.millis
    rows: tuple[Candle, ...] = ()
    known_from = until
    while True:
        begins_at = max(started_at, stand.timeframe.opening(stand.judged_from) - lead)
        rows = (*await exchange.candles(stand.symbol, stand.timeframe, begins_at, known_from), *rows)
        found = rows_of(exchange.identity, stand, rows, until)
        if begins_at == started_at or found.settles_at <= stand.judged_from:
            return found
        known_from, lead = begins_at, 2 * lead


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
        own = [candle for _, candle in sorted(by_opening.items()) if candle.closes_at <= until]
        rows.append(rows_of(exchange, stand, own, until))
    return rows


def rows_of(exchange: ExchangeIdentity, stand: Stand, rows: Sequence[Candle], until: Millis) -> Rows:
    """The rows made contiguous, up to what was committed or, where rows go further, to the last of them."""
    started_at = stand.started_at
    begins_at = rows[0].opened_at if rows else started_at
    whole = contiguous(rows, min(until, stand.committed_until))
    earlier = (begins_at - started_at) // stand.timeframe.millis
    bygone = tuple((era.until, era.rules) for era in stand.eras if era.until is not None)
    truth = TruthSeries(exchange, stand.symbol, stand.timeframe, whole, earlier, bygone)
    settles_at = 0 if begins_at == started_at else _settled_at(whole, until)
    return Rows(truth, settles_at, absent(rows, stand.timeframe))


def _settled_at(rows: Sequence[Candle], until: Millis) -> Millis:
    """The close of the row after which the beginning does not matter any more, or the end where there is none."""
    traded = [row.closes_at for row in rows if not row.is_empty]
    return traded[SETTLING - 1] if len(traded) >= SETTLING else until
