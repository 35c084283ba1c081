"""A watched symbol: its feed, its five series, and how a closed bucket travels through them.

5m candles are fed; each longer candle is folded from them the moment the last of them closes. Candles that close
together are taken in before any alert is written, so that an alert shows all timeframes as of its own instant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, TimeframeView, alert_id
from livermore.core.alerts.bias import bias_of
from livermore.core.alerts.rules import Rules, Signal
from livermore.core.indicators.reading import Reading, Stage
from livermore.core.market.candle import Candle
from livermore.core.market.closing import Bucket, Closed, Silent, SymbolFeed
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import BASE, MINUTE, SECOND, Millis, Timeframe, closing_at
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import CandlesFetched, Commit, FetchCandles, FetchReason
from livermore.core.plan import WARMUP_ORDER
from livermore.core.restored import RestoredSeries
from livermore.core.watched import Silence, Step, WatchedSeries

# Event time: how long after an answer that did not help, or a refusal, the same is asked again.
RETRY_AFTER: Final = 10 * SECOND
REFUSED_RETRY_AFTER: Final = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Watch:
    """What all symbols of an engine have in common."""

    exchange: ExchangeIdentity
    traits: ExchangeTraits
    rules: Rules
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Instant:
    """When an event is handled: the exchange's watermark of the symbol's connection, and our clock for measuring."""

    watermark: Millis
    now: Millis


class WatchedSymbol:
    """One symbol of one exchange; every method answers with the commit it caused, or None."""

    __slots__ = ("feed", "series", "symbol", "watched_since")

    def __init__(self, symbol: str, restored: Iterable[RestoredSeries] = ()) -> None:
        self.symbol = symbol
        self.feed = SymbolFeed(symbol)
        self.series = {timeframe: WatchedSeries(symbol, timeframe) for timeframe in Timeframe}
        for one in restored:
            self.series[one.timeframe] = WatchedSeries.resumed(one)
        since = [series.watched_since for series in self.series.values() if series.watched_since is not None]
        self.watched_since = min(since) if since else None
        self._watch_since(self.watched_since)

    def connected(self, link: int, at: Millis, *, proves_silence: bool) -> None:
        """A connection carries the symbol from `at` on; the first one is when watching begins."""
        self.feed.connected(link, at, proves_silence=proves_silence)
        if self.watched_since is None:
            self._watch_since(at)

    def _watch_since(self, at: Millis | None) -> None:
        self.watched_since = at
        for series in self.series.values():
            if series.watched_since is None:
                series.watched_since = at

    def take(self, buckets: Iterable[Bucket], watch: Watch, instant: Instant) -> Commit | None:
        """Take in buckets that the feed has closed."""
        base = self.series[BASE]
        for bucket in buckets:
            if isinstance(bucket, Closed):
                base.wait(bucket.opened_at, bucket.candle)
            elif isinstance(bucket, Silent):
                base.wait(bucket.opened_at, Silence.PROVEN)
        return self._advance(watch, instant)

    def fetched(self, answer: CandlesFetched, watch: Watch, instant: Instant) -> Commit | None:
        """Take in what REST has answered: its candles, and silence where it leaves buckets out."""
        order = answer.order
        series = self.series[order.timeframe]
        if series.order == order:
            series.order = None
        before = series.next_opened_at
        found = {candle.opened_at: candle for candle in answer.candles}
        if before is None:
            series.may_begin = True
        began = min(found, default=order.until) if before is None else before
        last = max(found, default=began)
        for opened_at in range(max(order.since, began), order.until, order.timeframe.millis):
            if opened_at in found:
                series.wait(opened_at, found[opened_at])
            elif opened_at < last or not watch.traits.lists_silence:
                series.wait(opened_at, Silence.CONFIRMED)
        commit = self._advance(watch, instant, order.timeframe)
        if series.next_opened_at == before:
            series.rests_until = instant.watermark + RETRY_AFTER
        return commit

    def refused(self, order: FetchCandles, watermark: Millis) -> None:
        """Note that the exchange will not answer an order; it is asked again, but not soon."""
        series = self.series[order.timeframe]
        if series.order == order:
            series.order = None
        series.rests_until = watermark + REFUSED_RETRY_AFTER

    def orders(self, watch: Watch, watermark: Millis) -> Iterator[FetchCandles]:
        """What has to be asked of REST now: history not yet begun, and the first hole of each series."""
        for timeframe in WARMUP_ORDER:
            series = self.series[timeframe]
            if series.order is None and series.rests_until <= watermark:
                series.order = self._order(series, watch, watermark)
                if series.order is not None:
                    yield series.order

    def rests_until(self, watermark: Millis) -> Millis | None:
        """The earliest watermark from now on at which a series that could not be helped may be asked for again."""
        series = self.series.values()
        return min(
            (one.rests_until for one in series if one.order is None and one.rests_until > watermark), default=None
        )

    def _order(self, series: WatchedSeries, watch: Watch, watermark: Millis) -> FetchCandles | None:
        timeframe, next_opened_at = series.timeframe, series.next_opened_at
        if next_opened_at is None:
            if series.may_begin:
                return None
            until = timeframe.opening(watermark - watch.traits.grace)
            since = until - watch.traits.rows_per_request * timeframe.millis
            return FetchCandles(self.symbol, timeframe, since, until, FetchReason.WARMUP)
        ended = self.feed.next_opened_at if timeframe is BASE else self.series[BASE].next_opened_at
        if ended is None or next_opened_at + timeframe.millis > ended:
            return None
        # Before the grace has passed REST may not have the last trades of a bucket either.
        since, until = series.hole(timeframe.opening(min(ended, watermark - watch.traits.grace)))
        return FetchCandles(self.symbol, timeframe, since, until, FetchReason.GAP) if since < until else None

    def _advance(self, watch: Watch, instant: Instant, answered: Timeframe = BASE) -> Commit | None:
        """Append all that can be: first what REST has `answered`, then 5m candles with those that they complete."""
        base = self.series[BASE]
        alerts = list(self._catch_up(answered, watch, instant)) if answered is not BASE else []
        while (candle := base.due()) is not None:
            steps = [base.append(candle, watch.rules)]
            closing = closing_at(candle.closes_at)[1:]
            for timeframe in closing:
                longer = self._next(timeframe)
                if longer is not None:
                    steps.append(self.series[timeframe].append(longer, watch.rules))
            for step in steps:
                if step is not None:
                    alerts.extend(self._alerts(step, watch, instant))
            for timeframe in closing:
                alerts.extend(self._catch_up(timeframe, watch, instant))
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
        candle = series.due()
        if candle is not None:
            return candle
        opened_at = series.next_opened_at
        if opened_at is None and series.may_begin and base.started_at is not None:
            opened_at = -(-base.started_at // timeframe.millis) * timeframe.millis
        return None if opened_at is None else base.series.folded(timeframe, opened_at)

    def _alerts(self, step: Step, watch: Watch, instant: Instant) -> list[Alert]:
        return [self._alert(step, signal, watch, instant) for signal in step.signals]

    def _alert(self, step: Step, signal: Signal, watch: Watch, instant: Instant) -> Alert:
        reading, candle = step.reading, step.candle
        views = self._views()
        is_late = instant.watermark - candle.closes_at > candle.timeframe.millis
        return Alert(
            id=alert_id(
                watch.exchange, self.symbol, candle.timeframe, candle.opened_at, signal.label, watch.rules.version
            ),
            exchange=watch.exchange,
            is_simulated=watch.is_simulated,
            symbol=self.symbol,
            timeframe=candle.timeframe,
            opened_at=candle.opened_at,
            label=signal.label,
            direction=signal.direction,
            value=reading.value,
            previous_value=step.previous,
            signal=reading.signal,
            histogram=reading.histogram,
            price=candle.close,
            stage=reading.stage,
            timeframes=views,
            bias=bias_of(views),
            quality=reading.quality,
            times=AlertTimes(candle.closes_at, instant.now),
            rule_version=watch.rules.version,
            status=AlertStatus.LATE if is_late else AlertStatus.FIRED,
        )

    def _views(self) -> tuple[TimeframeView, ...]:
        return tuple(_view(timeframe, series.reading) for timeframe, series in self.series.items())


def _view(timeframe: Timeframe, reading: Reading | None) -> TimeframeView:
    if reading is None:
        return TimeframeView(timeframe, None, Stage.UNKNOWN)
    return TimeframeView(timeframe, reading.value, reading.stage)
