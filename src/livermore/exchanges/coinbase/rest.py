"""The public REST interface of Coinbase Advanced Trade.

https://docs.cdp.coinbase.com/advanced-trade/reference. Public answers are cached for about a second, which the
``cache-control: no-cache`` header of the session avoids. ``GET /time`` is ``{"iso":"…","epochSeconds":"…",
"epochMillis":"1775521800123"}``; candles, newest first, buckets without trades left out, both ends included::

    {"candles":[{"start":"1712192400","low":"66055.14","high":"66331.99","open":"66312.4","close":"66181.6",
                 "volume":"355.82896243"}]}
"""

import msgspec

from livermore.core.market.candle import Candle
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.errors import InvalidCandle, MalformedMessage
from livermore.exchanges.coinbase.products import PRODUCT_PAGE
from livermore.exchanges.http import Http
from livermore.exchanges.paging import closed_candles, pages

ROWS_PER_REQUEST = 300
"""350 are documented, refused by some accounts' experience at 350 and 349; 300 is what the large clients settled on."""

PRODUCTS_PER_PAGE = 1000
LONGEST_LISTING_PAGES = 50

_PATH = "/api/v3/brokerage"
_GRANULARITY = {
    Timeframe.M5: "FIVE_MINUTE",
    Timeframe.M15: "FIFTEEN_MINUTE",
    Timeframe.H1: "ONE_HOUR",
    Timeframe.H4: "FOUR_HOUR",
    Timeframe.D1: "ONE_DAY",
}


class _Time(msgspec.Struct):
    epoch_millis: int = msgspec.field(name="epochMillis")


class _Row(msgspec.Struct):
    start: int
    low: float
    high: float
    open: float
    close: float
    volume: float


class _Candles(msgspec.Struct):
    candles: list[_Row]


# Not strict: numbers come as strings.
_TIME = msgspec.json.Decoder(_Time, strict=False)
_CANDLES = msgspec.json.Decoder(_Candles, strict=False)


async def server_time(http: Http) -> Millis:
    """The exchange's clock."""
    return (await http.get(f"{_PATH}/time", {}, _TIME)).epoch_millis


async def instruments(http: Http) -> tuple[Instrument, ...]:
    """All spot products that are books of their own, in the exchange's order (by volume)."""
    found: dict[str, Instrument] = {}
    query = {"product_type": "SPOT", "limit": str(PRODUCTS_PER_PAGE)}
    for _ in range(LONGEST_LISTING_PAGES):
        page = await http.get(f"{_PATH}/market/products", query, PRODUCT_PAGE)
        found |= {product.product_id: product.instrument() for product in page.products if product.is_instrument}
        more = page.pagination
        # A cursor that does not move would go round for ever.
        if more is None or not more.has_next or more.next_cursor in ("", query.get("cursor")):
            break
        query["cursor"] = more.next_cursor
    return tuple(found.values())


async def candles(
    http: Http, product: str, symbol: str, timeframe: Timeframe, since: Millis, until: Millis
) -> tuple[Candle, ...]:
    """The candles that open in ``[since, until)`` and have closed by `until`, oldest first.

    Rows off the grid are left out, see `closed_candles`.

    Raises:
        MalformedMessage: when a row is impossible, or two contradict each other.
    """
    found: list[Candle] = []
    for first, last in pages(timeframe, since, until, ROWS_PER_REQUEST):
        query = {
            "start": str(first // SECOND),
            "end": str(last // SECOND),
            "granularity": _GRANULARITY[timeframe],
        }
        reply = await http.get(f"{_PATH}/market/products/{product}/candles", query, _CANDLES)
        rows = (row for row in reply.candles if row.start * SECOND % timeframe.millis == 0)
        found += [_candle(row, symbol, timeframe) for row in rows]
    return closed_candles(found, since, until)


def _candle(row: _Row, symbol: str, timeframe: Timeframe) -> Candle:
    opened_at = row.start * SECOND
    try:
        return Candle(
            symbol, timeframe, opened_at, row.open, row.high, row.low, row.close, row.volume, is_confirmed=True
        )
    except InvalidCandle as exc:
        raise MalformedMessage(f"an impossible row of {symbol} {timeframe}: {row}: {exc}") from exc
