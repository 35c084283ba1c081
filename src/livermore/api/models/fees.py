"""What trading has cost, as it is shown."""

from collections.abc import Sequence

from pydantic import Field

from livermore.api.models.shape import Instant, Money, Shown
from livermore.core.account.account import Side


class OtherFee(Shown):
    """Fees in a third currency, such as a discount coin."""

    currency: str = Field(examples=["BNB"])
    amount: Money


class FeeLineShown(Shown):
    """Fees of the fills that have symbol, side and month in common; what is null was not looked at."""

    symbol: str | None = Field(examples=["BTC-USD"])
    side: Side | None
    month: str | None = Field(description="in UTC", examples=["2026-11"])
    currency: str = Field(description="of volume and fees", examples=["USD"])
    orders: int = Field(examples=[12])
    fills: int = Field(examples=[30])
    volume: Money
    fees: Money
    rate_percent: Money | None = Field(description="null where a fee is in a third currency")
    fee_per_order: Money | None
    other_fees: Sequence[OtherFee]


class FeeReportShown(Shown):
    """The same fees seen in five ways."""

    lines: Sequence[FeeLineShown] = Field(description="by symbol, side and month")
    sides: Sequence[FeeLineShown] = Field(description="by symbol and side")
    symbols: Sequence[FeeLineShown] = Field(description="the most expensive first")
    months: Sequence[FeeLineShown]
    totals: Sequence[FeeLineShown] = Field(description="one for each currency")
    is_cut: bool = Field(description="whether a view is longer than what is kept of it")


class TierShown(Shown):
    """What the exchange charges at present; rates are fractions (0.006 is 0.6 %)."""

    name: str | None = Field(examples=["Intro 1"])
    maker_rate: Money | None
    taker_rate: Money | None
    volume_30d: Money | None = Field(alias="volume30d")
    fees_30d: Money | None = Field(alias="fees30d")


class FeesShown(Shown):
    """What trading on an exchange has cost somebody, as their instance last read it."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    read_at: Instant | None = Field(description="null where the account was never read: all else is then empty")
    tier: TierShown
    fills: int = Field(description="how many were read", examples=[30])
    remarks: Sequence[str] = Field(description="what has to be said of what was read, such as what is missing")
    fees: FeeReportShown
