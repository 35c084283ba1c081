"""The matrix of readings: what has not changed is not made anew, ranks come beside it, and old news says so."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from api.stage import NOW, Stage, a_market
from livermore.api.lines import TickerLine
from livermore.api.matrix import ReadingsOfSymbol, Shapes, matrix_lines
from livermore.api.models.market import Matrix
from livermore.api.symbol_ranks import REMEMBERED_FOR, Standing, SymbolRanks
from livermore.cache.instruments import store_listing
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.account.people import Role
from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.market.instrument import Instrument
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.messages import PublishTicker
from livermore.database.connect import Pool, transaction
from livermore.database.symbols import save_symbols

POINT = {
    "timestamp": 0,
    "closeTime": BASE.millis,
    "symbol": "BTC-USD",
    "timeframe": "5m",
    "value": {"macdV": 1.5, "signal": None, "histogram": None, "fastEMA": 1.0, "slowEMA": 1.0, "atr": 1.0},
    "price": 100.0,
    "stage": "ranging",
    "quality": {"candles": 60, "convergence": 0.1, "emptyRatio": 0.0, "isConfirmed": False},
}


def a_point(number: int) -> bytes:
    return json.dumps(POINT | {"closeTime": number * BASE.millis}).encode()


fields = st.builds(
    lambda s, t: f"{s}:{t}".encode(), st.sampled_from(["A-USD", "B-USD", "C-USD"]), st.sampled_from(Timeframe)
)
values = st.one_of(st.integers(1, 3).map(a_point), st.just(b"not ours"), st.just(b'{"value":null}'))
hashes = st.dictionaries(fields, values, max_size=15)


@given(st.lists(hashes, min_size=1, max_size=5))
def test_what_is_remembered_is_what_would_be_made_anew(course: list[Mapping[bytes, bytes]]) -> None:
    shapes = Shapes()
    for stored in course:
        found = shapes.of(1, stored)

        assert found == Shapes().of(1, stored)
        assert [row.symbol for row in found] == sorted({f[:-3].decode() for f in stored if f.endswith(b":5m")})


def test_a_symbol_whose_values_are_the_same_is_not_made_anew_and_one_that_is_gone_is_forgotten() -> None:
    shapes = Shapes()
    first = shapes.of(1, {b"A-USD:5m": a_point(1), b"B-USD:5m": a_point(1)})
    second = shapes.of(1, {b"A-USD:5m": a_point(1), b"B-USD:5m": a_point(2)})
    third = shapes.of(1, {b"B-USD:5m": a_point(2)})

    assert second[0] is first[0]
    assert second[1] is not first[1]
    assert third == (second[1],)
    assert shapes.of(2, {b"A-USD:5m": a_point(1)})[0] is not first[0]


def a_row(symbol: str, closed_at: Millis | None) -> ReadingsOfSymbol:
    return ReadingsOfSymbol(symbol, (), msgspec.Raw(b"{}"), closed_at, ())


def a_price(symbol: str, at: Millis) -> TickerLine:
    return TickerLine(
        symbol=symbol, time=at, price=1.0, bid=None, ask=None, change_24h=None, change_percent_24h=None,
        high_24h=None, low_24h=None, volume_24h=None,
    )  # fmt: skip


def test_how_old_news_are_is_told_by_the_newest_of_all() -> None:
    five = BASE.millis
    rows = [
        (a_row("A-USD", 10 * five), a_price("A-USD", 10 * five + 90_000)),
        (a_row("B-USD", 8 * five), None),
        (a_row("C-USD", None), None),
        (a_row("D-USD", 10 * five), a_price("D-USD", 10 * five + 30_000)),
    ]
    lines = matrix_lines(rows, {"A-USD": Standing(1, 3, 5.5)})

    assert [(line.news_age, line.candles_behind) for line in lines] == [
        (0, 0),
        (2 * five + 90_000, 2),
        (None, None),
        (60_000, 0),
    ]
    assert (lines[0].tier, lines[0].rank, lines[0].volume) == (1, 3, 5.5)
    assert (lines[1].tier, lines[1].rank, lines[1].volume) == (None, None, None)


def test_nothing_at_all_is_a_matrix_too() -> None:
    assert matrix_lines([], {}) == []


async def matrix(stage: Stage) -> Any:
    headers = await stage.headers(Role.SUBSCRIBER_BASIC)
    answer = await stage.http.get("/api/v1/exchanges/coinbase/readings", headers=headers)
    assert answer.status_code == 200, answer.text
    Matrix.model_validate(answer.json())
    return answer.json()


async def test_the_matrix_says_tier_rank_volume_and_how_fresh_its_rows_are(
    stage: Stage, redis: Redis, keys: Keys, pool: Pool
) -> None:
    until = NOW()
    await a_market(redis, keys, ["BTC-USD", "ETH-USD"], until=until)
    await MarketStore(redis, keys, 1).publish_tickers([PublishTicker(Ticker("BTC-USD", until + 5, 1.0))])
    await store_listing(redis, keys, [Instrument("BTC-USD", "BTC-USD", "BTC", "USD", True, 1.5e9)], until)
    async with transaction(pool) as connection:
        await save_symbols(connection, 1, [MonitoredSymbol("BTC-USD", rank=1)], by="test", at=until)
    btc, eth = (await matrix(stage))["items"]

    assert (btc["tier"], btc["rank"], btc["volume"], btc["newsAge"]) == (1, 1, 1.5e9, 0)
    assert (eth["tier"], eth["rank"], eth["volume"]) == (None, None, None)
    assert eth["newsAge"] > 0
    assert eth["candlesBehind"] == 0


async def test_what_was_known_of_ranks_stays_while_the_database_is_away(redis: Redis, keys: Keys, pool: Pool) -> None:
    async with transaction(pool) as connection:
        await save_symbols(connection, 1, [MonitoredSymbol("BTC-USD", rank=7)], by="test", at=NOW())
    ranks, now = SymbolRanks(), NOW()
    known = await ranks.of(redis, pool, keys, now)
    await pool.close()
    later = await ranks.of(redis, pool, keys, now + REMEMBERED_FOR)

    assert known["BTC-USD"].rank == 7
    assert later == known


async def test_a_symbol_that_nobody_watches_is_not_one_without_candles(
    stage: Stage, redis: Redis, keys: Keys, pool: Pool
) -> None:
    """A typing error is told from silence; what is watched and has no candle yet has none."""
    await a_market(redis, keys, ["BTC-USD"], until=NOW())
    async with transaction(pool) as connection:
        await save_symbols(connection, 1, [MonitoredSymbol("NEW-USD", rank=2)], by="test", at=NOW())
    headers = await stage.headers()

    async def asked(symbol: str) -> Any:
        return await stage.http.get(f"/api/v1/exchanges/coinbase/candles/{symbol}/5m", headers=headers)

    assert (await asked("BTC-USD")).status_code == 200
    assert (await asked("NEW-USD")).json()["items"] == []
    nope, small = await asked("NOPE-USD"), await asked("btc-usd")
    assert (nope.status_code, nope.json()["detail"]) == (404, "NOPE-USD is not watched on Coinbase")
    assert "is BTC-USD meant?" in small.json()["detail"]
