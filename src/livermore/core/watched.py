"""A watched series: closed candles without a hole, the indicator folded over them, and what the rules remember.

Candles that have closed but cannot be appended yet, because one before them is not explained, wait.
"""

from dataclasses import replace
from enum import Enum
from typing import Final

from livermore.core.alerts.rules import Rules
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle, empty_candle, is_same_market
from livermore.core.market.series import Series
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.messages import FetchCandles, SeriesCommit
from livermore.core.restored import RestoredSeries
from livermore.core.snapshot import SeriesSnapshot, Tail
from livermore.core.walk import Step, Walk
from livermore.core.watch import ERAS_KEPT, ORIGINAL, AlertsOn, Era, Watch, bygone_era

# The base must reach back over the longest candle that is folded from it, a day of 288, with some to spare.
KEPT_BASE: Final = 320
KEPT_HIGHER: Final = 100
# All that one request for history gives on any exchange (1,000), and what the feed brings meanwhile. What comes beyond
# is let go and asked of REST again when its turn is near. The newest goes, not the oldest: that one is the next to be
# appended, and without it the series would never go on.
WAITING_LIMIT: Final = 1_200
# REST may be behind when a candle has just closed, and a candle may be revised after it was confirmed: whenever a newer
# one is compared with REST, so are these before it, in the same request; of 5m candles this is an hour.
LOOKS_BACK: Final = 12
# As many of the shortest longer candles as the 5m ones at hand fold into.
CONTRADICTIONS_KEPT: Final = 107
# Answers with later rows but without a candle that the feed told of, until it is expected there no more: minutes long.
LEFT_OUT_ENOUGH: Final = 10


class Silence(Enum):
    """A bucket without trades, of which the candle is made when its turn comes."""

    PROVEN = "the feed was whole and said nothing"
    CONFIRMED = "the exchange's history has no trades in it"


