"""The states of an instance as a table: what moves it, where to, and that nothing else does."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an instance stands between being switched on and being switched off."""

    IDLE = "idle"
    STARTING = "starting"
    WARMING = "warming"
    ACTIVE = "active"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Trigger(StrEnum):
    """What moves the state."""

    START = "start"
    CONNECTED = "connected"
    WARMED = "warmed"
    STOP = "stop"
    FAILED = "failed"
    ENDED = "ended"


TRANSITIONS: Final[dict[tuple[State, Trigger], State]] = {
    (State.IDLE, Trigger.START): State.STARTING,
    (State.STOPPED, Trigger.START): State.STARTING,
    (State.STARTING, Trigger.CONNECTED): State.WARMING,
    (State.WARMING, Trigger.WARMED): State.ACTIVE,
    (State.STARTING, Trigger.STOP): State.STOPPING,
    (State.STARTING, Trigger.FAILED): State.STOPPING,
    (State.WARMING, Trigger.STOP): State.STOPPING,
    (State.WARMING, Trigger.FAILED): State.STOPPING,
    (State.ACTIVE, Trigger.STOP): State.STOPPING,
    (State.ACTIVE, Trigger.FAILED): State.STOPPING,
    (State.STOPPING, Trigger.ENDED): State.STOPPED,
}

CLAIMABLE: Final = frozenset({State.IDLE, State.STOPPED})
"""The states in which an instance lets another one have its exchange."""


def advance(state: State, trigger: Trigger) -> State | None:
    """The state after `trigger`, or None where that transition is refused.

    >>> advance(State.IDLE, Trigger.START), advance(State.IDLE, Trigger.WARMED)
    (<State.STARTING: 'starting'>, None)
    """
    return TRANSITIONS.get((state, trigger))
