import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.markets import RULES, START, SYMBOL, a_market, expected, replayed, truths
from cli import brute_force
from core.builders import examples
from livermore.app.replay import TRAITS, Recording
from livermore.app.replay import _effects as effects_of
from livermore.app.replay import _events as events_of
from livermore.audit.finding import Expected
from livermore.audit.oracle import TruthSeries, recomputed
from livermore.audit.rows import contiguous
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.rules import Rules
from livermore.core.engine import Engine
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE, Timeframe
from livermore.core.messages import CandleSeen, Commit, WatchChanged
from livermore.core.watch import Watch

SEEDS = st.integers(0, 2**32)
OTHER_RULES = (RULES, Rules(first_level=60, level_step=20, hysteresis=4.0), Rules(first_level=200, candles_needed=300))


def said(alert: Alert | Expected) -> tuple[object, ...]:
    """All that an alert and an expected one have in common, floats as they are."""
    place = (alert.id, alert.symbol, alert.timeframe, alert.opened_at, alert.closes_at, alert.label)
    numbers = (alert.value, alert.previous_value, alert.signal, alert.histogram, alert.price)
    return (*place, *numbers, alert.direction, alert.stage)


@examples(25)
@given(seed=SEEDS, count=st.integers(2, 2_000), absent=st.sampled_from([0.0, 0.05, 0.4]))
def test_the_oracle_asks_for_exactly_what_the_engine_raises(seed: int, count: int, absent: float) -> None:
    """Float for float, in the engine's own order, on all timeframes that have their 60 candles."""
    candles = a_market(seed, count, absent)

    assert [said(one) for one in expected(candles)] == [said(alert) for alert in replayed(candles)]


def test_three_months_reach_every_timeframe_and_agree() -> None:
    candles = a_market(4, 27_000)

    found = replayed(candles)

    assert [said(one) for one in expected(candles)] == [said(alert) for alert in found]
    assert {alert.timeframe for alert in found} == set(Timeframe)
    assert {"reversal_oversold", "reversal_overbought", "level_150", "level_-150", "level_200"} <= {
        alert.label for alert in found
    }


@examples(10)
@given(seed=SEEDS, absent=st.sampled_from([0.0, 0.3]))
def test_the_oracle_agrees_with_brute_force(seed: int, absent: float) -> None:
    """Two authors have read the same rules and found the same alerts."""
    candles = a_market(seed, 1_500, absent)
    rows = [(candle.opened_at, candle.open, candle.high, candle.low, candle.close, candle.volume) for candle in candles]

    wanted = brute_force.alerts_in(rows)

    found = expected(candles)
    assert [(one.timeframe.value, one.opened_at, one.label, one.stage.value) for one in found] == [
        (one.timeframe, one.open_time, one.label, one.stage) for one in wanted
    ]
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.value == pytest.approx(theirs.value, rel=1e-9)
        assert ours.previous_value == pytest.approx(theirs.previous, rel=1e-9, abs=1e-7)
        assert math.isnan(theirs.signal) if ours.signal is None else ours.signal == pytest.approx(theirs.signal)


@examples(40)
@given(seed=SEEDS)
def test_an_early_start_forgets_its_seed(seed: int) -> None:
    """Begun 600 candles later, the series asks for the same alerts from 600 candles on, in all but rounding."""
    candles = truths(a_market(seed, 1_800))[BASE].truth.rows
    whole = recomputed(TruthSeries(COINBASE, SYMBOL, BASE, candles), RULES)
    cut = recomputed(TruthSeries(COINBASE, SYMBOL, BASE, candles[600:], earlier=600), RULES)
    since = candles[1_200].opened_at

    ours = [one for one in cut.alerts if one.opened_at >= since]

    theirs = [one for one in whole.alerts if one.opened_at >= since]
    assert [one.id for one in ours] == [one.id for one in theirs]
    assert [one.value for one in ours] == pytest.approx([one.value for one in theirs], rel=1e-6)


def series(closes: list[float]) -> TruthSeries:
    rows = [
        Candle(SYMBOL, BASE, START + index * BASE.millis, close, close * 1.0001, close * 0.9999, close, 1.0)
        for index, close in enumerate(closes)
    ]
    return TruthSeries(COINBASE, SYMBOL, BASE, rows)


def test_nothing_is_asked_for_before_the_sixtieth_candle() -> None:
    """A trend crosses 150 on the 56th candle: that passes in silence, and counts where four candles lie before."""
    rising = series([100.0] * 54 + [101.0 + index for index in range(6)])
    alone = recomputed(rising, RULES)
    with_past = recomputed(TruthSeries(COINBASE, SYMBOL, BASE, rising.rows, earlier=5), RULES)
    crossed = next(index for index, value in enumerate(alone.columns.value) if value is not None and value > 150)

    assert crossed < 59
    assert all(alert.opened_at >= rising.rows[59].opened_at for alert in alone.alerts)
    assert rising.rows[crossed].opened_at in {alert.opened_at for alert in with_past.alerts}


def test_a_candle_that_nobody_traded_in_counts_and_moves_the_averages() -> None:
    rising = series([100.0 + index for index in range(70)])
    last = rising.rows[-1]
    silent = [*rising.rows, empty_candle(SYMBOL, BASE, last.closes_at, last.close, is_confirmed=True)]

    columns = recomputed(TruthSeries(COINBASE, SYMBOL, BASE, silent), RULES).columns

    assert columns.atr26[-1] == columns.atr26[-2]
    assert columns.ema12[-1] != columns.ema12[-2]


@pytest.mark.timeout(300)
@examples(8)
@given(seed=SEEDS, changed=st.dictionaries(st.integers(1, 1_400), st.sampled_from(OTHER_RULES), max_size=4))
def test_the_oracle_follows_the_engine_through_changes_of_the_rules(seed: int, changed: dict[int, Rules]) -> None:
    """Each candle by the rules that were in force at its close, and what a label remembers is taken along."""
    candles = a_market(seed, 1_500, 0.05)
    engine = Engine(Watch(COINBASE, TRAITS, RULES, is_simulated=False), [SYMBOL])
    alerts: list[Alert] = []
    for event, now in events_of(Recording(COINBASE, SYMBOL, candles)):
        if isinstance(event, CandleSeen):
            rules = changed.get((event.candle.opened_at - candles[0].opened_at) // BASE.millis)
            if rules is not None and rules != engine.watch.rules:
                engine.handle(WatchChanged(replace(engine.watch, rules=rules)), now)
        for effect in effects_of(engine, event, now):
            alerts += effect.alerts if isinstance(effect, Commit) else ()

    found = [alert for alert in alerts if alert.timeframe is BASE]
    base = engine.symbols[SYMBOL].series[BASE]
    eras = tuple((era.until, era.rules) for era in base.eras[:-1] if era.until is not None)
    rows = contiguous(candles, candles[-1].closes_at)
    truth = recomputed(TruthSeries(COINBASE, SYMBOL, BASE, rows, bygone=eras), engine.watch.rules)
    assert [said(one) for one in truth.alerts] == [said(alert) for alert in found]
