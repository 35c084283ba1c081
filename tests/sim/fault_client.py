"""Both sides of one simulated exchange, as the tests of faults speak to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec

from livermore.core.market.timeframe import MINUTE, Millis
from livermore.sim.faults.script import faults_of
from livermore.sim.server import SimServer
from sim.conftest import Frames

FIVE = 5 * MINUTE


def product_of(exchange: str, base: str) -> str:
    return f"{base}-USD" if exchange == "coinbase" else f"{base}USDT"


def symbol_of(exchange: str, base: str) -> str:
    return f"{base}-USD" if exchange == "coinbase" else f"{base}-USDT"


def post(sim: SimServer, **entry: object) -> int:
    """Ask for one fault; its number."""
    return sim.faults.post(faults_of([entry], sim.faults.symbols_by_exchange))[0].id


def hits(sim: SimServer) -> list[int]:
    return [one.hits for one in sim.faults.posted]


@asynccontextmanager
async def listening(sim: SimServer, http: aiohttp.ClientSession, exchange: str, *bases: str) -> AsyncIterator[Frames]:
    """A connection that has asked for the 5m candles of these."""
    products = [product_of(exchange, base) for base in bases]
    base = sim.urls[exchange].websocket
    if exchange == "coinbase":
        async with http.ws_connect(base) as socket:
            frames = Frames(socket)
            await frames.send({"type": "subscribe", "channel": "heartbeats"})
            await frames.send({"type": "subscribe", "channel": "candles", "product_ids": products})
            await frames.until(lambda frame: "candles" in subscriptions(frame))
            yield frames
    else:
        async with http.ws_connect(base + "/ws") as socket:
            frames = Frames(socket)
            names = [f"{product.lower()}@kline_5m" for product in products]
            await frames.send({"method": "SUBSCRIBE", "params": names, "id": 1})
            await frames.until(lambda frame: frame.get("id") == 1)
            yield frames


def subscriptions(frame: dict) -> dict[str, list[str]]:
    """The complete set in force, on Coinbase."""
    return frame["events"][0]["subscriptions"] if frame.get("channel") == "subscriptions" else {}


def candle_of(frame: dict) -> tuple[str, Millis] | None:
    """The product and opening of the candle that a frame updates."""
    if frame.get("e") == "kline":
        return frame["k"]["s"], frame["k"]["t"]
    if frame.get("channel") == "candles" and frame["events"][0]["type"] == "update":
        candle = frame["events"][0]["candles"][0]
        return candle["product_id"], int(candle["start"]) * 1_000
    return None


def is_candle(frame: dict) -> bool:
    return candle_of(frame) is not None


async def rows(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, base: str, count: int = 20, interval: str = "5m"
) -> list[list[object]]:
    """The newest REST candles, oldest first: opening in ms and open, high, low, close, volume."""
    product, url = product_of(exchange, base), sim.urls[exchange].rest
    if exchange != "coinbase":
        async with http.get(f"{url}/api/v3/klines?symbol={product}&interval={interval}&limit={count}") as response:
            assert response.status == 200
            return [row[:6] for row in msgspec.json.decode(await response.read())]
    name, length = {"5m": ("FIVE_MINUTE", FIVE), "15m": ("FIFTEEN_MINUTE", 3 * FIVE)}[interval]
    now = sim.clock.now()
    query = f"granularity={name}&start={(now - (count - 1) * length) // 1000}&end={now // 1000}"
    async with http.get(f"{url}/api/v3/brokerage/market/products/{product}/candles?{query}") as response:
        assert response.status == 200
        candles = msgspec.json.decode(await response.read())["candles"]
    keys = ("open", "high", "low", "close", "volume")
    return [[int(one["start"]) * 1_000, *(one[key] for key in keys)] for one in reversed(candles)]
