"""The products Coinbase lists, and which of their names are one and the same.

One of ``GET /market/products``, trimmed (https://docs.cdp.coinbase.com/advanced-trade/reference)::

    {"product_id":"BTC-USDC","price":"68923.67","volume_24h":"11005.02","status":"online","is_disabled":false,
     "cancel_only":false,"trading_disabled":false,"auction_mode":false,"view_only":false,"base_currency_id":"BTC",
     "quote_currency_id":"USDC","alias":"BTC-USD","alias_to":[],"approximate_quote_24h_volume":"758506771.1"}

Numbers are strings and may be empty.
"""

from collections.abc import Container

import msgspec

from livermore.core.market.instrument import Instrument
from livermore.exchanges.coinbase.frames import number
from livermore.exchanges.names import is_plain


class Product(msgspec.Struct):
    """A product as listed; limit-only and post-only products still have candles."""

    product_id: str
    base_currency_id: str = ""
    quote_currency_id: str = ""
    status: str = ""
    price: str = ""
    volume_24h: str = ""
    approximate_quote_24h_volume: str = ""
    alias: str = ""
    is_disabled: bool = False
    trading_disabled: bool = False
    cancel_only: bool = False
    view_only: bool = False
    auction_mode: bool = False

    @property
    def is_instrument(self) -> bool:
        """Whether it is a book of its own with a name of the form BASE-QUOTE, and not another name of one."""
        base, quote = self.base_currency_id, self.quote_currency_id
        return not self.alias and self.product_id == f"{base}-{quote}" and is_plain(base) and is_plain(quote)

    def instrument(self) -> Instrument:
        """The same in our words."""
        barred = self.is_disabled or self.trading_disabled or self.cancel_only or self.view_only or self.auction_mode
        return Instrument(
            symbol=self.product_id,
            product=self.product_id,
            base=self.base_currency_id,
            quote=self.quote_currency_id,
            is_trading=self.status == "online" and not barred,
            quote_volume_24h=self._quote_volume(),
        )

    def _quote_volume(self) -> float | None:
        stated = number(self.approximate_quote_24h_volume)
        if stated is not None:
            return stated
        volume, price = number(self.volume_24h), number(self.price)
        return None if volume is None or price is None else volume * price


class Pagination(msgspec.Struct):
    """Where a listing goes on."""

    next_cursor: str = ""
    has_next: bool = False


class ProductPage(msgspec.Struct):
    """A page of the listing."""

    products: list[Product]
    pagination: Pagination | None = None


PRODUCT_PAGE = msgspec.json.Decoder(ProductPage)


def canonical(symbol: str, listed: Container[str]) -> str:
    """The name under which Coinbase answers for `symbol`: its ``-USD`` book where ``-USDC`` is but another name.

    >>> canonical("BTC-USDC", {"BTC-USD", "USDT-USDC"}), canonical("USDT-USDC", {"BTC-USD", "USDT-USDC"})
    ('BTC-USD', 'USDT-USDC')
    """
    if symbol in listed or not symbol.endswith("-USDC"):
        return symbol
    dollar = symbol.removesuffix("C")
    return dollar if dollar in listed else symbol
