"""Who serves which exchange, as far as their traces tell: alive, silent, dead, gone in order, or never seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from livermore.core.instance.activity import Activity, StateChanged
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import SECOND, Millis

# Three heartbeats that did not come.
HEARTBEAT_OVERDUE: Final[Millis] = 15 * SECOND


class Presence(StrEnum):
    """What is to be thought of the instance of an exchange.

    `ALIVE` sends heartbeats, `SILENT` has missed three of them, `DEAD` has vanished without a farewell, `OFFLINE` has
    stopped in order, `NEVER` left no trace, and of `UNREADABLE` the status is not ours.
    """

    ALIVE = "alive"
    SILENT = "silent"
    DEAD = "dead"
    OFFLINE = "offline"
    NEVER = "never seen"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the store holds of one exchange.

    `status` is what stands under its status key, None where that has run out; `unreadable` is why it could not be read.
    `instances` are all live processes, `latest` the newest entry of its activity.
    """

    exchange: ExchangeIdentity
    status: Status | None = None
    unreadable: str | None = None
    instances: tuple[Status, ...] = ()
    latest: Activity | None = None


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One exchange as a row: times are durations in Millis up to now, None where they do not apply.

    `uptime` is the time since the instance has become active, `heartbeat_age` that since its last heartbeat, `seen_ago`
    that since the last trace of an instance that is gone. `spares` are live processes that do not serve.
    """

    exchange: ExchangeIdentity
    presence: Presence
    status: Status | None = None
    uptime: Millis | None = None
    heartbeat_age: Millis | None = None
    seen_ago: Millis | None = None
    last_host: str | None = None
    problem: str | None = None
    spares: tuple[Status, ...] = ()


def network_rows(sightings: Sequence[Sighting], now: Millis) -> tuple[NetworkRow, ...]:
    """A row for each exchange, in their order, as of our instant `now`."""
    return tuple(_row(sighting, now) for sighting in sightings)


def _row(sighting: Sighting, now: Millis) -> NetworkRow:
    status = sighting.status
    spares = tuple(one for one in sighting.instances if status is None or one.instance_id != status.instance_id)
    if sighting.unreadable is not None:
        return NetworkRow(sighting.exchange, Presence.UNREADABLE, problem=sighting.unreadable, spares=spares)
    if status is None:
        return _gone(sighting, spares, now)
    age = max(0, now - status.last_heartbeat)
    is_silent = age > HEARTBEAT_OVERDUE and status.connection_state is not State.STOPPED
    return NetworkRow(
        sighting.exchange,
        Presence.SILENT if is_silent else Presence.ALIVE,
        status,
        uptime=_uptime(status, now),
        heartbeat_age=age,
        problem=status.last_error,
        spares=spares,
    )


def _gone(sighting: Sighting, spares: tuple[Status, ...], now: Millis) -> NetworkRow:
    latest = sighting.latest
    if latest is None:
        return NetworkRow(sighting.exchange, Presence.NEVER, spares=spares)
    state = latest.to_state if isinstance(latest, StateChanged) else latest.state
    has_ended = state in (State.STOPPED, State.IDLE)
    return NetworkRow(
        sighting.exchange,
        Presence.OFFLINE if has_ended else Presence.DEAD,
        seen_ago=max(0, now - latest.at),
        last_host=latest.actor.hostname,
        problem=None if has_ended else f"it was {state} and left without a farewell",
        spares=spares,
    )


def _uptime(status: Status, now: Millis) -> Millis | None:
    if status.connected_at is None or status.connection_state is not State.ACTIVE:
        return None
    return max(0, now - status.connected_at)


def counts(rows: Sequence[NetworkRow]) -> Mapping[Presence, int]:
    """How many exchanges there are of each presence."""
    return {presence: sum(row.presence is presence for row in rows) for presence in Presence}
