"""Every alert that the engine raised is raised again from the candles, and whatever was changed is named."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.markets import a_market, replayed
from livermore.audit.rows import contiguous, folded
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE
from livermore.core.market.traits import ExchangeTraits
from livermore.core.raising import alert_of
from livermore.core.reevaluation import Outcome, reevaluated
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.walk import Walk
from livermore.core.watch import ERAS_KEPT, AlertsOn, Era, Instant, Watch
from livermore.core.watched import WatchedSeries

RULES = Rules()
KEPT = 400


def stored(alert: Alert, candles: tuple[Candle, ...]) -> tuple[list[Candle], SeriesSnapshot]:
    """What the store would hold of the alert's series: its newest candles, and the state before them."""
    rows = contiguous(candles, candles[-1].closes_at)
    series = list(rows if alert.timeframe is BASE else folded(rows, alert.timeframe))
    kept = series[-KEPT:]
    walk = Walk()
    for candle in series[: -len(kept)]:
        walk.step(candle, RULES)
    tail = walk.state()
    for candle in kept:
        walk.step(candle, RULES)
    last = walk.state()
    snapshot = SeriesSnapshot(
        series[0].opened_at, kept[-1].opened_at, 0, last.indicator, last.memory, kept[0].opened_at, tail
    )
    return kept, snapshot


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_alert_of_a_market_is_equal_or_too_old(seed: int) -> None:
    candles = a_market(seed, 1_500)
    for alert in replayed(candles)[-40:]:
        kept, snapshot = stored(alert, candles)

        found = reevaluated(alert, kept, snapshot, ())

        expected = Outcome.EQUAL if alert.opened_at >= snapshot.kept_since else Outcome.UNJUDGED
        assert found.outcome is expected, found.reasons


@pytest.fixture(scope="module")
def example() -> tuple[Alert, list[Candle], SeriesSnapshot]:
    candles = a_market(3, 1_500)
    for alert in reversed(replayed(candles)):
        kept, snapshot = stored(alert, candles)
        if alert.opened_at >= snapshot.kept_since:
            return alert, kept, snapshot
    raise AssertionError("this market raises nothing late")


Example = tuple[Alert, list[Candle], SeriesSnapshot]


def test_what_was_changed_is_named(example: Example) -> None:
    alert, candles, snapshot = example
    changed = replace(alert, value=alert.value + 1, price=alert.price * 2)

    found = reevaluated(changed, candles, snapshot, ())

    assert found.outcome is Outcome.DIFFERENT
    assert [reason.split(" is ")[0] for reason in found.reasons] == ["the price", "the value"]
    assert found.reading is not None
    assert found.reading.value == alert.value


def test_a_label_that_the_rules_do_not_raise_is_different(example: Example) -> None:
    alert, candles, snapshot = example

    found = reevaluated(replace(alert, label="level_5000"), candles, snapshot, ())

    assert found.reasons[0].startswith("the rules raise ")


def test_a_retracted_alert_is_equal_where_it_would_not_be_raised(example: Example) -> None:
    alert, candles, snapshot = example
    retracted = replace(alert, status=AlertStatus.RETRACTED)

    assert reevaluated(retracted, candles, snapshot, ()).outcome is Outcome.DIFFERENT
    never = replace(retracted, label="level_5000")
    assert reevaluated(never, candles, snapshot, ()).outcome is Outcome.EQUAL


def test_what_is_not_at_hand_is_not_judged(example: Example) -> None:
    alert, candles, snapshot = example
    without = [candle for candle in candles if candle.opened_at != alert.opened_at]

    assert reevaluated(alert, candles, None, ()).reasons == ("the series is not stored",)
    assert reevaluated(alert, without, snapshot, ()).outcome is Outcome.UNJUDGED
    other = (Era(Rules(first_level=100), AlertsOn.CLOSED),)
    assert "does not remember" in reevaluated(alert, candles, snapshot, other).reasons[0]
    many = tuple(Era(RULES, AlertsOn.CLOSED, alert.times.close) for _ in range(ERAS_KEPT))
    assert "too often" in reevaluated(alert, candles, snapshot, many).reasons[0]
    younger = replace(snapshot, kept_since=alert.opened_at + alert.timeframe.millis)
    assert reevaluated(alert, candles, younger, ()).reasons == ("its candle is not kept any more",)


STRICT, LOOSE = Rules(hysteresis=100.0), Rules(hysteresis=0.0)
COARSE = Rules(first_level=100, level_step=100)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    before=st.sampled_from([STRICT, LOOSE, COARSE]),
    after=st.sampled_from([RULES, STRICT, LOOSE]),
    kept_of_change=st.integers(1, 300),
)
def test_an_alert_is_equal_by_the_rules_of_its_own_time_whatever_they_became(
    seed: int, before: Rules, after: Rules, kept_of_change: int
) -> None:
    """What has fired under earlier rules is remembered under the later ones, and both are as the engine had them."""
    candles = a_market(seed, 900)
    rows = list(contiguous(candles, candles[-1].closes_at))
    series = WatchedSeries(rows[0].symbol, BASE)
    series.watched_since, series.may_begin = 0, True
    watch = Watch(COINBASE, ExchangeTraits(2_000, 300, lists_silence=False), before, is_simulated=True)
    series.go_by(watch)
    alerts: list[Alert] = []
    for index, candle in enumerate(rows):
        if index == len(rows) - kept_of_change:
            watch = replace(watch, rules=after)
            series.go_by(watch)
        step = series.append(candle, watch.rules)
        signals = () if step is None else step.signals
        of_then = series.watch_at(candle.closes_at, watch)
        alerts += [alert_of(step, one, (), of_then, Instant(candle.closes_at, 0)) for one in signals if step]
    snapshot = series.snapshot()
    for alert in alerts:
        if alert.opened_at >= snapshot.kept_since:
            found = reevaluated(alert, list(series.series), snapshot, series.eras)
            assert found.outcome is Outcome.EQUAL, found.reasons
