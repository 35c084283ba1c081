"""One exchange's market at any instant: closed rows, the forming one, its trades and the last day.

It only remembers what it has computed, within named limits; every answer is a function of the tapes and the instant.
"""

import dataclasses
from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import TypeVar

import numpy as np

from livermore.core.market.timeframe import DAY, HOUR, Millis, Timeframe
from livermore.sim.edits import Edits
from livermore.sim.instruments import Listed
from livermore.sim.noise import key_of
from livermore.sim.rows import Row, folded_buckets, merged, row_of, rows_of
from livermore.sim.tape import BUCKET, BUCKETS_PER_DAY, Buckets, Tape
from livermore.sim.trades import Trade, Trades, trades_of

_MOST_DAYS_PER_PRODUCT = 3
# Tomorrow's buckets are computed before midnight, not at it, when everybody waits for everything at once.
_PREPARED_BEFORE: Millis = 2 * HOUR
_MOST_TRADES_PER_PRODUCT = 8
_MOST_PREFIXES = 12_000
# A long range is folded in pieces that fit a processor's cache.
_PIECE = 64 * BUCKETS_PER_DAY
_SEARCHED_BACK = 8 * BUCKETS_PER_DAY

K = TypeVar("K", tuple[str, int], tuple[str, str, int])
V = TypeVar("V")


