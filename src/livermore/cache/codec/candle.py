"""The candle as a member of its sorted set and on the close channel.

A member, with its opening in milliseconds as the score; the flags stand only where they are not the default::

    {"timestamp":1769093400000,"open":356.22,"high":358.5,"low":355.79,"close":358.16,"volume":202.2,
     "symbol":"ZEC-USD","timeframe":"5m","isEmpty":true,"isConfirmed":true,"revision":1}
"""

from collections.abc import Sequence

import msgspec

from livermore.cache.codec.record import corrupt, decoded
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import timeframe_named
from livermore.errors import InvalidCandle, UnknownTimeframe


class _CandleRecord(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    symbol: str
    timeframe: str
    is_empty: bool = False
    is_confirmed: bool = False
    revision: int = 0


_encode = msgspec.json.Encoder().encode
_one = msgspec.json.Decoder(_CandleRecord)
_many = msgspec.json.Decoder(list[_CandleRecord])


def encode_candle(candle: Candle) -> bytes:
    """The candle as JSON."""
    return _encode(
        _CandleRecord(
            candle.opened_at,
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
            candle.symbol,
            candle.timeframe,
            candle.is_empty,
            candle.is_confirmed,
            candle.revision,
        )
    )


def decode_candle(raw: bytes, key: str) -> Candle:
    """The candle that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    return _candle(decoded(_one, raw, key), key)


def decode_candles(raws: Sequence[bytes], key: str) -> tuple[Candle, ...]:
    """The candles of these members, in their order.

    Raises:
        CorruptRecord: when one of them is not a candle; the message names `key`.
    """
    records = decoded(_many, b"[" + b",".join(raws) + b"]", key)
    if len(records) != len(raws):
        raise corrupt(key, "a member holds more than one candle")
    return tuple(_candle(record, key) for record in records)


def _candle(record: _CandleRecord, key: str) -> Candle:
    try:
        return Candle(
            record.symbol,
            timeframe_named(record.timeframe),
            record.timestamp,
            record.open,
            record.high,
            record.low,
            record.close,
            record.volume,
            record.is_empty,
            record.is_confirmed,
            record.revision,
        )
    except (InvalidCandle, UnknownTimeframe) as exc:
        raise corrupt(key, str(exc)) from exc
