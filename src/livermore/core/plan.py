"""In what order candles are asked for when there is more to ask than the exchange allows at once."""

from typing import Final

from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import FetchCandles, FetchReason

# Long timeframes that little can be derived for come before those that 5m candles soon fill.
WARMUP_ORDER: Final = (Timeframe.M5, Timeframe.H1, Timeframe.D1, Timeframe.M15, Timeframe.H4)

_REASONS: Final = (FetchReason.GAP, FetchReason.REPAIR, FetchReason.WARMUP, FetchReason.VERIFY)


def urgency(order: FetchCandles) -> tuple[int, int]:
    """What sorts before is asked first: holes in live series, then history, then mere verification.

    Verifications never end, so among them nobody is preferred: where there are more than the exchange allows, each
    waits for those that came before it, and none for ever.
    """
    if order.reason is FetchReason.VERIFY:
        return _REASONS.index(order.reason), 0
    return _REASONS.index(order.reason), WARMUP_ORDER.index(order.timeframe)
