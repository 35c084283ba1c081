"""Frames, listings, clocks and inboxes for the tests of the adapters."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from livermore.core.market.instrument import Instrument
from livermore.core.messages import Event

PAYLOADS = Path(__file__).parent / "payloads"
OPENED = 1_795_168_800_000
"""2026-11-20 10:00 UTC, the bucket of the recorded-shape payloads."""

Kind = TypeVar("Kind")


def payload(name: str) -> bytes:
    """A frame as it comes, such as ``coinbase/ticker``."""
    return (PAYLOADS / f"{name}.json").read_bytes().strip()


def an_instrument(symbol: str) -> Instrument:
    base, quote = symbol.split("-")
    return Instrument(symbol, base + quote, base, quote, is_trading=True)


def listed(*symbols: str) -> dict[str, Instrument]:
    return {symbol: an_instrument(symbol) for symbol in symbols}


def stamp(at: int) -> str:
    """Coinbase's spelling of an instant in milliseconds."""
    seconds, millis = divmod(at, 1000)
    minutes, second = divmod(seconds - OPENED // 1000 + 600 * 60, 60)
    assert 0 <= minutes < 24 * 60
    return f"2026-11-20T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{millis:03d}000000Z"


def coinbase_frame(number: int, channel: str, events: list[Any], at: int = OPENED + 120_000) -> str:
    return json.dumps({"channel": channel, "timestamp": stamp(at), "sequence_num": number, "events": events})


def coinbase_echo(number: int, symbols: Iterable[str], at: int = OPENED + 120_000) -> str:
    subscriptions = {"heartbeats": ["heartbeats"], "candles": list(symbols)}
    return coinbase_frame(number, "subscriptions", [{"subscriptions": subscriptions}], at)


def coinbase_row(symbol: str = "BTC-USD", opened_at: int = OPENED, **changes: str) -> dict[str, str]:
    row = {"start": str(opened_at // 1000), "high": "12", "low": "9", "open": "10", "close": "11", "volume": "5"}
    return {**row, "product_id": symbol, **changes}


def coinbase_candles(number: int, *rows: dict[str, str], kind: str = "update", at: int = OPENED + 120_000) -> str:
    return coinbase_frame(number, "candles", [{"type": kind, "candles": list(rows)}], at)


def coinbase_heartbeat(number: int, at: int) -> str:
    return coinbase_frame(number, "heartbeats", [{"current_time": "2026", "heartbeat_counter": "7"}], at)


def binance_kline(product: str = "BTCUSDT", at: int = OPENED + 120_000, **changes: Any) -> str:
    bucket = {"t": OPENED, "T": OPENED + 299_999, "s": product, "i": "5m", "o": "10", "c": "11", "h": "12", "l": "9"}
    bucket |= {"v": "5", "n": 3, "x": False, **changes}
    data = {"e": "kline", "E": at, "s": product, "k": bucket}
    return json.dumps({"stream": f"{product.lower()}@kline_5m", "data": data})


def of_kind(kind: type[Kind], events: Iterable[Event]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


class ListInbox:
    """An inbox that keeps everything, and can be waited on."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = asyncio.Condition()

    async def put(self, events: Sequence[Event]) -> None:
        async with self._changed:
            self.events.extend(events)
            self._changed.notify_all()

    async def until(self, is_so: Callable[[list[Event]], object]) -> list[Event]:
        """What came, as soon as something is so of it."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: is_so(self.events))
            return list(self.events)


class FastClock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)

    async def oversleep(self, seconds: float) -> None:
        """Sleep as a busy machine does: a little too long."""
        await self.sleep(seconds + 0.01)
