"""Coinbase Advanced Trade, as the runtime sees an exchange."""

import itertools
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from livermore.core.market.candle import Candle
from livermore.core.market.exchange import COINBASE, ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import SymbolsRefused
from livermore.exchanges.coinbase import rest
from livermore.exchanges.coinbase.account import CoinbaseAccount
from livermore.exchanges.coinbase.auth import CoinbaseSigner
from livermore.exchanges.coinbase.products import canonical
from livermore.exchanges.coinbase.wire import CoinbaseWire
from livermore.exchanges.connection import STALE_SECONDS, FeedLimits
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.feed import FeedRoute, run_feed
from livermore.exchanges.horizon import Horizon
from livermore.exchanges.http import Http, HttpHost, open_http
from livermore.exchanges.limiter import Budget, Budgets, TokenBucket, spread, steady, steady_rate
from livermore.exchanges.link import Inbox
from livermore.exchanges.listing import Listing, until_listed
from livermore.exchanges.settings import ExchangeSettings

REST_URL = "https://api.coinbase.com"
WS_URL = "wss://advanced-trade-ws.coinbase.com"
GRACE: Millis = 2 * SECOND

REQUESTS_PER_SECOND = 10.0
"""Ten are allowed in a second; as nobody tells how they are counted, they are spread over it, never ten at once."""

PRIVATE_REQUESTS_PER_SECOND = 20.0
"""Thirty are allowed for a user, who may have other programs."""

CONNECTIONS_PER_SECOND = 8.0
MESSAGES_PER_SECOND = 8.0
SYMBOLS_PER_CONNECTION = 100
FIRST_NEWS_SECONDS = 60.0
"""Each product that exists is answered with snapshots at once."""

_ELSEWHERE = "ask Coinbase whether your region is served"


class CoinbaseExchange:
    """Coinbase through its public, anonymous interfaces; made by `open_coinbase`."""

    def __init__(self, http: Http, route: FeedRoute, grace: Millis) -> None:
        self._http = http
        self._listing = Listing(self.instruments, speed=route.limits.speed)
        self._route = replace(route, listing=lambda: self._listing.by_symbol, relist=self._listing.renew)
        self._grace = grace
        self._horizon = Horizon(self.server_time, speed=route.limits.speed)

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
        return COINBASE

    @property
    def traits(self) -> ExchangeTraits:
        """Its history leaves out buckets without trades."""
        grace = self._grace
        return ExchangeTraits(grace, rest.ROWS_PER_REQUEST, lists_silence=False)

    async def instruments(self) -> tuple[Instrument, ...]:
        """All spot books; a product that is but another name of one is not among them."""
        listed = await rest.instruments(self._http)
        self._listing.read(listed)
        return listed

    async def server_time(self) -> Millis:
        """Its clock."""
        return await rest.server_time(self._http)

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        """The closed candles that open in ``[since, until)``, oldest first; buckets without trades are left out.

        Raises:
            ExchangeUnavailable: also when the exchange's clock has not reached `until` yet.
        """
        closed_until = await self._horizon.closed_until(timeframe, until)
        return await rest.candles(self._http, symbol, symbol, timeframe, since, closed_until)

    async def run_feed(
        self, symbols: Sequence[str], inbox: Inbox, changes: AsyncIterator[Sequence[str]] | None = None
    ) -> None:
        """Keep the live feed of `symbols` flowing until cancelled; `changes` brings all that are wanted from then on.

        What comes of an alias comes under the name that it stands for; under its own it is refused, as nothing will.
        """
        if not self._listing.by_symbol:
            await until_listed(self.instruments, self._route, inbox)
        meant = await self._meant(symbols, inbox)
        await run_feed(self._route, meant, inbox, None if changes is None else self._meant_changes(changes, inbox))

    async def _meant(self, symbols: Sequence[str], inbox: Inbox) -> list[str]:
        """The symbols by the names that they are answered with; it is told which ones are but other names."""
        meant = {symbol: canonical(symbol, self._listing.by_symbol) for symbol in symbols}
        for alias, symbol in meant.items():
            if alias != symbol:
                reason = f"another name of {symbol}, under which it is to be watched"
                await inbox.put((SymbolsRefused(next(self._route.links), frozenset({alias}), reason),))
        return list(meant.values())

    async def _meant_changes(self, changes: AsyncIterator[Sequence[str]], inbox: Inbox) -> AsyncIterator[Sequence[str]]:
        async for symbols in changes:
            yield await self._meant(symbols, inbox)