class WatchedSeries:
    """One series and all that is computed from it.

    `head` stands after the newest candle, `tail` before the oldest one at hand. `order` and `verification` are the
    requests for candles that are still unanswered. A close up to `watched_since` is history and raises no alert.
    `may_begin` says that nothing is known before the oldest waiting candle, so that the series begins with it. After an
    answer that did not help, nothing is asked before the watermark reaches `rests_until`; `unhelped` counts such
    answers since the series last went on. `eras` are the rules it went by, the present ones last; as long as those are
    the original ones, there are none.
    """

    __slots__ = (
        "_changed",
        "_contradictions",
        "_doubted_since",
        "_left_out",
        "_looked_until",
        "_reading",
        "_verified_until",
        "_waiting",
        "eras",
        "head",
        "may_begin",
        "order",
        "rests_until",
        "series",
        "started_at",
        "symbol",
        "tail",
        "timeframe",
        "unhelped",
        "verification",
        "verification_rests_until",
        "watched_since",
    )

    def __init__(self, symbol: str, timeframe: Timeframe) -> None:
        self.symbol = symbol
        self.timeframe = timeframe
        self.series = Series(symbol, timeframe, KEPT_BASE if timeframe is BASE else KEPT_HIGHER)
        self.head = Walk()
        self.tail = Walk()
        self.started_at: Millis | None = None
        self.watched_since: Millis | None = None
        self.may_begin = False
        self.eras: tuple[Era, ...] = ()
        self.rests_until: Millis = 0
        self.unhelped = 0
        self.order: FetchCandles | None = None
        self.verification: FetchCandles | None = None
        self.verification_rests_until: Millis = 0
        self._verified_until: Millis = 0
        self._looked_until: Millis | None = None
        self._doubted_since: Millis | None = None
        self._waiting: dict[Millis, Candle | Silence] = {}
        self._changed: dict[Millis, Candle] = {}
        self._contradictions: dict[Millis, Candle] = {}
        self._left_out: dict[Millis, int] = {}
        self._reading: Reading | None = None

    @classmethod
    def resumed(cls, restored: RestoredSeries) -> "WatchedSeries":
        """The series as it was last committed."""
        watched = cls(restored.symbol, restored.timeframe)
        snapshot = restored.snapshot
        for candle in restored.candles:
            if candle.opened_at >= snapshot.kept_since:
                watched.series.append(candle)
        watched.head = Walk.resumed(Tail(snapshot.indicator, snapshot.memory))
        watched.tail = Walk.resumed(snapshot.tail)
        watched.started_at = snapshot.started_at
        watched.watched_since = snapshot.watched_since
        watched.eras = restored.eras
        return watched

    def go_by(self, watch: Watch, until: Millis | None = None) -> None:
        """Go by the rules of `watch` for candles that close after `until`, or else after those that the series has.

        What a label remembers stays: one that has fired waits to be re-armed, by whatever rules.
        """
        present = self.eras[-1] if self.eras else ORIGINAL
        if (present.rules, present.alerts_on) == (watch.rules, watch.alerts_on):
            return
        following = Era(watch.rules, watch.alerts_on)
        if self.next_opened_at is None:
            self.eras = (following,)
            return
        ended = self.next_opened_at if until is None else max(until, self.next_opened_at)
        past = self.eras[:-1]
        if not past or past[-1].until is None or past[-1].until < ended:
            past = (*past, replace(present, until=ended))
        self.eras = (*past, following)[-ERAS_KEPT:]

    def era(self, closes_at: Millis) -> Era | None:
        """The bygone era of a candle that closes then; None for the present one."""
        return bygone_era(self.eras, closes_at)

    def watch_at(self, closes_at: Millis, watch: Watch) -> Watch:
        """What is, or was, gone by for a candle that closes then."""
        era = self.era(closes_at) if len(self.eras) > 1 else None
        return watch if era is None else replace(watch, rules=era.rules, alerts_on=era.alerts_on)

    def has_waited_to_be_confirmed(self, watch: Watch) -> bool:
        """Whether candles at hand may raise their alerts only once they are confirmed."""
        bygone = any(era.alerts_on is AlertsOn.CONFIRMED for era in self.eras)
        return bygone or watch.alerts_on is AlertsOn.CONFIRMED

    def _rules_at(self, closes_at: Millis, rules: Rules) -> Rules:
        era = self.era(closes_at) if len(self.eras) > 1 else None
        return rules if era is None else era.rules

    @property
    def next_opened_at(self) -> Millis | None:
        """The opening of the candle that comes next; None while the series has not begun."""
        return self.series.next_opened_at

    @property
    def reading(self) -> Reading | None:
        """The reading at the newest candle; None where it is undefined."""
        if self._reading is None and self.series.newest is not None:
            self._reading = self.head.fold.reading(self.series.newest)
        return self._reading

    def reading_as_of(self, instant: Millis, rules: Rules) -> Reading | None:
        """The reading at the newest candle that had closed by `instant`; None where it is undefined or out of reach."""
        if self.next_opened_at is None or instant >= self.next_opened_at:
            return self.reading
        walk, newest = self.tail.copy(), None
        for candle in self.series:
            if candle.closes_at > instant:
                break
            walk.step(candle, self._rules_at(candle.closes_at, rules))
            newest = candle
        return None if newest is None else walk.fold.reading(newest)

    def wait(self, opened_at: Millis, found: Candle | Silence) -> None:
        """Let what is known of a closed bucket wait for those before it; what the exchange confirmed stays.

        A bucket that the series has already does not wait: its turn would never come.
        """
        if self.next_opened_at is not None and opened_at < self.next_opened_at:
            return
        if not _is_confirmed(self._waiting.get(opened_at)):
            self._waiting[opened_at] = found
        if len(self._waiting) > WAITING_LIMIT:
            del self._waiting[max(self._waiting)]

    def reach(self, until: Millis) -> Millis:
        """Up to where before `until` buckets can wait; what is known of those behind is asked for again."""
        since = self.next_opened_at
        return until if since is None else min(until, since + WAITING_LIMIT * self.timeframe.millis)

    def is_better(self, candle: Candle, *, is_final: bool) -> bool:
        """Whether late news of a closed bucket says more than what waits for it or is at hand."""
        held = self._waiting.get(candle.opened_at) or self.series.at(candle.opened_at)
        if held is None:
            return is_final
        if _is_confirmed(held):
            return False
        if isinstance(held, Silence):
            return True
        return not is_same_market(held, candle) and (is_final or candle.volume > held.volume)

    def has_waiting(self, opened_at: Millis) -> bool:
        """Whether a candle of that bucket waits for those before it."""
        return isinstance(self._waiting.get(opened_at), Candle)

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
        """Take in the next candle; answers if it raised signals that are news to anybody."""
        series = self.series
        if series.is_full and series.first_opened_at is not None:
            closes_at = series.first_opened_at + self.timeframe.millis
            of_then = self._rules_at(closes_at, rules) if self.eras else rules
            self.tail.pass_by(*series.oldest_numbers, self.timeframe, closes_at, of_then)
        self._reading = None
        series.append(candle)
        self._changed[candle.opened_at] = candle
        if self.started_at is None:
            self.started_at = candle.opened_at
        if self.eras:
            rules = self._rules_at(candle.closes_at, rules)
        step = self.head.step(candle, rules)
        return None if step is None or self._is_history(candle.closes_at) else step

    def _is_history(self, closes_at: Millis) -> bool:
        return self.watched_since is None or closes_at <= self.watched_since

    @property
    def is_before_watch(self) -> bool:
        """Whether the next candle, if it is known at all, is history."""
        opened_at = self.next_opened_at
        if opened_at is None:
            opened_at = min(self._waiting, default=None)
        return opened_at is not None and self._is_history(opened_at + self.timeframe.millis)

    def confirm(self, candle: Candle) -> None:
        """Note that REST says the same of a candle as we do."""
        held = self.series.at(candle.opened_at)
        if held is not None and not held.is_confirmed:
            self._put(replace(held, is_confirmed=True))

    def correct(self, candle: Candle) -> None:
        """Put what is known better in the place of a candle at hand, as its next revision; `refold` must follow."""
        held = self.series.at(candle.opened_at)
        if held is not None:
            self._put(replace(candle, revision=held.revision + 1))

    def _put(self, candle: Candle) -> None:
        if not candle.is_confirmed:
            self._verified_until = min(self._verified_until, candle.opened_at)
        self.series.replace(candle)
        self._reading = None
        self._changed[candle.opened_at] = candle

    def steps(self, rules: Rules) -> dict[Millis, Step]:
        """The signals that the candles at hand raise, but for history, by the opening of their candle."""
        walk, found = self.tail.copy(), {}
        for candle in self.series:
            step = walk.step(candle, self._rules_at(candle.closes_at, rules))
            if step is not None and not self._is_history(candle.closes_at):
                found[candle.opened_at] = step
        return found

    def flatten(self) -> list[Candle]:
        """Let empty candles stand at the close before them again after corrections; answers with those that moved."""
        fold = self.tail.fold
        close = fold.close if fold.candles else None
        moved: list[Candle] = []
        for candle in self.series:
            if candle.is_empty and close is not None and candle.close != close:
                flat = empty_candle(
                    self.symbol, self.timeframe, candle.opened_at, close, is_confirmed=candle.is_confirmed
                )
                self._put(replace(flat, revision=candle.revision + 1))
                moved.append(flat)
            else:
                close = candle.close
        return moved

    def refold(self, rules: Rules) -> None:
        """Compute the head anew from the candles at hand."""
        self.head = self.tail.copy()
        self._reading = None
        for candle in self.series:
            self.head.step(candle, self._rules_at(candle.closes_at, rules))

    def unverified(self, ended: Millis, most: int) -> tuple[Millis, Millis]:
        """The stretch ``[since, until)`` of at most `most` candles, ended by `ended`, to be compared now; or empty.

        It begins with the first candle that is not confirmed though expected, not looked at since, or doubted.
        """
        if self.next_opened_at is None:
            return ended, ended
        ended = min(ended, self.next_opened_at)
        oldest = self.series.first_opened_at or 0
        self._looked_until = ended if self._looked_until is None else max(self._looked_until, oldest)
        if self._doubted_since is not None and self._doubted_since < oldest:
            self._doubted_since = None
        unconfirmed = self._first_unconfirmed()
        if unconfirmed is not None:
            self._verified_until = unconfirmed
        found = [since for since in (unconfirmed, self._looked_until, self._doubted_since) if since is not None]
        first = min(found)
        if first >= ended:
            return ended, ended
        since = max(first - LOOKS_BACK * self.timeframe.millis, self.series.first_opened_at or first)
        return since, min(ended, since + most * self.timeframe.millis)

    def _first_unconfirmed(self) -> Millis | None:
        found = self.series.first_unconfirmed(self._verified_until)
        while found is not None and self._left_out.get(found, 0) >= LEFT_OUT_ENOUGH:
            found = self.series.first_unconfirmed(found + self.timeframe.millis)
        return found

    def was_left_out(self, opened_at: Millis) -> None:
        """Note that REST has later rows but none of a candle at hand in which there were trades."""
        if len(self._left_out) >= self.series.kept and opened_at not in self._left_out:
            del self._left_out[min(self._left_out)]
        self._left_out[opened_at] = self._left_out.get(opened_at, 0) + 1

    def looked(self, since: Millis, until: Millis) -> None:
        """Note that REST was asked for the candles that open in ``[since, until)``, after they had closed."""
        if self._looked_until is not None and since <= self._looked_until:
            self._looked_until = max(self._looked_until, until)
        if self._doubted_since is not None and since <= self._doubted_since < until:
            self._doubted_since = None

    @property
    def is_in_doubt(self) -> bool:
        """Whether a confirmed candle is to be compared with REST once more."""
        return self._doubted_since is not None

    def doubt(self, opened_at: Millis) -> None:
        """Have a candle compared with REST once more, since what it was made of has changed."""
        self._doubted_since = opened_at if self._doubted_since is None else min(self._doubted_since, opened_at)

    def is_said_again(self, said: Candle) -> bool:
        """Whether REST has contradicted a candle at hand in the same way before; if not, it is to be asked again."""
        before = self._contradictions.pop(said.opened_at, None)
        if before is not None and is_same_market(before, said):
            return True
        if len(self._contradictions) >= CONTRADICTIONS_KEPT:
            del self._contradictions[min(self._contradictions)]
        self._contradictions[said.opened_at] = said
        self.doubt(said.opened_at)
        return False

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
        kept_since = self.series.first_opened_at
        if kept_since is None:
            raise ValueError(f"{self.symbol} {self.timeframe} has no candle")
        head, tail = self.head.state(), self.tail.state()
        return SeriesSnapshot(started_at, last_opened_at, watched_since, head.indicator, head.memory, kept_since, tail)

    def changes(self) -> SeriesCommit | None:
        """What has changed since this was last asked, or None."""
        if not self._changed:
            return None
        candles = tuple(self._changed[opened_at] for opened_at in sorted(self._changed))
        self._changed.clear()
        return SeriesCommit(self.timeframe, candles, self.reading, self.snapshot(), self.eras)


def _is_confirmed(found: Candle | Silence | None) -> bool:
    return found is Silence.CONFIRMED or (isinstance(found, Candle) and found.is_confirmed)
