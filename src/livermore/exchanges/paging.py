"""Cutting a range of candles into requests, and putting the answers together again."""

from collections.abc import Iterable, Iterator

from livermore.core.market.candle import Candle, is_same_market
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.errors import MalformedMessage


def pages(timeframe: Timeframe, since: Millis, until: Millis, rows: int) -> Iterator[tuple[Millis, Millis]]:
    """The first and last opening of each request for the candles that open in ``[since, until)``, oldest first.

    No page spans more than `rows` buckets, both ends included.
    """
    step = timeframe.millis
    first = timeframe.opening(since + step - 1)
    while first < until:
        last = min(first + (rows - 1) * step, timeframe.opening(until - 1))
        yield first, last
        first = last + step


def closed_candles(candles: Iterable[Candle], since: Millis, until: Millis) -> tuple[Candle, ...]:
    """Those that open at or after `since` and have closed by `until`, oldest first, each bucket once.

    An adapter makes no candle of a row off the grid (after its outage of February 2018 Binance's open at hh:28:15): it
    is of no bucket of ours, and would stand in the way of all others for ever. The buckets it overlaps are missing
    then, as the outage left them.

    Raises:
        MalformedMessage: when two rows of the same bucket disagree.
    """
    by_opening: dict[Millis, Candle] = {}
    for candle in candles:
        if candle.opened_at < since or candle.closes_at > until:
            continue
        known = by_opening.setdefault(candle.opened_at, candle)
        if known is not candle and not is_same_market(known, candle):
            raise MalformedMessage(f"two rows of the bucket {candle.opened_at} of {candle.symbol} disagree")
    return tuple(by_opening[opened_at] for opened_at in sorted(by_opening))
