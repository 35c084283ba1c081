"""An alert computed once more from the candles that are stored, and whether it would be raised again as it stands.

The walk begins at the state that is kept before the oldest candle at hand, so the numbers are those of the engine to
the last bit. What is not kept any more cannot be judged, and the verdict says so instead of guessing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.rules import Rules
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.walk import Walk
from livermore.core.watch import ORIGINAL, Era, bygone_era, known_since


class Outcome(StrEnum):
    """What computing an alert again says of it."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Reevaluation:
    """The outcome with its reasons, and what was found: the candle, its reading and the one before."""

    outcome: Outcome
    reasons: tuple[str, ...]
    candle: Candle | None = None
    reading: Reading | None = None
    previous: Reading | None = None


def reevaluated(
    alert: Alert, candles: Sequence[Candle], snapshot: SeriesSnapshot | None, eras: Sequence[Era]
) -> Reevaluation:
    """`alert` against the stored `candles` of its series, oldest first, and the state that goes with them.

    Each candle is judged by the rules of its own one of `eras`, as the engine judged it.
    """
    if snapshot is None:
        return _unjudged("the series is not stored")
    if not snapshot.kept_since <= alert.opened_at <= snapshot.last_opened_at:
        return _unjudged("its candle is not kept any more")
    if snapshot.kept_since < known_since(eras):
        return _unjudged("the rules have changed too often since for all of them to be kept")
    if rules_at(eras, alert.times.close).version != alert.rule_version:
        return _unjudged(f"the series does not remember to have gone by the rules of version {alert.rule_version}")
    walk = Walk.resumed(snapshot.tail)
    reading: Reading | None = None
    for candle in candles:
        if candle.opened_at < snapshot.kept_since:
            continue
        previous, before = reading, walk.fold.value
        step = walk.step(candle, rules_at(eras, candle.closes_at))
        reading = walk.fold.reading(candle)
        if candle.opened_at == alert.opened_at:
            labels = () if step is None else tuple(signal.label for signal in step.signals)
            reasons = _differences(alert, candle, reading, before, labels)
            return Reevaluation(Outcome.DIFFERENT if reasons else Outcome.EQUAL, reasons, candle, reading, previous)
    return _unjudged("its candle is missing")


def rules_at(eras: Sequence[Era], closes_at: Millis) -> Rules:
    """The rules that a series went by for the candle that closes then."""
    return (bygone_era(eras, closes_at) or (eras[-1] if eras else ORIGINAL)).rules


def _unjudged(reason: str) -> Reevaluation:
    return Reevaluation(Outcome.UNJUDGED, (reason,))


def _differences(
    alert: Alert, candle: Candle, reading: Reading | None, before: float | None, labels: tuple[str, ...]
) -> tuple[str, ...]:
    is_raised = alert.label in labels
    if alert.status is AlertStatus.RETRACTED:
        return ("it was retracted, and would be raised",) if is_raised else ()
    if reading is None:
        return ("the candle has no reading",)
    reasons = [] if is_raised else [f"the rules raise {' and '.join(labels) or 'nothing'} at this candle"]
    pairs = (
        ("price", alert.price, candle.close),
        ("value", alert.value, reading.value),
        ("previous value", alert.previous_value, before),
        ("signal line", alert.signal, reading.signal),
        ("histogram", alert.histogram, reading.histogram),
    )
    reasons += [f"the {name} is {found}, not {said}" for name, said, found in pairs if said != found]
    return tuple(reasons)
