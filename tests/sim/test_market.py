"""The market is a function: the same whatever is asked before, in any order, in any range."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.core.market.timeframe import DAY, Timeframe
from livermore.sim.instruments import Liquidity, Listed, liquidity_of, listing
from livermore.sim.market import Market
from livermore.sim.tape import BUCKET, DELISTED_BUCKET, FIRST_BUCKET, SeededTape

SEED, COUNT = 7, 30
LISTED = listing(SEED, "binance", COUNT)
SOME_BUCKET = 5_984_352

starts = st.integers(SOME_BUCKET - 100_000, SOME_BUCKET + 100_000)
products = st.sampled_from(LISTED[:COUNT])
pure = settings(deadline=None, max_examples=40)


def a_market(seed: int = SEED, exchange: str = "binance") -> Market:
    products = listing(seed, exchange, COUNT)
    return Market(exchange, seed, products, {one.product: SeededTape(seed, exchange, one) for one in products})


def tape(listed: Listed) -> SeededTape:
    return SeededTape(SEED, "binance", listed)


@pure
@given(products, starts, st.integers(1, 700), st.data())
def test_any_part_of_a_range_is_the_same_asked_for_alone(
    listed: Listed, first: int, count: int, data: st.DataObject
) -> None:
    whole = tape(listed).buckets(first, count)
    offset = data.draw(st.integers(0, count - 1))
    length = data.draw(st.integers(1, count - offset))

    alone = tape(listed).buckets(first + offset, length)

    for column in ("trades", "open", "high", "low", "close", "volume", "turnover", "first_trade"):
        assert np.array_equal(getattr(whole, column)[offset : offset + length], getattr(alone, column)), column


@pure
@given(products, starts)
def test_buckets_are_possible_candles_or_empty(listed: Listed, first: int) -> None:
    buckets = tape(listed).buckets(first, 300)
    traded = buckets.trades > 0

    assert (buckets.low <= np.minimum(buckets.open, buckets.close)).all()
    assert (buckets.high >= np.maximum(buckets.open, buckets.close)).all()
    assert (buckets.low[traded] > 0).all()
    assert (buckets.volume >= buckets.trades).all()
    assert not buckets.volume[~traded].any()
    assert not buckets.high[~traded].any()


@pure
@given(products, starts)
def test_trade_ids_have_no_holes(listed: Listed, first: int) -> None:
    buckets = tape(listed).buckets(first, 300)

    assert np.array_equal(buckets.first_trade[:-1] + buckets.trades[:-1], buckets.first_trade[1:])


@pure
@given(st.sampled_from(LISTED[:12]), starts)
def test_liquid_products_open_where_the_bucket_before_closed(listed: Listed, first: int) -> None:
    buckets = tape(listed).buckets(first, 2 * 288)

    assert (buckets.trades > 0).all()
    assert np.array_equal(buckets.close[:-1], buckets.open[1:])


@pytest.mark.parametrize("rank", [rank for rank in range(COUNT) if liquidity_of(rank, COUNT) is Liquidity.THIN])
def test_most_buckets_of_a_thin_product_are_empty(rank: int) -> None:
    buckets = tape(LISTED[rank]).buckets(SOME_BUCKET, 30 * 288)

    assert (buckets.trades == 0).mean() > 0.6
    assert (buckets.trades > 0).any()


def test_another_seed_is_another_market() -> None:
    one = SeededTape(1, "binance", LISTED[0]).buckets(SOME_BUCKET, 100)
    other = SeededTape(2, "binance", LISTED[0]).buckets(SOME_BUCKET, 100)

    assert not np.array_equal(one.close, other.close)


@pytest.mark.parametrize("rank", [0, 1, 4])
def test_exchanges_agree_on_a_price_but_for_a_little(rank: int) -> None:
    tapes = [SeededTape(SEED, name, listing(SEED, name, COUNT)[rank]) for name in ("coinbase", "binance", "binance_us")]
    closes = np.array([tape.buckets(SOME_BUCKET, 1000).close for tape in tapes], dtype=float)
    apart = np.abs(closes / closes[0] - 1.0)[1:]

    assert 0.0 < apart.max() < 0.002


@pure
@given(products, starts, st.sampled_from(list(Timeframe)), st.integers(0, 5))
def test_higher_rows_are_the_fold_of_the_traded_5m_rows(
    listed: Listed, first: int, timeframe: Timeframe, back: int
) -> None:
    market = a_market()
    now = (first + 10 * 288) * BUCKET
    opened_at = timeframe.opening(now) - (back + 1) * timeframe.millis
    row = market.rows(listed, timeframe, opened_at, opened_at, now)[0]
    parts = market.rows(listed, Timeframe.M5, opened_at, opened_at + timeframe.millis - 1, now)
    traded = [part for part in parts if part.trades]

    assert len(parts) == timeframe.millis // BUCKET
    assert row.trades == sum(part.trades for part in parts)
    assert row.volume == sum(part.volume for part in parts)
    if traded:
        assert (row.open, row.close) == (traded[0].open, traded[-1].close)
        assert (row.high, row.low) == (max(p.high for p in traded), min(p.low for p in traded))
        assert row.first_trade == traded[0].first_trade


@pure
@given(products, starts, st.sampled_from(list(Timeframe)), st.integers(0, DAY))
def test_the_forming_row_is_part_of_the_final_one(listed: Listed, first: int, timeframe: Timeframe, into: int) -> None:
    market = a_market()
    now = first * BUCKET + into
    opened_at = timeframe.opening(now)
    forming = market.row_at(listed, timeframe, now)
    final = market.closed_row(listed, timeframe, opened_at)

    assert market.rows(listed, timeframe, opened_at, now, now) == [forming]
    assert market.row_at(listed, timeframe, opened_at + timeframe.millis - 1) == final
    assert forming.trades <= final.trades
    assert forming.volume <= final.volume
    assert forming.turnover <= final.turnover
    if forming.trades:
        assert forming.open == final.open
        assert final.low <= forming.low <= forming.high <= final.high


@pure
@given(products, starts)
def test_the_order_of_asking_does_not_matter(listed: Listed, first: int) -> None:
    instants = [(first + offset) * BUCKET + 1 for offset in (0, 900, 3, 288, 1)]
    one, other = a_market(), a_market()

    forwards = [one.row_at(listed, Timeframe.H1, instant) for instant in instants]
    backwards = [other.row_at(listed, Timeframe.H1, instant) for instant in reversed(instants)]

    assert forwards == backwards[::-1]


@pure
@given(products, starts, st.integers(0, BUCKET - 1))
def test_the_last_day_is_the_fold_of_its_buckets(listed: Listed, first: int, into: int) -> None:
    market = a_market()
    now = first * BUCKET + into
    rows = market.rows(listed, Timeframe.M5, (first - 287) * BUCKET, now, now)
    day = market.day_at(listed, now)

    assert len(rows) == 288
    assert day.trades == sum(row.trades for row in rows)
    assert day.volume == sum(row.volume for row in rows)
    assert day.high == max(row.high for row in rows)
    assert day.close == next((row.close for row in reversed(rows) if row.trades), 0)


def test_preparing_for_midnight_changes_no_answer() -> None:
    prepared, other = a_market(), a_market()
    midnight = (SOME_BUCKET // 288 + 1) * 288 * BUCKET
    for second in range(100):
        prepared.prepare(midnight - 600_000 + second * 1_000)

    for listed in prepared.listed:
        later = midnight + 3 * BUCKET + 1
        assert prepared.row_at(listed, Timeframe.H1, later) == other.row_at(listed, Timeframe.H1, later)


def test_there_are_more_than_400_days_of_every_symbol() -> None:
    market = a_market()
    now = SOME_BUCKET * BUCKET

    for listed in market.listed[:COUNT]:
        rows = market.rows(listed, Timeframe.D1, now - 450 * DAY, now, now)
        assert len(rows) >= 450
        assert all(row.trades for row in rows[:-1])


def test_nothing_is_listed_before_the_first_bucket_and_the_delisted_product_ends() -> None:
    market = a_market()
    gone = market.listed[-1]
    end = DELISTED_BUCKET * BUCKET

    assert market.rows(market.listed[0], Timeframe.H1, 0, FIRST_BUCKET * BUCKET - 1, end) == []
    assert market.rows(gone, Timeframe.H4, end - DAY, end + DAY, end + DAY)[-1].opened_at < end
    assert not gone.is_trading


def test_the_close_before_an_instant_looks_past_empty_buckets() -> None:
    market = a_market()
    thin = market.listed[COUNT - 1]
    now = SOME_BUCKET * BUCKET
    rows = [row for row in market.rows(thin, Timeframe.M5, now - 5 * DAY, now - 1, now) if row.trades]

    assert market.close_before(thin, now) == rows[-1].close
    assert market.close_before(thin, rows[-1].opened_at) == rows[-2].close
    assert market.last_price(thin, rows[-1].opened_at + BUCKET - 1) == rows[-1].close


def test_recent_trades_are_the_newest_first_without_holes() -> None:
    market = a_market()
    for listed in (market.listed[0], market.listed[COUNT - 1]):
        trades = market.recent_trades(listed, SOME_BUCKET * BUCKET + 1, 20)

        assert len(trades) == 20
        assert [trade.id for trade in trades] == list(range(trades[0].id, trades[0].id - 20, -1))
        assert all(one.at >= other.at for one, other in pairwise(trades))


@pytest.mark.parametrize("count", [1, 30, 1000])
def test_listings_have_so_many_tradable_products_and_no_name_twice(count: int) -> None:
    for exchange in ("coinbase", "binance", "binance_us"):
        listed = listing(SEED, exchange, count)
        names = [one.product for one in listed]

        assert sum(one.is_trading and one.base not in ("USDT", "USDC") for one in listed) == count
        assert len(set(names)) == len(names)
