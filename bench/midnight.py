"""A market of 1,000 symbols just before a midnight, and the frames that then close all of its timeframes."""

from collections.abc import Iterator, Sequence

import msgspec

from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import BASE, DAY, SECOND, Millis, Timeframe
from livermore.core.restored import RestoredSeries
from livermore.core.watched import KEPT_BASE, KEPT_HIGHER, WatchedSeries

MIDNIGHT: Millis = 1_795_132_800_000
LAST_OPENED_AT = MIDNIGHT - BASE.millis
SYMBOLS = tuple(f"S{number:04}-USDT" for number in range(1_000))
RULES = Rules()
# A candle that leaps by 40 in a market whose range is 0.4 takes MACD-V from about 0 beyond 150 at one stroke.
LEAP = 40.0


def instruments() -> dict[str, Instrument]:
    return {name: Instrument(name, name.replace("-", ""), name[:5], "USDT", is_trading=True) for name in SYMBOLS}


def quiet_candle(symbol: str, timeframe: Timeframe, opened_at: Millis) -> Candle:
    """A market that goes nowhere: around 100, in a range of 0.4."""
    close = 100.1 if opened_at // timeframe.millis % 2 else 99.9
    return Candle(symbol, timeframe, opened_at, 100.0, 100.2, 99.8, close, 1.0, is_confirmed=True)


def restored(symbols: Sequence[str]) -> Iterator[RestoredSeries]:
    """All five series of each symbol as they are kept, up to the candles that midnight will close."""
    for symbol in symbols:
        for timeframe in Timeframe:
            kept = KEPT_BASE if timeframe is BASE else KEPT_HIGHER
            first = MIDNIGHT - (kept + 1) * timeframe.millis
            watched = WatchedSeries(symbol, timeframe)
            watched.watched_since = first - DAY
            candles = tuple(
                quiet_candle(symbol, timeframe, opened_at)
                for opened_at in range(first, MIDNIGHT - timeframe.millis, timeframe.millis)
            )
            for candle in candles:
                watched.append(candle, RULES)
            yield RestoredSeries(symbol, timeframe, candles, watched.snapshot())


def closes(leaping: int) -> dict[str, tuple[float, float, float, float]]:
    """Open, high, low and close of each symbol's last candle of the day; every so often one leaps up or down."""
    found: dict[str, tuple[float, float, float, float]] = {}
    every = len(SYMBOLS) // leaping
    for number, symbol in enumerate(SYMBOLS):
        last = 100.0 if number % every else 100.0 + (LEAP if number // every % 2 else -LEAP)
        found[symbol] = (100.0, max(100.2, last), min(99.8, last), last)
    return found


# ------------------------------------------------------------------------------------------------ frames as they come


def kline(symbol: str, at: Millis, prices: tuple[float, float, float, float], *, is_final: bool) -> bytes:
    """A Binance candle frame."""
    product = symbol.replace("-", "")
    first, high, low, last = (f"{price:.8f}" for price in prices)
    bucket = {"t": LAST_OPENED_AT, "T": MIDNIGHT - 1, "s": product, "i": "5m", "f": 439572, "L": 439601}
    bucket |= {"o": first, "c": last, "h": high, "l": low, "v": "201.00000000", "n": 30, "x": is_final}
    bucket |= {"q": "2761.10000000", "V": "125.78000000", "Q": "1726.63719800", "B": "0"}
    data = {"e": "kline", "E": at, "s": product, "k": bucket}
    return msgspec.json.encode({"stream": f"{product.lower()}@kline_5m", "data": data})


def mini_ticker(symbol: str, at: Millis, price: float) -> bytes:
    """A Binance ticker frame."""
    product = symbol.replace("-", "")
    data = {"e": "24hrMiniTicker", "E": at, "s": product, "c": f"{price:.8f}", "o": "100.00000000"}
    data |= {"h": "150.50000000", "l": "59.50000000", "v": "10000.00000000", "q": "1000000.00000000"}
    return msgspec.json.encode({"stream": f"{product.lower()}@miniTicker", "data": data})


def binance_greeted() -> list[bytes]:
    """What confirms the subscriptions, the first frame that tells the time, and one of the bucket's last second."""
    names = [f"{symbol.replace('-', '').lower()}@{kind}" for symbol in SYMBOLS for kind in ("kline_5m", "miniTicker")]
    # One message of names for each hundred streams, then the question which are in force.
    listing = len(names) // 100 + 1
    flat = (100.0, 100.0, 100.0, 100.0)
    times = (LAST_OPENED_AT + SECOND, MIDNIGHT - SECOND)
    forming = [kline(SYMBOLS[0], at, flat, is_final=False) for at in times]
    return [msgspec.json.encode({"result": names, "id": listing}), *forming]


class CoinbaseFrames:
    """Numbers the frames of one Coinbase connection."""

    def __init__(self) -> None:
        self._number = -1

    def _frame(self, channel: str, at: Millis, event: object) -> bytes:
        self._number += 1
        seconds, rest = divmod(at % DAY, SECOND)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}820713"
        day = "2026-11-20" if at >= MIDNIGHT else "2026-11-19"
        head = {"channel": channel, "client_id": "", "timestamp": f"{day}T{clock}Z", "sequence_num": self._number}
        return msgspec.json.encode(head | {"events": [event]})

    def greeted(self) -> bytes:
        subscriptions = {"heartbeats": ["heartbeats"], "candles": SYMBOLS, "ticker": SYMBOLS}
        return self._frame("subscriptions", LAST_OPENED_AT + SECOND, {"subscriptions": subscriptions})

    def candle(
        self, symbol: str, at: Millis, prices: tuple[float, float, float, float], volume: float = 201.0
    ) -> bytes:
        first, high, low, last = (f"{price:.2f}" for price in prices)
        row = {"start": str(LAST_OPENED_AT // SECOND), "high": high, "low": low, "open": first, "close": last}
        row |= {"volume": f"{volume:.8f}", "product_id": symbol}
        return self._frame("candles", at, {"type": "update", "candles": [row]})

    def ticker(self, symbol: str, at: Millis, price: float) -> bytes:
        row = {"type": "ticker", "product_id": symbol, "price": f"{price:.2f}", "volume_24_h": "15328.12345678"}
        row |= {"low_24_h": "90.00", "high_24_h": "169.20", "low_52_w": "50.00", "high_52_w": "738.00"}
        row |= {"price_percent_chg_24_h": "5", "best_bid": "99.90", "best_bid_quantity": "1.50000000"}
        row |= {"best_ask": "100.10", "best_ask_quantity": "2.50000000"}
        return self._frame("ticker", at, {"type": "update", "tickers": [row]})

    def heartbeat(self, at: Millis) -> bytes:
        beat = {
            "current_time": "2026-11-20 00:00:02.820713045 +0000 UTC m=+66987.628148662",
            "heartbeat_counter": 66987,
        }
        return self._frame("heartbeats", at, beat)
