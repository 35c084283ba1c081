"""What the picture of an alert shows: the newest candles, their MACD-V, and the alert where it happened.

The numbers are those of the alert itself at its own candle and the batch formula's before it, over all candles at hand,
so that picture and words cannot disagree.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import happening, price_text
from livermore.core.indicators.batch import macdv_columns
from livermore.core.indicators.reading import Stage
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.errors import InvalidRequest

CANDLES_SHOWN: Final = 80


class Bar(msgspec.Struct, frozen=True, array_like=True):
    """One candle with its MACD-V; None where that is not defined."""

    opened_at: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_empty: bool
    value: float | None
    signal: float | None
    histogram: float | None
    stage: Stage


class Picture(msgspec.Struct, frozen=True):
    """All that has to be drawn; the last bar is the alert's."""

    title: str
    happening: str
    timeframe: Timeframe
    direction: Direction
    is_simulated: bool
    bars: tuple[Bar, ...]


def picture_of(alert: Alert, candles: Sequence[Candle]) -> Picture:
    """The picture of `alert` over its series, of which `candles` are contiguous, oldest first, up to the alert's.

    Raises:
        InvalidRequest: when the alert's own candle is not the last of `candles`.
    """
    if not candles or candles[-1].opened_at != alert.opened_at:
        raise InvalidRequest("the candle of the alert is not at hand")
    columns = macdv_columns(candles)
    bars = [
        Bar(
            candle.opened_at,
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
            candle.is_empty,
            value,
            signal,
            histogram,
            stage,
        )
        for candle, value, signal, histogram, stage in zip(
            candles, columns.value, columns.signal, columns.histogram, columns.stage, strict=True
        )
    ][-CANDLES_SHOWN:]
    bars[-1] = msgspec.structs.replace(
        bars[-1], value=alert.value, signal=alert.signal, histogram=alert.histogram, stage=alert.stage
    )
    return Picture(
        f"{alert.symbol} · {alert.exchange.display_name} · {alert.timeframe} · {price_text(alert.price)}",
        f"MACD-V {alert.value:+.1f} {happening(alert)}",
        alert.timeframe,
        alert.direction,
        alert.is_simulated,
        tuple(bars),
    )
