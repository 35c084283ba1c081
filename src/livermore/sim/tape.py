"""The tape: for any product and any range of 5m buckets, what was traded in them.

Nothing is simulated forward. A bucket is a pure function of (seed, exchange, product, bucket), in either direction of
time, so that history is as long as anybody asks and the live feed and the history cannot disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livermore.core.market.timeframe import BASE, DAY, Millis
from livermore.sim.instruments import Listed
from livermore.sim.noise import Floats, Ints, key_of, uniform, uniforms
from livermore.sim.price import fair_price

BUCKET: Millis = BASE.millis
BUCKETS_PER_DAY = DAY // BUCKET
# 2020-01-01: before it nothing was listed.
FIRST_BUCKET = 1_577_836_800_000 // BUCKET
# 2026-01-01: after it the delisted product does not trade.
DELISTED_BUCKET = 1_767_225_600_000 // BUCKET
LAST_BUCKET = 4_102_444_800_000 // BUCKET
_CERTAIN_FROM = 10.0
_BASIS = 0.0004


@dataclass(frozen=True, slots=True)
class Buckets:
    """Consecutive 5m buckets, as columns of whole increments; a bucket with 0 `trades` has zeros in all columns.

    `first` is the number of the first bucket since 1970; `first_trade` holds the id of each bucket's first trade (of
    the next one, where it has none). `turnover` is the worth of the volume, in the units that
    `Listed.turnover_decimals` tells.
    """

    first: int
    trades: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    turnover: Ints
    first_trade: Ints

    def part(self, offset: int, count: int) -> "Buckets":
        """`count` of these buckets, without copying."""
        columns = (column[offset : offset + count] for column in self.columns())
        return Buckets(self.first + offset, *columns)

    def with_next(self, following: "Buckets") -> "Buckets":
        """These buckets and those that follow at once."""
        pairs = zip(self.columns(), following.columns(), strict=True)
        return Buckets(self.first, *(np.concatenate(pair) for pair in pairs))

    def widened(self, first: int, count: int) -> "Buckets":
        """These buckets inside the wider range of `count` from `first`; the others are without trades."""
        before = self.first - first if len(self.trades) else 0
        after = count - before - len(self.trades)
        columns = (np.pad(column, (before, after)) for column in self.columns())
        return Buckets(first, *columns)

    def columns(self) -> tuple[Ints, ...]:
        """The columns, in the order of the fields."""
        return (
            self.trades,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.turnover,
            self.first_trade,
        )


class Tape(Protocol):
    """All that is ever traded of one product, from bucket `start` up to, not including, bucket `end`."""

    @property
    def start(self) -> int:
        """The first bucket there is."""

    @property
    def end(self) -> int:
        """The bucket after the last there is."""

    def buckets(self, first: int, count: int) -> Buckets:
        """`count` buckets from `first`; those outside the tape are without trades."""


@dataclass(frozen=True, slots=True)
class SeededTape:
    """The tape of a product that exists only as a formula."""

    seed: int
    exchange: str
    listed: Listed

    @property
    def start(self) -> int:
        """The first bucket there is."""
        return FIRST_BUCKET

    @property
    def end(self) -> int:
        """The bucket after the last there is."""
        return LAST_BUCKET if self.listed.is_trading else DELISTED_BUCKET

    def buckets(self, first: int, count: int) -> Buckets:
        """`count` buckets from `first`."""
        numbers = np.arange(first, first + count, dtype=np.int64)
        first_trade, trades = self._trades(first, count)
        opens, closes = self._edges(first, count)
        closes = np.where(trades == 1, opens, closes)
        up, down, side, size = uniforms(self._key("shape"), numbers, 4)
        high, low = self._extremes(trades, opens, closes, (up, down, side))
        volume = self._volume(trades, opens, closes, size)
        traded = trades > 0
        typical = (opens + high + low + closes) // 4
        columns = [opens, high, low, closes, volume, volume * typical]
        if not traded.all():
            columns = [column * traded for column in columns]
        opens, high, low, closes, volume, turnover = columns
        return Buckets(first, trades, opens, high, low, closes, volume, turnover, first_trade)

    def _key(self, what: str) -> int:
        return key_of(self.seed, what, self.exchange, self.listed.symbol)

    def _trades(self, first: int, count: int) -> tuple[Ints, Ints]:
        """Ids by a rising formula, so that they have no holes, and counts as the differences."""
        boundaries = np.arange(first, first + count + 1, dtype=np.int64)
        rate = self.listed.bursts
        # Liquid products trade in every bucket: their jitter is too small to empty one.
        spread = 0.8 if rate >= _CERTAIN_FROM else 0.999
        moments = np.floor((boundaries + spread * uniform(self._key("trades"), boundaries)) * rate)
        ids = moments.astype(np.int64) * self.listed.burst
        inside = (boundaries[:-1] >= self.start) & (boundaries[:-1] < self.end)
        return ids[:-1] + 1, (ids[1:] - ids[:-1]) * inside

    def _edges(self, first: int, count: int) -> tuple[Ints, Ints]:
        boundaries = np.arange(first, first + count + 1, dtype=np.int64)
        price = fair_price(self.seed, self.listed.asset, first, count + 1)
        # Exchanges agree on a price but for a little of their own.
        basis = uniform(key_of(self.seed, "basis", self.exchange, self.listed.base), boundaries) - 0.5
        price = price * (1.0 + min(_BASIS, self.listed.asset.volatility * 0.3) * basis)
        ticks = np.maximum(np.rint(price * 10**self.listed.price_decimals), 2.0).astype(np.int64)
        return ticks[:-1], ticks[1:]

    def _extremes(self, trades: Ints, opens: Ints, closes: Ints, chances: Sequence[Floats]) -> tuple[Ints, Ints]:
        high, low = np.maximum(opens, closes), np.minimum(opens, closes)
        up, down = self._wick(chances[0], high), self._wick(chances[1], low)
        # Two trades have no room for a wick, and three for one only.
        one_sided = chances[2] < 0.5
        high = high + up * ((trades > 3) | ((trades == 3) & one_sided))
        low = low - down * ((trades > 3) | ((trades == 3) & ~one_sided))
        return high, np.maximum(low, 1)

    def _wick(self, chance: Floats, price: Ints) -> Ints:
        return (price * (self.listed.asset.volatility * 0.7 * chance * chance)).astype(np.int64)

    def _volume(self, trades: Ints, opens: Ints, closes: Ints, chance: Floats) -> Ints:
        # Much is traded where much happens.
        move = np.abs(closes - opens) / (opens * max(self.listed.asset.volatility, 1e-9))
        size = self.listed.usual_size * (0.3 + 1.4 * chance * chance) * (1.0 + np.minimum(move, 4.0) * 0.5)
        volume: Ints = np.maximum((trades * size).astype(np.int64), trades)
        return volume
