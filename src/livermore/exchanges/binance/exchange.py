"""Binance and Binance US, as the runtime sees an exchange."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.errors import ConfigError
from livermore.exchanges.binance import rest
from livermore.exchanges.binance.account import BinanceAccount
from livermore.exchanges.binance.auth import BinanceSigner, ExchangeClock
from livermore.exchanges.binance.venues import Venue
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.connection import FeedLimits
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.feed import FeedRoute, run_feed
from livermore.exchanges.horizon import Horizon
from livermore.exchanges.http import Http, HttpHost, open_http
from livermore.exchanges.limiter import Budget, Budgets, TokenBucket, steady, steady_rate
from livermore.exchanges.link import Inbox, Wire
from livermore.exchanges.listing import Listing, until_listed
from livermore.exchanges.settings import ExchangeSettings

GRACE: Millis = 5 * SECOND

STEADY_SHARE = 0.93
BURST_SHARE = 0.03
"""Shares of a minute's weight: in no minute is more than their sum sent, which leaves room for others' requests."""

REREAD_SECONDS = 2.0
"""Candles are served from a database that lags a little: a row that is missing at its close is asked for once more."""

CONNECTIONS_PER_SECOND = 1.0
MESSAGES_PER_SECOND = 4.0
SYMBOLS_PER_CONNECTION = 100
"""Each symbol is two streams, and two hundred are what large clients put on a connection (1,024 is the most)."""

MOST_SYMBOLS_PER_CONNECTION = 500

FIRST_NEWS_SECONDS = 3600.0
"""There are no snapshots, and a thin symbol may be without news for long."""

_TRANSIENT_CODES = frozenset({"-1001", "-1006", "-1007", "-1008"})


class BinanceExchange:
    """Binance or Binance US through its public, anonymous interfaces; made by `open_binance`."""

    def __init__(
        self, venue: Venue, http: Http, settings: ExchangeSettings, budgets: Budgets, rng: random.Random
    ) -> None:
        self._venue = venue
        self._http = http
        self._settings = settings
        self._horizon = Horizon(self.server_time, speed=settings.speed)
        self._listing = Listing(self.instruments, speed=settings.speed)
        route = _route(venue, settings, budgets, rng, self._wire)
        self._route = replace(route, listing=lambda: self._listing.by_symbol, relist=self._listing.renew)

    @property
    def budget(self) -> Budget:
        """What may be asked of its REST host; shared by all who ask it."""
        return self._http.budget

    @property
    def feed_limits(self) -> FeedLimits:
        """When a connection of the feed is given up or replaced."""
        return self._route.limits

    @property
    def identity(self) -> ExchangeIdentity:
        """Its number and names."""
        return self._venue.identity

    @property
    def traits(self) -> ExchangeTraits:
        """Buckets without trades are rows of its history too."""
        grace = GRACE if self._settings.grace is None else self._settings.grace
        return ExchangeTraits(grace, rest.ROWS_PER_REQUEST, lists_silence=True)

    async def instruments(self) -> tuple[Instrument, ...]:
        """All spot symbols with their volume; the published limits are followed from then on."""
        listed, weight_per_minute = await rest.instruments(self._http, self._venue)
        if weight_per_minute is not None and self._settings.requests_per_second is None:
            self.budget.bucket.resize(*shares(weight_per_minute, self._settings.speed))
        self._listing.read(listed)
        return listed

    async def server_time(self) -> Millis:
        """Its clock."""
        return await rest.server_time(self._http)

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        """The closed candles that open in ``[since, until)``, oldest first; buckets without trades are empty ones.

        Raises:
            ExchangeUnavailable: also when the exchange's clock has not reached `until` yet.
        """
        closed_until = await self._horizon.closed_until(timeframe, until)
        product = self._product(symbol)
        found = await rest.candles(self._http, self._venue, product, symbol, timeframe, since, closed_until)
        newest = closed_until - timeframe.millis
        is_whole = newest < since or (bool(found) and found[-1].opened_at == newest)
        if is_whole or not self._horizon.has_just_reached(closed_until):
            return found
        await asyncio.sleep(REREAD_SECONDS / self._settings.speed)
        again = await rest.candles(self._http, self._venue, product, symbol, timeframe, newest, closed_until)
        return (*found, *again)

    async def run_feed(
        self, symbols: Sequence[str], inbox: Inbox, changes: AsyncIterator[Sequence[str]] | None = None
    ) -> None:
        """Keep the live feed of `symbols` flowing until cancelled; `changes` brings all that are wanted since."""
        if not self._listing.by_symbol:
            await until_listed(self.instruments, self._route, inbox)
        await run_feed(self._route, symbols, inbox, changes)

    def _wire(self, link: int, symbols: frozenset[str]) -> Wire:
        return BinanceWire(link, symbols, self._listing.by_symbol)

    def _product(self, symbol: str) -> str:
        listed = self._listing.by_symbol.get(symbol)
        return listed.product if listed else symbol.replace("-", "")


def shares(weight_per_minute: float, speed: float) -> tuple[float, float, float]:
    """Rate a second, burst and limit of a minute's window, for an exchange whose clock runs at `speed`."""
    rate = steady_rate(weight_per_minute * STEADY_SHARE, 60.0, speed)
    return rate, weight_per_minute * BURST_SHARE, weight_per_minute


