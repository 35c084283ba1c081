"""The market as it is shown: readings, the matrix of them, candles and tickers."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from livermore.api.models.shape import Instant, Money, Shown
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import Timeframe


class QualityShown(Shown):
    """How much a reading rests on."""

    candles: int = Field(examples=[300])
    convergence: float = Field(description="the weight, 1 to 0, that the seed still has in the ATR", examples=[2.1e-05])
    empty_ratio: float = Field(description="the share of candles without trades", examples=[0.0])
    is_confirmed: bool = Field(description="whether the exchange's history agrees with the candle")


class ReadingShown(Shown):
    """MACD-V at the close of one candle; `signal` is the signal line."""

    open_time: Instant
    close_time: Instant
    value: float = Field(examples=[151.2])
    signal: float | None = Field(examples=[120.5])
    histogram: float | None = Field(examples=[30.7])
    stage: Stage
    price: float = Field(description="the close of the candle", examples=[358.16])
    atr: float = Field(examples=[2.4])
    fast_ema: float = Field(examples=[357.1])
    slow_ema: float = Field(examples=[353.4])
    quality: QualityShown


class TickerShown(Shown):
    """The latest price of a symbol; what the exchange does not tell is null."""

    symbol: str = Field(examples=["BTC-USD"])
    time: Instant
    price: float = Field(examples=[64012.5])
    bid: float | None = None
    ask: float | None = None
    change_24h: float | None = Field(default=None, alias="change24h")
    change_percent_24h: float | None = Field(default=None, alias="changePercent24h")
    high_24h: float | None = Field(default=None, alias="high24h")
    low_24h: float | None = Field(default=None, alias="low24h")
    volume_24h: float | None = Field(default=None, alias="volume24h", description="in units of the base currency")


class MatrixRow(Shown):
    """A symbol with its price and its reading on each timeframe that has one."""

    symbol: str = Field(examples=["BTC-USD"])
    tier: int | None = Field(default=None, description="1 is watched for everybody, 2 for single users", examples=[1])
    rank: int | None = Field(default=None, description="its place among those of its tier", examples=[1])
    volume: float | None = Field(
        default=None, description="24 h, in the quote currency, as the listing was last read", examples=[1.2e9]
    )
    news_age: int | None = Field(
        default=None, description="ms from its newest price or candle to the newest of all on the exchange"
    )
    candles_behind: int | None = Field(
        default=None, description="how many 5m candles it lacks that another symbol has", examples=[0]
    )
    ticker: TickerShown | None
    readings: Mapping[Timeframe, ReadingShown]


class UnreadableShown(Shown):
    """A value in the store that is not ours, and so not shown."""

    name: str = Field(examples=["BTC-USD 5m"])
    reason: str


class Matrix(Shown):
    """The readings of all symbols of an exchange."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    time: Instant = Field(description="when this was read from the store")
    items: Sequence[MatrixRow]
    unreadable: Sequence[UnreadableShown] = ()


class CandleShown(Shown):
    """A closed candle and the reading at its close, null where the indicator is not defined or not kept."""

    open_time: Instant
    close_time: Instant
    open: float = Field(examples=[356.22])
    high: float = Field(examples=[358.5])
    low: float = Field(examples=[355.79])
    close: float = Field(examples=[358.16])
    volume: float = Field(description="in units of the base currency", examples=[202.2])
    is_empty: bool = Field(description="nobody traded: flat at the close before it")
    is_confirmed: bool
    revision: int = Field(description="how often it was corrected after it had closed", examples=[0])
    reading: ReadingShown | None = None


class CandlePage(Shown):
    """Candles of one series, the oldest first; `next` leads to older ones."""

    exchange_id: int = Field(examples=[1])
    exchange_name: str = Field(examples=["coinbase"])
    symbol: str = Field(examples=["BTC-USD"])
    timeframe: Timeframe
    items: Sequence[CandleShown]
    next: str | None = Field(description="hand it on as `cursor` to get older candles; null at the end")


class ExchangeShown(Shown):
    """An exchange: what it is, what it costs, what it allows, and whether an instance serves it."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["coinbase"])
    display_name: str = Field(examples=["Coinbase"])
    has_adapter: bool = Field(description="whether Livermore can watch it")
    is_active: bool
    supported_timeframes: Sequence[str] = Field(examples=[["5m", "15m", "1h", "4h", "1d"]])
    rest_url: str | None
    ws_url: str | None
    maker_fee: Money
    taker_fee: Money
    api_limits: Mapping[str, object]
    geo_restrictions: Mapping[str, object]
