"""What an audit finds: its values, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from livermore.core.indicators.reading import Stage
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis, Timeframe

SeriesName: TypeAlias = tuple[str, Timeframe]


class Kind(StrEnum):
    """What is to be said of an alert."""

    MISSED = "missed"
    FALSE = "false"
    DUPLICATE = "duplicate"
    DIFFERING = "differing"
    LATE = "late"
    AMENDED = "amended"
    RETRACTED = "retracted"
    PENDING = "pending"
    UNJUDGED = "unjudged"


DAMAGE: Final = frozenset({Kind.MISSED, Kind.FALSE, Kind.DUPLICATE, Kind.DIFFERING})
"""The kinds that must not be; all others are told, but are as they should be."""


@dataclass(frozen=True, slots=True)
class Point:
    """What an alert says in numbers: the MACD-V at its candle and the candle's close."""

    value: float
    price: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, at one place: a candle of a series, and a label.

    `expected` is what the candles say and `found` what the stream says, each None where it says nothing; of an
    amended alert `found` is the first word and `expected` the last. `detail` describes it, `reason` explains it and is
    None as long as nothing does. `timeframe` and `opened_at` are None for an entry that could not be read.
    """

    kind: Kind
    alert_id: str
    symbol: str
    timeframe: Timeframe | None
    opened_at: Millis | None
    label: str
    expected: Point | None = None
    found: Point | None = None
    detail: str = ""
    reason: str | None = None

    @property
    def closes_at(self) -> Millis | None:
        """The close of the candle it is about."""
        if self.timeframe is None or self.opened_at is None:
            return None
        return self.opened_at + self.timeframe.millis


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that the candles ask for."""

    id: str
    symbol: str
    timeframe: Timeframe
    opened_at: Millis
    label: str
    direction: str
    value: float
    previous_value: float
    signal: float | None
    histogram: float | None
    price: float
    stage: Stage

    @property
    def closes_at(self) -> Millis:
        """The close of the candle that asks for it."""
        return self.opened_at + self.timeframe.millis

    @property
    def point(self) -> Point:
        """Its numbers."""
        return Point(self.value, self.price)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of one series can be judged: candles that close in ``(since, until]``.

    Candles that close after `committed_until` were not committed yet when we looked; those of them that close up to
    `due_until` should have been. `before` says why what lies before `since`, but within the period that was asked for,
    cannot be judged.
    """

    since: Millis
    until: Millis
    committed_until: Millis
    before: str
    due_until: Millis = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison of one exchange: alerts expected, those of them that were found, and all there is to say."""

    expected: int
    found: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ExchangeAudit:
    """The audit of one exchange over the candles that close in ``(since, until]``; `notes` say what limits it."""

    exchange: ExchangeIdentity
    is_simulated: bool
    since: Millis
    until: Millis
    series: int
    candles: int
    outcome: Outcome
    notes: tuple[str, ...]

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many findings there are of each kind, all kinds named."""
        return counted(self.outcome.findings)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was missed, false, duplicate or differing."""
        return not any(finding.kind in DAMAGE for finding in self.outcome.findings)


def counted(findings: Iterable[Finding]) -> dict[Kind, int]:
    """How many findings there are of each kind, all kinds named."""
    counts = Counter(finding.kind for finding in findings)
    return {kind: counts[kind] for kind in Kind}
