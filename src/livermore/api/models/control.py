"""Commands as the API takes them and tells of them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field

from livermore.api.models.shape import Asked, Instant, Shown
from livermore.core.instance.commands import CommandType


class CommandStep(StrEnum):
    """How far a command is: what an instance has heard, began and ended, or what nobody took."""

    REQUESTED = "requested"
    HEARD = "heard"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNHEARD = "unheard"


class CommandAsked(Asked):
    """An order for the instance of an exchange; `payload` is as docs/protocol.md lists it for each type."""

    type: CommandType
    payload: dict[str, Any] = Field(default_factory=dict, examples=[{}])
    correlation_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="repeat it to repeat a request: a command is carried out once",
        examples=["6f1c2a"],
    )
    instance_id: str | None = Field(default=None, max_length=100, description="for this instance alone")
    expires_in: int = Field(default=60_000, ge=1_000, le=3_600_000, description="for how many ms it may be begun")


class FailureShown(Shown):
    """Why a command has failed."""

    code: str = Field(examples=["expired"])
    message: str


class ProgressShown(Shown):
    """How far a long command is."""

    time: Instant
    done: int = Field(examples=[3])
    total: int = Field(examples=[10])
    text: str = Field(examples=["3 of 10 series"])


class CommandShown(Shown):
    """A command and what became of it."""

    correlation_id: str = Field(examples=["6f1c2a"])
    exchange_id: int = Field(examples=[1])
    step: CommandStep
    type: str | None = Field(examples=["stop"])
    payload: Mapping[str, Any] = Field(examples=[{}])
    issued_by: str | None = Field(examples=["ada@example.org"])
    issued_at: Instant | None = Field(
        description="by the clock of whoever sent it; the instants below by the instance's"
    )
    expires_at: Instant | None
    priority: int | None = Field(examples=[1])
    instance_id: str | None
    epoch: int | None
    heard_at: Instant | None
    began_at: Instant | None
    ended_at: Instant | None
    progress: ProgressShown | None = None
    details: Mapping[str, Any] = Field(
        description="what the instance has to say of it", examples=[{"before": "active"}]
    )
    error: FailureShown | None


class StepShown(Shown):
    """A step of a command."""

    step: CommandStep
    time: Instant
    instance_id: str | None = Field(description="who took it; null where the sender did", examples=["0f3a5c"])
    epoch: int | None = Field(examples=[4])
    details: Mapping[str, Any] = Field(examples=[{"before": "active"}])
    error: FailureShown | None


class CommandWhole(CommandShown):
    """A command with all its steps, in their order."""

    steps: Sequence[StepShown]
