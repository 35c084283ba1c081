"""Binance's public REST side: ping, time, exchangeInfo, klines and tickers, with weights, 429, 418 and error codes."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from livermore.core.market.timeframe import Millis, Timeframe
from livermore.sim.binance import errors
from livermore.sim.binance.klines import filled_rows, klines
from livermore.sim.binance.listings import exchange_info
from livermore.sim.binance.numbers import price
from livermore.sim.binance.private import BinancePrivate
from livermore.sim.binance.profile import Profile
from livermore.sim.binance.tickers import day_ticker, mini_ticker
from livermore.sim.instruments import Listed
from livermore.sim.limits import Charge, WeightMeter
from livermore.sim.simulation import Simulation
from livermore.sim.tap import Answer, json_answer
from livermore.sim.tape import Buckets

KLINES_BY_DEFAULT = 500
MOST_KLINES = 1_000
_SYMBOL = "^[A-Z0-9-_.]{1,20}$"
_NUMBER = "^[0-9]{1,20}$"
_Handler = Callable[[web.Request, Millis], Awaitable[Answer]]
_Weight = Callable[[web.Request], int]


class BinanceRest:
    """The answers under ``/api/v3``."""

    def __init__(self, simulation: Simulation, profile: Profile) -> None:
        self._simulation = simulation
        self._market = simulation.market
        self._profile = profile
        self._meter = WeightMeter(profile.weight_per_minute)
        self._private = BinancePrivate(simulation)

    def routes(self) -> list[web.RouteDef]:
        """Every path that is answered."""
        profile = self._profile
        paths: dict[str, tuple[_Handler, _Weight]] = {
            "/api/v3/ping": (self._ping, lambda _: 1),
            "/api/v3/time": (self._time, lambda _: 1),
            "/api/v3/exchangeInfo": (self._exchange_info, lambda _: profile.exchange_info_weight),
            "/api/v3/klines": (self._klines, lambda _: profile.klines_weight),
            "/api/v3/ticker/24hr": (self._day_ticker, self._day_ticker_weight),
            "/api/v3/ticker/price": (self._price, self._price_weight),
        }
        served_paths = {**paths, **self._private.paths()}
        return [web.get(path, self._guarded(*served)) for path, served in served_paths.items()]

    def _guarded(self, handler: _Handler, weight: _Weight) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            now = self._simulation.now()
            charge = self._meter.charge(request.remote or "", weight(request), self._simulation.clock.now())
            try:
                answer = await handler(request, now) if charge.status == 200 else self._refusal(charge, now)
            except errors.Refused as refused:
                answer = refused.answer
            return await self._simulation.respond(request, self._marked(answer, charge))

        return guarded

    def _refusal(self, charge: Charge, now: Millis) -> Answer:
        if charge.status == 429:
            return errors.too_much_weight(self._meter.limit).answer
        return errors.banned(now + charge.wait).answer

    def _marked(self, answer: Answer, charge: Charge) -> Answer:
        """Add the headers that tell the weight used, and how many real seconds to stay away."""
        headers = {
            **answer.headers,
            "X-MBX-USED-WEIGHT": str(charge.used),
            "X-MBX-USED-WEIGHT-1M": str(charge.used),
        }
        if charge.wait:
            headers["Retry-After"] = str(max(1, math.ceil(self._simulation.clock.real_seconds(charge.wait))))
        return Answer(answer.status, answer.body, answer.content_type, headers)

    async def _ping(self, _: web.Request, __: Millis) -> Answer:
        return json_answer({})

    async def _time(self, _: web.Request, now: Millis) -> Answer:
        return json_answer({"serverTime": now})

    async def _exchange_info(self, request: web.Request, now: Millis) -> Answer:
        if "symbol" in request.query and "symbols" in request.query:
            raise errors.combination()
        wanted = self._wanted(request)
        status = request.query.get("symbolStatus")
        permissions = request.query.get("permissions", "SPOT")
        if wanted is None:
            wanted = list(self._market.listed) if "SPOT" in permissions else []
        return json_answer(exchange_info(self._profile, wanted, status, now))

    async def _klines(self, request: web.Request, now: Millis) -> Answer:
        """``[[1499040000000,"0.01634790",…,1499644799999,"2434.19055334",308,"1756.87402397","28.46694368","0"]]``."""
        listed = self._listed(_required(request, "symbol"))
        interval = _required(request, "interval")
        timeframe = next((one for one in Timeframe if one.value == interval), None)
        if timeframe is None:
            raise errors.invalid_interval()
        limit = min(_number(request, "limit", KLINES_BY_DEFAULT), MOST_KLINES)
        if limit == 0:
            raise errors.Refused(-1130, "Data sent for parameter 'limit' is not valid.")
        start, end = _number(request, "startTime", -1), _number(request, "endTime", -1)
        first, last = _span(timeframe, start, end, limit, now, self._market.listed_from(listed))
        seen, until = self._simulation.faults.rows_seen(listed.product, timeframe, now)
        pieces = await self._pieces(listed, timeframe, (first, min(last, until)), seen)
        return Answer(200, klines(listed, timeframe, pieces, limit if start >= 0 else -limit))

    async def _pieces(
        self, listed: Listed, timeframe: Timeframe, span: tuple[Millis, Millis], now: Millis
    ) -> list[Buckets]:
        """What was traded in the span; rows without trades are filled, unless the exchange keeps none of then."""
        pieces: list[Buckets] = []
        close = -1
        for piece in self._market.pieces(listed, timeframe, *span, now):
            if close < 0:
                known = len(piece.trades) and piece.trades[0]
                close = 0 if known else self._market.close_before(listed, piece.first * timeframe.millis)
            filled = filled_rows(piece, close)
            pieces.append(self._market.kept(listed, timeframe, filled))
            close = int(filled.close[-1])
            # Years of history take a while; the feed must go on meanwhile.
            await asyncio.sleep(0)
        return pieces

    async def _day_ticker(self, request: web.Request, now: Millis) -> Answer:
        kind = request.query.get("type", "FULL")
        if kind not in ("FULL", "MINI"):
            raise errors.Refused(-1139, "Invalid ticker type.")
        write = day_ticker if kind == "FULL" else mini_ticker
        wanted = self._wanted(request)
        tickers = [write(self._market, listed, now) for listed in wanted or self._trading()]
        return json_answer(tickers[0] if "symbol" in request.query else tickers)

    async def _price(self, request: web.Request, now: Millis) -> Answer:
        wanted = self._wanted(request)
        prices = [
            {"symbol": listed.product, "price": price(listed, self._market.last_price(listed, now))}
            for listed in wanted or self._trading()
        ]
        return json_answer(prices[0] if "symbol" in request.query else prices)

    def _day_ticker_weight(self, request: web.Request) -> int:
        one, some, all_of_them = self._profile.ticker_weights
        count = _named(request)
        if count is None or count > 100:
            return all_of_them
        return one if count <= 20 else some

    def _price_weight(self, request: web.Request) -> int:
        return self._profile.price_weights[0 if "symbol" in request.query else 1]

    def _trading(self) -> list[Listed]:
        return [listed for listed in self._market.listed if listed.is_trading]

    def _wanted(self, request: web.Request) -> list[Listed] | None:
        """What ``symbol`` or ``symbols`` name, None where neither is there; one bad name fails the whole request."""
        if "symbol" in request.query:
            return [self._listed(_required(request, "symbol"))]
        if "symbols" not in request.query:
            return None
        try:
            names = msgspec.json.decode(request.query["symbols"], type=list[str])
        except msgspec.MsgspecError as exc:
            legal = '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$'
            raise errors.illegal("symbols", legal) from exc
        return [self._listed(name) for name in names]

    def _listed(self, name: str) -> Listed:
        if not re.fullmatch(_SYMBOL, name):
            raise errors.illegal("symbol", _SYMBOL)
        listed = self._market.by_product.get(name)
        if listed is None:
            raise errors.invalid_symbol()
        return listed


def _span(
    timeframe: Timeframe, start: Millis, end: Millis, limit: int, now: Millis, listed_from: Millis
) -> tuple[Millis, Millis]:
    """The openings asked for: from the start on, or up to the end, or up to now; both ends inclusive."""
    length = (limit - 1) * timeframe.millis
    if start >= 0:
        first = -(-start // timeframe.millis) * timeframe.millis
        # Before the exchange there was nothing: the oldest row is the first of the market.
        first = max(first, timeframe.opening(listed_from))
        return first, min(end if end >= 0 else now, first + length)
    last = min(end, now) if end >= 0 else now
    return timeframe.opening(last) - length, last


def _required(request: web.Request, name: str) -> str:
    text = request.query.get(name, "")
    if not text:
        raise errors.missing(name)
    return text


def _number(request: web.Request, name: str, absent: int) -> int:
    text = request.query.get(name)
    if text is None:
        return absent
    if not re.fullmatch(_NUMBER, text, re.ASCII):
        raise errors.illegal(name, _NUMBER)
    return int(text)


def _named(request: web.Request) -> int | None:
    if "symbol" in request.query:
        return 1
    symbols = request.query.get("symbols")
    return symbols.count(",") + 1 if symbols else None
