import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.indicators.reading import Stage
from livermore.core.indicators.stage import stage_of

NEVER = float("inf")
VALUES = st.one_of(st.floats(-1_000, 1_000), st.sampled_from([-150.0, -50.0, 50.0, 150.0]))
CONDITIONS = {
    Stage.OVERSOLD: lambda v, s: v <= -150,
    Stage.OVERBOUGHT: lambda v, s: v >= 150 and v >= s,
    Stage.RALLYING: lambda v, s: 50 <= v < 150 and v >= s,
    Stage.REBOUNDING: lambda v, s: -150 < v < 50 and v >= s,
    Stage.REVERSING: lambda v, s: -150 < v <= -50 and v < s,
    Stage.RETRACING: lambda v, s: v > -50 and v < s,
}


@given(value=VALUES, signal=VALUES, calm=st.integers(0, 19))
def test_exactly_one_condition_holds_and_names_the_stage(value: float, signal: float, calm: int) -> None:
    """The function is total, and the conditions of the document exclude each other."""
    assert [stage for stage, holds in CONDITIONS.items() if holds(value, signal)] == [stage_of(value, signal, calm)]


@given(value=VALUES, signal=VALUES, calm=st.integers(20, 10_000))
def test_calm_of_20_candles_is_ranging_whatever_else_holds(value: float, signal: float, calm: int) -> None:
    assert stage_of(value, signal, calm) is Stage.RANGING


@given(value=st.one_of(st.none(), VALUES), calm=st.integers(0, 100))
def test_the_stage_is_unknown_until_both_are_seeded(value: float | None, calm: int) -> None:
    assert stage_of(value, None, calm) is Stage.UNKNOWN
    assert stage_of(None, 0.0, calm) is Stage.UNKNOWN


@pytest.mark.parametrize(
    ("boundary", "signal", "below", "at", "above"),
    [
        (-150.0, -NEVER, Stage.OVERSOLD, Stage.OVERSOLD, Stage.REBOUNDING),
        (-150.0, NEVER, Stage.OVERSOLD, Stage.OVERSOLD, Stage.REVERSING),
        (-50.0, NEVER, Stage.REVERSING, Stage.REVERSING, Stage.RETRACING),
        (-50.0, -NEVER, Stage.REBOUNDING, Stage.REBOUNDING, Stage.REBOUNDING),
        (50.0, -NEVER, Stage.REBOUNDING, Stage.RALLYING, Stage.RALLYING),
        (50.0, NEVER, Stage.RETRACING, Stage.RETRACING, Stage.RETRACING),
        (150.0, -NEVER, Stage.RALLYING, Stage.OVERBOUGHT, Stage.OVERBOUGHT),
        (150.0, NEVER, Stage.RETRACING, Stage.RETRACING, Stage.RETRACING),
        (-151.0, -151.0, Stage.OVERSOLD, Stage.OVERSOLD, Stage.OVERSOLD),
        (-100.0, -100.0, Stage.REVERSING, Stage.REBOUNDING, Stage.REBOUNDING),
        (0.0, 0.0, Stage.RETRACING, Stage.REBOUNDING, Stage.REBOUNDING),
        (100.0, 100.0, Stage.RETRACING, Stage.RALLYING, Stage.RALLYING),
        (200.0, 200.0, Stage.RETRACING, Stage.OVERBOUGHT, Stage.OVERBOUGHT),
    ],
)
def test_each_boundary_and_its_neighbours(
    boundary: float, signal: float, below: Stage, at: Stage, above: Stage
) -> None:
    stages = (
        stage_of(math.nextafter(boundary, -NEVER), signal, 0),
        stage_of(boundary, signal, 0),
        stage_of(math.nextafter(boundary, NEVER), signal, 0),
    )
    assert stages == (below, at, above)


def test_calm_begins_with_the_twentieth_candle() -> None:
    assert stage_of(0.0, 1.0, 19) is Stage.RETRACING
    assert stage_of(0.0, 1.0, 20) is Stage.RANGING
