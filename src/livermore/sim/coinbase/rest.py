"""Coinbase's public REST side: time, products, candles, tickers, with its limits and errors."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.sim.coinbase.errors import UNAUTHORIZED, Refused, internal, invalid, not_found, too_many_requests
from livermore.sim.coinbase.products import best_bid_and_ask, price_text, product
from livermore.sim.coinbase.stamps import rfc3339
from livermore.sim.coinbase.tokens import is_acceptable
from livermore.sim.instruments import Listed
from livermore.sim.limits import RollingLimit
from livermore.sim.numbers import trimmed
from livermore.sim.rows import Row
from livermore.sim.simulation import Simulation
from livermore.sim.tap import Answer, json_answer

MOST_CANDLES = 350
REQUESTS_PER_SECOND = 10
_MOST_TICKER_TRADES = 1_000
_GRANULARITIES = {
    "FIVE_MINUTE": Timeframe.M5,
    "FIFTEEN_MINUTE": Timeframe.M15,
    "ONE_HOUR": Timeframe.H1,
    "FOUR_HOUR": Timeframe.H4,
    "ONE_DAY": Timeframe.D1,
}


class CoinbaseRest:
    """The answers under ``/api/v3/brokerage``."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._market = simulation.market
        self._requests = RollingLimit(REQUESTS_PER_SECOND, SECOND)

    def routes(self) -> list[web.RouteDef]:
        """Every path that is answered."""
        paths: dict[str, Callable[[web.Request, Millis], Awaitable[Answer]]] = {
            "/api/v3/brokerage/time": self._time,
            "/api/v3/brokerage/market/products": self._products,
            "/api/v3/brokerage/market/products/{product}": self._product,
            "/api/v3/brokerage/market/products/{product}/candles": self._candles,
            "/api/v3/brokerage/market/products/{product}/ticker": self._ticker,
            "/v2/currencies": self._currencies,
            "/v2/currencies/crypto": self._cryptocurrencies,
            "/v2/exchange-rates": self._exchange_rates,
        }
        return [web.get(path, self._guarded(answer)) for path, answer in paths.items()]

    def _guarded(
        self, answer: Callable[[web.Request, Millis], Awaitable[Answer]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            now = self._simulation.now()
            if not self._requests.admits(request.remote or "", self._simulation.clock.now()):
                return await self._simulation.respond(request, too_many_requests())
            if not self._is_welcome(request):
                return await self._simulation.respond(request, UNAUTHORIZED)
            try:
                given = await answer(request, now)
            except Refused as refused:
                given = refused.answer
            return await self._simulation.respond(request, given)

        return guarded

    def _is_welcome(self, request: web.Request) -> bool:
        """Nobody needs a token here, but a bad one is refused."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return True
        uri = f"{request.method} {request.host}{request.path}"
        return kind == "Bearer" and is_acceptable(token, self._simulation.clock.wall(), uri)

    async def _time(self, _: web.Request, now: Millis) -> Answer:
        iso = rfc3339(now, 0)
        return json_answer({"iso": iso, "epochSeconds": str(now // 1_000), "epochMillis": str(now)})

    async def _products(self, request: web.Request, now: Millis) -> Answer:
        if request.query.get("product_type", "SPOT") != "SPOT":
            return json_answer({"products": [], "num_products": 0, "pagination": None})
        wanted = set(request.query.getall("product_ids", []))
        names = [
            (listed, name)
            for listed in self._ranked(now)
            for name in (listed.product, *listed.aliases)
            if not wanted or name in wanted
        ]
        offset, limit = _whole(request, "offset", 0), _whole(request, "limit", 0)
        page = names[offset : offset + limit] if limit else names[offset:]
        products = [product(self._market, listed, name, now) for listed, name in page]
        pagination = {
            "prev_cursor": "",
            "next_cursor": "",
            "has_next": offset + len(page) < len(names),
            "has_prev": offset > 0,
        }
        return json_answer({"products": products, "num_products": len(products), "pagination": pagination})

    def _ranked(self, now: Millis) -> list[Listed]:
        def worth(listed: Listed) -> float:
            return float(self._market.day_at(listed, now).turnover / 10**listed.turnover_decimals)

        return sorted(self._market.listed, key=worth, reverse=True)

    async def _product(self, request: web.Request, now: Millis) -> Answer:
        name = request.match_info["product"]
        return json_answer(product(self._market, self._listed(request), name, now))

    def _listed(self, request: web.Request) -> Listed:
        name = request.match_info["product"]
        listed = self._market.by_product.get(name)
        if listed is None:
            raise not_found(f"Product {name} not supported")
        return listed

    async def _candles(self, request: web.Request, now: Millis) -> Answer:
        """``{"candles":[{"start":"1712192400","low":…,"high":…,"open":…,"close":…,"volume":…}]}``, newest first."""
        listed = self._listed(request)
        timeframe = _GRANULARITIES.get(request.query.get("granularity", ""))
        if timeframe is None:
            raise invalid("granularity argument is invalid or missing")
        start, end = _whole(request, "start") * 1_000, _whole(request, "end") * 1_000
        if end < start:
            raise invalid("start must be before end")
        if end // timeframe.millis - -(-start // timeframe.millis) + 1 > MOST_CANDLES:
            raise invalid(f"number of candles requested should be less than {MOST_CANDLES} ")
        limit = _whole(request, "limit", MOST_CANDLES)
        seen, until = self._simulation.faults.rows_seen(listed.product, timeframe, now)
        rows = self._market.rows(listed, timeframe, start, min(end, until), seen)
        candles = [candle(listed, row) for row in reversed(rows) if row.trades]
        return json_answer({"candles": candles[:limit]})

    async def _ticker(self, request: web.Request, now: Millis) -> Answer:
        listed = self._listed(request)
        limit = _whole(request, "limit")
        if limit > _MOST_TICKER_TRADES:
            raise internal()
        trades = [
            {
                "trade_id": str(trade.id),
                "product_id": listed.product,
                "price": price_text(listed, trade.price),
                "size": trimmed(trade.size, listed.size_decimals),
                "time": rfc3339(trade.at, 0),
                # The maker's side, which is not the taker's.
                "side": "SELL" if trade.is_buy else "BUY",
                "bid": "",
                "ask": "",
                "exchange": "coinbase",
            }
            for trade in self._market.recent_trades(listed, now, limit)
        ]
        bid, ask = best_bid_and_ask(listed, self._market.last_price(listed, now))
        return json_answer({"trades": trades, "best_bid": bid, "best_ask": ask})

    async def _currencies(self, _: web.Request, __: Millis) -> Answer:
        quotes = sorted({listed.quote for listed in self._market.listed})
        return json_answer({"data": [{"id": quote, "name": quote, "min_size": "0.01"} for quote in quotes]})

    async def _cryptocurrencies(self, _: web.Request, __: Millis) -> Answer:
        coins = [
            {"code": listed.base, "name": listed.base_name, "exponent": listed.size_decimals, "type": "crypto"}
            for listed in self._market.listed
        ]
        return json_answer({"data": coins})

    async def _exchange_rates(self, _: web.Request, now: Millis) -> Answer:
        prices = {
            listed.base: self._market.last_price(listed, now) / 10**listed.price_decimals
            for listed in self._market.listed
        }
        rates = {base: f"{1 / price:.12f}" for base, price in prices.items() if price}
        return json_answer({"data": {"currency": "USD", "rates": rates}})


def candle(listed: Listed, row: Row) -> dict[str, str]:
    """A row as a REST candle; `start` in seconds, volume in the base currency."""
    return {
        "start": str(row.opened_at // 1_000),
        "low": price_text(listed, row.low),
        "high": price_text(listed, row.high),
        "open": price_text(listed, row.open),
        "close": price_text(listed, row.close),
        "volume": trimmed(row.volume, listed.size_decimals),
    }


def _whole(request: web.Request, name: str, absent: int | None = None) -> int:
    text = request.query.get(name)
    if text is None and absent is not None:
        return absent
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 12:
        raise invalid(f"{name} argument is invalid or missing")
    return int(text)
