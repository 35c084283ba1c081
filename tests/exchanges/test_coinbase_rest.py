"""Coinbase's REST answers become our candles and instruments."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from exchanges.examples import OPENED
from exchanges.rest_server import Asked, a_host
from livermore.core.market.timeframe import DAY, Timeframe
from livermore.errors import ExchangeRefused, ExchangeUnavailable, MalformedMessage
from livermore.exchanges.coinbase.exchange import CoinbaseExchange
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings

NOW = OPENED + 120_000
STEP = Timeframe.M5.millis


def a_row(opened_at: int, **changes: str) -> dict[str, str]:
    row = {"start": str(opened_at // 1000), "low": "9", "high": "12", "open": "10", "close": "11", "volume": "5"}
    return row | changes


def answering(rows: Callable[[int, int], list[dict[str, str]]], now: int = NOW) -> Callable[..., web.Response]:
    """The exchange at `now`: both ends of a range are included, 350 buckets are the most, the newest comes first."""

    def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/time"):
            return web.json_response({"iso": "", "epochSeconds": str(now // 1000), "epochMillis": str(now)})
        start, end = int(request.query["start"]) * 1000, int(request.query["end"]) * 1000
        if (end - start) // STEP + 1 > 350:
            return web.json_response({"error": "INVALID_ARGUMENT", "message": "less than 350"}, status=400)
        return web.json_response({"candles": rows(start, end)})

    return answer


def all_rows(start: int, end: int) -> list[dict[str, str]]:
    first = -(-start // STEP) * STEP
    return [a_row(at) for at in range(first, min(end, NOW) + 1, STEP)][::-1]


@asynccontextmanager
async def coinbase(asked: Asked, **changes: float) -> AsyncIterator[CoinbaseExchange]:
    settings = ExchangeSettings(rest_url=asked.url, speed=1_000.0, burst=100.0, **changes)
    async with open_exchange("coinbase", settings) as exchange:
        assert isinstance(exchange, CoinbaseExchange)
        yield exchange


async def test_a_long_range_is_asked_for_in_pages_and_comes_whole_and_oldest_first() -> None:
    async with a_host(answering(all_rows)) as asked, coinbase(asked) as exchange:
        candles = await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 1_000 * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == list(range(OPENED - 1_000 * STEP, OPENED, STEP))
    assert all(candle.is_confirmed and not candle.is_empty and candle.symbol == "BTC-USD" for candle in candles)
    queries = asked.queries("/market/products/BTC-USD/candles")
    assert len(queries) == 4
    assert {query["granularity"] for query in queries} == {"FIVE_MINUTE"}


async def test_the_forming_candle_is_dropped_also_when_it_is_asked_for() -> None:
    def with_the_next(start: int, end: int) -> list[dict[str, str]]:
        return [a_row(OPENED), *all_rows(start, end)]

    async with a_host(answering(with_the_next)) as asked, coinbase(asked) as exchange:
        candles = await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 2 * STEP, OPENED + STEP - 1)

    assert [candle.opened_at for candle in candles] == [OPENED - 2 * STEP, OPENED - STEP]


async def test_an_order_that_its_clock_has_not_reached_is_not_answered_with_less() -> None:
    async with a_host(answering(all_rows)) as asked, coinbase(asked) as exchange:
        with pytest.raises(ExchangeUnavailable, match="behind"):
            await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 2 * STEP, OPENED + STEP)

    assert asked.queries("/candles") == []


async def test_a_row_off_the_grid_is_left_out_and_costs_no_other() -> None:
    def with_odd(start: int, end: int) -> list[dict[str, str]]:
        return [a_row(end), a_row(end - 75_000, high="1"), a_row(start)]

    async with a_host(answering(with_odd)) as asked, coinbase(asked) as exchange:
        candles = await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 3 * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == [OPENED - 3 * STEP, OPENED - STEP]


async def test_rows_outside_the_range_and_repeated_ones_are_left_out() -> None:
    def generous(start: int, end: int) -> list[dict[str, str]]:
        return [a_row(end + STEP), a_row(end), a_row(end), a_row(start), a_row(start - STEP)]

    async with a_host(answering(generous)) as asked, coinbase(asked) as exchange:
        candles = await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 3 * STEP, OPENED)

    assert [candle.opened_at for candle in candles] == [OPENED - 3 * STEP, OPENED - STEP]


async def test_buckets_without_trades_are_left_out_and_a_range_without_any_is_empty() -> None:
    async with a_host(answering(lambda start, end: [])) as asked, coinbase(asked) as exchange:
        assert await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 10 * STEP, OPENED) == ()
        assert await exchange.candles("BTC-USD", Timeframe.M5, OPENED, OPENED) == ()


@pytest.mark.parametrize(
    "change",
    [{"high": "1"}, {"open": "nan"}, {"volume": "-3"}, {"volume": ""}],
    ids=str,
)
async def test_an_impossible_row_is_named_and_never_stored(change: dict[str, str]) -> None:
    def with_garbage(start: int, end: int) -> list[dict[str, str]]:
        return [a_row(end, **change), a_row(start)]

    async with a_host(answering(with_garbage)) as asked, coinbase(asked) as exchange:
        with pytest.raises(MalformedMessage):
            await exchange.candles("BTC-USD", Timeframe.M5, OPENED - 3 * STEP, OPENED)


@pytest.mark.parametrize("timeframe", list(Timeframe), ids=str)
async def test_every_timeframe_has_its_name(timeframe: Timeframe) -> None:
    since = OPENED // DAY * DAY - DAY

    def one(start: int, end: int) -> list[dict[str, str]]:
        return [a_row(since)]

    async with a_host(answering(one)) as asked, coinbase(asked) as exchange:
        (candle,) = await exchange.candles("BTC-USD", timeframe, since, since + timeframe.millis)

    assert candle.timeframe is timeframe
    names = {"5m": "FIVE_MINUTE", "15m": "FIFTEEN_MINUTE", "1h": "ONE_HOUR", "4h": "FOUR_HOUR", "1d": "ONE_DAY"}
    assert asked.queries("/candles")[0]["granularity"] == names[timeframe]


async def test_an_unknown_product_is_refused() -> None:
    def not_found(request: web.Request) -> web.Response:
        if request.path.endswith("/time"):
            return web.json_response({"epochMillis": str(NOW)})
        return web.json_response({"error": "NOT_FOUND", "message": "Product NOPE-USD not supported"}, status=404)

    async with a_host(not_found) as asked, coinbase(asked) as exchange:
        with pytest.raises(ExchangeRefused, match="NOPE-USD not supported"):
            await exchange.candles("NOPE-USD", Timeframe.M5, OPENED - STEP, OPENED)


async def test_the_server_tells_its_time() -> None:
    async with a_host(answering(all_rows)) as asked, coinbase(asked) as exchange:
        assert await exchange.server_time() == NOW


# ------------------------------------------------------------------------------------------------ the listing


def a_product(name: str, **changes: object) -> dict[str, object]:
    base, quote = name.split("-")
    product = {
        "product_id": name,
        "base_currency_id": base,
        "quote_currency_id": quote,
        "status": "online",
        "alias": "",
    }
    numbers = {"price": "2", "volume_24h": "10", "approximate_quote_24h_volume": "21.5"}
    return {**product, **numbers, "alias_to": [], "is_disabled": False, **changes}


async def listed(*products: dict[str, object]) -> dict[str, object]:
    def answer(request: web.Request) -> web.Response:
        """One product a page, as if there were very many; the last page has no cursor."""
        number = int(request.query.get("cursor", "0"))
        more = number + 1 < len(products)
        pagination = {"prev_cursor": "", "next_cursor": str(number + 1) if more else "", "has_next": more}
        return web.json_response({"products": [products[number]], "num_products": 1, "pagination": pagination})

    async with a_host(answer) as asked, coinbase(asked) as exchange:
        return {instrument.symbol: instrument for instrument in await exchange.instruments()}


async def test_all_pages_of_the_listing_are_read() -> None:
    assert list(await listed(*(a_product(f"S{i}-USD") for i in range(5)))) == [f"S{i}-USD" for i in range(5)]


async def test_a_listing_in_one_piece_may_have_no_pagination() -> None:
    def answer(request: web.Request) -> web.Response:
        return web.json_response({"products": [a_product("BTC-USD")], "num_products": 1, "pagination": None})

    async with a_host(answer) as asked, coinbase(asked) as exchange:
        assert len(await exchange.instruments()) == 1


async def test_a_cursor_that_does_not_move_ends_the_listing() -> None:
    def answer(request: web.Request) -> web.Response:
        pagination = {"next_cursor": "same", "has_next": True}
        return web.json_response({"products": [a_product("BTC-USD")], "pagination": pagination})

    async with a_host(answer) as asked, coinbase(asked) as exchange:
        await exchange.instruments()

    assert len(asked.requests) == 2


async def test_another_name_of_a_book_is_not_an_instrument() -> None:
    found = await listed(a_product("BTC-USD", alias_to=["BTC-USDC"]), a_product("BTC-USDC", alias="BTC-USD"))

    assert list(found) == ["BTC-USD"]


@pytest.mark.parametrize("flag", ["is_disabled", "trading_disabled", "cancel_only", "view_only", "auction_mode"])
async def test_each_disabling_flag_means_no_trading(flag: str) -> None:
    found = await listed(a_product("A-USD"), a_product("B-USD", **{flag: True}), a_product("C-USD", status="delisted"))

    assert {name: instrument.is_trading for name, instrument in found.items()} == {
        "A-USD": True,
        "B-USD": False,
        "C-USD": False,
    }


async def test_names_that_would_mean_something_in_a_key_are_left_out() -> None:
    found = await listed(a_product("A-USD"), a_product("B:1-USD"), a_product("C{x}-USD"), a_product("1INCH-USD"))

    assert list(found) == ["A-USD", "1INCH-USD"]


async def test_limit_only_products_still_trade() -> None:
    found = await listed(a_product("A-USD", limit_only=True, post_only=True))

    assert found["A-USD"].is_trading


async def test_the_volume_is_stated_or_follows_from_the_price_or_is_unknown() -> None:
    found = await listed(
        a_product("A-USD"),
        a_product("B-USD", approximate_quote_24h_volume=""),
        a_product("C-USD", approximate_quote_24h_volume="", price=""),
    )

    assert [instrument.quote_volume_24h for instrument in found.values()] == [21.5, 20.0, None]
