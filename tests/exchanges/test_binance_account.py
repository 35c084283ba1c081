"""Binance's private answers become balances, fills and fees, exactly; a wrong clock is set right once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from aiohttp import web

from exchanges.rest_server import Asked, a_host
from livermore.core.account.account import Balance, CredentialNames, Side
from livermore.errors import CredentialsRefused, ExchangeRefused
from livermore.exchanges.binance.account import BinanceAccount
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.registry import open_account
from livermore.exchanges.settings import ExchangeSettings

KEY = Credentials("the-key-itself", "the-secret-itself", CredentialNames("K", "S"))
NOW = 1_700_000_000_000
Reply = Callable[[web.Request], object]


def a_trade(number: int, **changes: object) -> dict[str, object]:
    row = {
        "symbol": "BTCUSDT",
        "id": number,
        "orderId": 7,
        "price": "60000.00000000",
        "qty": "0.50000000",
        "quoteQty": "30000.00000000",
        "commission": "0.00050000",
        "commissionAsset": "BTC",
        "time": NOW + number,
        "isBuyer": True,
        "isMaker": False,
    }
    return row | changes


def a_product(base: str, quote: str) -> dict[str, object]:
    return {"symbol": base + quote, "baseAsset": base, "quoteAsset": quote, "status": "TRADING"}


LISTING = {"symbols": [a_product("BTC", "USDT"), a_product("ETH", "USDT"), a_product("ETH", "BTC")], "rateLimits": []}
ACCOUNT = {
    "commissionRates": {"maker": "0.00150000", "taker": "0.00200000", "buyer": "0", "seller": "0"},
    "canTrade": True,
    "canWithdraw": False,
    "balances": [
        {"asset": "BTC", "free": "0.1", "locked": "0.2"},
        {"asset": "LTC", "free": "0.00000000", "locked": "0.00000000"},
        {"asset": "USDT", "free": "5", "locked": "0"},
    ],
}


def settings_for(asked: Asked) -> ExchangeSettings:
    return ExchangeSettings(rest_url=asked.url, speed=1_000.0)


@asynccontextmanager
async def account(replies: dict[str, Reply], name: str = "binance") -> AsyncIterator[tuple[BinanceAccount, Asked]]:
    known: dict[str, Reply] = {
        "/api/v3/time": lambda _: {"serverTime": NOW},
        "/api/v3/exchangeInfo": lambda _: LISTING,
        "/api/v3/ticker/24hr": lambda _: [],
        "/api/v3/account": lambda _: ACCOUNT,
        **replies,
    }

    def answer(request: web.Request) -> web.Response:
        body = known[request.path](request)
        return body if isinstance(body, web.Response) else web.json_response(body)

    async with a_host(answer) as asked, open_account(name, KEY, settings_for(asked)) as found:
        assert isinstance(found, BinanceAccount)
        yield found, asked


async def test_balances_and_rates_are_exact_and_empty_balances_left_out() -> None:
    async with account({}) as (binance, _):
        balances, tier = await binance.balances(), await binance.tier()

    assert balances == (
        Balance("BTC", Decimal("0.1"), Decimal("0.2")),
        Balance("USDT", Decimal(5), Decimal(0)),
    )
    assert (tier.name, tier.maker_rate, tier.taker_rate) == (None, Decimal("0.0015"), Decimal("0.002"))
    assert tier.volume_30d is None


async def test_trades_are_paged_by_their_numbers_until_there_are_no_more() -> None:
    rows = [a_trade(number) for number in range(1, 2_501)]

    def trades(request: web.Request) -> object:
        first = int(request.query["fromId"])
        return [row for row in rows if int(str(row["id"])) >= first][: int(request.query["limit"])]

    async with account({"/api/v3/myTrades": trades}) as (binance, asked):
        history = await binance.fills(NOW + 10, NOW + 2_400, ["BTC-USDT"])

    assert [fill.filled_at for fill in history.fills] == list(range(NOW + 10, NOW + 2_400))
    assert [query["fromId"] for query in asked.queries("/myTrades")] == ["0", "1001", "2001"]
    fill = history.fills[0]
    assert (fill.symbol, fill.side, fill.fee, fill.fee_currency) == ("BTC-USDT", Side.BUY, Decimal("0.0005"), "BTC")


async def test_without_symbols_the_dollar_markets_of_what_is_held_are_read_and_that_is_said() -> None:
    async with account({"/api/v3/myTrades": lambda _: []}) as (binance, asked):
        history = await binance.fills(0, NOW)

    assert [query["symbol"] for query in asked.queries("/myTrades")] == ["BTCUSDT"]
    assert "BTC-USDT" in history.remarks[0]


async def test_a_symbol_that_is_not_listed_is_said() -> None:
    async with account({"/api/v3/myTrades": lambda _: []}) as (binance, _):
        history = await binance.fills(0, NOW, ["ODD-USDT", "ETH-BTC"])

    assert history.remarks == ("not listed: ODD-USDT",)


async def test_what_the_key_may_do_is_asked_where_the_venue_tells() -> None:
    restrictions = {"enableReading": True, "enableWithdrawals": False, "enableSpotAndMarginTrading": True}
    async with account({"/sapi/v1/account/apiRestrictions": lambda _: restrictions}) as (binance, _):
        permissions = await binance.permissions()

    assert (permissions.may_view, permissions.may_trade, permissions.may_transfer) == (True, True, False)
    assert not permissions.is_of_account


async def test_a_key_for_reading_has_no_warnings_though_portfolio_margin_is_on_by_default() -> None:
    restrictions = {"enableReading": True, "enablePortfolioMarginTrading": True}
    async with account({"/sapi/v1/account/apiRestrictions": lambda _: restrictions}) as (binance, _):
        assert (await binance.permissions()).warnings() == ()


async def test_elsewhere_the_account_is_judged_and_that_is_said() -> None:
    async with account({}, "binance_us") as (binance, asked):
        warnings = (await binance.permissions()).warnings()

    assert [warning.code for warning in warnings] == ["may_trade", "permissions_of_account"]
    assert "omitZeroBalances" not in asked.queries("/account")[0]


async def test_a_time_that_is_refused_is_measured_again_and_the_question_repeated_once() -> None:
    wrong = web.json_response(
        {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}, status=400
    )
    answers = [wrong]
    clocks = [NOW, NOW + 500_000]

    def told(_: web.Request) -> object:
        return answers.pop() if answers else ACCOUNT

    async with account({"/api/v3/account": told, "/api/v3/time": lambda _: {"serverTime": clocks.pop(0)}}) as (
        binance,
        asked,
    ):
        await binance.balances()
        first, second = (int(query["timestamp"]) for query in asked.queries("/account"))

    assert first < NOW + 500_000 <= second


async def test_a_time_that_stays_wrong_is_told() -> None:
    def wrong(_: web.Request) -> object:
        return web.json_response({"code": -1021, "msg": "Timestamp …"}, status=400)

    async with account({"/api/v3/account": wrong}) as (binance, asked):
        with pytest.raises(ExchangeRefused, match="-1021"):
            await binance.balances()

    assert len(asked.queries("/account")) == 2


@pytest.mark.parametrize(("code", "words"), [(-2015, "unknown"), (-2014, "form of a key"), (-1022, "does not belong")])
async def test_a_refused_key_is_explained_and_not_shown(code: int, words: str) -> None:
    def refused(_: web.Request) -> object:
        return web.json_response({"code": code, "msg": "…"}, status=401)

    async with account({"/api/v3/account": refused}) as (binance, _):
        with pytest.raises(CredentialsRefused, match=words) as told:
            await binance.balances()

    seen: BaseException | None = told.value
    while seen is not None:
        assert "itself" not in f"{seen!r} {getattr(seen, 'context', '')}"
        seen = seen.__cause__


async def test_a_signed_request_follows_nobody_to_another_host() -> None:
    """A key is for one host: whoever redirects is not told it."""
    async with a_host(lambda _: web.json_response(ACCOUNT)) as elsewhere:

        def sent_away(_: web.Request) -> object:
            return web.Response(status=302, headers={"Location": f"{elsewhere.url}/api/v3/account"})

        async with account({"/api/v3/account": sent_away}) as (binance, _):
            with pytest.raises(ExchangeRefused, match="302"):
                await binance.balances()

    assert elsewhere.requests == []
