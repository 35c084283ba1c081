"""The ticker under its key and on its channel.

What the exchange does not send is left out::

    {"symbol":"BTC-USD","price":64012.5,"change24h":-120.1,"changePercent24h":-0.19,"high24h":64900.0,
     "low24h":63500.0,"volume24h":9312.2,"bid":64012.4,"ask":64012.6,"timestamp":1769093400123}
"""

import msgspec

from livermore.cache.codec.record import decoded
from livermore.core.market.ticker import Ticker


class _TickerRecord(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True):
    symbol: str
    price: float
    change_24h: float | None = msgspec.field(default=None, name="change24h")
    change_percent_24h: float | None = msgspec.field(default=None, name="changePercent24h")
    high_24h: float | None = msgspec.field(default=None, name="high24h")
    low_24h: float | None = msgspec.field(default=None, name="low24h")
    volume_24h: float | None = msgspec.field(default=None, name="volume24h")
    bid: float | None = None
    ask: float | None = None
    timestamp: int


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(_TickerRecord)


def encode_ticker(ticker: Ticker) -> bytes:
    """The ticker as JSON."""
    return _encode(
        _TickerRecord(
            symbol=ticker.symbol,
            price=ticker.price,
            change_24h=ticker.change_24h,
            change_percent_24h=ticker.change_percent_24h,
            high_24h=ticker.high_24h,
            low_24h=ticker.low_24h,
            volume_24h=ticker.volume_24h,
            bid=ticker.bid,
            ask=ticker.ask,
            timestamp=ticker.at,
        )
    )


def decode_ticker(raw: bytes, key: str) -> Ticker:
    """The ticker that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    record = decoded(_decoder, raw, key)
    return Ticker(
        symbol=record.symbol,
        at=record.timestamp,
        price=record.price,
        volume_24h=record.volume_24h,
        high_24h=record.high_24h,
        low_24h=record.low_24h,
        change_24h=record.change_24h,
        change_percent_24h=record.change_percent_24h,
        bid=record.bid,
        ask=record.ask,
    )
