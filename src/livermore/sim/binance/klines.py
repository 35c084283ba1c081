"""Binance's klines over REST, written a column at a time: a thousand rows are asked for again and again.

``[[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499644799999,
"2434.19055334",308,"1756.87402397","28.46694368","0"]]``
"""

from collections.abc import Sequence

import numpy as np

from livermore.core.market.timeframe import Timeframe
from livermore.sim.binance.numbers import TAKERS_PERCENT
from livermore.sim.instruments import Listed
from livermore.sim.noise import Ints
from livermore.sim.tape import Buckets

_PLACES = 8


def filled_rows(rows: Buckets, close: int) -> Buckets:
    """The rows with those that have no trades as Binance has them: flat at the close before; `close` is the first.

    Rows before which nothing was ever traded keep their zeros.
    """
    traded = rows.trades > 0
    if traded.all():
        return rows
    newest = np.maximum.accumulate(np.where(traded, np.arange(len(traded)), -1))
    flat = np.where(newest >= 0, rows.close[newest], close)
    prices = (rows.open, rows.high, rows.low, rows.close)
    opened, high, low, closed = (np.where(traded, column, flat) for column in prices)
    return Buckets(rows.first, rows.trades, opened, high, low, closed, rows.volume, rows.turnover, rows.first_trade)


def klines(listed: Listed, timeframe: Timeframe, pieces: Sequence[Buckets], limit: int) -> bytes:
    """The body of the answer: at most `limit` rows, the newest ones where `limit` is negative."""
    lines: list[str] = []
    for piece in pieces:
        lines += _lines(listed, timeframe, piece)
    return f"[{','.join(lines[:limit] if limit > 0 else lines[limit:])}]".encode()


def _lines(listed: Listed, timeframe: Timeframe, rows: Buckets) -> list[str]:
    known = np.flatnonzero(rows.close)
    opened_at = (rows.first + known) * timeframe.millis
    prices = (rows.open, rows.high, rows.low, rows.close)
    volume, turnover = rows.volume[known], rows.turnover[known]
    fields: tuple[_Whole | _Decimals, ...] = (
        _Whole(opened_at),
        *(_Decimals(column[known], listed.price_decimals) for column in prices),
        _Decimals(volume, listed.size_decimals),
        _Whole(opened_at + timeframe.millis - 1),
        _Decimals(turnover, listed.turnover_decimals),
        _Whole(rows.trades[known]),
        _Decimals(_taken(volume), listed.size_decimals),
        _Decimals(_taken(turnover), listed.turnover_decimals),
    )
    line = f'[{",".join(field.pattern for field in fields)},"0"]'
    columns = [column.tolist() for field in fields for column in field.columns]
    return [line % values for values in zip(*columns, strict=True)]


class _Whole:
    """A column of whole numbers."""

    def __init__(self, values: Ints) -> None:
        self.pattern = "%d"
        self.columns = [values]


class _Decimals:
    """A column of strings with eight places; what does not fit into them is cut off."""

    def __init__(self, values: Ints, decimals: int) -> None:
        if decimals > _PLACES:
            values, decimals = values // 10 ** (decimals - _PLACES), _PLACES
        zeros = "0" * (_PLACES - decimals)
        if decimals:
            self.pattern = f'"%d.%0{decimals}d{zeros}"'
            self.columns = list(np.divmod(values, 10**decimals))
        else:
            self.pattern = f'"%d.{zeros}"'
            self.columns = [values]


def _taken(values: Ints) -> Ints:
    # The hundreds apart, for a day's turnover times 48 does not always fit into 64 bits.
    return values // 100 * TAKERS_PERCENT + values % 100 * TAKERS_PERCENT // 100