@asynccontextmanager
async def open_coinbase_account(
    credentials: Credentials, settings: ExchangeSettings, budgets: Budgets, rng: random.Random
) -> AsyncIterator[CoinbaseAccount]:
    """Keep connections to the account of a key for as long as the block lasts; the key has a budget of its own.

    Raises:
        ConfigError: when the secret is no key.
    """
    url = (settings.rest_url or REST_URL).rstrip("/")
    netloc = urlsplit(url).netloc
    public = HttpHost(url, budgets.of(netloc, lambda: _budget(settings)), _ELSEWHERE, speed=settings.speed)
    pace = Budget(*spread(PRIVATE_REQUESTS_PER_SECOND, 1.0, settings.speed), speed=settings.speed)
    private = HttpHost(
        url,
        budgets.of(f"account {netloc}", lambda: pace),
        _ELSEWHERE,
        speed=settings.speed,
        sign=CoinbaseSigner(credentials, netloc).sign,
    )
    async with open_http(public, headers={}, rng=rng) as anonymous, open_http(private, headers={}, rng=rng) as http:
        yield CoinbaseAccount(http, anonymous)


@asynccontextmanager
async def open_coinbase(
    settings: ExchangeSettings, budgets: Budgets, rng: random.Random
) -> AsyncIterator[CoinbaseExchange]:
    """Keep Coinbase's REST connections for as long as the block lasts."""
    url = (settings.rest_url or REST_URL).rstrip("/")
    budget = budgets.of(urlsplit(url).netloc, lambda: _budget(settings))
    host = HttpHost(url, budget, _ELSEWHERE, speed=settings.speed)
    async with open_http(host, headers={"Cache-Control": "no-cache"}, rng=rng) as http:
        yield CoinbaseExchange(
            http, _route(settings, budgets, rng), GRACE if settings.grace is None else settings.grace
        )


def _budget(settings: ExchangeSettings) -> Budget:
    count = settings.requests_per_second or REQUESTS_PER_SECOND
    if settings.burst is not None:
        return Budget(TokenBucket(steady_rate(count, 1.0, settings.speed), settings.burst), speed=settings.speed)
    return Budget(*spread(count, 1.0, settings.speed), speed=settings.speed)


def _route(settings: ExchangeSettings, budgets: Budgets, rng: random.Random) -> FeedRoute:
    url = settings.ws_url or WS_URL
    host = urlsplit(url).netloc
    connections = steady(CONNECTIONS_PER_SECOND, 1.0, settings.speed)
    scheduled = budgets.of(f"schedule {host}", lambda: Budget(steady(MESSAGES_PER_SECOND, 1.0, settings.speed)))
    pace = budgets.of(f"messages {host}", lambda: Budget(steady(MESSAGES_PER_SECOND, 1.0, settings.speed)))
    limits = FeedLimits(
        symbols_per_connection=settings.symbols_per_connection or SYMBOLS_PER_CONNECTION,
        first_news_within=FIRST_NEWS_SECONDS,
        stale_after=settings.stale_after_seconds or STALE_SECONDS,
        speed=settings.speed,
    )
    return FeedRoute(
        name=COINBASE.name,
        url=url,
        links=itertools.count(1),
        make_wire=CoinbaseWire,
        connections=budgets.of(f"connections {host}", lambda: Budget(connections)),
        scheduled=scheduled,
        pace=lambda: pace,
        limits=limits,
        rng=rng,
    )
