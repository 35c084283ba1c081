"""From a step to an alert: late by one timeframe, good by setting, amended when a number differs."""

from dataclasses import replace

from core.builders import M5, STEP, a_candle
from livermore.core.alerts.alert import AlertStatus, Direction
from livermore.core.alerts.rules import Rules, Signal
from livermore.core.indicators.reading import Quality, Reading, Stage
from livermore.core.market.exchange import COINBASE
from livermore.core.market.traits import ExchangeTraits
from livermore.core.raising import alert_of, is_good, says_other
from livermore.core.walk import Step
from livermore.core.watch import AlertsOn, Instant, Watch

WATCH = Watch(COINBASE, ExchangeTraits(2_000, 300, False), Rules(), is_simulated=False)
SIGNAL = Signal("level_150", Direction.UP)


def a_step(value: float = 151.0, price: float = 100.0) -> Step:
    candle = a_candle(0, price)
    quality = Quality(300, 0.0, 0.0, False)
    reading = Reading(
        candle.symbol, M5, candle.opened_at, price, 1.0, 1.0, 1.0, value, 100.0, 51.0, Stage.OVERBOUGHT, quality
    )
    return Step(candle, reading, 149.0, (SIGNAL,))


def test_an_alert_is_late_once_more_than_one_timeframe_has_passed_since_its_close() -> None:
    step = a_step()
    closes_at = step.candle.closes_at

    on_time = alert_of(step, SIGNAL, (), WATCH, Instant(closes_at + STEP, 5))
    late = alert_of(step, SIGNAL, (), WATCH, Instant(closes_at + STEP + 1, 5))

    assert (on_time.status, late.status) == (AlertStatus.FIRED, AlertStatus.LATE)
    assert on_time.id == late.id
    assert (on_time.times.close, on_time.times.received) == (closes_at, 5)


def test_when_an_alert_is_late_can_be_set() -> None:
    step = a_step()
    patient = replace(WATCH, late_after=3 * STEP)
    closes_at = step.candle.closes_at

    on_time = alert_of(step, SIGNAL, (), patient, Instant(closes_at + 3 * STEP, 5))
    late = alert_of(step, SIGNAL, (), patient, Instant(closes_at + 3 * STEP + 1, 5))
    hasty = alert_of(step, SIGNAL, (), replace(WATCH, late_after=60_000), Instant(closes_at + 60_001, 5))

    assert [one.status for one in (on_time, late, hasty)] == [AlertStatus.FIRED, AlertStatus.LATE, AlertStatus.LATE]


def test_a_named_status_is_kept() -> None:
    alert = alert_of(a_step(), SIGNAL, (), WATCH, Instant(0, 0), AlertStatus.RETRACTED)

    assert alert.status is AlertStatus.RETRACTED


def test_a_candle_is_good_when_closed_or_only_when_confirmed_as_is_set() -> None:
    careful = replace(WATCH, alerts_on=AlertsOn.CONFIRMED)
    candle = a_candle(0)

    assert is_good(candle, WATCH)
    assert not is_good(candle, careful)
    assert is_good(replace(candle, is_confirmed=True), careful)


def test_any_other_number_makes_another_alert_of_it() -> None:
    assert not says_other(a_step(), a_step())
    assert says_other(a_step(), a_step(value=151.1))
    assert says_other(a_step(), a_step(price=100.1))
    assert says_other(a_step(), replace(a_step(), previous=148.0))
