from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.markets import START, SYMBOL, a_market
from livermore.audit.rows import absent, contiguous, folded
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import BASE, HIGHER, Timeframe


def candle(number: int, close: float, *, low: float | None = None, high: float | None = None) -> Candle:
    return Candle(
        SYMBOL, BASE, START + number * BASE.millis, close, high or close, low or close, close, 2.0, is_confirmed=True
    )


@given(seed=st.integers(0, 2**32), count=st.integers(1, 300))
def test_rows_become_contiguous_and_keep_what_was_there(seed: int, count: int) -> None:
    rows = a_market(seed, count, 0.3)
    until = rows[-1].closes_at + 7 * BASE.millis

    whole = contiguous(rows, until)

    assert [row.opened_at for row in whole] == list(range(rows[0].opened_at, until, BASE.millis))
    assert [row for row in whole if not row.is_empty] == list(rows)
    assert absent(rows, BASE) == len(whole) - 7 - len(rows)
    assert all(row.close == before.close for before, row in pairwise(whole) if row.is_empty)


def test_an_end_within_a_bucket_adds_no_row_for_it() -> None:
    assert len(contiguous([candle(0, 1.0)], START + 2 * BASE.millis + 1)) == 2
    assert contiguous([], START) == ()
    assert absent([], BASE) == 0


def test_rows_of_two_series_are_refused() -> None:
    other = Candle("OTHER-USD", BASE, START + BASE.millis, 1.0, 1.0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="several series"):
        contiguous([candle(0, 1.0), other], other.closes_at)


def test_only_whole_buckets_are_folded() -> None:
    rows = [candle(2, 9.0), candle(3, 5.0, high=7.0), candle(4, 4.0), candle(5, 6.0, low=3.0), candle(6, 9.0)]

    (fold,) = folded(rows, Timeframe.M15)

    assert (fold.opened_at, fold.open, fold.high, fold.low, fold.close) == (START + 3 * BASE.millis, 5, 7, 3, 6)
    assert (fold.volume, fold.timeframe, fold.is_confirmed) == (6.0, Timeframe.M15, True)


def test_rows_without_trades_say_nothing_of_open_high_and_low() -> None:
    silent = empty_candle(SYMBOL, BASE, START, 50.0, is_confirmed=True)

    (fold,) = folded([silent, candle(1, 5.0), candle(2, 6.0)], Timeframe.M15)

    assert (fold.open, fold.high, fold.low, fold.close, fold.is_empty) == (5.0, 6.0, 5.0, 6.0, False)


@given(seed=st.integers(0, 2**32))
def test_a_bucket_is_empty_exactly_where_all_its_rows_are(seed: int) -> None:
    rows = contiguous(found := a_market(seed, 200, 0.8), found[-1].closes_at)
    for timeframe in HIGHER:
        for fold in folded(rows, timeframe):
            inside = [row for row in rows if fold.opened_at <= row.opened_at < fold.closes_at]
            assert fold.is_empty == all(row.is_empty for row in inside)
            assert fold.close == inside[-1].close
