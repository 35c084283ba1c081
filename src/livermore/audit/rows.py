"""The candles an audit takes for true: contiguous rows, and longer timeframes folded from shorter ones."""

from collections.abc import Iterable, Sequence

from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import Millis, Timeframe


def contiguous(rows: Sequence[Candle], until: Millis) -> tuple[Candle, ...]:
    """The rows, oldest first, with an empty candle for every absent bucket that closes by `until`.

    Nobody traded in a bucket that an exchange's history leaves out: it is flat at the close before it. What comes
    before the first row is not known, so nothing is added there.
    """
    if not rows:
        return ()
    symbol, timeframe = rows[0].symbol, rows[0].timeframe
    filled = [rows[0]]
    for row in rows[1:]:
        _fill(filled, row.opened_at)
        filled.append(row)
    _fill(filled, timeframe.opening(until))
    if any(row.symbol != symbol or row.timeframe is not timeframe for row in filled):
        raise ValueError("rows of several series do not make one")
    return tuple(filled)


def _fill(filled: list[Candle], opened_at: Millis) -> None:
    """Add empty candles up to the bucket that opens at `opened_at`."""
    while filled[-1].closes_at < opened_at:
        last = filled[-1]
        filled.append(empty_candle(last.symbol, last.timeframe, last.closes_at, last.close, is_confirmed=True))


def absent(rows: Iterable[Candle], timeframe: Timeframe) -> int:
    """How many buckets are left out between the first and the last of the rows."""
    openings = [row.opened_at for row in rows]
    return (openings[-1] - openings[0]) // timeframe.millis + 1 - len(openings) if openings else 0


def folded(rows: Iterable[Candle], timeframe: Timeframe) -> tuple[Candle, ...]:
    """The candles of a longer `timeframe` that these rows hold completely, oldest first.

    Rows without trades say nothing of open, high and low; a bucket of only such rows is empty at their price.
    """
    buckets: dict[Millis, list[Candle]] = {}
    for row in rows:
        buckets.setdefault(timeframe.opening(row.opened_at), []).append(row)
    return tuple(
        _fold(bucket, timeframe, opened_at)
        for opened_at, bucket in sorted(buckets.items())
        if len(bucket) * bucket[0].timeframe.millis == timeframe.millis
    )


def _fold(bucket: Sequence[Candle], timeframe: Timeframe, opened_at: Millis) -> Candle:
    symbol, close = bucket[-1].symbol, bucket[-1].close
    traded = [row for row in bucket if not row.is_empty]
    is_confirmed = all(row.is_confirmed for row in bucket)
    if not traded:
        return empty_candle(symbol, timeframe, opened_at, close, is_confirmed=is_confirmed)
    high, low = max(row.high for row in traded), min(row.low for row in traded)
    volume = sum(row.volume for row in traded)
    last = traded[-1].close
    return Candle(symbol, timeframe, opened_at, traded[0].open, high, low, last, volume, is_confirmed=is_confirmed)
