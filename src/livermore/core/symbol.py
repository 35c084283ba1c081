"""A watched symbol: its feed, its five series, and how a closed bucket travels through them.

5m candles are fed; each longer candle is folded from them the moment the last of them closes. Candles that close
together are taken in before any alert is written, so that an alert shows all timeframes as of its own instant.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus, TimeframeView
from livermore.core.alerts.rules import Rules, Signal
from livermore.core.comparing import compared
from livermore.core.market.candle import Candle, is_same_market
from livermore.core.market.closing import Bucket, Closed, Sighting, Silent, SymbolFeed
from livermore.core.market.timeframe import BASE, HIGHER, HOUR, MINUTE, SECOND, Millis, Timeframe, closing_at
from livermore.core.messages import CandlesFetched, Commit, FetchCandles, FetchReason
from livermore.core.plan import WARMUP_ORDER, is_proof_only, order_for
from livermore.core.raising import alert_of, is_good, says_other, view_of
from livermore.core.restored import RestoredSeries
from livermore.core.walk import Step
from livermore.core.watch import Instant, Watch
from livermore.core.watched import Silence, WatchedSeries

# Event time: how long after an answer that did not help, or a refusal, the same is asked again.
RETRY_AFTER: Final = 10 * SECOND
LONGEST_RETRY_AFTER: Final = 5 * MINUTE
MOST_DOUBLINGS: Final = 5
REFUSED_RETRY_AFTER: Final = 5 * MINUTE
# Event time: how long after its end a candle is compared with REST, which takes a while to have it.
VERIFY_AFTER: Final = 10 * SECOND
VERIFY_RETRY_AFTER: Final = 30 * SECOND
# Event time: how long after REST contradicted the 5m candles of a longer one it is asked whether it means that.
SAY_AGAIN_AFTER: Final = 5 * MINUTE
# What is asked to compare candles that are at hand already.
COMPARING: Final = (FetchReason.VERIFY, FetchReason.REPAIR)
# Event time: what was raised so long before a store was lost is raised again, in case nobody had read it.
RECALLED: Final = HOUR


class WatchedSymbol:
    """One symbol of one exchange; every method answers with the commit it caused, or None."""

    __slots__ = ("feed", "series", "symbol")

    def __init__(self, symbol: str, restored: Iterable[RestoredSeries] = ()) -> None:
        self.symbol = symbol
        self.feed = SymbolFeed(symbol)
        self.series = {timeframe: WatchedSeries(symbol, timeframe) for timeframe in Timeframe}
        for one in restored:
            self.series[one.timeframe] = WatchedSeries.resumed(one)

    def connected(self, link: int, at: Millis, *, proves_silence: bool) -> None:
        """A connection carries the symbol from `at` on; the first one is when watching begins.

        Its clock may be behind that by which the newest restored candle was closed: what is closed stays closed.
        """
        self.feed.connected(link, at, proves_silence=proves_silence, closed_until=self.series[BASE].next_opened_at)
        for series in self.series.values():
            if series.watched_since is None:
                series.watched_since = at

    def watched_before(self, until: Millis) -> None:
        """An earlier session has watched the symbol, and closed its buckets up to `until`.

        A series of which the store knows nothing any more was watched all the same. What was raised in the last hour
        before may have been lost with the store, so it is raised again: by its id it is known where it was not.
        """
        for series in self.series.values():
            if series.watched_since is None:
                series.watched_since = until - RECALLED

    def go_by(self, watch: Watch, until: Millis | None = None) -> None:
        """Go by the rules of `watch` for candles that close after `until`, or else after those that there are."""
        for series in self.series.values():
            series.go_by(watch, until)

    @property
    def known_until(self) -> Millis:
        """The close of the newest candle of any timeframe, or the end of the newest bucket that the feed has closed."""
        ends = [series.next_opened_at or 0 for series in self.series.values()]
        return max(self.feed.next_opened_at or 0, *ends)

    @property
    def warm_count(self) -> int:
        """How many series have begun, or may begin as nothing is known before, and lack nothing that was asked for."""
        if self.feed.next_opened_at is None:
            return 0
        return sum(
            one.order is None and (one.next_opened_at is not None or one.may_begin) for one in self.series.values()
        )

    def cleared(self, watch: Watch) -> "WatchedSymbol":
        """The same symbol with its feed, of which nothing else is known any more.

        It is history up to where the candles have been judged: what has closed since, or waits, may still raise alerts.
        """
        fresh = WatchedSymbol(self.symbol)
        fresh.feed = self.feed
        fresh.go_by(watch)
        for timeframe, series in self.series.items():
            ends = [end for end in (series.watched_since, series.next_opened_at) if end is not None]
            fresh.series[timeframe].watched_since = max(ends, default=None)
        return fresh

    def repairs(
        self, timeframes: Iterable[Timeframe], candles: int | None, watch: Watch, watermark: Millis
    ) -> Iterator[FetchCandles]:
        """The orders for the newest `candles` at hand, to be compared with REST whatever is held of them."""
        for timeframe in timeframes:
            series = self.series[timeframe]
            oldest, ended = series.series.first_opened_at, series.next_opened_at
            if oldest is None or ended is None:
                continue
            until = min(ended, timeframe.opening(watermark - watch.traits.grace))
            since = oldest if candles is None else max(oldest, until - candles * timeframe.millis)
            if since < until:
                yield FetchCandles(self.symbol, timeframe, since, until, FetchReason.REPAIR)

    def take(self, buckets: Iterable[Bucket], watch: Watch, instant: Instant) -> Commit | None:
        """Take in buckets that the feed has closed."""
        base = self.series[BASE]
        for bucket in buckets:
            if isinstance(bucket, Closed):
                base.wait(bucket.opened_at, bucket.candle)
                if base.unhelped:
                    # It is traded again, so that REST may have what it had not.
                    base.unhelped, base.rests_until = 0, 0
            elif isinstance(bucket, Silent):
                base.wait(bucket.opened_at, Silence.PROVEN)
        return self._advance(watch, instant)

    def catch_up(self, watch: Watch, instant: Instant) -> Commit | None:
        """Take in what REST has answered while there was no feed."""
        return self._advance(watch, instant, HIGHER)

    def late(self, sighting: Sighting, watch: Watch, instant: Instant) -> Commit | None:
        """Take in news of a bucket that closed without it: it may fill a hole, or correct what was closed."""
        base, candle = self.series[BASE], sighting.candle
        if not watch.repairs:
            return None
        if not base.is_better(candle, is_final=sighting.is_final):
            held = base.series.at(candle.opened_at)
            if sighting.is_final and held is not None and not is_same_market(held, candle):
                # REST has confirmed what the exchange now tells otherwise: REST is asked once more.
                base.doubt(candle.opened_at)
            return None
        if base.next_opened_at is None or candle.opened_at >= base.next_opened_at:
            base.wait(candle.opened_at, candle)
            return self._advance(watch, instant)
        return self._commit(self._settle(BASE, (), (candle,), watch, instant))

    def fetched(self, answer: CandlesFetched, watch: Watch, instant: Instant) -> Commit | None:
        """Take in what REST has answered: its candles, and silence where it leaves buckets out."""
        order, timeframe = answer.order, answer.order.timeframe
        series = self.series[timeframe]
        if series.next_opened_at is None and order.reason is not FetchReason.WARMUP:
            # The answer to what was asked before the symbol was removed, or cleared, and is watched anew.
            return None
        is_verification, before = self._is_answered(series, order), series.next_opened_at
        if self.feed.link is None and order.reason in COMPARING:
            # Without a feed nobody knows how late a correction is: it is asked again when there is one.
            if order.reason is FetchReason.REPAIR:
                series.doubt(order.since)
            return None
        if is_verification:
            series.looked(order.since, order.until)
        settled = instant.watermark - VERIFY_AFTER
        found = {
            candle.opened_at: candle if candle.closes_at <= settled else replace(candle, is_confirmed=False)
            for candle in answer.candles
        }
        if before is None:
            # That nothing was ever traded is believed when it is said twice: an empty answer may be a failing one.
            series.may_begin = bool(found) or series.unhelped > 0
        began = min(found, default=order.until) if before is None else before
        last = max(found, default=order.since)
        is_compared = before is not None and watch.repairs and self.feed.link is not None
        alerts = self._verify(answer, settled, watch, instant) if is_compared else []
        for opened_at in range(max(order.since, began), series.reach(order.until), timeframe.millis):
            if opened_at in found:
                if not is_proof_only(series, order, opened_at, watch):
                    series.wait(opened_at, found[opened_at])
            elif opened_at < last or (not watch.traits.lists_silence and opened_at + timeframe.millis <= settled):
                series.wait(opened_at, Silence.CONFIRMED)
        commit = self._advance(watch, instant, (timeframe,), alerts)
        if series.next_opened_at != before:
            series.unhelped = 0
        elif order.reason in (FetchReason.GAP, FetchReason.WARMUP):
            # Twice as long each time: a symbol may be halted for days.
            rest = min(RETRY_AFTER << min(series.unhelped, MOST_DOUBLINGS), LONGEST_RETRY_AFTER)
            series.rests_until = instant.watermark + rest
            series.unhelped += 1
        return commit

    def _is_answered(self, series: WatchedSeries, order: FetchCandles) -> bool:
        """Wait for an order no longer; whether it was a verification."""
        if series.order == order:
            series.order = None
        if series.verification == order:
            series.verification = None
            return True
        return False

    def _verify(self, answer: CandlesFetched, settled: Millis, watch: Watch, instant: Instant) -> list[Alert]:
        """Compare what REST says with the candles that we hold already."""
        order, series = answer.order, self.series[answer.order.timeframe]
        base, lists_silence = self.series[BASE].series, watch.traits.lists_silence
        said = compared(series, base, answer, settled, lists_silence=lists_silence)
        if said.is_to_be_repeated:
            series.verification_rests_until = instant.watermark + SAY_AGAIN_AFTER
        elif order.reason is FetchReason.VERIFY and not said.confirmed and not said.corrected:
            series.verification_rests_until = instant.watermark + VERIFY_RETRY_AFTER
        return self._settle(order.timeframe, said.confirmed, said.corrected, watch, instant)

    def _settle(
        self,
        timeframe: Timeframe,
        confirmed: Sequence[Candle],
        corrected: Sequence[Candle],
        watch: Watch,
        instant: Instant,
    ) -> list[Alert]:
        """Confirm and correct candles at hand; the alerts are those that this raises, changes or takes back."""
        series = self.series[timeframe]
        if not corrected and not series.has_waited_to_be_confirmed(watch):
            for candle in confirmed:
                series.confirm(candle)
            return []
        before = self._raised(series, watch)
        for candle in confirmed:
            series.confirm(candle)
        for candle in corrected:
            series.correct(candle)
        corrected = [*corrected, *series.flatten()]
        series.refold(watch.rules)
        alerts = self._differences(before, self._raised(series, watch), watch, instant)
        return alerts + (self._correct_longer(corrected, watch, instant) if timeframe is BASE else [])

    def _correct_longer(self, corrected: Sequence[Candle], watch: Watch, instant: Instant) -> list[Alert]:
        """Fold corrected 5m candles anew into longer ones; where REST has confirmed those, have it asked again."""
        base, alerts = self.series[BASE].series, []
        for timeframe in HIGHER:
            longer: list[Candle] = []
            for opened_at in sorted({timeframe.opening(candle.opened_at) for candle in corrected}):
                held = self.series[timeframe].series.at(opened_at)
                folded = base.folded(timeframe, opened_at)
                if held is None or folded is None or is_same_market(held, folded):
                    continue
                if held.is_confirmed:
                    self.series[timeframe].doubt(opened_at)
                else:
                    longer.append(folded)
            if longer:
                # What REST was not believed yet may be just this.
                self.series[timeframe].verification_rests_until = 0
                alerts += self._settle(timeframe, (), longer, watch, instant)
        return alerts

    def _raised(self, series: WatchedSeries, watch: Watch) -> dict[tuple[Millis, str], tuple[Step, Signal]]:
        """What the candles at hand have raised, by opening and label."""
        return {
            (opened_at, signal.label): (step, signal)
            for opened_at, step in series.steps(watch.rules).items()
            if is_good(step.candle, series.watch_at(step.candle.closes_at, watch))
            for signal in step.signals
        }

    def _differences(
        self,
        before: Mapping[tuple[Millis, str], tuple[Step, Signal]],
        after: Mapping[tuple[Millis, str], tuple[Step, Signal]],
        watch: Watch,
        instant: Instant,
    ) -> list[Alert]:
        alerts: list[Alert] = []
        for key in sorted(before.keys() | after.keys()):
            was, is_now = before.get(key), after.get(key)
            if is_now is None and was is not None:
                alerts.append(self._alert(*was, watch, instant, AlertStatus.RETRACTED))
            elif is_now is not None and was is None:
                alerts.append(self._alert(*is_now, watch, instant))
            elif is_now is not None and was is not None and says_other(was[0], is_now[0]):
                alerts.append(self._alert(*is_now, watch, instant, AlertStatus.AMENDED))
        return alerts

    @property
    def is_in_doubt(self) -> bool:
        """Whether the feed contradicts a 5m candle that REST has confirmed."""
        return self.series[BASE].is_in_doubt

    def refused(self, order: FetchCandles, watermark: Millis) -> None:
        """Note that the exchange will not answer an order; it is asked again, but not soon."""
        series = self.series[order.timeframe]
        self._is_answered(series, order)
        if order.reason is FetchReason.VERIFY:
            series.verification_rests_until = watermark + REFUSED_RETRY_AFTER
        elif order.reason is not FetchReason.REPAIR:
            series.rests_until = watermark + REFUSED_RETRY_AFTER

    def orders(self, watch: Watch, watermark: Millis) -> Iterator[FetchCandles]:
        """What has to be asked of REST now: history not yet begun, and the first hole of each series."""
        for timeframe in WARMUP_ORDER:
            series = self.series[timeframe]
            if series.order is None and series.rests_until <= watermark:
                ended = self.feed.next_opened_at if timeframe is BASE else self.series[BASE].next_opened_at
                series.order = order_for(series, ended, watch, watermark)
                if series.order is not None:
                    yield series.order

    def verifications(self, watch: Watch, watermark: Millis) -> Iterator[FetchCandles]:
        """What has closed a while ago and is still to be compared with REST."""
        for timeframe, series in self.series.items():
            if series.verification is None and series.verification_rests_until <= watermark:
                ended = timeframe.opening(watermark - VERIFY_AFTER)
                since, until = series.unverified(ended, watch.traits.rows_per_request)
                if since < until:
                    series.verification = FetchCandles(self.symbol, timeframe, since, until, FetchReason.VERIFY)
                    yield series.verification

    def rests_until(self, watermark: Millis) -> Millis | None:
        """The earliest watermark from now on at which a series that could not be helped may be asked for again."""
        until = [one.rests_until for one in self.series.values() if one.order is None]
        until += [one.verification_rests_until for one in self.series.values() if one.verification is None]
        return min((instant for instant in until if instant > watermark), default=None)

    def _advance(
        self, watch: Watch, instant: Instant, answered: Iterable[Timeframe] = (), alerts: Sequence[Alert] = ()
    ) -> Commit | None:
        """Append all that can be: first what REST has `answered`, then 5m candles with those that they complete."""
        base = self.series[BASE]
        raised = [*alerts]
        for timeframe in answered:
            if timeframe is not BASE:
                raised.extend(self._catch_up(timeframe, watch, instant))
        while self._goes_on(base) and (candle := base.due()) is not None:
            steps = [base.append(candle, watch.rules)]
            closing = closing_at(candle.closes_at)[1:]
            for timeframe in closing:
                longer = self._next(timeframe)
                if longer is not None:
                    steps.append(self.series[timeframe].append(longer, watch.rules))
            for step in steps:
                if step is not None:
                    raised.extend(self._alerts(step, watch, instant))
            for timeframe in closing:
                raised.extend(self._catch_up(timeframe, watch, instant))
        return self._commit(raised)

    def _commit(self, alerts: Sequence[Alert]) -> Commit | None:
        changes = [change for series in self.series.values() if (change := series.changes()) is not None]
        return Commit(self.symbol, tuple(changes), tuple(alerts)) if changes else None

    def _catch_up(self, timeframe: Timeframe, watch: Watch, instant: Instant) -> Iterator[Alert]:
        """Append all that is known of a longer series, each candle with the alerts of its own instant."""
        series = self.series[timeframe]
        while (candle := self._next(timeframe)) is not None:
            step = series.append(candle, watch.rules)
            if step is not None:
                yield from self._alerts(step, watch, instant)

    def _next(self, timeframe: Timeframe) -> Candle | None:
        """The next candle of a longer series: what waits there, or else what the base folds into."""
        series, base = self.series[timeframe], self.series[BASE]
        if not self._goes_on(series):
            return None
        candle = series.due()
        if candle is not None:
            return candle
        opened_at = series.next_opened_at
        if opened_at is None and series.may_begin and base.started_at is not None:
            opened_at = -(-base.started_at // timeframe.millis) * timeframe.millis
        return None if opened_at is None else base.series.folded(timeframe, opened_at)

    def _goes_on(self, series: WatchedSeries) -> bool:
        """Whether the next candle may be appended.

        Without a feed nobody knows how late it is, so what may raise an alert waits for the next connection. History
        raises none, and does not wait: a thousand rows for each of five series are more than can be held for all.
        """
        return self.feed.link is not None or series.is_before_watch

    def _alerts(self, step: Step, watch: Watch, instant: Instant) -> list[Alert]:
        if not is_good(step.candle, self._watch_at(step.candle, watch)):
            return []
        return [self._alert(step, signal, watch, instant) for signal in step.signals]

    def _alert(
        self, step: Step, signal: Signal, watch: Watch, instant: Instant, status: AlertStatus | None = None
    ) -> Alert:
        views = self._views(step.candle.closes_at, watch.rules)
        return alert_of(step, signal, views, self._watch_at(step.candle, watch), instant, status)

    def _watch_at(self, candle: Candle, watch: Watch) -> Watch:
        return self.series[candle.timeframe].watch_at(candle.closes_at, watch)

    def _views(self, instant: Millis, rules: Rules) -> tuple[TimeframeView, ...]:
        return tuple(
            view_of(timeframe, series.reading_as_of(instant, rules)) for timeframe, series in self.series.items()
        )
