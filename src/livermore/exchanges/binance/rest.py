"""The public REST interface of Binance and Binance US.

https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md. Candles come oldest first, the forming one
last; a bucket without trades is a flat row without volume and trades. A row is
``[openTime, "open", "high", "low", "close", "volume", closeTime, "quoteVolume", trades, …]``, times in milliseconds.
"""

import msgspec

from livermore.core.market.candle import Candle
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.errors import InvalidCandle, MalformedMessage
from livermore.exchanges.binance.venues import Venue
from livermore.exchanges.http import Http
from livermore.exchanges.names import is_plain
from livermore.exchanges.paging import closed_candles, pages

ROWS_PER_REQUEST = 1000


class _Time(msgspec.Struct):
    server_time: int = msgspec.field(name="serverTime")


class _Limit(msgspec.Struct, rename="camel"):
    """``{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000}``."""

    rate_limit_type: str = ""
    interval: str = ""
    interval_num: int = 0
    limit: int = 0


class _Symbol(msgspec.Struct, rename="camel"):
    """``{"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","quoteAsset":"BTC","isSpotTradingAllowed":true}``."""

    symbol: str
    base_asset: str
    quote_asset: str
    status: str = ""
    is_spot_trading_allowed: bool = True


class _Listing(msgspec.Struct, rename="camel"):
    symbols: list[_Symbol]
    rate_limits: list[_Limit] = []


class _Volume(msgspec.Struct, rename="camel"):
    """``{"symbol":"BTCUSDT","lastPrice":"…","volume":"…","quoteVolume":"15.30000000"}``."""

    symbol: str
    quote_volume: float


class _Row(msgspec.Struct, array_like=True):
    opened_at: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    last_millisecond: int
    quote_volume: float
    trades: int


# Not strict: numbers come as strings.
_TIME = msgspec.json.Decoder(_Time, strict=False)
_LISTING = msgspec.json.Decoder(_Listing, strict=False)
_VOLUMES = msgspec.json.Decoder(list[_Volume], strict=False)
_ROWS = msgspec.json.Decoder(list[_Row], strict=False)


async def server_time(http: Http) -> Millis:
    """The exchange's clock."""
    return (await http.get("/api/v3/time", {}, _TIME)).server_time


async def instruments(http: Http, venue: Venue) -> tuple[tuple[Instrument, ...], float | None]:
    """All spot symbols, and the weight a minute that the exchange says it allows, if it does."""
    listing = await http.get("/api/v3/exchangeInfo", dict(venue.listing_query), _LISTING, weight=venue.listing_weight)
    volumes = await http.get("/api/v3/ticker/24hr", dict(venue.tickers_query), _VOLUMES, weight=venue.tickers_weight)
    volume_by_product = {row.symbol: row.quote_volume for row in volumes}
    rows = [row for row in listing.symbols if is_plain(row.base_asset) and is_plain(row.quote_asset)]
    found = tuple(_instrument(row, volume_by_product.get(row.symbol)) for row in rows)
    return found, _weight_per_minute(listing.rate_limits)


async def candles(
    http: Http, venue: Venue, product: str, symbol: str, timeframe: Timeframe, since: Millis, until: Millis
) -> tuple[Candle, ...]:
    """The candles that open in ``[since, until)`` and have closed by `until`, oldest first.

    Rows off the grid are left out, see `closed_candles`.

    Raises:
        MalformedMessage: when a row is impossible, or two contradict each other.
    """
    found: list[Candle] = []
    for first, last in pages(timeframe, since, until, ROWS_PER_REQUEST):
        # The newest row of all may only not be written yet: that alone is not worth another question.
        needed = last - timeframe.millis if last + timeframe.millis >= until else last
        rows = await _page(http, venue, product, timeframe, first, last, needed)
        found += [_candle(row, symbol, timeframe) for row in rows if row.opened_at % timeframe.millis == 0]
    return closed_candles(found, since, until)


async def _page(
    http: Http, venue: Venue, product: str, timeframe: Timeframe, first: Millis, last: Millis, needed: Millis
) -> list[_Row]:
    """All rows that open from `first` to `last`.

    An answer that ends before `needed` was cut short, or an outage left no rows: the next answer tells which.
    """
    found: list[_Row] = []
    while first <= last:
        # Without `limit` an answer stops at 500 rows, whatever the range.
        query = {
            "symbol": product,
            "interval": str(timeframe),
            "startTime": str(first),
            "endTime": str(last),
            "limit": str(ROWS_PER_REQUEST),
        }
        rows = await http.get("/api/v3/klines", query, _ROWS, weight=venue.klines_weight)
        found += rows
        newest = max((row.opened_at for row in rows), default=last)
        if newest >= needed or newest < first:
            break
        first = timeframe.opening(newest) + timeframe.millis
    return found


def _candle(row: _Row, symbol: str, timeframe: Timeframe) -> Candle:
    is_empty = row.volume == 0.0 and row.trades == 0
    try:
        return Candle(
            symbol,
            timeframe,
            row.opened_at,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            is_empty,
            is_confirmed=True,
        )
    except InvalidCandle as exc:
        raise MalformedMessage(f"an impossible row of {symbol} {timeframe}: {row}: {exc}") from exc


def _instrument(row: _Symbol, quote_volume: float | None) -> Instrument:
    return Instrument(
        symbol=f"{row.base_asset}-{row.quote_asset}",
        product=row.symbol,
        base=row.base_asset,
        quote=row.quote_asset,
        is_trading=row.status == "TRADING" and row.is_spot_trading_allowed,
        quote_volume_24h=quote_volume,
    )


def _weight_per_minute(limits: list[_Limit]) -> float | None:
    for limit in limits:
        if limit.rate_limit_type == "REQUEST_WEIGHT" and limit.interval == "MINUTE" and limit.interval_num > 0:
            return limit.limit / limit.interval_num or None
    return None
