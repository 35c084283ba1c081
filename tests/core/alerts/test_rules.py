import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.alerts.alert import Direction
from livermore.core.alerts.rules import (
    REVERSAL_OVERBOUGHT,
    REVERSAL_OVERSOLD,
    Crossing,
    Memory,
    Rules,
    Signal,
    crossed_levels,
    evaluate,
    level_label,
    rearmed,
)
from livermore.core.market.timeframe import Timeframe
from livermore.core.snapshot import Fired

RULES = Rules()
M5 = Timeframe.M5
STEP = M5.millis
LEVELS = [level for depth in range(150, 1_001, 50) for level in (depth, -depth)]
VALUES = st.one_of(
    st.floats(-1_000, 1_000),
    st.sampled_from(LEVELS).map(float),
    st.sampled_from(LEVELS).map(lambda level: math.nextafter(level, -math.inf)),
    st.sampled_from(LEVELS).map(lambda level: math.nextafter(level, math.inf)),
    st.sampled_from(LEVELS).map(lambda level: level - math.copysign(10.0, level)),
)


def crossing(
    previous: float, value: float, histogram: float | None = 0.0, at: int = 0, timeframe: Timeframe = M5
) -> Crossing:
    return Crossing(timeframe, at, previous, value, histogram)


def labels(memory: Memory, *arguments: float | None, at: int = 0, timeframe: Timeframe = M5) -> list[str]:
    previous, value, *rest = arguments
    assert previous is not None
    assert value is not None
    histogram = rest[0] if rest else 0.0
    return [one.label for one in evaluate(RULES, memory, crossing(previous, value, histogram, at, timeframe))[1]]


# ------------------------------------------------------------------------------------------------ levels


@given(previous=VALUES, value=VALUES)
def test_a_level_is_crossed_exactly_as_the_document_says(previous: float, value: float) -> None:
    """Up through L when p <= L < v, down through -L when p >= -L > v; the deepest comes last."""
    up = [level for level in range(150, 1_050, 50) if previous <= level < value]
    down = [-level for level in range(150, 1_050, 50) if previous >= -level > value]

    assert list(crossed_levels(RULES, previous, value)) == [*up, *down]


@given(start=VALUES, middle=VALUES, end=VALUES)
def test_a_path_in_one_direction_crosses_each_level_once(start: float, middle: float, end: float) -> None:
    """Stepping on a level, or over it, or in between: together the steps cross what the leap crosses."""
    start, middle, end = sorted((start, middle, end))
    for path in ((start, middle, end), (end, middle, start)):
        steps = crossed_levels(RULES, path[0], path[1]) + crossed_levels(RULES, path[1], path[2])
        assert steps == crossed_levels(RULES, path[0], path[2])


@given(value=VALUES)
def test_standing_still_crosses_nothing(value: float) -> None:
    assert crossed_levels(RULES, value, value) == ()


@given(previous=VALUES, value=VALUES)
def test_the_rules_are_the_same_upside_down(previous: float, value: float) -> None:
    mirrored = tuple(-level for level in crossed_levels(RULES, -previous, -value))
    assert crossed_levels(RULES, previous, value) == mirrored


@pytest.mark.parametrize("level", LEVELS)
def test_each_boundary_of_a_level(level: int) -> None:
    """Reaching a level is not crossing it; leaving it is."""
    out, back = math.copysign(math.inf, level), 0.0
    beyond, before = math.nextafter(level, out), math.nextafter(level, back)
    assert crossed_levels(RULES, before, level) == ()
    assert crossed_levels(RULES, level, beyond) == (level,)
    assert crossed_levels(RULES, before, beyond) == (level,)
    assert crossed_levels(RULES, beyond, level) == ()
    assert crossed_levels(RULES, beyond, before) == ()


def test_of_several_levels_the_deepest_fires_and_all_are_remembered() -> None:
    memory, signals = evaluate(RULES, (), crossing(100.0, 260.0, at=STEP))

    assert signals == (Signal("level_250", Direction.UP),)
    assert memory == tuple(Fired(f"level_{level}", STEP, False) for level in (150, 200, 250))
    memory, signals = evaluate(RULES, (), crossing(0.0, -201.0, at=STEP))
    assert signals == (Signal("level_-200", Direction.DOWN),)
    assert {fired.label for fired in memory} == {"level_-150", "level_-200"}


