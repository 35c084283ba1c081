"""The five lengths of a candle and the grid they lie on.

All instants are `Millis`: integer milliseconds since the Unix epoch, UTC. Every timeframe divides the next longer one
and a day, so a boundary of a longer timeframe is always a boundary of the shorter ones.
"""

from enum import StrEnum
from typing import Self, TypeAlias

from livermore.errors import UnknownTimeframe

Millis: TypeAlias = int

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR


class Timeframe(StrEnum):
    """The length of a candle; members are ordered from the shortest to the longest."""

    millis: Millis

    def __new__(cls, name: str, millis: Millis) -> Self:
        """Build a member that is its name and knows its length in milliseconds."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.millis = millis
        return member

    M5 = "5m", 5 * MINUTE
    M15 = "15m", 15 * MINUTE
    H1 = "1h", HOUR
    H4 = "4h", 4 * HOUR
    D1 = "1d", DAY

    def opening(self, instant: Millis) -> Millis:
        """The opening instant of the bucket that contains `instant`."""
        return instant - instant % self.millis


BASE = Timeframe.M5
HIGHER = tuple(timeframe for timeframe in Timeframe if timeframe is not BASE)
_ALL = tuple(Timeframe)
_BY_NAME = {timeframe.value: timeframe for timeframe in Timeframe}


def timeframe_named(name: str) -> Timeframe:
    """The timeframe called `name`, such as ``"1h"``.

    Raises:
        UnknownTimeframe: when there is none of that name.
    """
    found = _BY_NAME.get(name)
    if found is not None:
        return found
    raise UnknownTimeframe(f"unknown timeframe {name!r}; known are {', '.join(Timeframe)}")


def closing_at(boundary: Millis) -> tuple[Timeframe, ...]:
    """The timeframes that have a candle closing at `boundary`, from the shortest to the longest."""
    count = 0
    for timeframe in _ALL:
        if boundary % timeframe.millis:
            break
        count += 1
    return _ALL[:count]
