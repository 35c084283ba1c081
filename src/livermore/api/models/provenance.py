"""Where an alert comes from and what became of it, step by step."""

from collections.abc import Sequence

from pydantic import Field

from livermore.api.models.alerts import AlertRevisionShown, AlertShown
from livermore.api.models.market import CandleShown, ReadingShown
from livermore.api.models.shape import Instant, Page, Shown
from livermore.core.alerts.alert import AlertStatus
from livermore.core.reevaluation import Outcome
from livermore.database.deliveries import DeliveryStatus


class DeliveryShown(Shown):
    """One piece of news of an alert on its way to one channel of one user, or there."""

    id: int
    alert_id: str
    user_id: int = Field(examples=[1])
    channel: str = Field(examples=["my-phone"])
    status_told: AlertStatus = Field(description="which news of the alert it is")
    status: DeliveryStatus
    reason: str | None = Field(examples=[None])
    silent: bool = Field(description="without a sound")
    attempts: int = Field(examples=[1])
    due_at: Instant
    created_at: Instant
    finished_at: Instant | None


class DeliveryPage(Page[DeliveryShown]):
    """Deliveries, the newest first."""


class StepShown(Shown):
    """One step of an alert from the frame that proved the close to the people who were told."""

    name: str = Field(examples=["committed"])
    at: Instant = Field(
        description="by the exchange for `closed`, by the instance up to `committed`, then by the server"
    )


class ReevaluationShown(Shown):
    """The alert computed once more from what is stored."""

    outcome: Outcome
    reasons: Sequence[str]
    candle: CandleShown | None = Field(description="the candle that raised it, with its reading")
    previous: ReadingShown | None = Field(description="the reading before it")


class RuleShown(Shown):
    """The thresholds that the alert was raised by; null where their version is not known any more."""

    version: str = Field(examples=["macdv-1-0a1b2c3d"])
    first_level: int | None = Field(examples=[150])
    level_step: int | None = Field(examples=[50])
    hysteresis: float | None = Field(examples=[10.0])
    oversold_buffer: float | None = Field(examples=[0.05])
    overbought_buffer: float | None = Field(examples=[0.03])
    shortest_cooldown_ms: int | None = Field(examples=[300000])
    candles_needed: int | None = Field(examples=[60])


class ProvenanceShown(Shown):
    """All that led to an alert and all that followed from it."""

    alert: AlertShown
    rule: RuleShown
    epoch: int = Field(examples=[4])
    instance_id: str | None = Field(description="which instance raised it; null where that is forgotten")
    candles: Sequence[CandleShown] = Field(description="the last ones up to the alert's, with revision and quality")
    steps: Sequence[StepShown]
    revisions: Sequence[AlertRevisionShown]
    deliveries: Sequence[DeliveryShown]
    reevaluation: ReevaluationShown
