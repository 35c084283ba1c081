"""A series: the closed candles of one symbol and timeframe, in order and without a hole.

Candles are kept as columns of numbers, a tenth of what objects would weigh, and only the newest of them: the series
remembers how many candles it has had, not all of them.
"""

from array import array
from collections.abc import Iterable, Iterator
from math import fsum
from typing import Final

from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import Millis, Timeframe

_EMPTY: Final = 1
_CONFIRMED: Final = 2
_REVISION_SHIFT: Final = 2


class Series:
    """The newest candles of a series; `append` is the only way in, and takes nothing but the next one.

    The newest `kept` candles stay at hand. `next_opened_at` is the opening of the only candle that can be appended;
    None while the series is empty.
    """

    __slots__ = (
        "_closes",
        "_first_opened_at",
        "_highs",
        "_lows",
        "_marks",
        "_newest",
        "_opens",
        "_volumes",
        "kept",
        "next_opened_at",
        "symbol",
        "timeframe",
    )

    def __init__(self, symbol: str, timeframe: Timeframe, kept: int) -> None:
        self.symbol = symbol
        self.timeframe = timeframe
        self.kept = kept
        self.next_opened_at: Millis | None = None
        self._first_opened_at: Millis | None = None
        self._opens = array("d")
        self._highs = array("d")
        self._lows = array("d")
        self._closes = array("d")
        self._volumes = array("d")
        self._marks = array("H")
        self._newest: Candle | None = None

    def __len__(self) -> int:
        return len(self._closes)

    def __iter__(self) -> Iterator[Candle]:
        return (self._candle(index) for index in range(len(self._closes)))

    @property
    def first_opened_at(self) -> Millis | None:
        """The opening of the oldest candle still at hand."""
        return self._first_opened_at

    @property
    def newest(self) -> Candle | None:
        """The newest candle, or None while the series is empty."""
        return self._newest

    @property
    def last_close(self) -> float:
        """The close of the newest candle; the series must have one."""
        return self._closes[-1]

    @property
    def is_full(self) -> bool:
        """Whether the next candle will push out the oldest one."""
        return len(self._closes) >= self.kept

    @property
    def oldest_numbers(self) -> tuple[float, float, float, bool]:
        """High, low and close of the oldest candle at hand, and whether it is empty; the series must have one."""
        return self._highs[0], self._lows[0], self._closes[0], bool(self._marks[0] & _EMPTY)

    def append(self, candle: Candle) -> None:
        """Add the next candle.

        Raises:
            ValueError: when it is not the next one.
        """
        if self._first_opened_at is None:
            self._first_opened_at = candle.opened_at
        elif candle.opened_at != self.next_opened_at:
            raise ValueError(f"{candle} does not follow the series, which goes on at {self.next_opened_at}")
        self.next_opened_at = candle.closes_at
        self._newest = candle
        self._opens.append(candle.open)
        self._highs.append(candle.high)
        self._lows.append(candle.low)
        self._closes.append(candle.close)
        self._volumes.append(candle.volume)
        self._marks.append(_marks(candle))
        if len(self._closes) > self.kept:
            self._drop_oldest()

    def replace(self, candle: Candle) -> None:
        """Put a corrected or confirmed candle in the place of the one at hand with the same opening.

        Raises:
            KeyError: when there is none at hand.
        """
        index = self._index(candle.opened_at)
        if index == len(self._closes) - 1:
            self._newest = candle
        self._opens[index] = candle.open
        self._highs[index] = candle.high
        self._lows[index] = candle.low
        self._closes[index] = candle.close
        self._volumes[index] = candle.volume
        self._marks[index] = _marks(candle)

    def at(self, opened_at: Millis) -> Candle | None:
        """The candle that opened at that instant, or None when it is not at hand."""
        try:
            return self._candle(self._index(opened_at))
        except KeyError:
            return None

    def since(self, opened_at: Millis) -> Iterator[Candle]:
        """The candles at hand from that opening on, oldest first."""
        if self._first_opened_at is None:
            return iter(())
        start = max(0, -((self._first_opened_at - opened_at) // self.timeframe.millis))
        return (self._candle(index) for index in range(start, len(self._closes)))

    def folded(self, timeframe: Timeframe, opened_at: Millis) -> Candle | None:
        """The candle of a longer timeframe made of these ones; None unless all of them are at hand.

        Candles without trades are skipped for open, high and low; one of only such is itself empty. An empty candle
        between trades is flat at a price that was traded, so only those before the first trade need skipping.
        """
        if self._first_opened_at is None or opened_at < self._first_opened_at:
            return None
        start = (opened_at - self._first_opened_at) // self.timeframe.millis
        stop = start + timeframe.millis // self.timeframe.millis
        if stop > len(self._closes):
            return None
        marks = self._marks[start:stop]
        traded = next((index for index, mark in enumerate(marks, start) if not mark & _EMPTY), None)
        close = self._closes[stop - 1]
        if traded is None:
            return empty_candle(self.symbol, timeframe, opened_at, close, is_confirmed=False)
        return Candle(
            self.symbol,
            timeframe,
            opened_at,
            self._opens[traded],
            max(self._highs[traded:stop]),
            min(self._lows[traded:stop]),
            close,
            # fsum, so that the sum does not depend on what was added first
            fsum(self._volumes[traded:stop]),
        )

    def first_unconfirmed(self, opened_at: Millis) -> Millis | None:
        """The opening of the first candle at hand, from `opened_at` on, that REST has not confirmed, or None."""
        if self._first_opened_at is None:
            return None
        start = max(0, -((self._first_opened_at - opened_at) // self.timeframe.millis))
        for index in range(start, len(self._marks)):
            if not self._marks[index] & _CONFIRMED:
                return self._first_opened_at + index * self.timeframe.millis
        return None

    def _index(self, opened_at: Millis) -> int:
        if self._first_opened_at is None or opened_at < self._first_opened_at:
            raise KeyError(opened_at)
        index, off_grid = divmod(opened_at - self._first_opened_at, self.timeframe.millis)
        if off_grid or index >= len(self._closes):
            raise KeyError(opened_at)
        return index

    def _candle(self, index: int) -> Candle:
        marks = self._marks[index]
        assert self._first_opened_at is not None
        return Candle(
            self.symbol,
            self.timeframe,
            self._first_opened_at + index * self.timeframe.millis,
            self._opens[index],
            self._highs[index],
            self._lows[index],
            self._closes[index],
            self._volumes[index],
            bool(marks & _EMPTY),
            bool(marks & _CONFIRMED),
            marks >> _REVISION_SHIFT,
        )

    def _drop_oldest(self) -> None:
        for column in (self._opens, self._highs, self._lows, self._closes, self._volumes):
            del column[0]
        del self._marks[0]
        assert self._first_opened_at is not None
        self._first_opened_at += self.timeframe.millis


def _marks(candle: Candle) -> int:
    return candle.is_empty * _EMPTY | candle.is_confirmed * _CONFIRMED | candle.revision << _REVISION_SHIFT


def folded(candles: Iterable[Candle], timeframe: Timeframe) -> list[Candle]:
    """Contiguous candles of one series folded into every complete candle of a longer `timeframe`."""
    made: list[Candle] = []
    series: Series | None = None
    for candle in candles:
        if series is None:
            series = Series(candle.symbol, candle.timeframe, timeframe.millis // candle.timeframe.millis)
        series.append(candle)
        longer = None
        if candle.closes_at % timeframe.millis == 0:
            longer = series.folded(timeframe, candle.closes_at - timeframe.millis)
        if longer is not None:
            made.append(longer)
    return made
