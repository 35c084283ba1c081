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
from livermore.core.market.timeframe import BASE
from livermore.core.reevaluation import Outcome, reevaluated
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.walk import Walk

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

        found = reevaluated(alert, kept, snapshot, [RULES])

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

    found = reevaluated(changed, candles, snapshot, [RULES])

    assert found.outcome is Outcome.DIFFERENT
    assert [reason.split(" is ")[0] for reason in found.reasons] == ["the price", "the value"]
    assert found.reading is not None
    assert found.reading.value == alert.value


def test_a_label_that_the_rules_do_not_raise_is_different(example: Example) -> None:
    alert, candles, snapshot = example

    found = reevaluated(replace(alert, label="level_5000"), candles, snapshot, [RULES])

    assert found.reasons[0].startswith("the rules raise ")


def test_a_retracted_alert_is_equal_where_it_would_not_be_raised(example: Example) -> None:
    alert, candles, snapshot = example
    retracted = replace(alert, status=AlertStatus.RETRACTED)

    assert reevaluated(retracted, candles, snapshot, [RULES]).outcome is Outcome.DIFFERENT
    never = replace(retracted, label="level_5000")
    assert reevaluated(never, candles, snapshot, [RULES]).outcome is Outcome.EQUAL


def test_what_is_not_at_hand_is_not_judged(example: Example) -> None:
    alert, candles, snapshot = example
    without = [candle for candle in candles if candle.opened_at != alert.opened_at]

    assert reevaluated(alert, candles, None, [RULES]).reasons == ("the series is not stored",)
    assert reevaluated(alert, without, snapshot, [RULES]).outcome is Outcome.UNJUDGED
    assert "not known" in reevaluated(alert, candles, snapshot, [Rules(first_level=100)]).reasons[0]
    younger = replace(snapshot, kept_since=alert.opened_at + alert.timeframe.millis)
    assert reevaluated(alert, candles, younger, [RULES]).reasons == ("its candle is not kept any more",)
