"""Accounts as they are shown: one's exchanges, what one holds there, and what it is worth."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from livermore.api.models.shape import Asked, Instant, Money, Shown
from livermore.core.account.outlook import Outlook
from livermore.core.market.timeframe import Timeframe
from livermore.database.exchanges import ConnectionStatus

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"


class ExchangeSetUp(Asked):
    """Where the credentials for an exchange are kept: names of environment variables, never the credentials."""

    display_name: str | None = Field(default=None, max_length=100)
    api_key_env: str | None = Field(default=None, max_length=100, pattern=VARIABLE, examples=["COINBASE_KEY"])
    api_secret_env: str | None = Field(default=None, max_length=100, pattern=VARIABLE, examples=["COINBASE_SECRET"])
    password_env: str | None = Field(default=None, max_length=100, pattern=VARIABLE)
    is_enabled: bool = True
    is_default: bool = False


class OwnExchange(Shown):
    """An exchange of a person, and how the latest attempt to reach it ended."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    display_name: str | None
    api_key_env: str | None
    api_secret_env: str | None
    password_env: str | None
    is_enabled: bool
    is_default: bool
    connection_status: ConnectionStatus
    connection_error: str | None
    can_trade: bool | None = Field(description="such a key may do more than Livermore needs")
    can_transfer: bool | None = Field(description="such a key may do far more than Livermore needs")
    last_checked_at: Instant | None
    last_connected_at: Instant | None


class HoldingShown(Shown):
    """One currency that somebody holds; money in dollars, null for what is not known."""

    exchange_id: int = Field(examples=[1])
    currency: str = Field(examples=["BTC"])
    symbol: str | None = Field(description="the market it is watched on", examples=["BTC-USD"])
    quantity: Money
    available: Money
    price: Money | None
    value: Money | None
    share_percent: Money | None
    average_cost: Money | None
    cost: Money | None
    gain: Money | None
    gain_percent: Money | None
    realised: Money
    is_dust: bool
    values: Mapping[Timeframe, float | None] = Field(description="the MACD-V on each timeframe")
    outlook: Outlook
    synced_at: Instant


class PortfolioShown(Shown):
    """All that somebody holds on one exchange, the most valuable first."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    time: Instant = Field(description="as of when prices and readings are")
    synced_at: Instant | None = Field(description="as of when the holdings are")
    items: Sequence[HoldingShown]
    value: Money | None = Field(description="null, as the sums below, where the account was never read")
    cost: Money | None
    gain: Money | None
    gain_percent: Money | None
    unpriced: Sequence[str] = Field(description="what has no price and so does not count")
