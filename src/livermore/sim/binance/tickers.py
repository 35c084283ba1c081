"""Binance's 24 hour tickers, over REST and in streams."""

from livermore.core.market.timeframe import DAY, Millis
from livermore.sim.binance.numbers import average_price, change_percent, price, size, turnover
from livermore.sim.instruments import Listed
from livermore.sim.market import Market


def mini_ticker(market: Market, listed: Listed, now: Millis) -> dict[str, object]:
    """The REST ticker of ``type=MINI``."""
    day = market.day_at(listed, now)
    return {
        "symbol": listed.product,
        "openPrice": price(listed, day.open),
        "highPrice": price(listed, day.high),
        "lowPrice": price(listed, day.low),
        "lastPrice": price(listed, day.close),
        "volume": size(listed, day.volume),
        "quoteVolume": turnover(listed, day.turnover),
        "openTime": now - DAY,
        "closeTime": now,
        "firstId": day.first_trade if day.trades else -1,
        "lastId": day.first_trade + day.trades - 1 if day.trades else -1,
        "count": day.trades,
    }


def day_ticker(market: Market, listed: Listed, now: Millis) -> dict[str, object]:
    """The REST ticker of ``type=FULL``: ``{"symbol":"BNBBTC","priceChange":"-94.99999800",…}``."""
    day = market.day_at(listed, now)
    last = market.recent_trades(listed, now, 1)
    bid, ask = (day.close - 1, day.close + 1) if day.close else (0, 0)
    return {
        **mini_ticker(market, listed, now),
        "priceChange": price(listed, day.close - day.open),
        "priceChangePercent": change_percent(day),
        "weightedAvgPrice": average_price(listed, day),
        "prevClosePrice": price(listed, day.open),
        "lastQty": size(listed, last[0].size if last else 0),
        "bidPrice": price(listed, bid),
        "bidQty": size(listed, listed.usual_size),
        "askPrice": price(listed, ask),
        "askQty": size(listed, listed.usual_size),
    }


def mini_ticker_event(market: Market, listed: Listed, now: Millis) -> dict[str, object]:
    """``{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.0025",…}``."""
    day = market.day_at(listed, now)
    return {
        "e": "24hrMiniTicker",
        "E": now,
        "s": listed.product,
        "c": price(listed, day.close),
        "o": price(listed, day.open),
        "h": price(listed, day.high),
        "l": price(listed, day.low),
        "v": size(listed, day.volume),
        "q": turnover(listed, day.turnover),
    }


def day_ticker_event(market: Market, listed: Listed, now: Millis) -> dict[str, object]:
    """``{"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"0.0015","P":"250.00",…}``."""
    full = day_ticker(market, listed, now)
    names = {
        "p": "priceChange",
        "P": "priceChangePercent",
        "w": "weightedAvgPrice",
        "x": "prevClosePrice",
        "c": "lastPrice",
        "Q": "lastQty",
        "b": "bidPrice",
        "B": "bidQty",
        "a": "askPrice",
        "A": "askQty",
        "o": "openPrice",
        "h": "highPrice",
        "l": "lowPrice",
        "v": "volume",
        "q": "quoteVolume",
        "O": "openTime",
        "C": "closeTime",
        "F": "firstId",
        "L": "lastId",
        "n": "count",
    }
    return {"e": "24hrTicker", "E": now, "s": listed.product, **{short: full[name] for short, name in names.items()}}
