"""What an exchange says about a symbol it lists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol as an exchange lists it.

    `symbol` is ours (``BASE-QUOTE``), `product` is the exchange's own spelling. `quote_volume_24h` is in the quote
    currency and None where the listing does not tell.
    """

    symbol: str
    product: str
    base: str
    quote: str
    is_trading: bool
    quote_volume_24h: float | None = None
