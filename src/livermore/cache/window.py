"""What the API reads of a series: its candles and the state to fold them from, as they stood at one instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

from livermore.cache.codec.candle import decode_candles
from livermore.cache.codec.indicator import decode_indicator
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.watch import Era

SETTLED: Final = 0.01
"""What may be left of the seed in a reading that is computed from the oldest stored candle on."""


@dataclass(frozen=True, slots=True)
class ReadCandle:
    """A candle and the reading at its close, None where there is none or it cannot be told any more."""

    candle: Candle
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """The candles of a series, oldest first, and the state that they are folded with; None where there is none.

    `eras` are the rules that it went by, as those of `RestoredSeries`.
    """

    candles: tuple[Candle, ...]
    snapshot: SeriesSnapshot | None
    eras: tuple[Era, ...] = ()


async def candles_with_readings(
    redis: Redis, keys: Keys, symbol: str, timeframe: Timeframe, count: int, before: Millis | None
) -> tuple[ReadCandle, ...]:
    """The newest `count` candles that opened before an instant, oldest first, each with its reading.

    The readings are folded from the state that the instance keeps, over the candles that it has written: they are what
    it has published, revisions included. Those of older candles differ from that by what is left of the seed.

    Raises:
        CorruptRecord: when a value is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    series = await stored_series(redis, keys, symbol, timeframe)
    folded = folded_series(series)
    wanted = [one for one in folded if before is None or one.candle.opened_at < before]
    return tuple(wanted[-count:])


async def stored_series(redis: Redis, keys: Keys, symbol: str, timeframe: Timeframe) -> StoredSeries:
    """All candles that are stored of a series, oldest first, and the state that goes with them.

    Raises:
        CorruptRecord: when a value is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    candles_key, state_key = keys.candles(symbol, timeframe), keys.indicator(symbol, timeframe)
    # Both in one transaction: a commit between them would pair candles with a state that is not theirs.
    async with answered(redis), redis.pipeline(transaction=True) as pipeline:
        pipeline.zrange(candles_key, 0, -1)
        pipeline.get(state_key)
        answers: Any = await pipeline.execute()
    members, raw = answers
    candles = tuple(decode_candles(members, candles_key))
    if raw is None:
        return StoredSeries(candles, None)
    stored = decode_indicator(raw, state_key)
    return StoredSeries(candles, stored.snapshot, stored.eras)


def folded_series(series: StoredSeries) -> list[ReadCandle]:
    """Its candles, each with the reading that the instance published for it, as far back as its fold is kept.

    Older candles have the reading of a fold that begins at the oldest one stored, from where it has settled.
    """
    candles, snapshot = series.candles, series.snapshot
    if snapshot is None:
        return [ReadCandle(candle, None) for candle in candles]
    older = [candle for candle in candles if candle.opened_at < snapshot.kept_since]
    fold = MacdV.resumed(snapshot.tail.indicator)
    readings = _settled_readings(older)
    for candle in candles[len(older) :]:
        reading = None
        if candle.opened_at <= snapshot.last_opened_at:
            fold.step(candle.high, candle.low, candle.close, candle.is_empty)
            reading = fold.reading(candle)
        readings.append(ReadCandle(candle, reading))
    return readings


def _settled_readings(candles: Sequence[Candle]) -> list[ReadCandle]:
    fold, readings = MacdV(), list[ReadCandle]()
    for before, candle in zip((None, *candles), candles, strict=False):
        if before is not None and before.closes_at != candle.opened_at:
            fold = MacdV()
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        readings.append(ReadCandle(candle, fold.reading(candle) if fold.convergence <= SETTLED else None))
    return readings
