"""Stored JSON turned into the API's shape without detours, for lists of thousands and for the live stream."""

import msgspec

from livermore.cache.codec.record import decoded


class _StoredValue(msgspec.Struct, gc=False):
    macd_v: float = msgspec.field(name="macdV")
    signal: float | None
    histogram: float | None
    fast_ema: float = msgspec.field(name="fastEMA")
    slow_ema: float = msgspec.field(name="slowEMA")
    atr: float


class QualityLine(msgspec.Struct, rename="camel", gc=False):
    """How much a reading rests on."""

    candles: int
    convergence: float
    empty_ratio: float
    is_confirmed: bool


class _StoredPoint(msgspec.Struct, rename="camel", gc=False):
    timestamp: int
    close_time: int
    symbol: str
    timeframe: str
    value: _StoredValue | None
    price: float
    stage: str
    quality: QualityLine


class ReadingLine(msgspec.Struct, rename="camel", gc=False):
    """A reading as `ReadingShown` shapes it."""

    open_time: int
    close_time: int
    value: float
    signal: float | None
    histogram: float | None
    stage: str
    price: float
    atr: float
    fast_ema: float
    slow_ema: float
    quality: QualityLine


class _StoredTicker(msgspec.Struct, gc=False, kw_only=True):
    symbol: str
    timestamp: int
    price: float
    bid: float | None = None
    ask: float | None = None
    change_24h: float | None = msgspec.field(default=None, name="change24h")
    change_percent_24h: float | None = msgspec.field(default=None, name="changePercent24h")
    high_24h: float | None = msgspec.field(default=None, name="high24h")
    low_24h: float | None = msgspec.field(default=None, name="low24h")
    volume_24h: float | None = msgspec.field(default=None, name="volume24h")


class TickerLine(msgspec.Struct, gc=False, kw_only=True):
    """A ticker as `TickerShown` shapes it."""

    symbol: str
    time: int
    price: float
    bid: float | None
    ask: float | None
    change_24h: float | None = msgspec.field(name="change24h")
    change_percent_24h: float | None = msgspec.field(name="changePercent24h")
    high_24h: float | None = msgspec.field(name="high24h")
    low_24h: float | None = msgspec.field(name="low24h")
    volume_24h: float | None = msgspec.field(name="volume24h")


_points = msgspec.json.Decoder(_StoredPoint)
_tickers = msgspec.json.Decoder(_StoredTicker)


def reading_line(raw: bytes, name: str) -> ReadingLine | None:
    """The reading that a stored value or one from the channel spells; None where the indicator is not defined.

    Raises:
        CorruptRecord: when it is none; the message names `name`.
    """
    point = decoded(_points, raw, name)
    value = point.value
    if value is None:
        return None
    return ReadingLine(
        point.timestamp,
        point.close_time,
        value.macd_v,
        value.signal,
        value.histogram,
        point.stage,
        point.price,
        value.atr,
        value.fast_ema,
        value.slow_ema,
        point.quality,
    )


def ticker_line(raw: bytes, name: str) -> TickerLine:
    """The ticker that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `name`.
    """
    stored = decoded(_tickers, raw, name)
    return TickerLine(
        symbol=stored.symbol,
        time=stored.timestamp,
        price=stored.price,
        bid=stored.bid,
        ask=stored.ask,
        change_24h=stored.change_24h,
        change_percent_24h=stored.change_percent_24h,
        high_24h=stored.high_24h,
        low_24h=stored.low_24h,
        volume_24h=stored.volume_24h,
    )
