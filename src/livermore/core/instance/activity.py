"""What happened to the instances of an exchange: their transitions and their errors, to be read by people."""

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


Activity: TypeAlias = StateChanged | ErrorSeen


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
