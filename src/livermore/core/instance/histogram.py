"""How long things took, counted into a fixed number of places, so that a percentile costs no memory that grows.

Below 64 ms each millisecond has a place of its own, above it there are 32 to every doubling, so that what is told is
never less than the truth and at most a thirty-second part more. What took longer than 17 minutes counts as that.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from livermore.core.instance.status import LagSpread
from livermore.core.market.timeframe import MINUTE, Millis

EXACT: Final = 64
LONGEST: Final[Millis] = 2**20 - 1
PLACES: Final = 512
LOOKS_BACK: Final[Millis] = 5 * MINUTE

_HALF: Final = EXACT // 2
_BITS: Final = EXACT.bit_length() - 1


@dataclass(frozen=True, slots=True)
class _Mark:
    """What had been counted at an instant."""

    at: Millis
    counts: tuple[int, ...]


class LagHistogram:
    """Durations in ms: `counts` and `total` only grow; a negative one, which clocks that differ make, counts as 0."""

    __slots__ = ("_marks", "counts", "total")

    def __init__(self, at: Millis) -> None:
        self.counts = [0] * PLACES
        self.total: Millis = 0
        self._marks = deque([_Mark(at, (0,) * PLACES)])

    def add(self, took: Millis) -> None:
        """Count a duration."""
        if took < 0:
            took = 0
        self.total += took
        self.counts[place_of(took)] += 1

    def recent(self, now: Millis) -> LagSpread | None:
        """The durations of the latest five to six minutes by the clock that `now` is of; None where there are none.

        What had been counted is remembered when this is asked, once a minute at most: whoever asks more seldom is told
        of a longer time.
        """
        marks = self._marks
        if now < marks[-1].at:
            # A clock that was set back makes the marks meaningless.
            marks.clear()
        if not marks or now - marks[-1].at >= MINUTE:
            marks.append(_Mark(now, tuple(self.counts)))
        while len(marks) > 1 and now - marks[1].at >= LOOKS_BACK:
            marks.popleft()
        return spread_of([count - before for count, before in zip(self.counts, marks[0].counts, strict=True)])

    def at_most(self, edges: Sequence[Millis]) -> tuple[int, ...]:
        """How many durations there were of at most each of these, as exactly as the places tell."""
        sums = list(accumulate(self.counts))
        return tuple(sums[place_of(edge)] for edge in edges)


def place_of(took: Millis) -> int:
    """Where a duration is counted.

    >>> place_of(63), place_of(64), place_of(65), place_of(128)
    (63, 64, 64, 96)
    """
    if took < EXACT:
        return took
    took = min(took, LONGEST)
    shift = took.bit_length() - _BITS
    return shift * _HALF + (took >> shift)


def longest_of(place: int) -> Millis:
    """The longest duration that is counted there."""
    if place < EXACT:
        return place
    shift = place // _HALF - 1
    return ((place - shift * _HALF + 1) << shift) - 1


def spread_of(counts: Sequence[int]) -> LagSpread | None:
    """The middle, the longest but one in a hundred, and the longest of what was counted; None for nothing."""
    sums = list(accumulate(counts))
    total = sums[-1] if sums else 0
    if not total:
        return None
    middle, late, last = (next(i for i, s in enumerate(sums) if s >= rank) for rank in _ranks(total))
    return LagSpread(total, longest_of(middle), longest_of(late), longest_of(last))


def _ranks(total: int) -> tuple[int, int, int]:
    return (total + 1) // 2, -(-total * 99 // 100), total
