"""Rows: candles in whole increments, folded from 5m buckets as the exchanges fold them.

Buckets without trades are skipped, so that they leave no mark on open, high, low and close.
"""

from dataclasses import dataclass

import numpy as np

from livermore.core.market.timeframe import Millis, Timeframe
from livermore.sim.noise import Ints
from livermore.sim.tape import BUCKET, Buckets


@dataclass(frozen=True, slots=True)
class Row:
    """One candle in whole increments; without `trades` its prices are 0."""

    opened_at: Millis
    trades: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    turnover: int
    first_trade: int


def folded_buckets(buckets: Buckets, per_row: int) -> Buckets:
    """The rows of `per_row` buckets each, as columns; `first` counts rows. The buckets must be a multiple of it."""
    if per_row == 1:
        return buckets
    trades = buckets.trades.reshape(-1, per_row)
    traded = trades > 0
    opened_in = traded.argmax(axis=1)
    closed_in = per_row - 1 - traded[:, ::-1].argmax(axis=1)
    line = np.arange(len(trades))
    lowest = np.where(traded, _column(buckets.low, per_row), np.iinfo(np.int64).max).min(axis=1)
    return Buckets(
        buckets.first // per_row,
        trades.sum(axis=1),
        _column(buckets.open, per_row)[line, opened_in],
        _column(buckets.high, per_row).max(axis=1),
        np.where(traded.any(axis=1), lowest, 0),
        _column(buckets.close, per_row)[line, closed_in],
        _column(buckets.volume, per_row).sum(axis=1),
        _column(buckets.turnover, per_row).sum(axis=1),
        _column(buckets.first_trade, per_row)[:, 0],
    )


def rows_of(columns: Buckets, timeframe: Timeframe) -> list[Row]:
    """The rows that these columns hold, of which `first` counts the rows since 1970."""
    length, first = timeframe.millis, columns.first
    openings = range(first * length, (first + len(columns.trades)) * length, length)
    return [Row(*row) for row in zip(openings, *(column.tolist() for column in columns.columns()), strict=True)]


def row_of(buckets: Buckets) -> Row:
    """One row of all these buckets; the first of them tells when it opens."""
    columns = folded_buckets(buckets, len(buckets.trades))
    return Row(buckets.first * BUCKET, *(int(column[0]) for column in columns.columns()))


def merged(earlier: Row, later: Row) -> Row:
    """The candle that holds both, the later one following the earlier; it opens where the earlier does."""
    if not later.trades:
        return earlier
    if not earlier.trades:
        return Row(earlier.opened_at, *_fields(later)[1:])
    return Row(
        earlier.opened_at,
        earlier.trades + later.trades,
        earlier.open,
        max(earlier.high, later.high),
        min(earlier.low, later.low),
        later.close,
        earlier.volume + later.volume,
        earlier.turnover + later.turnover,
        earlier.first_trade,
    )


def _fields(row: Row) -> tuple[int, ...]:
    return (
        row.opened_at,
        row.trades,
        row.open,
        row.high,
        row.low,
        row.close,
        row.volume,
        row.turnover,
        row.first_trade,
    )


def _column(column: Ints, per_row: int) -> Ints:
    return column.reshape(-1, per_row)
