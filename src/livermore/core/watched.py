"""A watched series: closed candles without a hole, the indicator folded over them, and what the rules remember.

Candles that have closed but cannot be appended yet, because one before them is not explained, wait.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from livermore.core.alerts.rules import Crossing, Memory, Rules, Signal, evaluate, rearmed
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.series import Series
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.messages import FetchCandles, SeriesCommit
from livermore.core.restored import RestoredSeries
from livermore.core.snapshot import SeriesSnapshot

# The base must reach back over the longest candle that is folded from it, a day of 288, with some to spare.
KEPT_BASE: Final = 320
KEPT_HIGHER: Final = 100
# Two days of 5m candles; what comes beyond is let go and asked of REST again when its turn is near. The newest goes, not
# the oldest: that one is the next to be appended, and without it the series would never go on.
WAITING_LIMIT: Final = 576


class Silence(Enum):
    """A bucket without trades, of which the candle is made when its turn comes."""

    PROVEN = "the feed was whole and said nothing"
    CONFIRMED = "the exchange's history has no trades in it"


@dataclass(frozen=True, slots=True)
class Step:
    """A candle that raised signals: its reading, the value before it, and whether it was history to us."""

    candle: Candle
    reading: Reading
    previous: float
    signals: tuple[Signal, ...]


class WatchedSeries:
    """One series and all that is computed from it.

    `order` is the request for candles that is still unanswered. A close up to `watched_since` is history and raises no
    alert. `may_begin` says that nothing is known before the oldest waiting candle, so that the series begins with it.
    After an answer that did not help, nothing is asked before the watermark reaches `rests_until`.
    """

    __slots__ = (
        "_fresh",
        "_waiting",
        "fold",
        "may_begin",
        "memory",
        "order",
        "rests_until",
        "series",
        "started_at",
        "symbol",
        "timeframe",
        "watched_since",
    )

    def __init__(self, symbol: str, timeframe: Timeframe) -> None:
        self.symbol = symbol
        self.timeframe = timeframe
        self.series = Series(symbol, timeframe, KEPT_BASE if timeframe is BASE else KEPT_HIGHER)
        self.fold = MacdV()
        self.memory: Memory = ()
        self.started_at: Millis | None = None
        self.watched_since: Millis | None = None
        self.may_begin = False
        self.rests_until: Millis = 0
        self.order: FetchCandles | None = None
        self._waiting: dict[Millis, Candle | Silence] = {}
        self._fresh: list[Candle] = []

    @classmethod
    def resumed(cls, restored: RestoredSeries) -> "WatchedSeries":
        """The series as it was last committed."""
        watched = cls(restored.symbol, restored.timeframe)
        for candle in restored.candles:
            watched.series.append(candle)
        snapshot = restored.snapshot
        watched.fold = MacdV.resumed(snapshot.indicator)
        watched.memory = snapshot.memory
        watched.started_at = snapshot.started_at
        watched.watched_since = snapshot.watched_since
        return watched

    @property
    def next_opened_at(self) -> Millis | None:
        """The opening of the candle that comes next; None while the series has not begun."""
        return self.series.next_opened_at

    @property
    def reading(self) -> Reading | None:
        """The reading at the newest candle; None where it is undefined."""
        candle = self.series.newest
        return None if candle is None else self.fold.reading(candle)

    def wait(self, opened_at: Millis, found: Candle | Silence) -> None:
        """Let what is known of a closed bucket wait for those before it; what the exchange confirmed stays."""
        if not _is_confirmed(self._waiting.get(opened_at)):
            self._waiting[opened_at] = found
        if len(self._waiting) > WAITING_LIMIT:
            del self._waiting[max(self._waiting)]

    def due(self) -> Candle | None:
        """The next candle of the series, if it is known; it no longer waits."""
        opened_at = self.next_opened_at
        if opened_at is None:
            return self._first() if self.may_begin else None
        if not self._waiting:
            return None
        found = self._waiting.pop(opened_at, None)
        if not isinstance(found, Silence):
            return found
        confirmed = found is Silence.CONFIRMED
        return empty_candle(self.symbol, self.timeframe, opened_at, self.series.last_close, is_confirmed=confirmed)

    def _first(self) -> Candle | None:
        for opened_at in sorted(self._waiting):
            found = self._waiting.pop(opened_at)
            if isinstance(found, Candle):
                return found
        return None

    def append(self, candle: Candle, rules: Rules) -> Step | None:
        """Take in the next candle: fold it, look at the rules, remember; answers if a signal is news to anybody."""
        self.series.append(candle)
        self._fresh.append(candle)
        if self.started_at is None:
            self.started_at = candle.opened_at
        fold = self.fold
        previous = fold.value
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        value = fold.value
        if not fold.is_defined or value is None:
            return None
        if self.memory:
            self.memory = rearmed(rules, self.memory, value)
        # Between the first levels no rule comes true: both levels and reversals lie beyond them.
        is_calm = -rules.first_level <= value <= rules.first_level
        if is_calm or previous is None or fold.candles < rules.candles_needed:
            return None
        crossing = Crossing(self.timeframe, candle.closes_at, previous, value, fold.histogram)
        self.memory, signals = evaluate(rules, self.memory, crossing)
        reading = fold.reading(candle) if signals and not self._is_history(candle.closes_at) else None
        return None if reading is None else Step(candle, reading, previous, signals)

    def _is_history(self, closes_at: Millis) -> bool:
        return self.watched_since is None or closes_at <= self.watched_since

    def hole(self, ended: Millis) -> tuple[Millis, Millis]:
        """The first stretch ``[since, until)`` of buckets ended by `ended` of which nothing is known; may be empty."""
        since = self.next_opened_at
        if since is None or since >= ended or since in self._waiting:
            return ended, ended
        return since, min(ended, min(self._waiting, default=ended))

    def snapshot(self) -> SeriesSnapshot:
        """Where the series stands; it must have begun and be watched."""
        started_at, next_opened_at, watched_since = self.started_at, self.next_opened_at, self.watched_since
        if started_at is None or next_opened_at is None or watched_since is None:
            raise ValueError(f"{self.symbol} {self.timeframe} has not begun")
        last_opened_at = next_opened_at - self.timeframe.millis
        return SeriesSnapshot(started_at, last_opened_at, watched_since, self.fold.state(), self.memory)

    def changes(self) -> SeriesCommit | None:
        """What has changed since this was last asked, or None."""
        if not self._fresh:
            return None
        candles = tuple(self._fresh)
        self._fresh.clear()
        return SeriesCommit(self.timeframe, candles, self.fold.reading(candles[-1]), self.snapshot())


def _is_confirmed(found: Candle | Silence | None) -> bool:
    return found is Silence.CONFIRMED or (isinstance(found, Candle) and found.is_confirmed)
