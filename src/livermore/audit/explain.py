"""Explaining what an audit found: where stored candles differ from true ones, and what the series says there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from livermore.audit.finding import Finding, Kind
from livermore.audit.oracle import Recomputed
from livermore.core.alerts.alert import Alert
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import SECOND, Millis

REACH: Final = 300
"""How many candles back a wrong one is looked for: its weight is then (25/26)^300, less than one part in 100,000."""

_EXPLAINABLE: Final = frozenset({Kind.MISSED, Kind.FALSE, Kind.DIFFERING})


@dataclass(frozen=True)
class Evidence:
    """What is known of a series: computed again from the true candles, as it is stored, and the alerts that stand.

    `truth` says who has the true ones.
    """

    recomputed: Recomputed
    stored: Sequence[Candle]
    standing: Sequence[Alert]
    truth: str = "the exchange has"

    @cached_property
    def index_by_opening(self) -> Mapping[Millis, int]:
        """Where each true row stands."""
        return {row.opened_at: index for index, row in enumerate(self.recomputed.truth.rows)}

    @cached_property
    def stored_by_opening(self) -> Mapping[Millis, Candle]:
        """Each stored candle."""
        return {candle.opened_at: candle for candle in self.stored}


def explained(finding: Finding, evidence: Evidence) -> Finding:
    """The finding with what the series says at its candle, and with every reason there is for it.

    A reason does not excuse it: an alert that was missed because of a wrong candle was missed.
    """
    opened_at = finding.opened_at
    if finding.kind not in _EXPLAINABLE or opened_at is None:
        return finding
    reasons = [finding.reason, *_reasons(opened_at, evidence)]
    detail = "; ".join(text for text in (finding.detail, *_circumstances(finding, opened_at, evidence)) if text)
    return replace(finding, detail=detail, reason="; ".join(reason for reason in reasons if reason) or None)


def _circumstances(finding: Finding, opened_at: Millis, evidence: Evidence) -> Iterator[str]:
    index = evidence.index_by_opening.get(opened_at)
    if index is not None and finding.kind is Kind.FALSE:
        value = evidence.recomputed.columns.value[index]
        before = next((v for v in reversed(evidence.recomputed.columns.value[:index]) if v is not None), None)
        yield f"the candles give {_points(value)} after {_points(before)}"
    labels = sorted(
        alert.label for alert in evidence.standing if alert.opened_at == opened_at and alert.label != finding.label
    )
    if labels:
        yield f"raised on the same candle: {', '.join(labels)}"


def _points(value: float | None) -> str:
    return "no value" if value is None else f"{value:.2f}"


def _reasons(opened_at: Millis, evidence: Evidence) -> Iterator[str]:
    index = evidence.index_by_opening.get(opened_at)
    if index is None:
        yield f"the exchange has no candle at {utc(opened_at)}"
        return
    if evidence.stored:
        yield from _wrong(evidence.recomputed.truth.rows[max(0, index - REACH) : index + 1], evidence)


def _wrong(rows: Sequence[Candle], evidence: Evidence) -> Iterator[str]:
    """Where the stored candles are not the true ones, the nearest first."""
    first, last = evidence.stored[0].opened_at, evidence.stored[-1].opened_at
    differing: list[str] = []
    holes: list[Millis] = []
    for row in reversed(rows):
        stored = evidence.stored_by_opening.get(row.opened_at)
        if stored is not None:
            differences = list(_differences(stored, row, evidence.truth))
            if differences:
                differing.append(f"the stored candle of {utc(row.opened_at)} has {', '.join(differences)}")
        elif first <= row.opened_at <= last:
            holes.append(row.opened_at)
    if differing:
        yield differing[0] + _and_more(len(differing) - 1)
    if holes:
        yield f"no candle of {utc(holes[0])} is stored" + _and_more(len(holes) - 1)


def _differences(stored: Candle, true: Candle, truth: str) -> Iterator[str]:
    for name in ("open", "high", "low", "close"):
        says, should = getattr(stored, name), getattr(true, name)
        if says != should:
            yield f"{name} {says:.12g} where {truth} {should:.12g}"
    if stored.is_empty != true.is_empty:
        yield f"no trades where {truth} some" if stored.is_empty else f"trades where {truth} none"


def _and_more(count: int) -> str:
    return f" (and {count:,} more before it)" if count else ""


def utc(instant: Millis) -> str:
    """An instant as people read it, to the second where it has any.

    >>> utc(1_700_006_400_000), utc(1_700_006_401_000)
    ('2023-11-15 00:00Z', '2023-11-15 00:00:01Z')
    """
    moment = datetime.fromtimestamp(instant / SECOND, UTC)
    return moment.strftime("%Y-%m-%d %H:%MZ" if instant % (60 * SECOND) == 0 else "%Y-%m-%d %H:%M:%SZ")
