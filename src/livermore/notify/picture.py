"""What the picture of an alert shows: the newest candles, their MACD-V, and the alert where it happened.

The numbers are those of the alert itself at its own candle, and before it those that the instance published, so that
picture and words cannot disagree.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import happening, price_text
from livermore.core.indicators.reading import Reading, Stage
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.errors import PictureFailed

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


def picture_of(alert: Alert, series: Sequence[tuple[Candle, Reading | None]]) -> Picture:
    """The picture of `alert` over the candles of its series, oldest first and up to the alert's, with their readings.

    Raises:
        PictureFailed: when the alert's own candle is not the last of them.
    """
    if not series or series[-1][0].opened_at != alert.opened_at:
        raise PictureFailed("the candle of the alert is not at hand")
    bars = [_bar(candle, reading) for candle, reading in series[-CANDLES_SHOWN:]]
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


def _bar(candle: Candle, reading: Reading | None) -> Bar:
    return Bar(
        candle.opened_at,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.is_empty,
        None if reading is None else reading.value,
        None if reading is None else reading.signal,
        None if reading is None else reading.histogram,
        Stage.UNKNOWN if reading is None else reading.stage,
    )
