"""Coinbase's product objects and tickers, as it writes them."""

from livermore.core.market.timeframe import DAY, Millis
from livermore.sim.instruments import Listed
from livermore.sim.market import Market
from livermore.sim.numbers import trimmed
from livermore.sim.rows import Row

_GRANTED = "2023-01-01T00:00:00Z"
_QUOTE_NAMES = {"USD": "US Dollar", "USDC": "USDC", "BTC": "Bitcoin", "ETH": "Ethereum"}


def product(market: Market, listed: Listed, name: str, now: Millis) -> dict[str, object]:
    """The product object of `listed` under one of its names, its own or an alias.

    The fields are those of a real answer of April 2026, of which this is a part:
    ``{"product_id":"BTC-USD","price":"68925.98","volume_24h":"11005.02587005","base_increment":"0.00000001",
    "status":"online","is_disabled":false,"product_type":"SPOT","alias":"","alias_to":["BTC-USDC"],…}``
    """
    day, before = market.day_at(listed, now), market.day_at(listed, now - DAY)
    quote = name.rsplit("-", 1)[1]
    return {
        "product_id": name,
        "price": price_text(listed, day.close),
        "price_percentage_change_24h": change_text(day),
        "volume_24h": trimmed(day.volume, listed.size_decimals),
        "volume_percentage_change_24h": _percent(before.volume, day.volume),
        "base_increment": trimmed(1, listed.size_decimals),
        "quote_increment": trimmed(1, listed.price_decimals),
        "quote_min_size": "1",
        "quote_max_size": "150000000",
        "base_min_size": trimmed(1, listed.size_decimals),
        "base_max_size": "3400000000",
        "base_name": listed.base_name,
        "quote_name": _QUOTE_NAMES.get(quote, quote),
        "watched": False,
        "is_disabled": not listed.is_trading,
        "new": False,
        "status": "online" if listed.is_trading else "offline",
        "cancel_only": False,
        "limit_only": False,
        "post_only": False,
        "trading_disabled": not listed.is_trading,
        "auction_mode": False,
        "product_type": "SPOT",
        "quote_currency_id": quote,
        "base_currency_id": listed.base,
        "fcm_trading_session_details": None,
        "mid_market_price": "",
        "alias": listed.product if name != listed.product else "",
        "alias_to": list(listed.aliases) if name == listed.product else [],
        "base_display_symbol": listed.base,
        "quote_display_symbol": "USD" if quote == "USDC" else quote,
        "view_only": False,
        "price_increment": trimmed(1, listed.price_decimals),
        "display_name": name,
        "product_venue": "CBE",
        "approximate_quote_24h_volume": trimmed(day.turnover // 10 ** max(0, listed.turnover_decimals - 2), 2),
        "new_at": _GRANTED,
        "market_cap": "",
        "base_cbrn": "",
        "quote_cbrn": "",
        "product_cbrn": "",
        "icon_color": "",
        "icon_url": "",
        "display_name_overwrite": "",
        "is_alpha_testing": False,
        "about_description": "",
        "best_bid_price": "",
        "best_ask_price": "",
    }


def ticker(market: Market, listed: Listed, now: Millis, *, with_book: bool) -> dict[str, str]:
    """The ticker of a WebSocket frame; the batched one comes without the best bid and ask.

    A year's high and low are not known here and left empty.
    """
    day = market.day_at(listed, now)
    price = market.last_price(listed, now)
    fields = {
        "type": "ticker",
        "product_id": listed.product,
        "price": price_text(listed, price),
        "volume_24_h": trimmed(day.volume, listed.size_decimals),
        "low_24_h": price_text(listed, day.low),
        "high_24_h": price_text(listed, day.high),
        "low_52_w": "",
        "high_52_w": "",
        "price_percent_chg_24_h": change_text(day),
    }
    if not with_book:
        return fields
    size = trimmed(listed.usual_size, listed.size_decimals)
    bid, ask = best_bid_and_ask(listed, price)
    return {**fields, "best_bid": bid, "best_bid_quantity": size, "best_ask": ask, "best_ask_quantity": size}


def best_bid_and_ask(listed: Listed, price: int) -> tuple[str, str]:
    """One increment to either side of the last price."""
    return price_text(listed, max(price - 1, 0)), price_text(listed, price + 1 if price else 0)


def price_text(listed: Listed, price: int) -> str:
    """A price as Coinbase writes it; empty where there is none."""
    return trimmed(price, listed.price_decimals) if price else ""


def change_text(day: Row) -> str:
    """By how many percent the price has changed since the row opened."""
    return _percent(day.open, day.close)


def _percent(before: int, after: int) -> str:
    return f"{(after - before) / before * 100:.8f}" if before else ""
