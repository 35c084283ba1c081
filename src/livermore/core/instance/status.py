"""What an instance says of itself: who it is, in which state, and how well it hears the exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from livermore.core.instance.lifecycle import State
from livermore.core.market.timeframe import Millis
from livermore.core.watch import Mode


class FeedState(StrEnum):
    """How well the exchange is heard, whatever the state of the instance."""

    LIVE = "live"
    DEGRADED = "degraded"
    DOWN = "down"


NAMES_SHOWN: Final = 20
"""How many symbols without news a status names at most."""


@dataclass(frozen=True, slots=True)
class StaleSymbol:
    """A symbol without news; `last_heard_at` is the exchange's instant of the last, None where there was none yet."""

    symbol: str
    last_heard_at: Millis | None


@dataclass(frozen=True, slots=True)
class FeedReport:
    """How well the exchange is heard, why not better, and the symbols without news: the first of so many."""

    state: FeedState
    reasons: tuple[str, ...] = ()
    stale: tuple[StaleSymbol, ...] = ()
    stale_count: int = 0


@dataclass(frozen=True, slots=True)
class WarmupProgress:
    """How many requests for history are answered, of how many, and in how many ms the rest should be, if known."""

    done: int
    total: int
    eta: Millis | None = None


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind we are, in milliseconds: the exchange's news on arrival, and our own work on it."""

    exchange_ms: int
    own_ms: int


@dataclass(frozen=True, slots=True)
class LagSpread:
    """Of `count` durations the middle one, the one that 99 of 100 do not exceed, and the longest, in milliseconds."""

    count: int
    p50: Millis
    p99: Millis
    longest: Millis


@dataclass(frozen=True, slots=True)
class Lags:
    """The lags of the latest minutes, in our own milliseconds also where a simulated market runs faster.

    `exchange` is from the instant the exchange puts on its news to their arrival here, `own` from the arrival of what
    made us commit something to the store's answer.
    """

    exchange: LagSpread | None = None
    own: LagSpread | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """What was done since midnight UTC of the market's clock, or since the process is there: since `since`.

    `candles` that have closed, by timeframe, `alerts` by status, `corrections` of closed candles; `gaps` are requests
    for stretches that the feed has not explained, most of them quiet, `repairs` those for candles in doubt.
    """

    since: Millis
    candles: Mapping[str, int] = field(default_factory=dict)
    alerts: Mapping[str, int] = field(default_factory=dict)
    corrections: int = 0
    gaps: int = 0
    repairs: int = 0


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """What is used of a host's allowance for requests, in its own units of weight and by the exchange's minute.

    `used` in the last minute of `limit`, or more where the host counts more against our address; `waiting` requests
    wait for their turn, and `limited` times the host has asked for silence since the process is there (429, 418).
    """

    host: str
    used: float
    limit: float
    waiting: int
    limited: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Who has paused an exchange, and at which instant of ours; it outlasts the process that carried it out."""

    by: str
    at: Millis


@dataclass(frozen=True, slots=True)
class Status:
    """One instance at one instant; times are Millis, what does not apply yet is None.

    `epoch` is the fencing token of its claim (0 before the first), `connected_at` when it last became active,
    `registered_at` when it claimed the exchange, or came up where it has not. `process_mark` tells its process from all
    others that its machine ever ran since it was switched on. While it is paused, `paused_by` names who asked for it.
    `simulated_speed` is how much faster than ours the clock of a simulated market runs.
    """

    exchange_id: int
    exchange_name: str
    instance_id: str
    epoch: int
    connection_state: State
    feed_state: FeedState
    registered_at: Millis
    last_heartbeat: Millis
    last_state_change: Millis
    hostname: str
    pid: int
    version: str
    symbol_count: int = 0
    connected_at: Millis | None = None
    admin_email: str | None = None
    admin_display_name: str | None = None
    ip_address: str | None = None
    warmup: WarmupProgress | None = None
    lag: Lag | None = None
    last_error: str | None = None
    last_error_at: Millis | None = None
    is_simulated: bool = False
    process_mark: str | None = None
    mode: Mode = Mode.SCALPER_MACDV
    paused_by: str | None = None
    paused_at: Millis | None = None
    feed_reasons: tuple[str, ...] = ()
    stale_symbols: tuple[StaleSymbol, ...] = ()
    stale_count: int = 0
    today: Today | None = None
    lags: Lags | None = None
    budgets: tuple[BudgetUse, ...] = ()
    simulated_speed: float | None = None
