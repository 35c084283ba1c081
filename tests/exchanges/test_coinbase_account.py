"""Coinbase's private answers become balances, fills and fees, exactly; what is refused is said in words."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from aiohttp import web

from exchanges.rest_server import Answer, Asked, a_host
from livermore.core.account.account import Balance, CredentialNames, Fill, Side
from livermore.errors import CredentialsRefused, MalformedMessage
from livermore.exchanges.coinbase.account import CoinbaseAccount
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.registry import open_account
from livermore.exchanges.settings import ExchangeSettings

KEY = Credentials("organizations/a/apiKeys/b", base64.b64encode(bytes(range(32))).decode(), CredentialNames("K", "S"))
FOREVER = 4_000_000_000_000


def a_row(number: int, **changes: object) -> dict[str, object]:
    row = {
        "entry_id": f"entry-{number}",
        "trade_id": f"trade-{number}",
        "order_id": f"order-{number}",
        "trade_time": f"2024-01-15T10:30:{number:02d}.123456789Z",
        "trade_type": "FILL",
        "price": "45123.45",
        "size": "0.005",
        "commission": "1.14",
        "product_id": "BTC-USD",
        "sequence_timestamp": "2024-01-15T10:30:00.123456Z",
        "liquidity_indicator": "MAKER",
        "size_in_quote": False,
        "user_id": "3333",
        "side": "BUY",
        "retail_portfolio_id": "",
    }
    return row | changes


@asynccontextmanager
async def account(answer: Answer) -> AsyncIterator[tuple[CoinbaseAccount, Asked]]:
    async with a_host(answer) as asked:
        settings = ExchangeSettings(rest_url=asked.url, speed=1_000.0)
        async with open_account("coinbase", KEY, settings) as found:
            assert isinstance(found, CoinbaseAccount)
            yield found, asked


def saying(body: object, status: int = 200) -> Answer:
    return lambda _: web.json_response(body, status=status)


def pages(name: str, rows: list[dict[str, object]], size: int) -> Callable[[web.Request], web.Response]:
    """Rows in pages of a size; the cursor is the place to go on from."""

    def answer(request: web.Request) -> web.Response:
        first = int(request.query.get("cursor", "0"))
        has_next = first + size < len(rows)
        cursor = str(first + size) if has_next else ""
        return web.json_response({name: rows[first : first + size], "has_next": has_next, "cursor": cursor})

    return answer


def an_account(currency: str, value: str, hold: str) -> dict[str, object]:
    money = [{"value": amount, "currency": currency} for amount in (value, hold)]
    return {"uuid": currency, "currency": currency, "available_balance": money[0], "hold": money[1]}


async def test_balances_of_all_pages_are_read_and_empty_ones_left_out() -> None:
    rows = [an_account("BTC", "0.1", "0.2"), an_account("ETH", "0", "0.000"), an_account("ADA", "123456789.000001", "")]
    async with account(pages("accounts", rows, 1)) as (coinbase, asked):
        balances = await coinbase.balances()

    assert balances == (
        Balance("BTC", Decimal("0.1"), Decimal("0.2")),
        Balance("ADA", Decimal("123456789.000001"), Decimal(0)),
    )
    assert [query.get("cursor") for query in asked.queries("/accounts")] == [None, "1", "2"]
    assert len({request.headers["Authorization"] for request in asked.requests}) == 3, "each with a token of its own"


async def test_fills_of_all_pages_come_once_and_oldest_first() -> None:
    rows = [a_row(number) for number in (3, 2, 2, 1)]
    async with account(pages("fills", rows, 2)) as (coinbase, _):
        history = await coinbase.fills(0, FOREVER)

    assert [fill.id for fill in history.fills] == ["entry-1", "entry-2", "entry-3"]
    assert history.fills[0] == Fill(
        id="entry-1",
        order_id="order-1",
        symbol="BTC-USD",
        side=Side.BUY,
        filled_at=1_705_314_601_123,
        price=Decimal("45123.45"),
        size=Decimal("0.005"),
        value=Decimal("225.61725"),
        fee=Decimal("1.14"),
        fee_currency="USD",
        is_maker=True,
    )
    assert history.remarks == ()


async def test_a_size_in_the_quote_currency_is_the_value() -> None:
    async with account(saying({"fills": [a_row(1, size="100", price="400", size_in_quote=True)]})) as (coinbase, _):
        (fill,) = (await coinbase.fills(0, FOREVER)).fills

    assert (fill.value, fill.size) == (Decimal(100), Decimal("0.25"))


async def test_the_last_microsecond_of_a_month_is_of_that_month() -> None:
    async with account(saying({"fills": [a_row(1, trade_time="2026-08-31T23:59:59.999999Z")]})) as (coinbase, _):
        (fill,) = (await coinbase.fills(0, FOREVER)).fills

    assert fill.filled_at == 1_788_220_799_999


async def test_corrections_are_left_out_and_said() -> None:
    rows = [a_row(1), a_row(2, trade_type="REVERSAL"), a_row(3, trade_type="CORRECTION")]
    async with account(saying({"fills": rows, "cursor": ""})) as (coinbase, _):
        history = await coinbase.fills(0, FOREVER)

    assert [fill.id for fill in history.fills] == ["entry-1"]
    assert history.remarks[0].endswith("not counted: 2")


async def test_a_period_and_symbols_bound_the_fills() -> None:
    rows = [a_row(1), a_row(2, product_id="ETH-USD"), a_row(3)]
    async with account(saying({"fills": rows, "cursor": ""})) as (coinbase, asked):
        history = await coinbase.fills(1_705_314_600_000, 1_705_314_603_000, ["BTC-USD"])

    assert [fill.id for fill in history.fills] == ["entry-1"]
    (query,) = asked.queries("/fills")
    assert query["start_sequence_timestamp"] == "2024-01-15T10:30:00.000Z"
    assert query["end_sequence_timestamp"] == "2024-01-15T11:30:03.000Z", "what was posted a little later is looked at"


@pytest.mark.parametrize("name", ["accounts", "fills"])
async def test_a_cursor_that_does_not_advance_is_no_whole_list(name: str) -> None:
    rows = [an_account("BTC", "1", "0")] if name == "accounts" else [a_row(1)]
    async with account(saying({name: rows, "has_next": True, "cursor": "same"})) as (coinbase, _):
        with pytest.raises(MalformedMessage, match="does not advance"):
            await (coinbase.balances() if name == "accounts" else coinbase.fills(0, FOREVER))


async def test_totals_that_are_numbers_are_never_rounded() -> None:
    body = (
        b'{"total_volume":12345678901234567.12345678,"total_fees":0.1,"fee_tier":'
        b'{"pricing_tier":"Intro 1","taker_fee_rate":"0.012","maker_fee_rate":"0.006","usd_from":""}}'
    )
    answer = web.Response(body=body, content_type="application/json")
    async with account(lambda _: answer) as (coinbase, _):
        tier = await coinbase.tier()

    assert (tier.name, tier.taker_rate, tier.maker_rate) == ("Intro 1", Decimal("0.012"), Decimal("0.006"))
    assert tier.volume_30d == Decimal("12345678901234567.12345678")
    assert tier.fees_30d == Decimal("0.1")


async def test_a_key_that_may_trade_is_known_as_one() -> None:
    async with account(saying({"can_view": True, "can_trade": True, "can_transfer": False})) as (coinbase, _):
        permissions = await coinbase.permissions()

    assert [warning.code for warning in permissions.warnings()] == ["may_trade"]


async def test_a_key_that_is_not_accepted_is_told_apart_from_one_that_may_not() -> None:
    unauthorised = web.Response(status=401, text="Unauthorized\n")
    async with account(lambda _: unauthorised) as (coinbase, _):
        with pytest.raises(CredentialsRefused, match="does not accept the key") as refused:
            await coinbase.permissions()
    forbidden = {"error": "PERMISSION_DENIED", "message": "Missing required scopes"}
    async with account(saying(forbidden, 403)) as (coinbase, _):
        with pytest.raises(CredentialsRefused, match="permission to view"):
            await coinbase.balances()

    assert KEY.key not in str(refused.value)


async def test_one_401_after_successes_is_forgiven_with_a_new_token() -> None:
    """Coinbase has been seen to throttle with it."""
    told: list[str] = []

    def answer(request: web.Request) -> web.Response:
        told.append(request.headers["Authorization"])
        if len(told) == 2:
            return web.Response(status=401, text="Unauthorized\n")
        return web.json_response({"can_view": True})

    async with account(answer) as (coinbase, _):
        await coinbase.permissions()
        assert (await coinbase.permissions()).may_view

    assert len(set(told)) == 3


@pytest.mark.parametrize("change", [{"side": "HOLD"}, {"price": "0"}, {"size": "x"}, {"product_id": "BTC"}])
async def test_an_impossible_fill_is_refused(change: dict[str, object]) -> None:
    async with account(saying({"fills": [a_row(1, **change)], "cursor": ""})) as (coinbase, _):
        with pytest.raises(MalformedMessage):
            await coinbase.fills(0, FOREVER)
