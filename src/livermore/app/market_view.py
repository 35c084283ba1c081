"""Looking at the whole market through Redis, as any other reader would."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from redis.asyncio import Redis

from livermore.app.screen import ExchangeView, MarketView
from livermore.cache.connect import keys_on
from livermore.cache.keys import Keys
from livermore.cache.readers import (
    StreamedAlert,
    Unreadable,
    follow_alerts,
    newest_alerts,
    newest_readings,
    statuses,
    tickers,
    watched_symbols,
)
from livermore.core.alerts.alert import Alert
from livermore.core.indicators.reading import Reading
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import BASE, HOUR, Millis, Timeframe
from livermore.errors import StoreUnavailable
from livermore.runtime.clock import SystemClock

ALERTS_KEPT: Final = 50
NOTICES_KEPT: Final = 3
SYMBOLS_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 0.5
NEWS_END_AFTER: Final[Millis] = HOUR
"""So far behind the newest of its exchange a symbol of which nothing is heard has been removed."""


class MarketWatch:
    """What is known of the market so far."""

    def __init__(
        self, redis: Redis, exchanges: Sequence[ExchangeIdentity], *, is_simulated: bool, speed: float
    ) -> None:
        self._redis = redis
        self._exchanges = exchanges
        self._keys = {exchange.id: keys_on(redis, exchange.id) for exchange in exchanges}
        self.is_simulated = is_simulated
        self._speed = speed
        self._clock = SystemClock()
        self._watched: dict[int, tuple[float, tuple[str, ...]]] = {}
        self._alerts: deque[Alert] = deque(maxlen=ALERTS_KEPT)
        self._notices: deque[str] = deque(maxlen=NOTICES_KEPT)
        self._on_alert: Callable[[Alert], None] | None = None
        self._on_notice: Callable[[str], None] | None = None
        self._is_away = False
        self._greeting: tuple[str, ...] = ()

    def tell(self, on_alert: Callable[[Alert], None], on_notice: Callable[[str], None]) -> None:
        """Have each new alert and notice told as it comes."""
        self._on_alert, self._on_notice = on_alert, on_notice

    def notice(self, name: str, text: str) -> None:
        """Take in what somebody called `name` has to say to people."""
        self._notices.append(f"{name}: {text}")
        if self._on_notice is not None:
            self._on_notice(f"{name}: {text}")

    def greet(self, lines: tuple[str, ...]) -> None:
        """Show from now on where the server is and how to sign in."""
        new = [line for line in lines if line not in self._greeting]
        self._greeting = lines
        if self._on_notice is not None:
            for line in new:
                self._on_notice(line)

    async def _read_alerts(self) -> dict[int, str]:
        """Take in the newest stored alerts; answers from where on to follow each exchange's stream."""
        cursors: dict[int, str] = {}
        found: list[Alert] = []
        for exchange in self._exchanges:
            streamed = await newest_alerts(self._redis, self._keys[exchange.id], ALERTS_KEPT)
            if streamed:
                cursors[exchange.id] = streamed[0].cursor
            found.extend(one.alert for one in streamed if isinstance(one.alert, Alert))
        self._alerts.extend(sorted(found, key=lambda alert: -alert.closes_at)[:ALERTS_KEPT])
        return cursors

    async def run_following(self) -> None:
        """Take in the newest stored alerts and then each as it is committed, until cancelled; also after an outage."""
        cursors: dict[int, str] | None = None
        while True:
            try:
                if cursors is None:
                    cursors = await self._read_alerts()
                async for streamed in follow_alerts(self._redis, list(self._keys.values()), cursors):
                    cursors[streamed.exchange_id] = streamed.cursor
                    self._take(streamed)
            except StoreUnavailable as error:
                self._lament(error)
                await asyncio.sleep(RETRY_SECONDS)

    def _lament(self, error: StoreUnavailable) -> None:
        """Tell once that the store is away, however often it is asked."""
        if not self._is_away:
            self.notice("Valkey", str(error))
        self._is_away = True

    def _take(self, streamed: StreamedAlert) -> None:
        if not isinstance(streamed.alert, Alert):
            self.notice("alerts", streamed.alert.reason)
            return
        self._alerts.appendleft(streamed.alert)
        if self._on_alert is not None:
            self._on_alert(streamed.alert)

    async def views(self) -> AsyncIterator[MarketView]:
        """The picture as it is, again and again; none while the store is away."""
        while True:
            try:
                view = await self.view()
            except StoreUnavailable as error:
                self._lament(error)
            else:
                self._is_away = False
                yield view
            await asyncio.sleep(LOOK_SECONDS)

    async def view(self) -> MarketView:
        """The picture as it is now."""
        stati = await statuses(self._redis, list(self._keys.values()))
        views: list[ExchangeView] = []
        for exchange in self._exchanges:
            status = stati.get(exchange.id)
            if isinstance(status, Unreadable):
                self.notice(exchange.display_name, status.reason)
                status = None
            views.append(ExchangeView(exchange, status, await self._readings(exchange)))
        return MarketView(
            tuple(views),
            tuple(self._alerts),
            tuple(self._notices),
            self.is_simulated,
            self._speed,
            self._clock.now(),
            self._greeting,
        )

    async def _symbols(self, exchange: ExchangeIdentity) -> tuple[str, ...]:
        # Looking for names means walking over all of them, so it is not done at every look.
        now = asyncio.get_running_loop().time()
        looked_at, symbols = self._watched.get(exchange.id, (-SYMBOLS_SECONDS, ()))
        if now - looked_at >= SYMBOLS_SECONDS:
            symbols = await watched_still(self._redis, self._keys[exchange.id])
            self._watched[exchange.id] = (now, symbols)
        return symbols

    async def _readings(self, exchange: ExchangeIdentity) -> dict[str, dict[Timeframe, Reading]]:
        keys = self._keys[exchange.id]
        symbols = await self._symbols(exchange)
        readings: dict[str, dict[Timeframe, Reading]] = {symbol: {} for symbol in symbols}
        series = [(symbol, timeframe) for symbol in symbols for timeframe in Timeframe]
        for (symbol, timeframe), reading in (await newest_readings(self._redis, keys, series)).items():
            if isinstance(reading, Reading):
                readings[symbol][timeframe] = reading
        return readings


async def watched_still(redis: Redis, keys: Keys) -> tuple[str, ...]:
    """The symbols that have a series, but for those that were removed: what is stored of them stays, and news end.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    symbols = await watched_symbols(redis, keys)
    heard = await tickers(redis, keys, symbols)
    found = await newest_readings(redis, keys, [(symbol, BASE) for symbol in symbols])
    closes = {symbol: one.closes_at for (symbol, _), one in found.items() if isinstance(one, Reading)}
    newest = max(closes.values(), default=0)
    return tuple(one for one in symbols if one in heard or closes.get(one, newest) >= newest - NEWS_END_AFTER)
