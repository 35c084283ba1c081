"""The trades of one 5m bucket, derived from its final candle, so that any moment of it is a beginning of the whole.

The path starts at the open, touches the high and the low, and ends at the close; the sizes add up to the volume.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from livermore.core.market.timeframe import Millis
from livermore.sim.noise import Floats, Ints, uniform
from livermore.sim.rows import Row
from livermore.sim.tape import BUCKET

_WANDER = 0.2


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade; `is_buy` is the side of the taker."""

    id: int
    at: Millis
    price: int
    size: int
    is_buy: bool


@dataclass(frozen=True, slots=True)
class Trades:
    """All trades of a bucket in order, with running high, low and volume."""

    row: Row
    offsets: list[Millis]
    prices: list[int]
    highs: list[int]
    lows: list[int]
    volumes: list[int]
    buys: list[bool]

    def count_at(self, instant: Millis) -> int:
        """How many trades had happened by `instant`, that instant included."""
        return bisect_right(self.offsets, instant - self.row.opened_at)

    def first(self, count: int) -> Row:
        """The bucket as it looked after its first `count` trades."""
        row = self.row
        if count == row.trades:
            return row
        if not count:
            return Row(row.opened_at, 0, 0, 0, 0, 0, 0, 0, row.first_trade)
        last = count - 1
        volume = self.volumes[last]
        return Row(
            row.opened_at,
            count,
            row.open,
            self.highs[last],
            self.lows[last],
            self.prices[last],
            volume,
            row.turnover * volume // row.volume,
            row.first_trade,
        )

    def between(self, since: int, until: int) -> list[Trade]:
        """The trades number `since` (counted from 0) up to, not including, `until`."""
        return [
            Trade(
                self.row.first_trade + number,
                self.row.opened_at + self.offsets[number],
                self.prices[number],
                self.volumes[number] - (self.volumes[number - 1] if number else 0),
                self.buys[number],
            )
            for number in range(since, until)
        ]


def trades_of(row: Row, key: int) -> Trades:
    """The trades that make up a closed 5m row; `key` names the product's stream of random numbers."""
    count = row.trades
    if not count:
        return Trades(row, [], [], [], [], [], [])
    draws = uniform(key, np.arange(4 * count, dtype=np.int64) + row.first_trade * 4)
    place, wander, weight, side = draws.reshape(4, count)
    offsets = ((np.arange(count) + place) * (BUCKET / count)).astype(np.int64)
    prices = _prices(row, wander)
    shares = np.cumsum(0.2 + weight)
    # Every trade has at least one increment of size.
    volumes = np.floor(shares / shares[-1] * (row.volume - count)).astype(np.int64) + np.arange(1, count + 1)
    volumes[-1] = row.volume
    return Trades(
        row,
        np.minimum(offsets, BUCKET - 1).tolist(),
        prices.tolist(),
        np.maximum.accumulate(prices).tolist(),
        np.minimum.accumulate(prices).tolist(),
        volumes.tolist(),
        (side < 0.5).tolist(),
    )


def _prices(row: Row, wander: Floats) -> Ints:
    count = row.trades
    places, levels = _way(row, float(wander[0]))
    path = np.interp(np.arange(count), places, levels)
    path += (wander - 0.5) * _WANDER * (row.high - row.low)
    prices = np.clip(np.rint(path), row.low, row.high).astype(np.int64)
    prices[places] = levels
    return prices


def _way(row: Row, chance: float) -> tuple[list[int], list[int]]:
    """The trades whose prices are given, and those prices: open, the two extremes in some order, close."""
    last = row.trades - 1
    if last == 0:
        return [0], [row.open]
    middle = [price for price in (row.high, row.low) if price not in (row.open, row.close)]
    # An upward candle dips first more often than not.
    if (row.close >= row.open) == (chance < 0.8):
        middle.reverse()
    places = [1 + number * (last - 1) // len(middle) for number in range(len(middle))]
    return [0, *places, last], [row.open, *middle, row.close]
