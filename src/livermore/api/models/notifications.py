"""Messages on trial, and thresholds on trial."""

from collections.abc import Sequence

from pydantic import Field

from livermore.api.models.shape import Shown
from livermore.core.market.timeframe import Timeframe


class TestShown(Shown):
    """Whether a test message was taken by a channel."""

    __test__ = False

    delivered: bool
    reason: str | None = Field(description="why it was not", examples=[None])


class FiredShown(Shown):
    """How often one label would have fired on one timeframe, over all symbols that were looked at."""

    timeframe: Timeframe
    label: str = Field(examples=["level_-150"])
    count: int = Field(examples=[3])


class CoverageShown(Shown):
    """How far back the candles of a timeframe reach, in days, where they reach least; 7 is all."""

    timeframe: Timeframe
    days: float = Field(examples=[3.5])


class PreviewShown(Shown):
    """How often rules with these thresholds would have fired in the last seven days of the market."""

    rule_version: str = Field(examples=["macdv-1-0a1b2c3d"])
    total: int = Field(examples=[12])
    fired: Sequence[FiredShown]
    coverage: Sequence[CoverageShown]
    symbols: int = Field(description="symbols looked at, on all exchanges", examples=[30])
    symbols_left_out: int = Field(description="symbols for which there was no time", examples=[0])
    is_approximate: bool = Field(description="candles do not reach seven days back, or symbols were left out")
