"""What became of a command, put together from the steps that are kept of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from livermore.core.instance.commands import Command, Failure, Json, RefusedMessage, payload_fields
from livermore.core.market.timeframe import Millis


class Step(StrEnum):
    """One step in the life of a command: UNHEARD and REFUSED begin and end it at once."""

    HEARD = "heard"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNHEARD = "unheard"


FIRST = frozenset({Step.HEARD, Step.REFUSED, Step.UNHEARD})
LAST = frozenset({Step.DONE, Step.FAILED, Step.REFUSED, Step.UNHEARD})


@dataclass(frozen=True, slots=True)
class Order:
    """Who ordered what, and when, as far as it could be read."""

    type: str | None = None
    payload: Mapping[str, Json] = field(default_factory=dict)
    issued_by: str | None = None
    issued_at: Millis | None = None
    priority: int | None = None
    expires_at: Millis | None = None


def order_of(message: Command | RefusedMessage) -> Order:
    """What is kept of a command, or of what came in its place."""
    if isinstance(message, RefusedMessage):
        return Order(message.type, {}, message.issued_by)
    return Order(
        message.type.value,
        payload_fields(message.payload),
        message.issued_by,
        message.issued_at,
        message.priority,
        message.expires_at,
    )


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step at our instant `at`; the first one carries the order, the last one the outcome.

    `instance_id` and `epoch` are those of the instance that took the step, None where the sender wrote it.
    """

    correlation_id: str
    step: Step
    at: Millis
    instance_id: str | None = None
    epoch: int | None = None
    order: Order | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command and what became of it; `step` is the latest one."""

    correlation_id: str
    order: Order
    step: Step
    instance_id: str | None
    epoch: int | None
    heard_at: Millis | None = None
    began_at: Millis | None = None
    ended_at: Millis | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    error: Failure | None = None


def recorded(steps: Iterable[StepTaken]) -> tuple[CommandRecord, ...]:
    """One record for each command, in the order of their first steps; what comes after a last step changes nothing.

    A step whose beginning is not among them is left out: it belongs to an older page.
    """
    records: dict[str, CommandRecord] = {}
    for step in steps:
        before = records.get(step.correlation_id)
        if before is None:
            if step.order is not None:
                records[step.correlation_id] = _begun(step, step.order)
        elif before.step not in LAST:
            records[step.correlation_id] = _after(before, step)
    return tuple(records.values())


def _begun(step: StepTaken, order: Order) -> CommandRecord:
    record = CommandRecord(step.correlation_id, order, step.step, step.instance_id, step.epoch)
    if step.step is Step.HEARD:
        return replace(record, heard_at=step.at)
    return replace(record, ended_at=step.at, details=step.details, error=step.error)


def _after(before: CommandRecord, step: StepTaken) -> CommandRecord:
    record = replace(before, step=step.step, instance_id=step.instance_id, epoch=step.epoch)
    if step.step is Step.RUNNING:
        return replace(record, began_at=step.at)
    if step.step in LAST:
        return replace(record, ended_at=step.at, details=step.details, error=step.error)
    return before
