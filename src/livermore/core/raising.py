"""From a step and its signal to the alert that people are told."""

from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, TimeframeView, alert_id
from livermore.core.alerts.bias import bias_of
from livermore.core.alerts.rules import Signal
from livermore.core.indicators.reading import Reading, Stage
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Timeframe
from livermore.core.walk import Step
from livermore.core.watch import AlertsOn, Instant, Watch


def alert_of(
    step: Step,
    signal: Signal,
    views: tuple[TimeframeView, ...],
    watch: Watch,
    instant: Instant,
    status: AlertStatus | None = None,
) -> Alert:
    """The alert of `signal`; without a `status` it is fired, or late when its candle closed longer ago than is set."""
    reading, candle = step.reading, step.candle
    if status is None:
        late_after = candle.timeframe.millis if watch.late_after is None else watch.late_after
        is_late = instant.watermark - candle.closes_at > late_after
        status = AlertStatus.LATE if is_late else AlertStatus.FIRED
    version = watch.rules.version
    return Alert(
        id=alert_id(watch.exchange, candle.symbol, candle.timeframe, candle.opened_at, signal.label, version),
        exchange=watch.exchange,
        is_simulated=watch.is_simulated,
        symbol=candle.symbol,
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
        rule_version=version,
        status=status,
    )


def view_of(timeframe: Timeframe, reading: Reading | None) -> TimeframeView:
    """What an alert shows of a timeframe."""
    if reading is None:
        return TimeframeView(timeframe, None, Stage.UNKNOWN)
    return TimeframeView(timeframe, reading.value, reading.stage)


def is_good(candle: Candle, watch: Watch) -> bool:
    """Whether a candle is sure enough to raise an alert."""
    return candle.is_confirmed or watch.alerts_on is AlertsOn.CLOSED


def says_other(one: Step, other: Step) -> bool:
    """Whether two steps of the same candle give an alert different numbers."""
    ours, theirs = one.reading, other.reading
    return (one.previous, ours.value, ours.signal, ours.histogram, ours.price) != (
        other.previous,
        theirs.value,
        theirs.signal,
        theirs.histogram,
        theirs.price,
    )
