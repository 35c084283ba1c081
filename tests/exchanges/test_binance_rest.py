"""Binance's REST answers become our candles and instruments, on both venues."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from exchanges.examples import OPENED
from exchanges.rest_server import Asked, a_host
from livermore.core.market.timeframe import Timeframe
from livermore.errors import ExchangeRefused, ExchangeUnavailable, MalformedMessage
from livermore.exchanges.binance.exchange import BinanceExchange, shares
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings

NOW = OPENED + 120_000
STEP = Timeframe.M5.millis
SPEED = 100.0


def a_row(opened_at: int, volume: str = "5", trades: int = 3, **changes: object) -> list[object]:
    close = "10" if trades == 0 else "11"
    prices = ["10", "10", "10", close] if trades == 0 else ["10", "12", "9", close]
    row = [opened_at, *prices, volume, opened_at + STEP - 1, "55.0", trades, "1", "2", "0"]
    for index, value in changes.items():
        row[int(index.removeprefix("i"))] = value
    return row


def answering(rows: Callable[[int, int], list[list[object]]], now: int = NOW) -> Callable[..., web.Response]:
    """The exchange at `now`: without a limit only 500 rows come, never more than 1,000, oldest first."""

    def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/time"):
            return web.json_response({"serverTime": now})
        limit = min(int(request.query.get("limit", "500")), 1000)
        found = rows(int(request.query["startTime"]), int(request.query["endTime"]))
        return web.json_response(found[:limit], headers={"X-MBX-USED-WEIGHT-1M": "2"})

    return answer


def all_rows(start: int, end: int) -> list[list[object]]:
    return [a_row(at) for at in range(-(-start // STEP) * STEP, min(end, NOW) + 1, STEP)]


@asynccontextmanager
async def binance(asked: Asked, name: str = "binance") -> AsyncIterator[BinanceExchange]:
    async with open_exchange(name, ExchangeSettings(rest_url=asked.url, speed=SPEED)) as exchange:
        assert isinstance(exchange, BinanceExchange)
        yield exchange


async def test_a_long_range_comes_whole_in_pages_of_a_thousand() -> None:
    async with a_host(answering(all_rows)) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 2_500 * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == list(range(OPENED - 2_500 * STEP, OPENED, STEP))
    queries = asked.queries("/klines")
    assert len(queries) == 3
    assert all(query["limit"] == "1000" and query["symbol"] == "BTCUSDT" for query in queries)


async def test_the_forming_row_at_the_end_is_dropped() -> None:
    def with_the_next(start: int, end: int) -> list[list[object]]:
        return [*all_rows(start, end), a_row(OPENED)]

    async with a_host(answering(with_the_next)) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - STEP, OPENED + STEP - 1)

    assert [candle.opened_at for candle in candles] == [OPENED - STEP]


async def test_an_order_that_its_clock_has_not_reached_is_not_answered_with_less() -> None:
    async with a_host(answering(all_rows)) as asked, binance(asked) as exchange:
        with pytest.raises(ExchangeUnavailable, match="behind"):
            await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 2 * STEP, OPENED + STEP)

    assert asked.queries("/klines") == []


@pytest.mark.parametrize("rows", [2, 7, 500])
async def test_an_answer_that_is_cut_short_is_completed(rows: int) -> None:
    def cut(start: int, end: int) -> list[list[object]]:
        return all_rows(start, end)[:rows]

    async with a_host(answering(cut)) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 3 * rows * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == list(range(OPENED - 3 * rows * STEP, OPENED, STEP))


async def test_rows_that_an_outage_has_taken_are_asked_for_once_more_and_not_for_ever() -> None:
    def outage(start: int, end: int) -> list[list[object]]:
        return [row for row in all_rows(start, end) if int(str(row[0])) < OPENED - 50 * STEP]

    async with a_host(answering(outage)) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 100 * STEP, OPENED)

    assert len(candles) == 50
    assert len(asked.queries("/klines")) == 2


async def test_a_row_off_the_grid_is_left_out_and_costs_no_other() -> None:
    """As after the outage of February 2018."""

    def with_odd(start: int, end: int) -> list[list[object]]:
        return [a_row(OPENED - 3 * STEP), a_row(OPENED - 2 * STEP + 195_000), a_row(OPENED - STEP)]

    async with a_host(answering(with_odd)) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 3 * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == [OPENED - 3 * STEP, OPENED - STEP]


async def test_a_flat_row_without_trades_is_an_empty_candle() -> None:
    def rows(start: int, end: int) -> list[list[object]]:
        return [a_row(OPENED - 2 * STEP), a_row(OPENED - STEP, volume="0.00000000", trades=0)]

    async with a_host(answering(rows)) as asked, binance(asked) as exchange:
        traded, empty = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 2 * STEP, OPENED)

    assert (traded.is_empty, empty.is_empty) == (False, True)
    assert traded.is_confirmed
    assert empty.is_confirmed


async def test_a_row_that_is_missing_at_its_close_is_asked_for_once_more() -> None:
    """Candles come from a database that lags a little."""
    answers = iter([[a_row(OPENED - 2 * STEP)], [a_row(OPENED - STEP)]])

    async with a_host(answering(lambda start, end: next(answers))) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 2 * STEP, OPENED)

    # The boundary is more than a minute ago here: what is missing then was an outage.
    assert [candle.opened_at for candle in candles] == [OPENED - 2 * STEP]

    answers = iter([[a_row(OPENED - 2 * STEP)], [a_row(OPENED - STEP)]])
    host = answering(lambda start, end: next(answers), now=OPENED + 1_000)
    async with a_host(host) as asked, binance(asked) as exchange:
        candles = await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 2 * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == [OPENED - 2 * STEP, OPENED - STEP]
    assert asked.queries("/klines")[1]["startTime"] == str(OPENED - STEP)


@pytest.mark.parametrize("change", [{"i2": "1"}, {"i1": "nan"}, {"i5": "-3"}, {"i4": ""}], ids=str)
async def test_an_impossible_row_is_named_and_never_stored(change: dict[str, object]) -> None:
    def rows(start: int, end: int) -> list[list[object]]:
        return [a_row(OPENED - 2 * STEP), a_row(OPENED - STEP, **change)]

    async with a_host(answering(rows)) as asked, binance(asked) as exchange:
        with pytest.raises(MalformedMessage):
            await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - 2 * STEP, OPENED)


async def test_a_restricted_region_is_told_where_to_go_and_not_asked_again() -> None:
    def restricted(request: web.Request) -> web.Response:
        return web.json_response({"code": 0, "msg": "Service unavailable from a restricted location"}, status=451)

    async with a_host(restricted) as asked, binance(asked) as exchange:
        with pytest.raises(ExchangeRefused, match=r"data-api\.binance\.vision"):
            await exchange.instruments()

    assert len(asked.requests) == 1


# ------------------------------------------------------------------------------------------------ the listing

LISTING = {
    "timezone": "UTC",
    "serverTime": NOW,
    "rateLimits": [
        {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 300_000},
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2_400},
    ],
    "symbols": [
        {
            "symbol": "BTCUSDT",
            "status": "TRADING",
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "isSpotTradingAllowed": True,
        },
        {"symbol": "XRPBTC", "status": "BREAK", "baseAsset": "XRP", "quoteAsset": "BTC", "filters": [{}]},
        {
            "symbol": "ODDUSDT",
            "status": "TRADING",
            "baseAsset": "ODD",
            "quoteAsset": "USDT",
            "isSpotTradingAllowed": False,
        },
    ],
}


def the_listing(request: web.Request) -> web.Response:
    if request.path.endswith("/exchangeInfo"):
        return web.json_response(LISTING)
    return web.json_response([{"symbol": "BTCUSDT", "lastPrice": "3", "quoteVolume": "15.30000000"}])


@pytest.mark.parametrize("name", ["binance", "binance_us"])
async def test_the_listing_tells_status_and_volume(name: str) -> None:
    async with a_host(the_listing) as asked, binance(asked, name) as exchange:
        btc, xrp, odd = await exchange.instruments()

    assert (btc.symbol, btc.product, btc.is_trading, btc.quote_volume_24h) == ("BTC-USDT", "BTCUSDT", True, 15.3)
    assert (xrp.symbol, xrp.is_trading, xrp.quote_volume_24h) == ("XRP-BTC", False, None)
    assert not odd.is_trading


async def test_the_published_limits_are_followed() -> None:
    async with a_host(the_listing) as asked, binance(asked) as exchange:
        await exchange.instruments()

        bucket = exchange.budget.bucket
        assert (bucket.rate, bucket.burst, bucket.window_limit) == shares(2_400, SPEED)


async def test_candles_are_asked_for_by_the_listed_name() -> None:
    async with (
        a_host(
            lambda request: (
                the_listing(request)
                if "klines" not in request.path and "time" not in request.path
                else answering(all_rows)(request)
            )
        ) as asked,
        binance(asked) as exchange,
    ):
        await exchange.instruments()
        await exchange.candles("BTC-USDT", Timeframe.M5, OPENED - STEP, OPENED)

    assert asked.queries("/klines")[0]["symbol"] == "BTCUSDT"
