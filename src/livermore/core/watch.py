"""What all symbols of an engine have in common, and the instant at which an event is handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from livermore.core.alerts.rules import Rules
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis
from livermore.core.market.traits import ExchangeTraits

ERAS_KEPT: Final = 16
"""How many sets of rules a series remembers to have gone by; what is older cannot be audited any more."""


class AlertsOn(StrEnum):
    """When a candle is good enough for an alert: as soon as it has closed, or only once REST agrees."""

    CLOSED = "closed"
    CONFIRMED = "confirmed"


class Mode(StrEnum):
    """What an instance watches: the symbols that are held, or all of them, each by all rules."""

    POSITION_MONITOR = "position-monitor"
    SCALPER_MACDV = "scalper-macdv"


@dataclass(frozen=True, slots=True)
class Era:
    """What a series goes by for its candles that close up to `until`; None for the present one, which is the last.

    A candle belongs to the same era whenever it is taken in, so that a late or corrected one is judged as it was or
    would have been at its close.
    """

    rules: Rules
    alerts_on: AlertsOn
    until: Millis | None = None


def bygone_era(eras: Sequence[Era], closes_at: Millis) -> Era | None:
    """The bygone one of `eras` to which a candle that closes then belongs; None for the present one."""
    for era in eras[:-1]:
        if era.until is not None and closes_at <= era.until:
            return era
    return None


def known_since(eras: Sequence[Era]) -> Millis:
    """Since when it is known by which rules a series went: of a full list the oldest may hide others before it."""
    return (eras[0].until or 0) if len(eras) == ERAS_KEPT else 0


ORIGINAL: Final = Era(Rules(), AlertsOn.CLOSED)
"""What a series of which no era is kept has always gone by."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What all symbols of an engine have in common.

    Without `repairs` holes stay and nothing is compared with REST: good only to show what that costs. An alert is late
    when it is raised more than `late_after` after its candle's close; None is one timeframe.
    """

    exchange: ExchangeIdentity
    traits: ExchangeTraits
    rules: Rules
    is_simulated: bool
    alerts_on: AlertsOn = AlertsOn.CLOSED
    repairs: bool = True
    late_after: Millis | None = None


@dataclass(frozen=True, slots=True)
class Instant:
    """When an event is handled: the exchange's watermark of the symbol's connection, and our clock for measuring."""

    watermark: Millis
    now: Millis
