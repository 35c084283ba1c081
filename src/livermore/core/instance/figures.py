"""What an instance has done today, and how far behind it is: numbers for people, which nothing is decided by.

A day begins at midnight UTC of the market's clock, or with the process; the lags are in our own milliseconds, however
fast a simulated market runs.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from livermore.core.instance.histogram import LagHistogram
from livermore.core.instance.status import Lags, Today
from livermore.core.market.timeframe import DAY, Millis
from livermore.core.messages import Commit, Effect, FetchCandles, FetchReason, SeriesCommit

CORRECTIONS_KNOWN: Final = 50_000
"""How many corrections of a day are told from their repetitions."""


class DayBook:
    """What was done since midnight; every `at` is the market's clock, and one that was set back begins anew."""

    def __init__(self) -> None:
        self._since: Millis | None = None
        self._candles: Counter[str] = Counter()
        self._alerts: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._newest: dict[tuple[str, str], Millis] = {}
        self._corrected: set[tuple[str, str, Millis, int]] = set()
        self._corrections = 0

    def wrote(self, commits: Iterable[Commit], at: Millis) -> None:
        """Count what was committed: of candles those that have closed since, each once."""
        since = self._turned(at)
        for commit in commits:
            for series in commit.series:
                self._count(commit.symbol, series, since)
            for alert in commit.alerts:
                self._alerts[alert.status.value] += 1

    def asked(self, order: FetchCandles, at: Millis) -> None:
        """Count a request for history."""
        self._turned(at)
        self._asked[order.reason.value] += 1

    def today(self, at: Millis) -> Today:
        """The numbers of the day that `at` is in."""
        return Today(
            since=self._turned(at),
            candles={str(timeframe): count for timeframe, count in self._candles.items() if count},
            alerts=dict(self._alerts),
            corrections=self._corrections,
            gaps=self._asked[FetchReason.GAP],
            repairs=self._asked[FetchReason.REPAIR],
        )

    def _count(self, symbol: str, series: SeriesCommit, since: Millis) -> None:
        candles, timeframe = series.candles, series.timeframe
        if not candles:
            return
        name = (symbol, timeframe)
        newest, fresh = self._newest.get(name, -1), 0
        too_old = since - timeframe.millis
        for candle in reversed(candles):
            opened_at = candle.opened_at
            if opened_at <= too_old:
                break
            fresh += opened_at > newest
            if candle.revision:
                self._note_correction((symbol, timeframe, opened_at, candle.revision))
        self._candles[timeframe] += fresh
        self._newest[name] = max(newest, candles[-1].opened_at)

    def _note_correction(self, which: tuple[str, str, Millis, int]) -> None:
        if which not in self._corrected:
            self._corrections += 1
            if len(self._corrected) < CORRECTIONS_KNOWN:
                self._corrected.add(which)

    def _turned(self, at: Millis) -> Millis:
        """Since when the day that `at` is in is counted, having turned the page where another one has begun."""
        since, midnight = self._since, at - at % DAY
        if since is not None and midnight <= since <= at:
            return since
        is_next = since is not None and since < midnight
        for kept in (self._candles, self._alerts, self._asked, self._newest, self._corrected):
            kept.clear()
        self._corrections = 0
        self._since = midnight if is_next else at
        return self._since


class Figures:
    """The numbers of one instance over all its sessions; `at` is our instant of its beginning."""

    def __init__(self, at: Millis) -> None:
        self.day = DayBook()
        self.exchange_lag = LagHistogram(at)
        self.own_lag = LagHistogram(at)
        self._received: dict[int, tuple[Commit, Millis]] = {}

    def brought(self, effects: Iterable[Effect], received_at: Millis) -> None:
        """Remember, until they are written, when what brought these effects came in."""
        for effect in effects:
            if isinstance(effect, Commit):
                self._received[id(effect)] = (effect, received_at)

    def stands_for(self, commit: Commit, other: Commit) -> None:
        """Let another commit be written in the place of one."""
        _, received_at = self._received.pop(id(commit), (None, None))
        if received_at is not None:
            self._received[id(other)] = (other, received_at)

    def wrote(self, commits: Sequence[Commit], at: Millis, speed: float, *, counts_lags: bool) -> None:
        """Count what the store has taken at an instant of a clock that runs `speed` times as fast as ours.

        A warm-up may take its time: without `counts_lags` only what was done is counted.
        """
        self.day.wrote(commits, at)
        for commit in commits:
            _, received_at = self._received.pop(id(commit), (None, None))
            if counts_lags and received_at is not None:
                self.own_lag.add(round((at - received_at) / speed))

    def begin(self) -> None:
        """Forget what a session before has left unwritten."""
        self._received.clear()

    def lags(self, now: Millis) -> Lags:
        """The lags of the latest minutes, as of our instant `now`."""
        return Lags(self.exchange_lag.recent(now), self.own_lag.recent(now))
