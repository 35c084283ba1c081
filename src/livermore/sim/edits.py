"""What was changed about a product after the fact: candles that were revised, and spells in which nobody traded."""

import numpy as np
from numpy.typing import NDArray

from livermore.sim.tape import Buckets, Tape


class Edits:
    """The changes to one product's tape, applied to whatever is read from it."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._moves: dict[int, float] = {}
        self._halts: list[list[int]] = []
        self._unlisted: list[list[int]] = []

    def revise(self, bucket: int, by: float) -> None:
        """From now on the close of a bucket is another one, by that fraction of the price."""
        self._moves[bucket] = by

    def halt(self, first: int, end: int, *, is_listed: bool = True) -> None:
        """Nobody trades from bucket `first` up to, not including, bucket `end`; it must begin after the halt before.

        Unless it is listed, no history holds a row of that time.
        """
        span = [first, end]
        self._halts.append(span)
        if not is_listed:
            self._unlisted.append(span)

    def are_listed(self, first: int, count: int, per_row: int) -> NDArray[np.bool_]:
        """Of `count` rows of `per_row` buckets each, the first of them number `first`, those that a history holds."""
        opened = (first + np.arange(count)) * per_row
        listed = np.ones(count, dtype=np.bool_)
        for since, until in self._unlisted:
            listed &= (opened < since) | (opened + per_row > until)
        return listed

    def resume(self, bucket: int) -> None:
        """The last halt ends with that bucket at the latest, or never begins."""
        last = self._halts[-1]
        last[1] = min(last[1], max(bucket, last[0]))

    def applied(self, buckets: Buckets) -> Buckets:
        """The buckets as they are after all changes."""
        changed = Buckets(buckets.first, *(column.copy() for column in buckets.columns()))
        gone = 0
        for first, end in self._halts:
            gone = self._empty(changed, first, end, gone)
        for bucket, by in self._moves.items():
            place = bucket - buckets.first
            if 0 <= place < len(changed.trades) and changed.trades[place]:
                _move(changed, place, by)
        return changed

    def _empty(self, buckets: Buckets, first: int, end: int, gone: int) -> int:
        """Take the trades of a halt out, after `gone` others; ids have no holes, so later ones move up."""
        count = len(buckets.trades)
        since, until = (max(0, min(bucket - buckets.first, count)) for bucket in (first, end))
        if first == end or since == count:
            return gone
        halted = self._first_id(first)
        removed = self._first_id(end) - halted
        *others, ids = buckets.columns()
        ids[until:] -= removed
        # Within a halt an id is that of the next trade there will be.
        ids[since:until] = halted - gone
        for column in others:
            column[since:until] = 0
        return gone + removed

    def _first_id(self, bucket: int) -> int:
        inside = max(self._tape.start, min(bucket, self._tape.end - 1))
        return int(self._tape.buckets(inside, 1).first_trade[0])


def _move(buckets: Buckets, place: int, by: float) -> None:
    close = max(1, round(int(buckets.close[place]) * (1.0 + by)))
    if close == buckets.close[place]:
        # Even the cheapest of prices moves by an increment.
        close += 1
    volume = int(buckets.volume[place])
    more = volume + volume // 10 + 1
    buckets.close[place] = close
    buckets.high[place] = max(int(buckets.high[place]), close)
    buckets.low[place] = min(int(buckets.low[place]), close)
    buckets.volume[place] = more
    buckets.turnover[place] = int(buckets.turnover[place]) * more // volume
