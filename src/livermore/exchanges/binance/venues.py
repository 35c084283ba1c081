"""Binance and Binance US: one way of speaking, two places with limits of their own."""

from dataclasses import dataclass

from livermore.core.market.exchange import BINANCE, BINANCE_US, ExchangeIdentity


@dataclass(frozen=True, slots=True)
class Venue:
    """What differs between the two; weights are those of one request, `weight_per_minute` is the limit of an address.

    `listing_query`, `tickers_query` and `account_query` make large answers smaller where the venue knows the parameter.
    """

    identity: ExchangeIdentity
    rest_url: str
    ws_url: str
    weight_per_minute: float
    klines_weight: float
    listing_weight: float
    tickers_weight: float
    listing_query: tuple[tuple[str, str], ...]
    tickers_query: tuple[tuple[str, str], ...]
    stale_after_seconds: float
    elsewhere: str
    account_query: tuple[tuple[str, str], ...]
    tells_restrictions: bool


COM = Venue(
    identity=BINANCE,
    rest_url="https://api.binance.com",
    ws_url="wss://stream.binance.com:9443",
    weight_per_minute=6000.0,
    klines_weight=2.0,
    listing_weight=20.0,
    tickers_weight=80.0,
    listing_query=(("showPermissionSets", "false"),),
    tickers_query=(("type", "MINI"),),
    stale_after_seconds=5.0,
    elsewhere="use https://data-api.binance.vision and wss://data-stream.binance.vision, or binance_us",
    account_query=(("omitZeroBalances", "true"),),
    tells_restrictions=True,
)

US = Venue(
    identity=BINANCE_US,
    rest_url="https://api.binance.us",
    ws_url="wss://stream.binance.us:9443",
    weight_per_minute=1200.0,
    klines_weight=1.0,
    listing_weight=10.0,
    tickers_weight=40.0,
    listing_query=(),
    tickers_query=(),
    # Its market is thin: five seconds without any trade are nothing unusual.
    stale_after_seconds=15.0,
    elsewhere="it serves the United States only; elsewhere use binance",
    account_query=(),
    # Its documents name no way to ask what a key alone may do.
    tells_restrictions=False,
)

VENUES = (COM, US)