class Market:
    """What one exchange lists and all that is traded on it."""

    def __init__(self, exchange: str, seed: int, listed: Sequence[Listed], tapes: Mapping[str, Tape]) -> None:
        self.exchange = exchange
        self.listed = tuple(listed)
        self.by_product = {name: one for one in self.listed for name in (one.product, *one.aliases)}
        self._tapes = tapes
        self._edits: dict[str, Edits] = {}
        self._prepared = 0
        self._keys = {one.product: key_of(seed, "path", exchange, one.symbol) for one in self.listed}
        self._days: OrderedDict[tuple[str, int], Buckets] = OrderedDict()
        self._trades: OrderedDict[tuple[str, Millis], Trades] = OrderedDict()
        self._prefixes: OrderedDict[tuple[str, str, Millis], Row] = OrderedDict()

    def listed_from(self, listed: Listed) -> Millis:
        """The instant from which the product can be traded."""
        return self._tapes[listed.product].start * BUCKET

    def pieces(
        self, listed: Listed, timeframe: Timeframe, since: Millis, until: Millis, now: Millis
    ) -> Iterator[Buckets]:
        """The rows that open in ``[since, until]`` up to the forming one, oldest first, in pieces, as columns.

        `first` of a piece is the number of its first row since 1970. Rows without trades are there, with zeros; rows
        before the first and after the last trading bucket are not.
        """
        tape = self._tapes[listed.product]
        per_row = timeframe.millis // BUCKET
        first = max(-(-since // timeframe.millis), tape.start // per_row) * per_row
        end = min((min(until, now) // timeframe.millis + 1) * per_row, tape.end)
        piece = max(_PIECE // per_row, 1) * per_row
        while first < end:
            count = min(piece, -(-(end - first) // per_row) * per_row)
            columns = folded_buckets(self._buckets(listed, first, count), per_row)
            first += count
            if first * BUCKET > now:
                columns = _ending_in(columns, self.row_at(listed, timeframe, now))
            yield columns

    def rows(self, listed: Listed, timeframe: Timeframe, since: Millis, until: Millis, now: Millis) -> list[Row]:
        """The same as `pieces`, in one, as rows."""
        pieces = self.pieces(listed, timeframe, since, until, now)
        return [row for piece in pieces for row in rows_of(piece, timeframe)]

    def closed_row(self, listed: Listed, timeframe: Timeframe, opened_at: Millis) -> Row:
        """The final row that opens at that instant."""
        per_row = timeframe.millis // BUCKET
        return row_of(self._buckets(listed, opened_at // BUCKET, per_row))

    def row_at(self, listed: Listed, timeframe: Timeframe, now: Millis) -> Row:
        """The forming row of the bucket that contains `now`, as it stands then."""
        trades = self.trades(listed, now)
        forming = trades.first(trades.count_at(now))
        opened_at = timeframe.opening(now)
        if opened_at == forming.opened_at:
            return forming
        return merged(self._closed_since(listed, timeframe.value, opened_at, forming.opened_at), forming)

    def day_at(self, listed: Listed, now: Millis) -> Row:
        """The last 24 hours up to `now`, on the grid of 5m buckets."""
        trades = self.trades(listed, now)
        opened_at = trades.row.opened_at
        since = opened_at - (BUCKETS_PER_DAY - 1) * BUCKET
        return merged(self._closed_since(listed, "day", since, opened_at), trades.first(trades.count_at(now)))

    def trades(self, listed: Listed, instant: Millis) -> Trades:
        """All trades of the 5m bucket that contains `instant`."""
        opened_at = instant - instant % BUCKET
        key = (listed.product, opened_at)
        trades = self._trades.get(key)
        if trades is None:
            row = row_of(self._buckets(listed, opened_at // BUCKET, 1))
            trades = self._trades[key] = trades_of(row, self._keys[listed.product])
            if len(self._trades) > _MOST_TRADES_PER_PRODUCT * len(self.listed):
                self._trades.popitem(last=False)
        return trades

    def recent_trades(self, listed: Listed, now: Millis, count: int) -> list[Trade]:
        """The newest trades up to `now`, newest first, not looking back further than a few days."""
        found: list[Trade] = []
        for back in range(_SEARCHED_BACK):
            trades = self.trades(listed, now - back * BUCKET)
            seen = trades.count_at(now)
            found.extend(reversed(trades.between(max(0, seen - (count - len(found))), seen)))
            if len(found) == count:
                break
        return found

    def last_price(self, listed: Listed, now: Millis) -> int:
        """The price of the last trade at `now`; 0 where there has been none for days."""
        return self.row_at(listed, Timeframe.M5, now).close or self.close_before(listed, now - now % BUCKET)

    def close_before(self, listed: Listed, instant: Millis) -> int:
        """The last price traded before the 5m bucket that opens at `instant`; 0 where there is none for days."""
        tape = self._tapes[listed.product]
        end = min(instant // BUCKET, tape.end)
        oldest = max(tape.start, end - _SEARCHED_BACK)
        while end > oldest:
            first = max(oldest, (end - 1) // BUCKETS_PER_DAY * BUCKETS_PER_DAY)
            buckets = self._buckets(listed, first, end - first)
            traded = np.flatnonzero(buckets.trades)
            if len(traded):
                return int(buckets.close[traded[-1]])
            end = first
        return 0

    def revise(self, listed: Listed, opened_at: Millis, by: float) -> bool:
        """Change a closed 5m row from now on, its close by that fraction; False where it has no trades."""
        if not self.closed_row(listed, Timeframe.M5, opened_at).trades:
            return False
        self._edited(listed).revise(opened_at // BUCKET, by)
        self._forget(listed.product)
        return True

    def halt(self, listed: Listed, since: Millis, until: Millis, *, is_listed: bool = True) -> None:
        """Let nobody trade in the 5m rows that open from `since` on and before `until`; none of them may have begun.

        Unless it is listed, the exchange keeps no rows of that time, not even flat ones.
        """
        self._edited(listed).halt(-(-since // BUCKET), -(-until // BUCKET), is_listed=is_listed)
        self._forget(listed.product)

    def resume(self, listed: Listed, now: Millis) -> None:
        """End the product's last halt with the next 5m row, if it still goes on."""
        self._edited(listed).resume(now // BUCKET + 1)
        self._forget(listed.product)

    def kept(self, listed: Listed, timeframe: Timeframe, rows: Buckets) -> Buckets:
        """The rows with a close of 0 where the exchange keeps none."""
        edits = self._edits.get(listed.product)
        if edits is None:
            return rows
        are_listed = edits.are_listed(rows.first, len(rows.trades), timeframe.millis // BUCKET)
        return rows if are_listed.all() else dataclasses.replace(rows, close=np.where(are_listed, rows.close, 0))

    def prepare(self, now: Millis) -> None:
        """Compute the coming day of one more product, if midnight is near."""
        if now % DAY < DAY - _PREPARED_BEFORE:
            self._prepared = 0
        elif self._prepared < len(self.listed):
            self._day(self.listed[self._prepared], now // DAY + 1)
            self._prepared += 1

    def _closed_since(self, listed: Listed, name: str, since: Millis, until: Millis) -> Row:
        key = (listed.product, name, until)
        known = self._prefixes.get(key)
        if known is not None:
            return known
        count = (until - since) // BUCKET
        row = row_of(self._buckets(listed, since // BUCKET, count))
        self._prefixes[key] = row
        if len(self._prefixes) > _MOST_PREFIXES:
            self._prefixes.popitem(last=False)
        return row

    def _edited(self, listed: Listed) -> Edits:
        return self._edits.setdefault(listed.product, Edits(self._tapes[listed.product]))

    def _forget(self, product: str) -> None:
        """Forget what was computed before a change."""
        _forget(self._days, product)
        _forget(self._trades, product)
        _forget(self._prefixes, product)

    def _read(self, listed: Listed, first: int, count: int) -> Buckets:
        buckets = self._tapes[listed.product].buckets(first, count)
        edits = self._edits.get(listed.product)
        return buckets if edits is None else edits.applied(buckets)

    def _buckets(self, listed: Listed, first: int, count: int) -> Buckets:
        day, offset = divmod(first, BUCKETS_PER_DAY)
        if offset + count > 2 * BUCKETS_PER_DAY:
            return self._read(listed, first, count)
        today = self._day(listed, day)
        if offset + count <= BUCKETS_PER_DAY:
            return today.part(offset, count)
        return today.with_next(self._day(listed, day + 1)).part(offset, count)

    def _day(self, listed: Listed, day: int) -> Buckets:
        key = (listed.product, day)
        buckets = self._days.get(key)
        if buckets is None:
            buckets = self._read(listed, day * BUCKETS_PER_DAY, BUCKETS_PER_DAY)
            self._days[key] = buckets
            if len(self._days) > _MOST_DAYS_PER_PRODUCT * len(self.listed):
                self._days.popitem(last=False)
        return buckets


def _forget(known: MutableMapping[K, V], product: str) -> None:
    for key in [key for key in known if key[0] == product]:
        del known[key]


def _ending_in(columns: Buckets, last: Row) -> Buckets:
    """The same columns with another last row."""
    values = (last.trades, last.open, last.high, last.low, last.close, last.volume, last.turnover, last.first_trade)
    changed = (np.append(column[:-1], value) for column, value in zip(columns.columns(), values, strict=True))
    return Buckets(columns.first, *changed)
