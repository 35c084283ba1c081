"""The faults there are, one value each; what they mean, and nothing about how they are done.

All durations are simulated seconds. A fault without symbols is about all of them, one without an exchange about all
exchanges. The probability is that of each frame, answer, connection, symbol or candle it could act on.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Damage: TypeAlias = Literal[
    "any",
    "truncated",
    "html",
    "nan",
    "negative_volume",
    "high_below_low",
    "off_grid",
    "unknown_field",
    "unknown_kind",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What all faults have in common.

    `start` counts from the simulator's start, or is an instant in ms since 1970 from 10**11 on; None is at once.
    `duration` None is until it is cleared, or once for what happens once.
    """

    exchange: str | None = None
    start: float | None = None
    duration: float | None = None
    probability: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolFault(Fault):
    """A fault that may be about some symbols only, in our spelling: ``BTC-USD``."""

    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(Fault):
    """Every connection ends with this code, and those opened within the duration too.

    1006 is an end without a closing frame; `reset` is a TCP reset.
    """

    code: int = 1006
    reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation(Fault):
    """A connection of that age is closed by plan; Binance tells so `notice` before."""

    lifetime: float = 86_400.0
    notice: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(Fault):
    """Sockets stay open and say nothing; what they would have said is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentSymbol(SymbolFault):
    """A symbol trades, as REST tells, and nothing of it is pushed; nor do numbered frames betray it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltedSymbol(SymbolFault):
    """A symbol really does not trade, for all 5m candles that open within the duration.

    Binance lists it flat meanwhile; with `unlisted` it keeps no rows of that time, as after an outage.
    """

    unlisted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialSubscription(SymbolFault):
    """A subscription made meanwhile leaves symbols out: dead though acknowledged, or not acknowledged either."""

    acknowledged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate(SymbolFault):
    """A frame comes twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(SymbolFault):
    """A frame is overtaken by the next `behind` ones of its connection, or comes `within` later at the latest."""

    behind: int = 1
    within: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGap(SymbolFault):
    """A frame is lost; where frames are numbered, the numbers go on as if it had been sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReplay(SymbolFault):
    """Once, candles are told again as they were `age` ago: a snapshot on Coinbase, old frames on Binance."""

    age: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed(SymbolFault):
    """A frame is damaged; what it would have told is lost, but for additions that must be tolerated."""

    how: Damage = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateClose(SymbolFault):
    """Binance's closing frame comes up to `delay` later than it would."""

    delay: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingClose(SymbolFault):
    """Binance's closing frame never comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(SymbolFault):
    """A 5m candle that closes meanwhile is another one `after` its close, its close moved by a fraction of the price.

    It is the truth from then on: over REST, folded into longer candles, and, on Binance, in a second closing frame.
    """

    after: float = 60.0
    by: float = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class RestError(SymbolFault):
    """REST answers with this status; 429 and 418 tell how long still, and 5xx may come as a page of HTML."""

    status: int = 503
    html: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncatedBody(SymbolFault):
    """Only a part of a REST body comes; the length announced is that of the whole, unless `shortened` too."""

    part: float = 0.5
    shortened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowBody(SymbolFault):
    """The second half of a REST body comes `delay` after the first."""

    delay: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleRows(SymbolFault):
    """REST candles are what they were `lag` ago, the forming one among them."""

    lag: float = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRows(SymbolFault):
    """REST candles that closed less than `lag` ago are not there yet, nor is anything newer."""

    lag: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset(Fault):
    """The exchange's clock is wrong by `offset`, and all it says is consistent with that clock, candles too.

    It steps forwards at once and goes back by running at half its speed, for trades never happen twice.
    """

    offset: float = 300.0


KINDS: dict[str, type[Fault]] = {
    "disconnect": Disconnect,
    "rotation": Rotation,
    "stall": Stall,
    "silent_symbol": SilentSymbol,
    "halted_symbol": HaltedSymbol,
    "partial_subscription": PartialSubscription,
    "duplicate": Duplicate,
    "reorder": Reorder,
    "sequence_gap": SequenceGap,
    "snapshot_replay": SnapshotReplay,
    "malformed": Malformed,
    "late_close": LateClose,
    "missing_close": MissingClose,
    "revision": Revision,
    "rest_error": RestError,
    "truncated_body": TruncatedBody,
    "slow_body": SlowBody,
    "stale_rows": StaleRows,
    "late_rows": LateRows,
    "clock_offset": ClockOffset,
}
ONCE = (SnapshotReplay, Disconnect)


def kind_of(fault: Fault) -> str:
    """What a fault is called in a script."""
    return next(name for name, kind in KINDS.items() if kind is type(fault))
