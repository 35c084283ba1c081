"""`livermore fees` says what a hand has computed, and who looks with too powerful a key is told so."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from cli.conftest import Livermore, Outcome
from exchanges.rest_server import a_host
from livermore.sim.keys import coinbase_keys
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings

RECORDED = json.loads((Path(__file__).parent / "recorded" / "coinbase-fills.json").read_text())
SECRET = "CoinbaseSecretOf32RawBytesInBase64AAAAAAAAA="
SUMMARY = {
    "total_volume": 70.5,
    "total_fees": 0.42,
    "fee_tier": {"pricing_tier": "Intro 1", "taker_fee_rate": "0.012", "maker_fee_rate": "0.006"},
}
# By hand, from the rows of the recording: level, symbol, side, month, currency, orders, fills, volume, fees, rate in %.
BY_HAND = """
line   BTC-USD   buy  2026-08 USD  1 2 1800.21     18.00252     1.00002333
line   BTC-USD   buy  2026-09 USD  1 1 500         6            1.2
side   BTC-USD   buy  -       USD  2 3 2300.21     24.00252     1.04349255
line   BTC-USD   sell 2026-09 USD  1 1 799.503075  9.5940369    1.2
line   BTC-USD   sell 2026-10 USD  1 1 70          0.42         0.6
side   BTC-USD   sell -       USD  2 2 869.503075  10.0140369   1.15169655
symbol BTC-USD   -    -       USD  4 5 3169.713075 34.0165569   1.07317464
line   HBAR-USD  sell 2026-09 USD  1 2 432.12381   2.592747526  0.60000108
side   HBAR-USD  sell -       USD  1 2 432.12381   2.592747526  0.60000108
symbol HBAR-USD  -    -       USD  1 2 432.12381   2.592747526  0.60000108
total  -         -    -       USD  5 7 3601.836885 36.609304426 1.01640651
line   HBAR-USDC buy  2026-10 USDC 1 1 200         0            0
side   HBAR-USDC buy  -       USDC 1 1 200         0            0
symbol HBAR-USDC -    -       USDC 1 1 200         0            0
total  -         -    -       USDC 1 1 200         0            0
month  -         -    2026-08 USD  1 2 1800.21     18.00252     1.00002333
month  -         -    2026-09 USD  3 4 1731.626885 18.186784426 1.05027154
month  -         -    2026-10 USD  1 1 70          0.42         0.6
month  -         -    2026-10 USDC 1 1 200         0            0
"""


def by_hand() -> list[list[str]]:
    rows = [line.split() for line in BY_HAND.strip().splitlines()]
    return [["" if cell == "-" else cell for cell in row] for row in rows]


@asynccontextmanager
async def coinbase(*, may_trade: bool = False) -> AsyncIterator[dict[str, str]]:
    """The environment in which Coinbase has these orders."""
    answers = {
        "key_permissions": {"can_view": True, "can_trade": may_trade, "can_transfer": False},
        "fills": RECORDED,
        "transaction_summary": SUMMARY,
        "accounts": {"accounts": [], "has_next": False, "cursor": ""},
        "time": {"iso": "", "epochSeconds": "1795348800", "epochMillis": "1795348800000"},
    }
    async with a_host(lambda request: web.json_response(answers[request.path.rpartition("/")[2]])) as asked:
        yield {
            "LIVERMORE_COINBASE_REST_URL": asked.url,
            "LIVERMORE_COINBASE_API_KEY": "organizations/a/apiKeys/b",
            "LIVERMORE_COINBASE_API_SECRET": SECRET,
        }


async def ran(livermore: Livermore, *arguments: str, **environment: str) -> Outcome:
    """Run it while the server here answers."""
    done = await asyncio.to_thread(livermore, *arguments, **environment)
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    return done


async def test_the_table_is_the_one_that_was_computed_by_hand(livermore: Livermore) -> None:
    async with coinbase() as environment:
        done = await ran(livermore, "fees", "coinbase", "--csv", **environment)

    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert [[*row[:9], row[9]] for row in rows[1:]] == [
        [*row[:9], str(row[9]).rstrip("0") if "." in row[9] else row[9]] for row in by_hand()
    ]


async def test_people_are_shown_the_same_numbers_a_warning_and_what_is_left_out(livermore: Livermore) -> None:
    async with coinbase(may_trade=True) as environment:
        done = await ran(livermore, "fees", "coinbase", **environment)

    lines = done.stdout.splitlines()
    assert lines[0] == (
        "Coinbase  tier Intro 1, maker 0.600 %, taker 1.200 %, volume of 30 days 70.50 USD, fees of 30 days 0.42 USD"
    )
    assert "warning: this key may trade" in lines[1]
    assert lines[2].endswith("not counted: 1")
    total = next(line for line in lines if line.startswith("total") and "USDC" not in line)
    assert total.split() == ["total", "5", "7", "3,601.84", "USD", "36.61", "USD", "1.0164", "7.32"]


async def test_the_report_and_the_object_carry_the_warning_too(livermore: Livermore) -> None:
    async with coinbase(may_trade=True) as environment:
        report = await ran(livermore, "fees", "coinbase", "--markdown", **environment)
        told = await ran(livermore, "fees", "coinbase", "--json", **environment)

    assert "| **BTC-USD** | **buy** | **all** | **2** | **3** | **2,300.21 USD** |" in report.stdout
    assert "> **Warning:** this key may trade" in report.stdout
    body = json.loads(told.stdout)
    assert [warning["code"] for warning in body["warnings"]] == ["may_trade"]
    assert body["totals"][0]["fees"] == "36.609304426"
    assert "warning: this key may trade" in told.stderr


async def test_a_period_and_a_symbol_narrow_it(livermore: Livermore) -> None:
    async with coinbase() as environment:
        options = ("--symbol", "BTC-USD", "--from", "2026-09-01", "--to", "2026-10-01")
        done = await ran(livermore, "fees", "coinbase", *options, "--json", **environment)

    (total,) = json.loads(done.stdout)["totals"]
    assert (total["orders"], total["volume"], total["fees"]) == (2, "1299.503075", "15.5940369")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coinbase"], "LIVERMORE_COINBASE_API_KEY and LIVERMORE_COINBASE_API_SECRET are not set"),
        (["coinbase", "--csv", "--json"], "exclude each other"),
        (["coinbase", "--key-variable", "X"], "go together"),
        (["coinbase", "--from", "2026-11-22", "--to", "2026-11-20"], "which is not after its beginning"),
        (["coinbase", "--sim"], "start `livermore up` in this directory"),
    ],
)
def test_what_cannot_be_done_is_one_line(livermore: Livermore, arguments: list[str], said: str) -> None:
    done = livermore("fees", *arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
async def sim() -> AsyncIterator[SimServer]:
    async with serve(SimSettings(coinbase_port=0, binance_port=0, binance_us_port=0, symbols=10)) as server:
        yield server


async def test_the_simulators_own_account_is_read_with_its_own_key_and_said_to_be_simulated(
    livermore: Livermore, sim: SimServer
) -> None:
    for name in ("coinbase", "binance"):
        url = {f"LIVERMORE_{name.upper()}_REST_URL": sim.urls[name].rest}
        done = await ran(livermore, "fees", name, "--sim", "--json", **url)
        body = json.loads(done.stdout)
        assert body["simulated"] is True
        assert body["warnings"] == []
        assert body["totals"][0]["fills"] > 100


@pytest.mark.parametrize("name", ["coinbase", "binance"])
async def test_a_symbol_that_is_not_listed_is_not_one_without_fees(
    livermore: Livermore, sim: SimServer, name: str
) -> None:
    url = {f"LIVERMORE_{name.upper()}_REST_URL": sim.urls[name].rest}
    done = await ran(livermore, "fees", name, "--sim", "--symbol", "NOPE-USD", **url)

    assert (done.returncode, done.stdout) == (2, "")
    assert "does not list NOPE-USD" in done.stderr


async def test_a_key_that_is_refused_is_one_line(livermore: Livermore, sim: SimServer) -> None:
    blind = next(key for key in coinbase_keys() if key.role == "blind")
    environment = {
        "LIVERMORE_COINBASE_REST_URL": sim.urls["coinbase"].rest,
        "LIVERMORE_COINBASE_API_KEY": blind.key,
        "LIVERMORE_COINBASE_API_SECRET": blind.secret.replace("\n", "\\n"),
    }
    done = await ran(livermore, "fees", "coinbase", "--sim", "--key-variable", "LIVERMORE_COINBASE_API_KEY",
                     "--secret-variable", "LIVERMORE_COINBASE_API_SECRET", **environment)  # fmt: skip

    assert done.returncode == 1
    assert "does not let this key do that" in done.stderr
    assert done.stderr.count("\n") == 1
