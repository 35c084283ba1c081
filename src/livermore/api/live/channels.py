"""The channels of an exchange, and what is told of a message on one."""

from dataclasses import dataclass

import msgspec
from pydantic.alias_generators import to_camel

from livermore.api.lines import reading_line, ticker_line
from livermore.api.live.topics import Kind, Topic
from livermore.cache.codec.candle import decode_candle
from livermore.cache.keys import Keys
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Timeframe

_encode = msgspec.json.Encoder().encode


class _Named(msgspec.Struct):
    symbol: str
    timeframe: str


_named = msgspec.json.Decoder(_Named)


@dataclass(frozen=True, slots=True)
class Channel:
    """What a pattern of channels brings."""

    kind: Kind
    exchange: ExchangeIdentity


@dataclass(frozen=True, slots=True)
class Heard:
    """What is told: on which topics, of what, and as which JSON."""

    topics: tuple[Topic, ...]
    key: str
    symbol: str | None
    data: bytes


def channels_of(keys: Keys, exchange: ExchangeIdentity) -> dict[str, Channel]:
    """The patterns of all channels of an exchange."""
    patterns = {
        keys.ticker_channel("*"): Channel(Kind.TICKERS, exchange),
        keys.response_channel: Channel(Kind.COMMANDS, exchange),
    }
    for timeframe in Timeframe:
        patterns[keys.close_channel("*", timeframe)] = Channel(Kind.CANDLES, exchange)
        patterns[keys.revision_channel("*", timeframe)] = Channel(Kind.CANDLES, exchange)
        patterns[keys.indicator_channel("*", timeframe)] = Channel(Kind.READINGS, exchange)
    return patterns


def heard_on(channel: Channel, raw: bytes) -> Heard | None:
    """What a message says; None where there is nothing to tell.

    Raises:
        CorruptRecord: when it is not ours.
    """
    exchange = channel.exchange
    whole = Topic(channel.kind, exchange)
    if channel.kind is Kind.TICKERS:
        ticker = ticker_line(raw, "ticker")
        return Heard((whole,), ticker.symbol, ticker.symbol, _encode(ticker))
    if channel.kind is Kind.READINGS:
        reading = reading_line(raw, "reading")
        if reading is None:
            return None
        named = _named.decode(raw)
        told = {"symbol": named.symbol, "timeframe": named.timeframe, **msgspec.structs.asdict(reading)}
        told = {to_camel(name): value for name, value in told.items()}
        return Heard((whole,), f"{named.symbol}:{named.timeframe}", named.symbol, _encode(told))
    candle = decode_candle(raw, "candle")
    told_candle = {
        "symbol": candle.symbol,
        "timeframe": candle.timeframe.value,
        "openTime": candle.opened_at,
        "closeTime": candle.closes_at,
        "open": candle.open,
        "high": candle.high,
        "low": candle.low,
        "close": candle.close,
        "volume": candle.volume,
        "isEmpty": candle.is_empty,
        "isConfirmed": candle.is_confirmed,
        "revision": candle.revision,
    }
    one = Topic(channel.kind, exchange, candle.symbol, candle.timeframe)
    # Each candle has a key of its own: a slow reader loses none of a series, as far as its outbox reaches.
    key = f"{candle.symbol}:{candle.timeframe}:{candle.opened_at}"
    return Heard((whole, one), key, candle.symbol, _encode(told_candle))
