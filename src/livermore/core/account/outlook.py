"""Whether a holding's market looks up or down, three timeframes taken together."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from livermore.core.market.timeframe import Timeframe

STRONG: Final = 50.0


class Outlook(StrEnum):
    """What the MACD-V of 1h, 4h and 1d say together."""

    STRONG_BUY = "strong_buy"
    STRONG_SELL = "strong_sell"
    BULLISH = "bullish"
    BEARISH = "bearish"
    REVERSAL_UP = "reversal_up"
    REVERSAL_DOWN = "reversal_down"
    MIXED = "mixed"
    NO_DATA = "no_data"


def outlook_of(value_by_timeframe: Mapping[Timeframe, float | None]) -> Outlook:
    """The outlook of a symbol, as the first of these rules that holds (h, q and d are the values of 1h, 4h and 1d).

    h > 50, q > 50 and d > 0 is a strong buy, all three below the mirror of that a strong sell; all above 0 is bullish,
    all below bearish; h > 50 against q < 0 may be a reversal up, h < -50 against q > 0 one down; else it is mixed.
    Without all three there is no data. 5m and 15m have no say (these are the rules of the earlier implementation's
    portfolio analysis).

    >>> outlook_of({Timeframe.H1: 60.0, Timeframe.H4: -20.0, Timeframe.D1: 10.0})
    <Outlook.REVERSAL_UP: 'reversal_up'>
    """
    hour = value_by_timeframe.get(Timeframe.H1)
    quarter = value_by_timeframe.get(Timeframe.H4)
    day = value_by_timeframe.get(Timeframe.D1)
    if hour is None or quarter is None or day is None:
        return Outlook.NO_DATA
    up = _risen(hour, quarter, day)
    if up is not None:
        return up
    down = _risen(-hour, -quarter, -day)
    return Outlook.MIXED if down is None else _MIRROR[down]


_MIRROR: Final = {
    Outlook.STRONG_BUY: Outlook.STRONG_SELL,
    Outlook.BULLISH: Outlook.BEARISH,
    Outlook.REVERSAL_UP: Outlook.REVERSAL_DOWN,
}


def _risen(hour: float, quarter: float, day: float) -> Outlook | None:
    if hour > STRONG and quarter > STRONG and day > 0:
        return Outlook.STRONG_BUY
    if hour > 0 and quarter > 0 and day > 0:
        return Outlook.BULLISH
    return Outlook.REVERSAL_UP if hour > STRONG and quarter < 0 else None
