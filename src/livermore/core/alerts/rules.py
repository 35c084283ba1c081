"""When a closed candle is worth an alert: levels crossed, reversals begun, and what the series remembers of them.

A rule comes true for a *label*; the label fires when it is armed and its cooldown has passed. Firing disarms it until
the value has come back by the hysteresis. All thresholds are MACD-V points, all times Millis of event time.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from livermore.core.alerts.alert import Direction
from livermore.core.market.timeframe import MINUTE, Millis, Timeframe
from livermore.core.snapshot import Fired

REVERSAL_OVERSOLD = "reversal_oversold"
REVERSAL_OVERBOUGHT = "reversal_overbought"


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds of all rules; any change makes another `version`, which is part of an alert's identity."""

    first_level: int = 150
    level_step: int = 50
    hysteresis: float = 10.0
    oversold_buffer: float = 0.05
    overbought_buffer: float = 0.03
    shortest_cooldown: Millis = 5 * MINUTE
    candles_needed: int = 60
    version: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the version after the thresholds, spelled alike whether 10 or 10.0 was given."""
        for name in ("hysteresis", "oversold_buffer", "overbought_buffer"):
            object.__setattr__(self, name, float(getattr(self, name)))
        thresholds = ",".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.init)
        digest = hashlib.sha256(thresholds.encode()).hexdigest()
        object.__setattr__(self, "version", f"macdv-1-{digest[:8]}")

    def cooldown(self, timeframe: Timeframe) -> Millis:
        """How long a label stays silent after it fired: at least one candle."""
        return max(self.shortest_cooldown, timeframe.millis)


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that came true and was let through by the memory."""

    label: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Crossing:
    """What the rules look at: a closed candle's value beside the last defined one before it."""

    timeframe: Timeframe
    closes_at: Millis
    previous: float
    value: float
    histogram: float | None


Memory = tuple[Fired, ...]


def level_label(level: int) -> str:
    """The label of a level, such as ``level_-150``."""
    return f"level_{level}"


def rearmed(rules: Rules, memory: Memory, value: float) -> Memory:
    """The memory after a candle at `value`: labels the value has come back from may fire again."""
    for fired in memory:
        if not fired.is_armed and _has_come_back(rules, fired.label, value):
            break
    else:
        return memory
    return tuple(
        Fired(fired.label, fired.closed_at, True)
        if not fired.is_armed and _has_come_back(rules, fired.label, value)
        else fired
        for fired in memory
    )


def evaluate(rules: Rules, memory: Memory, crossing: Crossing) -> tuple[Memory, tuple[Signal, ...]]:
    """The signals of a closed candle, level before reversal, and the memory after them.

    `memory` is the one that `rearmed` returned for this candle.
    """
    signals: list[Signal] = []
    levels = crossed_levels(rules, crossing.previous, crossing.value)
    if levels and _may_fire(rules, memory, crossing, level_label(levels[-1])):
        direction = Direction.UP if levels[-1] > 0 else Direction.DOWN
        signals.append(Signal(level_label(levels[-1]), direction))
        memory = _remembering(memory, (level_label(level) for level in levels), crossing.closes_at)
    reversal = _reversal(rules, crossing)
    if reversal is not None and _may_fire(rules, memory, crossing, reversal.label):
        signals.append(reversal)
        memory = _remembering(memory, iter((reversal.label,)), crossing.closes_at)
    return memory, tuple(signals)


def crossed_levels(rules: Rules, previous: float, value: float) -> tuple[int, ...]:
    """The levels crossed from `previous` to `value`, the deepest last.

    >>> crossed_levels(Rules(), 150.0, 210.0), crossed_levels(Rules(), -150.0, -150.1)
    ((150, 200), (-150,))
    """
    if value > previous:
        return tuple(_levels_between(rules, previous, value))
    return tuple(-level for level in _levels_between(rules, -previous, -value))


def _levels_between(rules: Rules, low: float, high: float) -> Iterator[int]:
    """The levels L with ``low <= L < high``, rising."""
    level = rules.first_level
    if low > level:
        level += -int((level - low) // rules.level_step) * rules.level_step
    while level < high:
        yield level
        level += rules.level_step


def _reversal(rules: Rules, crossing: Crossing) -> Signal | None:
    value, previous, histogram = crossing.value, crossing.previous, crossing.histogram
    zone = rules.first_level
    if histogram is None:
        return None
    if previous < -zone and value < -zone and histogram > rules.oversold_buffer * abs(value):
        return Signal(REVERSAL_OVERSOLD, Direction.UP)
    if previous > zone and value > zone and histogram < -rules.overbought_buffer * abs(value):
        return Signal(REVERSAL_OVERBOUGHT, Direction.DOWN)
    return None


def _has_come_back(rules: Rules, label: str, value: float) -> bool:
    if label == REVERSAL_OVERSOLD:
        return value > -rules.first_level + rules.hysteresis
    if label == REVERSAL_OVERBOUGHT:
        return value < rules.first_level - rules.hysteresis
    level = int(label.removeprefix("level_"))
    return value < level - rules.hysteresis if level > 0 else value > level + rules.hysteresis


def _may_fire(rules: Rules, memory: Memory, crossing: Crossing, label: str) -> bool:
    for fired in memory:
        if fired.label == label:
            elapsed = crossing.closes_at - fired.closed_at
            return fired.is_armed and elapsed > rules.cooldown(crossing.timeframe)
    return True


def _remembering(memory: Memory, labels: Iterator[str], closes_at: Millis) -> Memory:
    by_label = {fired.label: fired for fired in memory}
    for label in labels:
        by_label[label] = Fired(label, closes_at, False)
    return tuple(by_label[label] for label in sorted(by_label))
