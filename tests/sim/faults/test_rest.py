"""Faults of REST and of the truth: what is answered, what was traded, and what time it is."""

import asyncio

import aiohttp
import pytest

from livermore.core.market.timeframe import SECOND
from livermore.sim.server import SimServer, serve
from sim.conftest import settings_of
from sim.fault_client import FIVE, candle_of, hits, is_candle, listening, post, product_of, rows, symbol_of

BOTH = pytest.mark.parametrize("exchange", ["coinbase", "binance"])
TIME = {"coinbase": "/api/v3/brokerage/time", "binance": "/api/v3/time"}


async def exchange_time(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> int:
    async with http.get(sim.urls[exchange].rest + TIME[exchange]) as response:
        body = await response.json()
    return int(body.get("serverTime") or body["epochMillis"])


STATUSES = (401, 403, 418, 429, 451, 500, 502, 503, 504, 520)


@pytest.mark.parametrize(
    ("exchange", "status"),
    # A ban by 418 is Binance's way only.
    [
        (exchange, status)
        for exchange in ("binance", "coinbase")
        for status in STATUSES
        if (exchange, status) != ("coinbase", 418)
    ],
)
async def test_rest_answers_with_the_status_while_it_lasts(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, status: int
) -> None:
    url = sim.urls[exchange].rest + TIME[exchange]
    post(sim, kind="rest_error", exchange=exchange, status=status, duration=480)
    async with http.get(url) as response:
        assert response.status == status
        waits = response.headers.get("Retry-After")
        body = await response.text()
    await sim.clock.wait_until(sim.faults.posted[0].window.ends_at)
    async with http.get(url) as response:
        assert response.status == 200

    assert hits(sim) == [1]
    assert body
    assert (waits is not None) == (exchange == "binance" and status in (418, 429))
    assert waits is None or int(waits) == 2


@BOTH
async def test_a_gateway_answers_in_html(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
    post(sim, kind="rest_error", exchange=exchange, status=502, html=True)
    async with http.get(sim.urls[exchange].rest + TIME[exchange]) as response:
        assert response.status == 502
        assert response.content_type == "text/html"
        assert "<h1>502" in await response.text()


@BOTH
async def test_bodies_are_cut_short_openly_or_not(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
    url = sim.urls[exchange].rest + TIME[exchange]
    async with http.get(url) as response:
        whole = len(await response.read())
    post(sim, kind="truncated_body", exchange=exchange)
    async with http.get(url) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    sim.faults.clear()
    post(sim, kind="truncated_body", exchange=exchange, shortened=True)
    async with http.get(url) as response:
        assert len(await response.read()) == whole // 2


@BOTH
async def test_the_second_half_of_a_body_comes_late(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
    post(sim, kind="slow_body", exchange=exchange, delay=120)
    begun = sim.clock.now()
    async with http.get(sim.urls[exchange].rest + TIME[exchange]) as response:
        assert response.status == 200
        assert await response.json()
    assert sim.clock.now() >= begun + 120_000


@BOTH
async def test_only_the_named_symbol_fails(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
    post(sim, kind="rest_error", exchange=exchange, symbols=[symbol_of(exchange, "ETH")])
    assert await rows(sim, http, exchange, "BTC")
    assert await exchange_time(sim, http, exchange)
    with pytest.raises(AssertionError):
        await rows(sim, http, exchange, "ETH")


@BOTH
async def test_stale_rows_are_as_they_were_and_late_ones_are_missing(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str
) -> None:
    truth = await rows(sim, http, exchange, "BTC", 20)
    post(sim, kind="stale_rows", exchange=exchange, lag=1_200)
    stale = await rows(sim, http, exchange, "BTC", 20)
    sim.faults.clear()
    post(sim, kind="late_rows", exchange=exchange, lag=900)
    missing = await rows(sim, http, exchange, "BTC", 20)
    sim.faults.clear()
    later = {row[0]: row for row in await rows(sim, http, exchange, "BTC", 40)}

    assert truth[-1][0] - stale[-1][0] in (3 * FIVE, 4 * FIVE, 5 * FIVE)
    assert stale[-1] != later[stale[-1][0]]
    assert stale[:-1] == [later[row[0]] for row in stale[:-1]]
    assert truth[-1][0] - missing[-1][0] in (3 * FIVE, 4 * FIVE)
    assert missing == [later[row[0]] for row in missing]


@BOTH
async def test_a_revision_is_the_truth_from_then_on(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
    async with listening(sim, http, exchange, "BTC", "ETH") as frames:
        first = await rows(sim, http, exchange, "BTC", 20)
        boundary = sim.clock.now() // FIVE * FIVE + FIVE
        post(
            sim,
            kind="revision",
            exchange=exchange,
            symbols=[symbol_of(exchange, "BTC")],
            after=120,
            by=0.01,
            duration=(boundary - sim.clock.now()) / SECOND + 1,
        )
        revised_at, before = boundary - FIVE, []
        while not hits(sim)[0]:
            before = [
                row
                for row in await rows(sim, http, exchange, "BTC", 20)
                if sim.clock.now() > boundary + 30_000 and row[0] == revised_at
            ] or before
            await frames.until(is_candle)
        await frames.until(lambda frame: (candle_of(frame) or ("", 0))[1] > boundary)
        after = {row[0]: row for row in await rows(sim, http, exchange, "BTC", 30)}
        quarters = {row[0]: row for row in await rows(sim, http, exchange, "BTC", 10, "15m")}

    assert hits(sim) == [1]
    assert before
    assert abs(float(after[revised_at][4]) / float(before[0][4]) - 1) == pytest.approx(0.01, rel=0.01)
    assert all(row == after[row[0]] for row in first[:-1] if row[0] != revised_at)
    opened_at = revised_at - revised_at % (3 * FIVE)
    parts = [after[opened_at + number * FIVE] for number in range(3) if opened_at + number * FIVE in after]
    assert float(quarters[opened_at][2]) >= max(float(row[2]) for row in parts[:2])
    if exchange == "binance":
        closed = [
            one["k"]["c"]
            for one in frames.seen
            if is_candle(one) and one["k"]["x"] and candle_of(one) == ("BTCUSDT", revised_at)
        ]
        assert closed == [before[0][4], after[revised_at][4]]


@BOTH
async def test_a_halted_symbol_does_not_trade_and_its_ids_have_no_hole(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str
) -> None:
    market = sim.markets[exchange]
    listed = market.by_product[product_of(exchange, "BTC")]
    async with listening(sim, http, exchange, "BTC", "ETH") as frames:
        post(sim, kind="halted_symbol", exchange=exchange, symbols=[listed.symbol])
        await frames.until(lambda _: hits(sim) == [1])
        halted = sim.clock.now() // FIVE * FIVE + FIVE
        await frames.until(lambda frame: candle_of(frame) == (product_of(exchange, "ETH"), halted + 2 * FIVE))
        sim.faults.clear()
        resumed = await frames.until(
            lambda frame: (
                candle_of(frame) is not None
                and candle_of(frame)[0] == listed.product
                and candle_of(frame)[1] > halted + 2 * FIVE
            )
        )
        told = {candle_of(frame) for frame in frames.seen}
        by_opening = {row[0]: row for row in await rows(sim, http, exchange, "BTC", 20)}
        trades = market.recent_trades(listed, sim.clock.now(), 1_000)

    empty = [halted + FIVE, halted + 2 * FIVE]
    assert not [(listed.product, opened_at) for opened_at in empty if (listed.product, opened_at) in told]
    if exchange == "coinbase":
        assert not by_opening.keys() & set(empty)
    else:
        assert all(float(by_opening[opened_at][5]) == 0.0 for opened_at in empty)
    assert candle_of(resumed)[1] in by_opening
    assert [trade.id for trade in trades] == list(range(trades[0].id, trades[0].id - 1_000, -1))


@BOTH
@pytest.mark.parametrize("offset", [300, -300])
async def test_a_wrong_clock_is_wrong_in_all_it_says_and_comes_right(exchange: str, offset: int) -> None:
    async with (
        serve(settings_of(speed=300.0)) as sim,
        aiohttp.ClientSession() as http,
        listening(sim, http, exchange, "BTC") as frames,
    ):
        before = await rows(sim, http, exchange, "BTC", 20)
        post(sim, kind="clock_offset", exchange=exchange, offset=offset)
        await sim.clock.wait_until(sim.clock.now() + 610_000)
        wrong_by = await exchange_time(sim, http, exchange) - sim.clock.now()
        await frames.until(is_candle)
        during = {row[0]: row for row in await rows(sim, http, exchange, "BTC", 20)}
        sim.faults.clear()
        await sim.clock.wait_until(sim.clock.now() + 610_000)
        right_by = await exchange_time(sim, http, exchange) - sim.clock.now()
        opened = [candle[1] for frame in frames.seen if (candle := candle_of(frame))]
        after = {row[0]: row for row in await rows(sim, http, exchange, "BTC", 40)}

    assert abs(wrong_by - offset * SECOND) < 30_000
    assert abs(right_by) < 30_000
    assert opened == sorted(opened)
    assert all(row == after[row[0]] for row in before[:-1])
    assert all(row == after[at] for at, row in list(during.items())[:-1])


async def test_a_random_day_ends_with_rest_and_feed_agreeing(http: aiohttp.ClientSession) -> None:
    """After an hour of chaos nothing is left of it."""
    async with serve(settings_of(speed=240.0, chaos=11)) as sim:
        await sim.clock.wait_until(sim.clock.started_at + 3_600_000)
        assert sum(hits(sim)) > 0
        sim.faults.clear()
        for exchange in ("coinbase", "binance"):
            async with listening(sim, http, exchange, "BTC") as frames:
                await frames.until(is_candle)
            assert await rows(sim, http, exchange, "BTC")
    assert "coinbase connections" not in {task.get_name() for task in asyncio.all_tasks() if not task.done()}


async def test_binance_keeps_no_rows_of_a_halt_that_is_unlisted(sim: SimServer, http: aiohttp.ClientSession) -> None:
    """Nor of a longer timeframe, where no bucket of it was traded in; what is traded again is listed again."""
    symbol = symbol_of("binance", "BTC")
    async with listening(sim, http, "binance", "BTC", "ETH") as frames:
        post(sim, kind="halted_symbol", exchange="binance", symbols=[symbol], unlisted=True)
        await frames.until(lambda _: hits(sim) == [1])
        since = sim.clock.now() // FIVE * FIVE + 2 * FIVE
        quarter = -(-since // (3 * FIVE)) * 3 * FIVE
        await frames.until(lambda frame: (candle_of(frame) or ("", 0))[1] >= quarter + 4 * FIVE)
        halted = await rows(sim, http, "binance", "BTC", 20)
        sim.faults.clear()
        resumed = await frames.until(lambda frame: (candle_of(frame) or ("",))[0] == "BTCUSDT")
        await frames.until(lambda frame: (candle_of(frame) or ("", 0))[1] > candle_of(resumed)[1])
        after = {row[0] for row in await rows(sim, http, "binance", "BTC", 40)}
        quarters = {row[0] for row in await rows(sim, http, "binance", "BTC", 20, "15m")}

    gone = set(range(since, quarter + 3 * FIVE, FIVE))
    assert max(row[0] for row in halted) < since
    assert not gone & after
    assert candle_of(resumed)[1] in after
    assert quarter not in quarters
    assert {one - one % (3 * FIVE) for one in after} <= quarters | {min(after) // (3 * FIVE) * 3 * FIVE}
