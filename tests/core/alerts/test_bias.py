from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.alerts.alert import Bias, TimeframeView
from livermore.core.alerts.bias import bias_of
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import Timeframe

WEIGHTS = dict(zip(Timeframe, (2, 3, 4, 5, 6), strict=True))
UP = (Stage.OVERSOLD, Stage.REBOUNDING, Stage.RALLYING)
DOWN = (Stage.OVERBOUGHT, Stage.RETRACING, Stage.REVERSING)
NEITHER = (Stage.RANGING, Stage.UNKNOWN)


def views(*stages: Stage) -> list[TimeframeView]:
    return [TimeframeView(timeframe, 0.0, stage) for timeframe, stage in zip(Timeframe, stages, strict=True)]


@given(stages=st.tuples(*[st.sampled_from(Stage)] * 5))
def test_a_side_wins_above_one_and_a_half_times_the_other(stages: tuple[Stage, ...]) -> None:
    """In whole numbers: twice the one against thrice the other."""
    bull = sum(weight for stage, weight in zip(stages, WEIGHTS.values(), strict=True) if stage in UP)
    bear = sum(weight for stage, weight in zip(stages, WEIGHTS.values(), strict=True) if stage in DOWN)
    wanted = Bias.BULLISH if 2 * bull > 3 * bear else Bias.BEARISH if 2 * bear > 3 * bull else Bias.NEUTRAL

    assert bias_of(views(*stages)) is wanted


def test_exactly_one_and_a_half_times_is_neutral() -> None:
    """6 (1d) against 4 (1h), and 12 against 8."""
    assert bias_of(views(*[Stage.RANGING] * 2, Stage.RETRACING, Stage.RANGING, Stage.RALLYING)) is Bias.NEUTRAL
    both = (Stage.RETRACING, Stage.RALLYING, Stage.RALLYING, Stage.RALLYING, Stage.RETRACING)
    assert bias_of(views(*both)) is Bias.NEUTRAL
    mirrored = (Stage.RALLYING, Stage.RETRACING, Stage.RETRACING, Stage.RETRACING, Stage.RALLYING)
    assert bias_of(views(*mirrored)) is Bias.NEUTRAL


@pytest.mark.parametrize(
    ("stage", "bias"), [*product(UP, [Bias.BULLISH]), *product(DOWN, [Bias.BEARISH]), *product(NEITHER, [Bias.NEUTRAL])]
)
def test_every_stage_is_on_its_side(stage: Stage, bias: Bias) -> None:
    assert bias_of(views(*[stage] * 5)) is bias
    assert set(UP) | set(DOWN) | set(NEITHER) == set(Stage)


def test_no_timeframe_at_all_is_neutral() -> None:
    assert bias_of([]) is Bias.NEUTRAL
