"""The network as it is shown: an instance for each exchange, how alive it is, and what happened to it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from livermore.api.models.shape import Instant, Shown
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState
from livermore.core.watch import Mode


class Liveness(StrEnum):
    """How alive an instance is, judged by its heartbeat.

    `live` was heard within 15 s, `stale` longer ago; `offline` has left in order, `dead` vanished without a farewell,
    `never` left no trace in 90 days, and of `unreadable` the status is not ours.
    """

    LIVE = "live"
    STALE = "stale"
    DEAD = "dead"
    OFFLINE = "offline"
    NEVER = "never"
    UNREADABLE = "unreadable"


class WarmupShown(Shown):
    """How many series are ready, of how many."""

    done: int = Field(examples=[120])
    total: int = Field(examples=[500])
    eta: int | None = Field(description="in how many ms the rest should be", examples=[9000])


class LagShown(Shown):
    """How far behind we are, in ms: the exchange's news on arrival, and our own work on it."""

    exchange_ms: int = Field(examples=[120])
    own_ms: int = Field(examples=[3])


class StaleSymbolShown(Shown):
    """A symbol without news; `lastHeardAt` is the exchange's instant of the last, null where there was none yet."""

    symbol: str = Field(examples=["BTC-USD"])
    last_heard_at: Instant | None


class SpreadOfLags(Shown):
    """Of `count` durations the middle, the one that 99 of 100 do not exceed, and the longest, in ms."""

    count: int = Field(examples=[9000])
    p50: int = Field(examples=[118])
    p99: int = Field(examples=[415])
    longest: int = Field(examples=[927])


class LagsShown(Shown):
    """The lags of the latest five to six minutes, in ms as they pass for us; null where nothing happened."""

    exchange: SpreadOfLags | None = Field(description="from the exchange's instant of its news to their arrival")
    own: SpreadOfLags | None = Field(description="from the arrival of what closed a candle to the store's answer")


class TodayShown(Shown):
    """What was done since midnight UTC by the market's clock, or since the process is there."""

    since: Instant
    candles: Mapping[str, int] = Field(description="that have closed since, by timeframe", examples=[{"5m": 4290}])
    alerts: Mapping[str, int] = Field(description="that were committed, by status", examples=[{"fired": 31}])
    corrections: int = Field(description="of closed candles", examples=[2])
    gaps: int = Field(
        description="requests for stretches that the feed has not explained, most of them quiet; no losses",
        examples=[1],
    )
    repairs: int = Field(description="requests for candles that were doubted", examples=[0])


class BudgetShown(Shown):
    """What is used of a host's allowance in a minute of the exchange, in the host's own weights."""

    host: str = Field(examples=["api.coinbase.com"])
    used: float = Field(description="by us, or as the host counts for our address where that is more", examples=[212.0])
    limit: float = Field(examples=[600.0])
    waiting: int = Field(description="requests that wait for their turn", examples=[0])
    limited: int = Field(description="how often the host has asked for silence (429, 418)", examples=[0])


class StatusShown(Shown):
    """What an instance says of itself, as under its key in Redis.

    Those who only read the market see no host, process, address, person or error of it: such texts are empty, the
    number of the process 0, the rest null.
    """

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    instance_id: str = Field(examples=["0f3a5c"])
    epoch: int = Field(description="the fencing token of its claim", examples=[4])
    connection_state: State
    feed_state: FeedState
    connected_at: Instant | None
    registered_at: Instant
    last_heartbeat: Instant
    last_state_change: Instant
    symbol_count: int = Field(examples=[100])
    admin_email: str | None
    admin_display_name: str | None
    ip_address: str | None = Field(examples=["192.0.2.7"])
    hostname: str = Field(examples=["box"])
    pid: int = Field(examples=[4711])
    version: str = Field(examples=["0.1.0"])
    warmup: WarmupShown | None
    lag: LagShown | None
    last_error: str | None
    last_error_at: Instant | None
    simulated: bool = Field(description="whether the market is simulated")
    mode: Mode
    paused_by: str | None = Field(description="who asked for the pause, while it is paused", examples=[None])
    paused_at: Instant | None
    feed_reasons: tuple[str, ...] = Field(description="why the feed is not live", examples=[[]])
    stale_symbols: tuple[StaleSymbolShown, ...] = Field(description="the first symbols without news")
    stale_count: int = Field(description="how many symbols are without news", examples=[0])
    today: TodayShown | None = Field(default=None, description="null before the first session, and after a stop")
    lags: LagsShown | None = None
    budgets: tuple[BudgetShown, ...] | None = None
    simulated_speed: float | None = Field(
        default=None, description="how much faster than ours a simulated market's clock runs", examples=[60.0]
    )


class InstanceShown(Shown):
    """The instance of an exchange as seen from outside."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    display_name: str = Field(examples=["Coinbase"])
    liveness: Liveness
    heartbeat_age: int | None = Field(description="ms since its last heartbeat", examples=[1200])
    uptime: int | None = Field(description="ms since it became active", examples=[360_000])
    seen_ago: int | None = Field(description="ms since the last trace of an instance that is gone", examples=[None])
    last_host: str | None = Field(description="where an instance that is gone has run", examples=[None])
    status: StatusShown | None
    problem: str | None = Field(description="its last error, or why nothing can be said", examples=[None])


class NetworkShown(Shown):
    """All exchanges that can be watched, each with its instance."""

    time: Instant
    items: tuple[InstanceShown, ...]


class ActivityShown(Shown):
    """Something that happened to an instance."""

    cursor: str = Field(description="where it stands in the stream", examples=["1769093400000-0"])
    time: Instant
    event: Literal["state_transition", "paused", "resumed", "error"]
    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    instance_id: str = Field(examples=["0f3a5c"])
    epoch: int = Field(examples=[4])
    hostname: str = Field(examples=["box"])
    ip_address: str | None
    admin_email: str | None
    from_state: State | None = None
    to_state: State | None = None
    state: State | None = Field(default=None, description="the state in which it happened, where that stayed the same")
    error: str | None = None
    by: str | None = Field(default=None, description="who paused the instance, or had it go on")
