"""The frames of a Coinbase WebSocket connection, as Coinbase spells them.

An update of the candles channel, trimmed (https://docs.cdp.coinbase.com/advanced-trade/docs/ws-channels)::

    {"channel":"candles","timestamp":"2026-04-07T14:30:05.123456789Z","sequence_num":3,"events":[{"type":"update",
     "candles":[{"start":"1775521800","high":"68950.00","low":"68850.00","open":"68900.00","close":"68920.50",
                 "volume":"42.15","product_id":"BTC-USD"}]}]}

Numbers are strings, `start` is in unix seconds, the timestamp has up to nine fractional digits. The reply to a
subscription is the whole set that is in force: ``"events":[{"subscriptions":{"candles":["BTC-USD"]}}]``. An error has
no channel: ``{"type":"error","message":"rate limit exceeded"}``. Fields and channels not named here are ignored.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from livermore.core.market.candle import Candle
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import BASE, SECOND, Millis

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""All that a decoder raises on bytes that are not what they should be."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Envelope(msgspec.Struct):
    """What is around every frame; `events` is read by channel."""

    channel: str = ""
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    sequence_num: int = -1
    events: msgspec.Raw = msgspec.Raw(b"[]")
    type: str = ""
    message: str = ""


class CandleRow(msgspec.Struct):
    """One bucket of one product."""

    start: int
    high: float
    low: float
    open: float
    close: float
    volume: float
    product_id: str

    def candle(self) -> Candle:
        """The same in our words.

        Raises:
            InvalidCandle: when the values contradict each other.
        """
        opened_at = self.start * SECOND
        return Candle(self.product_id, BASE, opened_at, self.open, self.high, self.low, self.close, self.volume)


class CandleBatch(msgspec.Struct):
    """One event of the candles channel."""

    candles: list[CandleRow] = []
    type: str = "update"


class TickerRow(msgspec.Struct):
    """The latest match of one product, and its last 24 hours; what is not known is an empty string."""

    product_id: str
    price: float
    volume_24_h: str = ""
    low_24_h: str = ""
    high_24_h: str = ""
    price_percent_chg_24_h: str = ""
    best_bid: str = ""
    best_ask: str = ""

    def ticker(self, at: Millis) -> Ticker:
        """The same in our words; Coinbase tells the change in percent, the rest follows from it."""
        percent = number(self.price_percent_chg_24_h)
        before = None if percent is None or percent <= -100.0 else self.price / (1.0 + percent / 100.0)
        return Ticker(
            symbol=self.product_id,
            at=at,
            price=self.price,
            volume_24h=number(self.volume_24_h),
            high_24h=number(self.high_24_h),
            low_24h=number(self.low_24_h),
            change_24h=None if before is None else self.price - before,
            change_percent_24h=percent,
            bid=number(self.best_bid),
            ask=number(self.best_ask),
        )


class TickerBatch(msgspec.Struct):
    """One event of the ticker channel."""

    tickers: list[TickerRow] = []
    type: str = "update"


class _Subscribed(msgspec.Struct):
    subscriptions: dict[str, list[str]] = {}


class _Subscribe(msgspec.Struct, omit_defaults=True):
    channel: str
    type: str = msgspec.field(default="")
    product_ids: list[str] = []


# Not strict: numbers come as strings, and `heartbeat_counter` and `sequence_num` have been both.
ENVELOPE = msgspec.json.Decoder(Envelope, strict=False)
CANDLES = msgspec.json.Decoder(list[CandleBatch], strict=False)
CANDLE_ROW = msgspec.json.Decoder(CandleRow, strict=False)
TICKERS = msgspec.json.Decoder(list[TickerBatch], strict=False)
TICKER_ROW = msgspec.json.Decoder(TickerRow, strict=False)
SUBSCRIBED = msgspec.json.Decoder(list[_Subscribed])


def subscribe(channel: str, products: Iterable[str] = ()) -> str:
    """A frame that subscribes: ``{"channel":"candles","type":"subscribe","product_ids":["BTC-USD"]}``."""
    return msgspec.json.encode(_Subscribe(channel, "subscribe", list(products))).decode()


def unsubscribe(channel: str, products: Iterable[str]) -> str:
    """A frame that unsubscribes: ``{"channel":"candles","type":"unsubscribe","product_ids":["BTC-USD"]}``."""
    return msgspec.json.encode(_Subscribe(channel, "unsubscribe", list(products))).decode()


def millis_of(timestamp: datetime) -> Millis:
    """The instant in milliseconds; what is finer is cut off."""
    since = timestamp - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds // 1_000


def number(text: str) -> float | None:
    """The number a text spells; None when it spells none that is finite."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
