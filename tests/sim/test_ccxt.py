"""A third-party client of the real exchanges works against the simulated ones with nothing but the URLs changed.

For Coinbase ccxt has neither ``watchOHLCV`` nor 4h candles: its live side is read through tickers and trades there.
"""

import asyncio
from collections.abc import AsyncIterator

import ccxt.pro
import pytest

from livermore.core.market.timeframe import HOUR, MINUTE, Timeframe
from livermore.sim.server import SimServer
from sim.conftest import PATIENCE_SECONDS, START

FIVE = 5 * MINUTE
# ccxt leaves half-open things behind when it is closed in the middle of its reconnecting.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture
async def coinbase(sim: SimServer) -> AsyncIterator[ccxt.pro.coinbase]:
    client = ccxt.pro.coinbase()
    urls = sim.urls["coinbase"]
    client.urls["api"] = {"rest": urls.rest, "ws": urls.websocket}
    yield client
    await client.close()


@pytest.fixture(params=["binance", "binance_us"])
async def binance(sim: SimServer, request: pytest.FixtureRequest) -> AsyncIterator[ccxt.pro.binance]:
    client = ccxt.pro.binance() if request.param == "binance" else ccxt.pro.binanceus()
    # The other markets that the client knows of, futures and options, are not simulated.
    client.options["fetchMarkets"] = {"types": ["spot"]}
    urls = sim.urls[request.param]
    client.urls["api"]["public"] = urls.rest + "/api/v3"
    client.urls["api"]["ws"]["spot"] = urls.websocket + "/ws"
    yield client
    await client.close()


async def test_coinbase_products_are_markets(coinbase: ccxt.pro.coinbase) -> None:
    markets = await coinbase.load_markets()

    assert markets["BTC/USD"]["id"] == "BTC-USD"
    assert markets["BTC/USD"]["active"]
    assert markets["BTC/USD"]["precision"]["price"] == 0.01
    assert [name for name, market in markets.items() if not market["active"]]


async def test_coinbase_candles_are_read(coinbase: ccxt.pro.coinbase) -> None:
    for timeframe in (Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.D1):
        since = timeframe.opening(START) - 100 * timeframe.millis
        candles = await coinbase.fetch_ohlcv("BTC/USD", timeframe.value, since=since, limit=100)

        assert [candle[0] for candle in candles] == [since + number * timeframe.millis for number in range(100)]
        assert all(
            low <= min(opened, close) <= max(opened, close) <= high for _, opened, high, low, close, _ in candles
        )


async def test_coinbase_errors_are_understood(coinbase: ccxt.pro.coinbase) -> None:
    await coinbase.load_markets()
    with pytest.raises(ccxt.BaseError):
        await coinbase.fetch_ohlcv("BTC/USD", "5m", since=START - 10 * HOUR, params={"until": START + 90 * HOUR})


async def test_coinbase_ticker_and_trades_are_live(coinbase: ccxt.pro.coinbase) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        ticker = await coinbase.watch_ticker("ETH/USD")
        trades = await coinbase.watch_trades("ETH/USD")
        fetched = await coinbase.fetch_trades("ETH/USD", limit=5)

    assert ticker["last"] > 0
    assert ticker["bid"] < ticker["last"] < ticker["ask"]
    assert trades[-1]["price"] == pytest.approx(ticker["last"], rel=0.01)
    assert len(fetched) == 5


async def test_binance_symbols_are_markets(binance: ccxt.pro.binance) -> None:
    markets = await binance.load_markets()

    assert markets["BTC/USDT"]["id"] == "BTCUSDT"
    assert markets["BTC/USDT"]["active"]
    assert markets["BTC/USDT"]["precision"]["price"] == 0.01
    assert len([name for name, market in markets.items() if not market["active"]]) == 1


async def test_binance_candles_are_read(binance: ccxt.pro.binance) -> None:
    for timeframe in Timeframe:
        since = timeframe.opening(START) - 100 * timeframe.millis
        candles = await binance.fetch_ohlcv("BTC/USDT", timeframe.value, since=since, limit=100)

        assert [candle[0] for candle in candles] == [since + number * timeframe.millis for number in range(100)]


async def test_binance_candles_are_live_and_agree_with_rest(binance: ccxt.pro.binance, sim: SimServer) -> None:
    """Until the second candle is over that the feed has told of."""
    seen: dict[int, list[float]] = {}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(seen) < 3:
            for candle in await binance.watch_ohlcv("BTC/USDT", "5m"):
                seen[candle[0]] = list(candle)
    whole = sorted(seen)[-2]

    assert await binance.fetch_ohlcv("BTC/USDT", "5m", since=whole, limit=1) == [seen[whole]]


async def test_binance_tickers_and_errors_are_understood(binance: ccxt.pro.binance) -> None:
    ticker = await binance.fetch_ticker("BTC/USDT")
    async with asyncio.timeout(PATIENCE_SECONDS):
        live = await binance.watch_ticker("BTC/USDT")

    assert live["last"] == pytest.approx(ticker["last"], rel=0.01)
    with pytest.raises(ccxt.BadSymbol):
        await binance.public_get_klines({"symbol": "NOPE", "interval": "5m"})
    with pytest.raises(ccxt.BadRequest):
        await binance.public_get_klines({"symbol": "BTCUSDT", "interval": "7m"})