def test_when_the_deepest_may_not_fire_none_does() -> None:
    """The shallower ones of the same leap are no candidates, and nothing is remembered."""
    memory: Memory = (Fired("level_200", 0, False),)

    assert evaluate(RULES, memory, crossing(100.0, 210.0, at=100 * STEP)) == (memory, ())


def test_a_leap_from_one_side_to_the_other_crosses_only_where_it_arrives() -> None:
    assert labels((), 300.0, -300.0) == ["level_-250"]


# ------------------------------------------------------------------------------------------------ reversals


@pytest.mark.parametrize(
    ("label", "side", "share"), [(REVERSAL_OVERSOLD, -1.0, 0.05), (REVERSAL_OVERBOUGHT, 1.0, -0.03)]
)
def test_each_boundary_of_a_reversal(label: str, side: float, share: float) -> None:
    value, zone = side * 200.0, side * 150.0
    buffer = share * 200.0
    enough = math.nextafter(buffer, math.copysign(math.inf, share))
    outside = math.nextafter(zone, side * math.inf)
    assert labels((), value, value, enough) == [label]
    assert labels((), value, value, buffer) == []
    assert labels((), value, value, None) == []
    assert label not in labels((), zone, value, enough)
    assert label in labels((), outside, value, enough)
    assert labels((), value, zone, side * -50.0) == []
    assert labels((), value, outside, side * -50.0) == [label]


def test_a_reversal_and_a_level_on_one_candle_come_level_first() -> None:
    assert labels((), -160.0, -210.0, 20.0) == ["level_-200", REVERSAL_OVERSOLD]
    assert labels((), 160.0, 210.0, -20.0) == ["level_200", REVERSAL_OVERBOUGHT]


def test_a_reversal_up_from_oversold_points_up_and_down_from_overbought_down() -> None:
    for value, direction in ((-200.0, Direction.UP), (200.0, Direction.DOWN)):
        signals = evaluate(RULES, (), crossing(value, value, -value / 2))[1]
        assert [one.direction for one in signals] == [direction]


# ------------------------------------------------------------------------------------------------ memory


@pytest.mark.parametrize("timeframe", Timeframe)
def test_the_cooldown_has_to_be_exceeded(timeframe: Timeframe) -> None:
    cooldown = max(5 * 60_000, timeframe.millis)
    memory: Memory = (Fired("level_150", 0, True),)
    assert RULES.cooldown(timeframe) == cooldown
    assert labels(memory, 140.0, 160.0, at=cooldown, timeframe=timeframe) == []
    assert labels(memory, 140.0, 160.0, at=cooldown + 1, timeframe=timeframe) == ["level_150"]


@pytest.mark.parametrize(
    ("label", "boundary", "back"),
    [
        *[(level_label(level), level - math.copysign(10.0, level), -level) for level in LEVELS],
        (REVERSAL_OVERSOLD, -140.0, 1),
        (REVERSAL_OVERBOUGHT, 140.0, -1),
    ],
)
def test_a_label_is_armed_again_once_the_value_is_back_by_more_than_the_hysteresis(
    label: str, boundary: float, back: float
) -> None:
    fired: Memory = (Fired(label, 7, False),)
    assert rearmed(RULES, fired, boundary) == fired
    assert rearmed(RULES, fired, math.nextafter(boundary, math.copysign(math.inf, -back))) == fired
    assert rearmed(RULES, fired, math.nextafter(boundary, math.copysign(math.inf, back))) == (Fired(label, 7, True),)


def test_an_unarmed_label_stays_silent_however_long_ago_it_fired() -> None:
    assert labels((Fired("level_150", 0, False),), 140.0, 160.0, at=10**12) == []
    assert labels((Fired(REVERSAL_OVERSOLD, 0, False),), -200.0, -200.0, 50.0, at=10**12) == []


def test_arming_keeps_the_time_of_the_last_alert() -> None:
    memory: Memory = (Fired("level_150", 0, False), Fired("level_200", 0, False))
    armed = rearmed(RULES, memory, 185.0)
    assert armed == (Fired("level_150", 0, False), Fired("level_200", 0, True))
    assert rearmed(RULES, armed, 139.0) == (Fired("level_150", 0, True), Fired("level_200", 0, True))


