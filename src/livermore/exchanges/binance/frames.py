"""The frames of a Binance WebSocket connection, as Binance spells them.

https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md. On a combined connection, trimmed::

    {"stream":"btcusdt@kline_5m","data":{"e":"kline","E":1633998288469,"s":"BTCUSDT","k":{"t":1633998000000,
     "T":1633998299999,"s":"BTCUSDT","i":"5m","o":"13.72","c":"13.80","h":"13.80","l":"13.71","v":"183.49","n":6,
     "x":false}}}

Times are in milliseconds, prices are strings, and case matters: `t` opens, `T` is the bucket's last millisecond; `x`
says closed. A miniTicker:
``{"e":"24hrMiniTicker","E":…,"s":…,"c":close,"o":open,"h":high,"l":low,"v":base,"q":quote}``.
Replies to our own messages share the connection: ``{"result":null,"id":1}``, ``{"code":2,"msg":"Invalid request: …"}``.
On a raw connection the data comes without its stream. Fields and events that are not named here are ignored.
"""

from collections.abc import Sequence

import msgspec

from livermore.core.market.candle import Candle
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import BASE, Millis

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""All that a decoder raises on bytes that are not what they should be."""


class Complaint(msgspec.Struct):
    """What is wrong with a message of ours."""

    code: int = 0
    msg: str = ""


class Envelope(msgspec.Struct):
    """Any frame: an event with its stream, a bare event, or a reply."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")
    e: str = ""
    id: int | str | None = None
    result: list[str] | None = None
    code: int | None = None
    msg: str = ""
    error: Complaint | None = None


class Bucket(msgspec.Struct):
    """A bucket so far; `n` counts its trades."""

    t: Millis
    i: str
    o: float
    h: float
    l: float  # noqa: E741 - the name on the wire
    c: float
    v: float
    x: bool
    n: int = 1

    def candle(self, symbol: str) -> Candle:
        """The same in our words.

        Raises:
            InvalidCandle: when the values contradict each other.
        """
        return Candle(symbol, BASE, self.t, self.o, self.h, self.l, self.c, self.v)


class Kline(msgspec.Struct, tag_field="e", tag="kline"):
    """An update of a bucket, every two seconds while there are trades."""

    E: Millis
    s: str
    k: Bucket


class MiniTicker(msgspec.Struct, tag_field="e", tag="24hrMiniTicker"):
    """The latest price and the last 24 hours, each second in which they changed."""

    E: Millis
    s: str
    c: float
    o: float
    h: float
    l: float  # noqa: E741 - the name on the wire
    v: float

    def ticker(self, symbol: str) -> Ticker:
        """The same in our words."""
        return Ticker(
            symbol=symbol,
            at=self.E,
            price=self.c,
            volume_24h=_finite(self.v),
            high_24h=_finite(self.h),
            low_24h=_finite(self.l),
            change_24h=_finite(self.c - self.o),
            change_percent_24h=_finite((self.c - self.o) / self.o * 100.0) if self.o else None,
        )


class ServerShutdown(msgspec.Struct, tag_field="e", tag="serverShutdown"):
    """The server will close this connection soon."""

    E: Millis


class AnyEvent(msgspec.Struct):
    """An event of which only the outside can be read."""

    e: str = ""
    E: Millis = 0
    s: str = ""


class _Request(msgspec.Struct, omit_defaults=True):
    method: str
    id: int
    params: Sequence[str] = ()


# Not strict: numbers come as strings.
ENVELOPE = msgspec.json.Decoder(Envelope, strict=False)
EVENT = msgspec.json.Decoder(Kline | MiniTicker | ServerShutdown, strict=False)
ANY_EVENT = msgspec.json.Decoder(AnyEvent, strict=False)
KNOWN_EVENTS = frozenset({"kline", "24hrMiniTicker", "serverShutdown"})


def request(number: int, method: str, streams: Sequence[str] = ()) -> str:
    """A message of ours: ``{"method":"SUBSCRIBE","id":1,"params":["btcusdt@kline_5m"]}``."""
    return msgspec.json.encode(_Request(method, number, streams)).decode()


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
