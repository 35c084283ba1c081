"""The exchanges' own clients read accounts, orders and fees from the simulator, and find what ours finds."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from livermore.core.account.account import CredentialNames, FillHistory, Side
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.registry import AnyAccount, open_account
from livermore.exchanges.settings import ExchangeSettings
from livermore.sim.keys import SimKey, binance_keys, coinbase_keys
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings

PYTHON = Path(__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
PATIENCE_SECONDS = 40.0
FOREVER = 4_000_000_000_000

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="the peers are not set up: scripts/setup peers")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return tmp_path / "sim.pem"


@pytest.fixture
async def sim() -> AsyncIterator[SimServer]:
    """A simulator whose clock is the real one, as these clients go by it."""
    async with serve(settings()) as server:
        yield server


@pytest.fixture
async def secure_sim(certificate: Path) -> AsyncIterator[SimServer]:
    """The same under TLS, on which Coinbase's client insists."""
    async with serve(settings(certificate)) as server:
        yield server


def settings(certificate: Path | None = None) -> SimSettings:
    return SimSettings(0, 0, 0, speed=1.0, symbols=10, certificate=certificate)


async def peer(script: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run one of the scripts beside this file with the peers' Python."""
    process = await asyncio.create_subprocess_exec(
        PYTHON,
        Path(__file__).with_name(script),
        *arguments,
        env={**{k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        said, complained = await process.communicate()
    return process.returncode or 0, said.decode(), complained.decode()


async def found_by(script: str, *arguments: str, **environment: str) -> Any:
    code, said, complained = await peer(script, *arguments, **environment)
    assert code == 0, complained
    return json.loads(said)


def with_key(key: SimKey) -> Credentials:
    return Credentials(key.key, key.secret, CredentialNames("KEY", "SECRET"))


async def history_of(account: AnyAccount, *symbols: str) -> FillHistory:
    return await account.fills(0, FOREVER, symbols)


@pytest.mark.parametrize("number", [0, 1], ids=["ES256", "Ed25519"])
async def test_coinbases_client_reads_what_the_simulated_account_holds(
    sim: SimServer, secure_sim: SimServer, certificate: Path, number: int
) -> None:
    key = coinbase_keys()[number]
    host = secure_sim.urls["coinbase"].rest.removeprefix("https://")
    theirs = await found_by("read_coinbase.py", host, key.key, key.secret, REQUESTS_CA_BUNDLE=str(certificate))
    async with open_account("coinbase", with_key(key), ExchangeSettings(sim.urls["coinbase"].rest)) as account:
        ours = await history_of(account)
        balances, tier = await account.balances(), await account.tier()

    assert theirs["permissions"]["can_trade"] is False
    assert {name: (Decimal(free), Decimal(held)) for name, (free, held) in theirs["balances"].items()} == {
        balance.currency: (balance.available, balance.held) for balance in balances
    }
    sides = {"BUY": Side.BUY, "SELL": Side.SELL}
    assert {name: (symbol, sides[side], Decimal(fee)) for name, (symbol, side, fee) in theirs["fills"].items()} == {
        fill.id: (fill.symbol, fill.side, fill.fee) for fill in ours.fills
    }
    assert sum(map(Decimal, theirs["orders"].values())) == sum(fill.fee for fill in ours.fills)
    assert theirs["one"] in theirs["orders"].values()
    assert theirs["account"] in theirs["balances"]
    assert Decimal(theirs["tier"]["taker_fee_rate"]) == tier.taker_rate


async def test_coinbases_client_is_refused_with_a_secret_that_is_not_the_keys(
    secure_sim: SimServer, certificate: Path
) -> None:
    view, other = coinbase_keys()[0], coinbase_keys()[2]
    host = secure_sim.urls["coinbase"].rest.removeprefix("https://")
    code, _, complained = await peer(
        "read_coinbase.py", host, view.key, other.secret, REQUESTS_CA_BUNDLE=str(certificate)
    )

    assert code != 0
    assert "401 Client Error" in complained


@pytest.mark.parametrize("number", [0, 2], ids=["HMAC", "Ed25519"])
async def test_python_binance_reads_what_the_simulated_account_holds(sim: SimServer, number: int) -> None:
    key, origin = binance_keys("binance")[number], sim.urls["binance"].rest
    theirs = await found_by("read_binance.py", origin, key.key, key.algorithm, key.secret, "ETHUSDT")
    async with open_account("binance", with_key(key), ExchangeSettings(origin)) as account:
        ours = await history_of(account, "ETH-USDT")
        balances, tier = await account.balances(), await account.tier()

    assert theirs["permissions"]["enableSpotAndMarginTrading"] is False
    assert {name: (Decimal(free), Decimal(held)) for name, (free, held) in theirs["balances"].items()} == {
        balance.currency: (balance.available, balance.held) for balance in balances
    }
    assert {name: (Decimal(size), Decimal(fee), coin) for name, (size, fee, coin) in theirs["trades"].items()} == {
        fill.id: (fill.size, fill.fee, fill.fee_currency) for fill in ours.fills
    }
    assert {str(order) for order in theirs["orders"]} == {fill.order_id for fill in ours.fills}
    assert Decimal(theirs["rates"]["taker"]) == Decimal(theirs["fee"]["takerCommission"]) == tier.taker_rate
