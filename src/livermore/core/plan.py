"""What is to be asked of REST for a series, and in what order where there is more than the exchange allows at once."""

from typing import Final

from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.messages import FetchCandles, FetchReason
from livermore.core.watch import Watch
from livermore.core.watched import WatchedSeries

# Long timeframes that little can be derived for come before those that 5m candles soon fill.
WARMUP_ORDER: Final = (Timeframe.M5, Timeframe.H1, Timeframe.D1, Timeframe.M15, Timeframe.H4)

# Two days of 5m candles: a longer hole is filled in several orders, unless one request gives more.
FEWEST_AT_ONCE: Final = 576

_REASONS: Final = (FetchReason.GAP, FetchReason.REPAIR, FetchReason.WARMUP, FetchReason.VERIFY)


def urgency(order: FetchCandles) -> tuple[int, int]:
    """What sorts before is asked first: holes in live series, then history, then mere verification.

    Verifications never end, so among them nobody is preferred: where there are more than the exchange allows, each
    waits for those that came before it, and none for ever.
    """
    if order.reason is FetchReason.VERIFY:
        return _REASONS.index(order.reason), 0
    return _REASONS.index(order.reason), WARMUP_ORDER.index(order.timeframe)


def order_for(series: WatchedSeries, ended: Millis | None, watch: Watch, watermark: Millis) -> FetchCandles | None:
    """The order for the history of a series that has not begun, or else for its first hole up to `ended`; or None."""
    timeframe, next_opened_at = series.timeframe, series.next_opened_at
    if next_opened_at is None:
        if series.may_begin:
            return None
        until = timeframe.opening(watermark - watch.traits.grace)
        since = until - watch.traits.rows_per_request * timeframe.millis
        return FetchCandles(series.symbol, timeframe, since, until, FetchReason.WARMUP)
    if ended is None or next_opened_at + timeframe.millis > ended or not watch.repairs:
        return None
    # Before the grace has passed REST may not have the last trades of a bucket either.
    closed_until = timeframe.opening(min(ended, watermark - watch.traits.grace))
    since, until = series.hole(closed_until)
    if since < until < closed_until and watch.traits.lists_silence:
        # Rows of an outage never come; that the exchange has none before the next one is told by that one.
        until += timeframe.millis
    if not series.unhelped or not watch.traits.lists_silence:
        until = min(until, since + max(FEWEST_AT_ONCE, watch.traits.rows_per_request) * timeframe.millis)
    # Else all of a hole is asked for: where its beginning alone has no rows, only one behind them can tell why.
    return FetchCandles(series.symbol, timeframe, since, until, FetchReason.GAP) if since < until else None


def is_proof_only(series: WatchedSeries, order: FetchCandles, opened_at: Millis, watch: Watch) -> bool:
    """Whether a row of an answer only tells that there is none before it: the feed has said what happened in it."""
    is_last = opened_at + order.timeframe.millis == order.until
    return watch.traits.lists_silence and order.reason is FetchReason.GAP and is_last and series.has_waiting(opened_at)
