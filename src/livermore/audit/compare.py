"""Comparing the alerts that the candles ask for with those that the stream holds."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from livermore.audit.explain import utc
from livermore.audit.finding import Expected, Finding, Kind, Outcome, Point, Scope, SeriesName
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.timeframe import SECOND

TOLERANCE: Final = 1e-6
"""How far two numbers may lie apart: relative to them or, where MACD-V points are near nought, in points."""

_RAISED: Final = frozenset({AlertStatus.FIRED, AlertStatus.LATE})


@dataclass(frozen=True, slots=True)
class History:
    """All entries of the stream with one id, in the order in which they were appended; there is at least one."""

    entries: tuple[Alert, ...]

    @property
    def last(self) -> Alert:
        """The last word on the alert."""
        return self.entries[-1]

    @property
    def exists(self) -> bool:
        """Whether the alert stands: its last word is not that it was retracted."""
        return self.last.status is not AlertStatus.RETRACTED

    @property
    def raised(self) -> Alert:
        """The first word on the alert since it was last retracted, or whatever is left of it."""
        standing = self.entries
        for index, entry in enumerate(self.entries[:-1]):
            if entry.status is AlertStatus.RETRACTED:
                standing = self.entries[index + 1 :]
        return next((entry for entry in standing if entry.status in _RAISED), standing[0])

    @property
    def repeats(self) -> int:
        """How often it was raised while it stood already."""
        count, stands = 0, False
        for entry in self.entries:
            count += stands and entry.status in _RAISED
            stands = entry.status is not AlertStatus.RETRACTED
        return count


def compared(
    expected: Iterable[Expected], stream: Sequence[Alert], scopes: Mapping[SeriesName, Scope], versions: Collection[str]
) -> Outcome:
    """All that is to be said of the expected alerts and of the entries of the stream.

    `stream` holds what the stream says of the candles of the period, oldest entry first. `scopes` has every series
    that is stored: what of it is outside its scope is not judged, and an alert of any other series is false. An alert
    by other rules than those of `versions` cannot be judged either.
    """
    histories = _histories(stream)
    standing = {_place(history.last): history for history in histories.values() if history.exists}
    asked = {one.id: one for one in expected if _is_within(one, scopes[one.symbol, one.timeframe])}
    findings: list[Finding] = []
    found = due = 0
    for one in asked.values():
        own, scope = histories.get(one.id), scopes[one.symbol, one.timeframe]
        other = standing.get(_place(one))
        if own is not None and own.exists:
            found, due = found + 1, due + 1
            findings.extend(_differences(one, own))
        elif one.closes_at > max(scope.committed_until, scope.due_until):
            findings.append(_lacking(Kind.PENDING, one, "", "its candle was not committed yet when we looked"))
        elif one.closes_at > scope.committed_until:
            due += 1
            findings.append(_lacking(Kind.MISSED, one, "", f"its series stands still at {utc(scope.committed_until)}"))
        elif other is None or other.last.rule_version in versions:
            due += 1
            findings.append(_lacking(Kind.MISSED, one, "", None if own is None else _withdrawn(own)))
    for history in histories.values():
        findings.extend(_told(history))
        if history.exists and history.last.id not in asked:
            findings.append(_unasked(history, scopes, versions))
    return Outcome(due, found, tuple(findings))


def _histories(stream: Iterable[Alert]) -> dict[str, History]:
    entries: dict[str, list[Alert]] = {}
    for entry in stream:
        entries.setdefault(entry.id, []).append(entry)
    return {alert_id: History(tuple(words)) for alert_id, words in entries.items()}


def _place(alert: Alert | Expected) -> tuple[str, str, int, str]:
    return alert.symbol, alert.timeframe, alert.opened_at, alert.label


def _is_within(one: Expected, scope: Scope) -> bool:
    return scope.since < one.closes_at <= scope.until


def _lacking(kind: Kind, one: Expected, detail: str, reason: str | None) -> Finding:
    return Finding(kind, one.id, one.symbol, one.timeframe, one.opened_at, one.label, one.point, None, detail, reason)


def _withdrawn(history: History) -> str:
    return f"it was {history.raised.status} and then retracted"


def _told(history: History) -> Iterator[Finding]:
    """What the stream itself says of an alert: raised again, late, amended, retracted."""
    raised, last = history.raised, history.last
    if history.repeats:
        times = history.repeats + 1
        yield _of(Kind.DUPLICATE, last, None, last, f"raised {times} times without a retraction between", None)
    if not history.exists:
        yield _of(Kind.RETRACTED, last, None, raised, "", f"taken back {_lateness(last)}")
        return
    if raised.status is AlertStatus.LATE:
        yield _of(Kind.LATE, last, None, raised, f"raised {_lateness(raised)}", "catch-up")
    if last.status is AlertStatus.AMENDED:
        reason = f"its candle was corrected {_lateness(last)}"
        yield _of(Kind.AMENDED, last, last, raised, "", reason)


def _of(kind: Kind, alert: Alert, expected: Alert | None, found: Alert, detail: str, reason: str | None) -> Finding:
    return Finding(
        kind,
        alert.id,
        alert.symbol,
        alert.timeframe,
        alert.opened_at,
        alert.label,
        None if expected is None else _point(expected),
        _point(found),
        detail,
        reason,
    )


def _point(alert: Alert) -> Point:
    return Point(alert.value, alert.price)


def _lateness(alert: Alert) -> str:
    times = alert.times
    committed = times.committed or times.computed or times.received
    return f"{(committed - times.close) / SECOND:,.0f} s after its close"


def _unasked(history: History, scopes: Mapping[SeriesName, Scope], versions: Collection[str]) -> Finding:
    """An alert that stands and that no candle asks for: false, unless it cannot be judged."""
    alert = history.last
    scope = scopes.get((alert.symbol, alert.timeframe))
    kind, reason = Kind.FALSE, None
    if scope is None:
        reason = f"no series {alert.symbol} {alert.timeframe} is stored"
    elif alert.rule_version not in versions:
        reason = f"raised by rule version {alert.rule_version}, and we judge by {', '.join(sorted(versions))}"
        kind = Kind.UNJUDGED
    elif alert.closes_at <= scope.since:
        kind, reason = Kind.UNJUDGED, scope.before
    return _of(kind, alert, None, alert, "", reason)


def _differences(one: Expected, own: History) -> Iterator[Finding]:
    """What an alert that was rightly raised says wrongly in the end."""
    told = own.last
    wrong = [
        *(f"{name} {says}, not {due}" for name, says, due in _words(told, one) if says != due),
        *(f"{name} {_said(says)}, not {_said(due)}" for name, says, due in _points(told, one) if _is_apart(says, due)),
    ]
    if not math.isclose(told.price, one.price, rel_tol=TOLERANCE):
        wrong.append(f"price {_said(told.price)}, not {_said(one.price)}")
    if wrong:
        finding = _lacking(Kind.DIFFERING, one, "; ".join(wrong), None)
        yield replace(finding, found=_point(told))


def _words(told: Alert, due: Expected) -> Iterator[tuple[str, str, str]]:
    yield "symbol", told.symbol, due.symbol
    yield "timeframe", told.timeframe.value, due.timeframe.value
    yield "opening", str(told.opened_at), str(due.opened_at)
    yield "label", told.label, due.label
    yield "direction", told.direction.value, due.direction
    yield "stage", told.stage.value, due.stage.value


def _points(told: Alert, due: Expected) -> Iterator[tuple[str, float | None, float | None]]:
    yield "value", told.value, due.value
    yield "previous value", told.previous_value, due.previous_value
    yield "signal line", told.signal, due.signal
    yield "histogram", told.histogram, due.histogram


def _is_apart(says: float | None, due: float | None) -> bool:
    if says is None or due is None:
        return says is not due
    return not math.isclose(says, due, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.9g}"
