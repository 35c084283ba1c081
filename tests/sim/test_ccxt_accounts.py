"""A third-party client that signs in its own way reads the simulated accounts."""

from collections.abc import AsyncIterator
from pathlib import Path

import ccxt.async_support as ccxt
import pytest

from livermore.sim.keys import binance_keys, coinbase_keys
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return tmp_path / "sim.pem"


@pytest.fixture
async def secure_sim(certificate: Path) -> AsyncIterator[SimServer]:
    """Under TLS, as the client signs for the address behind https, and at the real time, by which it signs."""
    async with serve(SimSettings(0, 0, 0, speed=1.0, symbols=10, certificate=certificate)) as server:
        yield server


async def test_ccxt_reads_balances_and_trades_of_coinbase(secure_sim: SimServer, certificate: Path) -> None:
    key = coinbase_keys()[0]
    client = ccxt.coinbase({"cafile": str(certificate), "apiKey": key.key, "secret": key.secret})
    client.urls["api"] = {"rest": secure_sim.urls["coinbase"].rest}
    try:
        balance = await client.fetch_balance({"v3": True})
        trades = await client.fetch_my_trades("ETH/USD")
    finally:
        await client.close()

    assert balance["total"]["BTC"] > balance["free"]["BTC"] > 0
    assert len(trades) > 5
    assert {trade["fee"]["currency"] for trade in trades} == {"USD"}


async def test_ccxt_reads_balances_and_trades_of_binance(secure_sim: SimServer, certificate: Path) -> None:
    key = binance_keys("binance")[0]
    client = ccxt.binance({"cafile": str(certificate), "apiKey": key.key, "secret": key.secret})
    client.options |= {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
    client.urls["api"] |= dict.fromkeys(("public", "private"), f"{secure_sim.urls['binance'].rest}/api/v3")
    try:
        balance = await client.fetch_balance({"type": "spot"})
        trades = await client.fetch_my_trades("ETH/USDT")
    finally:
        await client.close()

    assert balance["total"]["BTC"] > balance["free"]["BTC"] > 0
    assert {trade["fee"]["currency"] for trade in trades} == {"ETH", "USDT"}
