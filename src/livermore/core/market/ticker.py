"""The ticker: the latest price of a symbol and its last 24 hours."""

from dataclasses import dataclass

from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class Ticker:
    """What an exchange says of a symbol at the exchange's instant `at`.

    Prices are in the quote currency, `volume_24h` in the base currency; `change_24h` is absolute and
    `change_percent_24h` in percent. What an exchange does not send is None.
    """

    symbol: str
    at: Millis
    price: float
    volume_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    change_24h: float | None = None
    change_percent_24h: float | None = None
    bid: float | None = None
    ask: float | None = None
