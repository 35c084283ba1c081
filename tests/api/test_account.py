"""What one holds and has paid, valued at what the market says, and shown to nobody else."""

from decimal import Decimal
from typing import Any

from redis.asyncio import Redis

from api.stage import NOW, Stage, a_market
from livermore.cache.codec.ticker import encode_ticker
from livermore.cache.keys import Keys
from livermore.core.account.account import FeeTier, Fill, KeyPermissions, Side
from livermore.core.account.account_json import report_json, tier_json
from livermore.core.account.fees import fee_report
from livermore.core.account.people import Role
from livermore.core.account.portfolio import Holding, KeptAccount
from livermore.core.market.ticker import Ticker
from livermore.database.account_book import PostgresAccountBook

ADA = "ada@example.org"
VIEWER = KeyPermissions(may_view=True, may_trade=False, may_transfer=False)
AT = 1_795_305_600_000
FILLS = [
    Fill(str(number), "order", "BTC-USD", side, AT, Decimal(price), Decimal("0.1"), Decimal(price) / 10, fee, "USD")
    for number, (side, price, fee) in enumerate(((Side.BUY, 50_000, Decimal(30)), (Side.SELL, 60_000, Decimal(36))))
]
TIER = FeeTier("Intro 1", Decimal("0.006"), Decimal("0.012"), Decimal(11_000), Decimal(66))


async def keep(stage: Stage, fees: dict[str, Any]) -> None:
    book = PostgresAccountBook(stage.window.pool)
    held = [
        Holding("BTC", Decimal("0.5"), Decimal("0.5"), Decimal("0.5"), Decimal(40)),
        Holding("NEW", Decimal(7), Decimal(7)),
        Holding("USD", Decimal(50), Decimal(50)),
    ]
    assert await book.keep_connection(ADA, 1, None, VIEWER, NOW())
    assert await book.keep_account(ADA, 1, KeptAccount(held, {"BTC": "BTC-USD"}, fees), NOW())


async def test_holdings_are_valued_at_the_prices_and_readings_of_the_moment(
    stage: Stage, redis: Redis, keys: Keys
) -> None:
    await a_market(redis, keys, ["BTC-USD"], until=NOW())
    await redis.set(keys.ticker("BTC-USD"), encode_ticker(Ticker("BTC-USD", NOW(), 100.0)))
    headers = await stage.headers(Role.USER, ADA)
    await keep(stage, {})
    path = "/api/v1/account/exchanges/coinbase/portfolio"
    shown = (await stage.http.get(path, headers=headers)).json()
    others = (await stage.http.get(path, headers=await stage.headers(Role.USER))).json()
    matrix = (await stage.http.get("/api/v1/exchanges/coinbase/readings", headers=headers)).json()
    by_currency = {one["currency"]: one for one in shown["items"]}
    readings = {name: one["value"] for name, one in matrix["items"][0]["readings"].items()}

    assert (Decimal(shown["value"]), Decimal(shown["gain"]), shown["unpriced"]) == (100, 10, ["NEW"])
    assert shown["syncedAt"] <= shown["time"]
    assert by_currency["BTC"]["values"] == readings
    assert by_currency["BTC"]["outlook"] != "no_data"
    assert (by_currency["NEW"]["value"], by_currency["NEW"]["outlook"]) == (None, "no_data")
    assert others["items"] == []


async def test_of_an_account_that_was_never_read_nothing_is_known_and_of_an_empty_one_that_it_is_worth_nothing(
    stage: Stage,
) -> None:
    headers = await stage.headers(Role.USER, ADA)
    path = "/api/v1/account/exchanges/coinbase/portfolio"
    never = (await stage.http.get(path, headers=headers)).json()
    book = PostgresAccountBook(stage.window.pool)
    assert await book.keep_connection(ADA, 1, None, VIEWER, NOW())
    assert await book.keep_account(ADA, 1, KeptAccount([], {}, {"fills": 0}), NOW())
    empty = (await stage.http.get(path, headers=headers)).json()

    assert [never[name] for name in ("value", "cost", "gain", "syncedAt")] == [None] * 4
    assert [empty[name] for name in ("value", "cost", "gain")] == ["0"] * 3
    assert empty["syncedAt"] is not None


async def test_fees_are_shown_as_they_were_read_last(stage: Stage) -> None:
    headers = await stage.headers(Role.USER, ADA)
    path = "/api/v1/account/exchanges/coinbase/fees"
    before = await stage.http.get(path, headers=headers)
    await keep(stage, {"fills": 2, "remarks": [], "tier": tier_json(TIER), "fees": report_json(fee_report(FILLS))})
    shown = (await stage.http.get(path, headers=headers)).json()
    others = await stage.http.get(path, headers=await stage.headers(Role.USER))

    unread = before.json()
    assert (before.status_code, unread["readAt"], unread["fills"]) == (200, None, 0)
    assert (unread["tier"]["takerRate"], unread["fees"]["totals"]) == (None, [])
    assert shown["readAt"] is not None
    assert (shown["fees"]["totals"][0]["fees"], shown["fees"]["totals"][0]["volume"]) == ("66", "11000")
    assert [line["side"] for line in shown["fees"]["sides"]] == ["buy", "sell"]
    assert [line["month"] for line in shown["fees"]["months"]] == ["2026-11"]
    assert (shown["tier"]["takerRate"], shown["tier"]["volume30d"]) == ("0.012", "11000")
    assert others.json() == unread


async def test_fees_that_somebody_else_has_written_are_said_to_be_unreadable(stage: Stage) -> None:
    headers = await stage.headers(Role.USER, ADA)
    await keep(stage, {"fees": "none"})
    answer = await stage.http.get("/api/v1/account/exchanges/coinbase/fees", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (502, "corrupt_record")
