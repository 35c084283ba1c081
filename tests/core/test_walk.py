import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import a_candle, an_empty, markets
from livermore.core.alerts.rules import Rules
from livermore.core.indicators.macdv import MacdV
from livermore.core.market.candle import Candle
from livermore.core.walk import Step, Walk

RULES = Rules()


def walked(candles: list[Candle]) -> Walk:
    walk = Walk()
    for candle in candles:
        walk.step(candle, RULES)
    return walk


@given(candles=markets(most=120), cut=st.integers(0, 119))
def test_a_copy_goes_on_as_the_walk_itself(candles: list[Candle], cut: int) -> None:
    """And neither disturbs the other."""
    walk = walked(candles[:cut])
    before, copy = walk.state(), walk.copy()
    steps = [copy.step(candle, RULES) for candle in candles[cut:]]

    assert walk.state() == before
    assert [walk.step(candle, RULES) for candle in candles[cut:]] == steps
    assert walk.state() == copy.state() == walked(candles).state()


@given(candles=markets(most=200))
def test_a_step_has_signals_and_the_values_of_the_fold(candles: list[Candle]) -> None:
    walk, fold = Walk(), MacdV()
    for candle in candles:
        previous = fold.value
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        step = walk.step(candle, RULES)
        assert walk.state().indicator == fold.state()
        if step is not None:
            assert step == Step(candle, step.reading, step.previous, step.signals)
            assert (step.previous, step.reading) == (previous, fold.reading(candle))
            assert step.signals
            assert fold.candles >= RULES.candles_needed


def leap(before: int, *, is_quiet: bool) -> list[Candle]:
    """So many candles of a calm market, every third without trades if it is quiet, and one that leaps."""
    calm = [
        an_empty(number, 100.0) if is_quiet and number % 3 == 2 else a_candle(number, 100.0, high=100.2, low=99.8)
        for number in range(before)
    ]
    return [*calm, a_candle(before, 130.0, open=100.0)]


@pytest.mark.parametrize("is_quiet", [False, True])
@pytest.mark.parametrize(("before", "fires"), [(58, False), (59, True), (60, True)])
def test_the_sixtieth_candle_is_the_first_that_may_fire_and_empty_ones_count(
    before: int, fires: bool, is_quiet: bool
) -> None:
    candles = leap(before, is_quiet=is_quiet)
    step = walked(candles[:-1]).step(candles[-1], RULES)

    assert (step is not None) == fires
    assert step is None or [one.label for one in step.signals] == ["level_150"]


def test_before_there_is_a_previous_value_nothing_is_crossed() -> None:
    """Eager rules, and a first reading far above every level."""
    eager = Rules(candles_needed=1)
    walk = Walk()
    rising = [a_candle(n, 100.0 + n, open=100.0 + n, high=101.0 + n, low=99.0 + n) for n in range(26)]
    assert [walk.step(candle, eager) for candle in rising] == [None] * 26
    assert walk.state().indicator.value == 350.0


def test_an_undefined_reading_is_skipped_and_the_previous_value_is_the_last_defined_one() -> None:
    """A market that stands still has no range: the value before the stillness is what the next one is compared with."""
    walk = walked(leap(80, is_quiet=False))
    number = 81
    while walk.state().indicator.is_defined:
        walk.step(a_candle(number, 130.0), RULES)
        number += 1
    last = walk.state().indicator.value
    assert last is not None
    assert abs(last) < 1
    step = walk.step(a_candle(number, 200.0, open=130.0), RULES)

    assert step is not None
    assert step.previous == last
    assert [one.label for one in step.signals] == ["level_200"]
