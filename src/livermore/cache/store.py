"""The market as it is written to Redis, in whole and fenced commits, and read back as whole series.

It satisfies the runtime's Store.
"""

import asyncio
import itertools
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from redis.asyncio import Redis

from livermore.cache.codec.candle import decode_candles
from livermore.cache.codec.indicator import decode_indicator, without_state
from livermore.cache.codec.ticker import encode_ticker
from livermore.cache.commit import WHATEVER_IS_THERE, CommitCalls
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.cache.scripts import Argument, Call, run_calls, script_named
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import MINUTE, Millis, Timeframe
from livermore.core.messages import Commit, PublishTicker
from livermore.core.restored import RefusedSeries, Restoration, RestoredSeries
from livermore.errors import CorruptRecord

TICKERS_PER_CALL: Final = 500
SYMBOLS_PER_TRIP: Final = 20
TICKER_LIFE: Final[Millis] = MINUTE

_COMMIT = script_named("commit")
_TICKERS = script_named("tickers")
_FORGET = script_named("forget")
_REFILL = script_named("refill")

T = TypeVar("T")


class MarketStore:
    """The market of one exchange, as written by the instance that claimed it with `epoch`."""

    def __init__(self, redis: Redis, keys: Keys, epoch: int) -> None:
        self._redis = redis
        self._keys = keys
        self._epoch = epoch
        self._calls = CommitCalls(keys, epoch)
        self._turn = asyncio.Lock()
        self._writer = _new_writer()
        self._written = 0
        self._follows: str | None = None
        self._unsure: tuple[Commit, ...] = ()

    async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
        """Write each commit whole, in order.

        After a failure the same commits may be given again, with others after them: each is written once, even when
        what was sent before is still on its way.

        Raises:
            ClaimLost: when another instance has claimed the exchange since.
            StoreFellBack: when Redis is older than what was written, or at first what was read; nothing was written.
            StoreUnavailable: when Redis cannot be used; nothing, or a beginning of the commits, was written.
        """
        async with self._turn:
            numbers = itertools.count(self._first_number(commits))
            self._unsure = tuple(commits)
            writer, follows = self._writer, self._follows or WHATEVER_IS_THERE
            calls = (self._calls.call(commit, committed_at, writer, next(numbers), follows) for commit in commits)
            await run_calls(self._redis, _COMMIT, calls)
            self._unsure = ()
            self._written += len(commits)

    def _first_number(self, commits: Sequence[Commit]) -> int:
        """The number of the first of these commits, which is that of the unsure ones where they are given again."""
        is_again = all(one is other for one, other in zip(self._unsure, commits, strict=False))
        if not is_again or len(commits) < len(self._unsure):
            # Nobody will ever know which of the unsure ones are written, so their numbers cannot be counted on.
            self._writer = _new_writer()
            self._written = 0
            self._follows = WHATEVER_IS_THERE
        return self._written + 1

    async def publish_tickers(self, tickers: Sequence[PublishTicker]) -> None:
        """Show the latest prices.

        Raises:
            ClaimLost: when another instance has claimed the exchange since.
            StoreUnavailable: when Redis cannot be used.
        """
        for chunk in _chunks(tickers, TICKERS_PER_CALL):
            keys: list[Argument] = [self._keys.epoch]
            arguments: list[Argument] = [self._epoch, TICKER_LIFE]
            for ticker in (publish.ticker for publish in chunk):
                keys.append(self._keys.ticker(ticker.symbol))
                arguments += (self._keys.ticker_channel(ticker.symbol), encode_ticker(ticker))
            await run_calls(self._redis, _TICKERS, [Call(keys, arguments)])

    async def forget(self, symbols: Sequence[str]) -> None:
        """Delete all that is known of these symbols but their alerts.

        Raises:
            ClaimLost: when another instance has claimed the exchange since.
            StoreUnavailable: when Redis cannot be used.
        """
        keys = self._keys
        for chunk in _chunks(symbols, SYMBOLS_PER_TRIP):
            names: list[Argument] = [keys.epoch, keys.readings, *(keys.ticker(symbol) for symbol in chunk)]
            fields: list[Argument] = [self._epoch]
            for symbol, timeframe in ((one, timeframe) for one in chunk for timeframe in Timeframe):
                names += (keys.candles(symbol, timeframe), keys.indicator(symbol, timeframe))
                fields.append(keys.reading_field(symbol, timeframe))
            await run_calls(self._redis, _FORGET, [Call(names, fields)])

    async def restoration(self, symbols: Sequence[str], window: int) -> Restoration:
        """What can be resumed and what cannot; a series of which nothing is stored is in neither.

        A series is sound when its candles have no hole, are its own, and end where its state stands. The newest
        readings of sound series are shown again where they are not, as an older version has left them.

        Raises:
            ClaimLost: when readings are missing and another instance has claimed the exchange since.
            StoreUnavailable: when Redis cannot be used.
        """
        if self._follows is None:
            self._follows = await self._latest()
        sound: list[RestoredSeries] = []
        refused: list[RefusedSeries] = []
        for chunk in _chunks(symbols, SYMBOLS_PER_TRIP):
            series = [(symbol, timeframe) for symbol in chunk for timeframe in Timeframe]
            *answers, shown = await self._read(series, window)
            missing: list[Argument] = []
            for (symbol, timeframe), members, raw, reading in zip(
                series, answers[::2], answers[1::2], shown, strict=True
            ):
                if not members and raw is None:
                    continue
                try:
                    sound.append(self._restored(symbol, timeframe, members, raw))
                except CorruptRecord as exc:
                    refused.append(RefusedSeries(symbol, timeframe, str(exc)))
                    continue
                if reading is None:
                    missing += (self._keys.reading_field(symbol, timeframe), without_state(raw))
            if missing:
                call = Call([self._keys.epoch, self._keys.readings], [self._epoch, *missing])
                await run_calls(self._redis, _REFILL, [call])
        return Restoration(tuple(sound), tuple(refused))

    async def _latest(self) -> str:
        """The latest commit there is, as its writer and number."""
        async with answered(self._redis):
            latest: Any = self._redis.hmget(self._keys.latest_commit, ["writer", "number"])
            return " ".join((part or b"").decode() for part in await latest)

    async def _read(self, series: Sequence[tuple[str, Timeframe]], window: int) -> list[Any]:
        async with answered(self._redis), self._redis.pipeline(transaction=False) as pipeline:
            for symbol, timeframe in series:
                pipeline.zrange(self._keys.candles(symbol, timeframe), -window, -1, withscores=True)
                pipeline.get(self._keys.indicator(symbol, timeframe))
            fields = [self._keys.reading_field(symbol, timeframe) for symbol, timeframe in series]
            pipeline.hmget(self._keys.readings, fields)
            answers: list[Any] = await pipeline.execute()
            return answers

    def _restored(
        self, symbol: str, timeframe: Timeframe, members: Sequence[tuple[bytes, float]], raw: bytes | None
    ) -> RestoredSeries:
        key = self._keys.indicator(symbol, timeframe)
        if raw is None:
            raise CorruptRecord(f"{key} is missing, its candles are there", key=key)
        stored = decode_indicator(raw, key)
        if (stored.symbol, stored.timeframe) != (symbol, timeframe):
            raise CorruptRecord(f"the value of {key} is of another series", key=key)
        candles_key = self._keys.candles(symbol, timeframe)
        candles = decode_candles([member for member, _ in members], candles_key)
        _check(candles, [score for _, score in members], symbol, timeframe, candles_key)
        if candles and candles[0].opened_at > stored.snapshot.kept_since:
            raise CorruptRecord(f"{candles_key} does not reach back to where its state does", key=candles_key)
        newest = candles[-1].opened_at if candles else None
        if newest != stored.snapshot.last_opened_at:
            raise CorruptRecord(
                f"{candles_key} ends at {newest}, its state stands at {stored.snapshot.last_opened_at}",
                key=candles_key,
            )
        return RestoredSeries(symbol, timeframe, candles, stored.snapshot, stored.eras)


def _check(candles: Sequence[Candle], scores: Sequence[float], symbol: str, timeframe: Timeframe, key: str) -> None:
    expected = candles[0].opened_at if candles else 0
    for candle, score in zip(candles, scores, strict=True):
        if (candle.symbol, candle.timeframe, candle.opened_at) != (symbol, timeframe, score):
            raise CorruptRecord(f"{key} holds a candle of another series or another opening", key=key)
        if candle.opened_at != expected:
            raise CorruptRecord(f"{key} has a hole before {candle.opened_at}", key=key)
        expected = candle.closes_at


def _new_writer() -> str:
    return secrets.token_hex(8)


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    remaining = iter(items)
    while chunk := tuple(itertools.islice(remaining, size)):
        yield chunk
