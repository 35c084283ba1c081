"""What happened to the instances of an exchange: transitions, pauses and errors, to be read by people."""

from dataclasses import dataclass
from typing import TypeAlias

from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import Status
from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class Actor:
    """The instance an entry is about."""

    exchange_id: int
    exchange_name: str
    instance_id: str
    epoch: int
    hostname: str
    ip_address: str | None = None
    admin_email: str | None = None


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An instance went from one state to another."""

    at: Millis
    actor: Actor
    from_state: State
    to_state: State


@dataclass(frozen=True, slots=True)
class ErrorSeen:
    """Something failed on an instance while it was in `state`."""

    at: Millis
    actor: Actor
    error: str
    state: State


@dataclass(frozen=True, slots=True)
class PauseChanged:
    """Somebody paused an instance, or had it go on; its `state` stays what it is, but no alert comes from a pause."""

    at: Millis
    actor: Actor
    is_paused: bool
    by: str
    state: State


Activity: TypeAlias = StateChanged | PauseChanged | ErrorSeen


def actor_of(status: Status) -> Actor:
    """The instance that this status speaks of."""
    return Actor(
        status.exchange_id,
        status.exchange_name,
        status.instance_id,
        status.epoch,
        status.hostname,
        status.ip_address,
        status.admin_email,
    )