def test_other_labels_do_not_disturb_each_other() -> None:
    memory: Memory = (Fired("level_-150", 0, False), Fired(REVERSAL_OVERBOUGHT, 0, False))
    assert labels(memory, 140.0, 160.0) == ["level_150"]
    assert labels(memory, -200.0, -200.0, 50.0) == [REVERSAL_OVERSOLD]


class Naive:
    """The memory as two dictionaries."""

    def __init__(self) -> None:
        self.closed_at: dict[str, int] = {}
        self.armed: dict[str, bool] = {}

    def step(self, previous: float, value: float, histogram: float, at: int) -> list[str]:
        for label in self.armed:
            level = {REVERSAL_OVERSOLD: -150, REVERSAL_OVERBOUGHT: 150}.get(label) or int(label.split("_")[1])
            self.armed[label] |= value < level - 10 if level > 0 else value > level + 10
        fired = []
        crossed = [level for level in LEVELS if previous <= level < value and level > 0]
        crossed += [level for level in LEVELS if previous >= level > value and level < 0]
        crossed.sort(key=abs)
        candidates = [[level_label(level) for level in crossed]] if crossed else []
        if previous < -150 and value < -150 and histogram > 0.05 * abs(value):
            candidates.append([REVERSAL_OVERSOLD])
        if previous > 150 and value > 150 and histogram < -0.03 * abs(value):
            candidates.append([REVERSAL_OVERBOUGHT])
        for group in candidates:
            label = group[-1]
            if label not in self.armed or (self.armed[label] and at - self.closed_at[label] > STEP):
                fired.append(label)
                for one in group:
                    self.armed[one], self.closed_at[one] = False, at
        return fired


@given(path=st.lists(st.tuples(VALUES, st.floats(-60, 60), st.integers(1, 3)), min_size=2, max_size=80))
def test_over_any_path_the_memory_is_two_dictionaries(path: list[tuple[float, float, int]]) -> None:
    memory: Memory = ()
    naive = Naive()
    at, previous = 0, path[0][0]
    for value, histogram, steps in path[1:]:
        at += steps * STEP
        memory = rearmed(RULES, memory, value)
        memory, signals = evaluate(RULES, memory, crossing(previous, value, histogram, at))
        assert [one.label for one in signals] == naive.step(previous, value, histogram, at)
        assert {fired.label: fired.is_armed for fired in memory} == naive.armed
        assert [fired.label for fired in memory] == sorted(naive.armed), "in one order, whatever the history"
        previous = value


@given(path=st.lists(VALUES, min_size=2, max_size=60))
def test_between_two_alerts_of_a_level_the_value_has_come_back(path: list[float]) -> None:
    """Fires once a crossing: chattering around a level within the hysteresis raises nothing more."""
    memory: Memory = ()
    lowest: dict[str, float] = {}
    for number, (previous, value) in enumerate(pairwise(path), start=1):
        lowest = {label: min(low, value) for label, low in lowest.items()}
        memory = rearmed(RULES, memory, value)
        memory, signals = evaluate(RULES, memory, crossing(previous, value, at=2 * number * STEP))
        for one in signals:
            if one.direction is Direction.UP:
                level = int(one.label.removeprefix("level_"))
                assert lowest.get(one.label, -math.inf) < level - 10
                lowest[one.label] = value


# ------------------------------------------------------------------------------------------------ the version


def test_any_change_of_a_threshold_is_another_version() -> None:
    changed = [
        replace(RULES, first_level=200),
        replace(RULES, level_step=25),
        replace(RULES, hysteresis=10.5),
        replace(RULES, oversold_buffer=0.06),
        replace(RULES, overbought_buffer=0.04),
        replace(RULES, shortest_cooldown=1),
        replace(RULES, candles_needed=61),
    ]
    assert len({rules.version for rules in [RULES, *changed]}) == len(changed) + 1
    assert Rules().version == RULES.version == "macdv-1-ea023311"


def test_the_thresholds_are_settings() -> None:
    rules = Rules(first_level=100, level_step=25, hysteresis=5.0, oversold_buffer=0.5)
    assert crossed_levels(rules, 90.0, 151.0) == (100, 125, 150)
    assert evaluate(rules, (), crossing(-120.0, -120.0, 55.0))[1] == ()
    assert evaluate(rules, (), crossing(-120.0, -120.0, 61.0))[1] == (Signal(REVERSAL_OVERSOLD, Direction.UP),)
    assert rearmed(rules, (Fired("level_125", 0, False),), 119.9) == (Fired("level_125", 0, True),)
