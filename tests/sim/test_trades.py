"""The trades of a bucket add up to its candle, and any beginning of them is a beginning of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.sim.rows import Row
from livermore.sim.tape import BUCKET
from livermore.sim.trades import trades_of

OPENED_AT = 5_984_352 * BUCKET


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Rows as tapes make them: few trades leave no room for wicks."""
    count = draw(st.integers(1, 300))
    opened = draw(st.integers(10, 10**7))
    close = draw(st.integers(10, 10**7)) if count > 1 else opened
    high, low = max(opened, close), min(opened, close)
    if count > 3:
        high += draw(st.integers(0, 1000))
        low = max(1, low - draw(st.integers(0, 1000)))
    volume = count + draw(st.integers(0, 10**9))
    return Row(OPENED_AT, count, opened, high, low, close, volume, volume * close, draw(st.integers(1, 10**9)))


pure = settings(deadline=None)


@pure
@given(rows(), st.integers(0, 2**63))
def test_the_path_starts_at_the_open_touches_the_extremes_and_ends_at_the_close(row: Row, key: int) -> None:
    trades = trades_of(row, key)

    assert len(trades.prices) == len(trades.offsets) == len(trades.volumes) == row.trades
    assert (trades.prices[0], trades.prices[-1]) == (row.open, row.close)
    assert (max(trades.prices), min(trades.prices)) == (row.high, row.low)


@pure
@given(rows(), st.integers(0, 2**63))
def test_every_trade_has_a_size_and_they_add_up(row: Row, key: int) -> None:
    told = trades_of(row, key).between(0, row.trades)

    assert all(trade.size > 0 for trade in told)
    assert sum(trade.size for trade in told) == row.volume
    assert [trade.id for trade in told] == list(range(row.first_trade, row.first_trade + row.trades))


@pure
@given(rows(), st.integers(0, 2**63), st.integers(0, 300))
def test_a_beginning_is_the_fold_of_its_trades(row: Row, key: int, count: int) -> None:
    trades = trades_of(row, key)
    count = min(count, row.trades)
    first = trades.first(count)
    told = trades.between(0, count)

    assert first.trades == count
    assert first.volume == sum(trade.size for trade in told)
    if told:
        prices = [trade.price for trade in told]
        assert (first.open, first.high, first.low, first.close) == (prices[0], max(prices), min(prices), prices[-1])


@pure
@given(rows(), st.integers(0, 2**63))
def test_time_never_turns_back_and_all_trades_are_inside_the_bucket(row: Row, key: int) -> None:
    trades = trades_of(row, key)
    counts = [trades.count_at(OPENED_AT + offset) for offset in range(-1, BUCKET, 997)]

    assert trades.offsets == sorted(trades.offsets)
    assert 0 <= trades.offsets[0] <= trades.offsets[-1] < BUCKET
    assert counts == sorted(counts)
    assert trades.count_at(OPENED_AT + BUCKET - 1) == row.trades
    assert trades.first(row.trades) == row
