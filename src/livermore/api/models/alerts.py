"""The alert as it is shown, in the same shape as on the stream and the channel."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from livermore.api.models.market import QualityShown, UnreadableShown
from livermore.api.models.shape import Instant, Page, Shown
from livermore.core.alerts.alert import AlertStatus, Bias, Direction
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import Timeframe


class ViewShown(Shown):
    """One timeframe's latest reading when the alert was raised."""

    timeframe: Timeframe
    value: float | None = Field(examples=[151.2])
    stage: Stage


class TimesShown(Shown):
    """When the candle closed (exchange), its proof was received, the alert computed and committed (ours)."""

    close: Instant
    received: Instant
    computed: Instant | None
    committed: Instant | None


class AlertShown(Shown):
    """An alert with its reasons."""

    id: str = Field(description="the same crossing has the same one", examples=["5b0c2a9e-0000-5000-8000-000000000000"])
    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    symbol: str = Field(examples=["ZEC-USD"])
    timeframe: Timeframe
    open_time: Instant
    close_time: Instant
    label: str = Field(examples=["level_150"])
    direction: Direction
    value: float = Field(examples=[151.2])
    previous_value: float = Field(examples=[148.0])
    signal: float | None = Field(examples=[120.5])
    histogram: float | None = Field(examples=[30.7])
    price: float = Field(examples=[358.16])
    stage: Stage
    timeframes: Sequence[ViewShown]
    bias: Bias
    quality: QualityShown
    times: TimesShown
    rule_version: str = Field(examples=["macdv-1-0a1b2c3d"])
    status: AlertStatus
    simulated: bool = False


class AlertPage(Page[AlertShown]):
    """Alerts, the newest first; `source` is `stream` where the ledger could not be read."""

    source: Literal["ledger", "stream"] = Field(description="`stream` knows the last 90 days and no revisions")
    unreadable: Sequence[UnreadableShown] = Field(default=(), description="entries that are not ours, by id, left out")


class AlertRevisionShown(Shown):
    """What was said of an alert at one point of its stream."""

    cursor: str = Field(examples=["1769093702020-0"])
    epoch: int = Field(examples=[4])
    status: AlertStatus
    value: float
    previous_value: float
    signal: float | None
    histogram: float | None
    price: float
    stage: Stage
    bias: Bias
    times: TimesShown
    ledgered_at: Instant


class AlertCountShown(Shown):
    """So many alerts are alike."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    timeframe: str = Field(examples=["5m"])
    kind: str = Field(description="the first word of the label", examples=["level", "reversal"])
    direction: str = Field(examples=["up"])
    status: str = Field(examples=["fired"])
    count: int = Field(examples=[12])


class AlertSummary(Shown):
    """How many alerts the ledger has of candles that closed in ``[since, until)``, as they stand now."""

    since: Instant
    until: Instant
    total: int = Field(description="all of them, retracted ones too", examples=[31])
    standing: int = Field(description="those that are not retracted", examples=[30])
    items: Sequence[AlertCountShown]