@asynccontextmanager
async def open_binance_account(
    venue: Venue, credentials: Credentials, settings: ExchangeSettings, budgets: Budgets, rng: random.Random
) -> AsyncIterator[BinanceAccount]:
    """Keep connections to the account of a key for as long as the block lasts, within the address's one budget.

    Raises:
        ConfigError: when the secret is no key that Binance takes.
    """
    clock = ExchangeClock(settings.speed)
    public = _host(venue, settings, budgets)
    private = replace(public, sign=BinanceSigner(credentials, clock).sign)
    async with open_http(public, headers={}, rng=rng) as anonymous, open_http(private, headers={}, rng=rng) as http:
        yield BinanceAccount(venue, http, anonymous, clock)


@asynccontextmanager
async def open_binance(
    venue: Venue, settings: ExchangeSettings, budgets: Budgets, rng: random.Random
) -> AsyncIterator[BinanceExchange]:
    """Keep the venue's REST connections for as long as the block lasts."""
    async with open_http(_host(venue, settings, budgets), headers={}, rng=rng) as http:
        yield BinanceExchange(venue, http, settings, budgets, rng)


def _host(venue: Venue, settings: ExchangeSettings, budgets: Budgets) -> HttpHost:
    url = (settings.rest_url or venue.rest_url).rstrip("/")
    budget = budgets.of(urlsplit(url).netloc, lambda: _budget(venue, settings))
    return HttpHost(
        url,
        budget,
        venue.elsewhere,
        used_weight_header="X-MBX-USED-WEIGHT-1M",
        transient_codes=_TRANSIENT_CODES,
        speed=settings.speed,
    )


def _budget(venue: Venue, settings: ExchangeSettings) -> Budget:
    rate, burst, limit = shares(venue.weight_per_minute, settings.speed)
    if settings.requests_per_second is not None:
        rate = steady_rate(settings.requests_per_second, 1.0, settings.speed)
    return Budget(TokenBucket(rate, settings.burst or burst, window_limit=limit), speed=settings.speed)


def _route(
    venue: Venue,
    settings: ExchangeSettings,
    budgets: Budgets,
    rng: random.Random,
    make_wire: Callable[[int, frozenset[str]], Wire],
) -> FeedRoute:
    url = (settings.ws_url or venue.ws_url).rstrip("/")
    symbols_per_connection = settings.symbols_per_connection or SYMBOLS_PER_CONNECTION
    if symbols_per_connection > MOST_SYMBOLS_PER_CONNECTION:
        raise ConfigError(f"Binance serves at most {MOST_SYMBOLS_PER_CONNECTION} symbols on a connection")
    connections = steady(CONNECTIONS_PER_SECOND, 1.0, settings.speed)
    limits = FeedLimits(
        symbols_per_connection=symbols_per_connection,
        first_news_within=FIRST_NEWS_SECONDS,
        stale_after=settings.stale_after_seconds or venue.stale_after_seconds,
        speed=settings.speed,
    )
    return FeedRoute(
        name=venue.identity.name,
        url=f"{url}/stream",
        links=itertools.count(1),
        make_wire=make_wire,
        connections=budgets.of(f"connections {urlsplit(url).netloc}", lambda: Budget(connections)),
        scheduled=None,
        pace=lambda: Budget(steady(MESSAGES_PER_SECOND, 1.0, settings.speed)),
        limits=limits,
        rng=rng,
    )
