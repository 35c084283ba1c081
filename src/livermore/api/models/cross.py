"""What two exchanges say of the same asset."""

from collections.abc import Sequence

from pydantic import Field

from livermore.api.models.shape import Instant, Shown
from livermore.core.market.timeframe import Timeframe


class SideShown(Shown):
    """One side of a spread: the exchange, its latest price there in dollars, and when it was said."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    symbol: str = Field(examples=["ETH-USD"])
    price_usd: float = Field(examples=[3120.5])
    taker_fee: float = Field(description="as a share", examples=[0.006])
    time: Instant


class SpreadShown(Shown):
    """Buying on one exchange and selling on the other; per cents of what is paid."""

    base: str = Field(examples=["ETH"])
    buy: SideShown
    sell: SideShown
    gross_percent: float = Field(examples=[1.4])
    net_percent: float = Field(description="after both taker fees and the slippage", examples=[0.6])


class LeadShown(Shown):
    """The same label on the same asset, first on one exchange and later on another."""

    base: str = Field(examples=["ETH"])
    timeframe: Timeframe
    label: str = Field(examples=["level_150"])
    leader_exchange: str = Field(examples=["binance"])
    leader_alert_id: str
    follower_exchange: str = Field(examples=["coinbase"])
    follower_alert_id: str
    lag_ms: int = Field(examples=[300000])
    time: Instant = Field(description="when the follower's candle closed")


class CrossSignals(Shown):
    """Signals across exchanges, for people: nothing is traded."""

    time: Instant = Field(description="the newest of all prices; older than 10 s before it is stale and left out")
    least_net_percent: float
    slippage: float
    rates: dict[str, float] = Field(description="what a unit of each currency is worth in dollars")
    spreads: Sequence[SpreadShown]
    leads: Sequence[LeadShown]
