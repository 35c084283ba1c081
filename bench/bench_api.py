"""The lists of the API at 1,000 symbols and 100,000 alerts, asked for straight and over a socket."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from redis.asyncio import Redis

from api.stage import NOW, a_market, a_stage, listening_stage
from cache.examples import a_candle, an_alert
from livermore.cache.activity import append_activity
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.cache.instruments import store_listing
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.instance.activity import Actor, StateChanged
from livermore.core.instance.lifecycle import State
from livermore.core.market.instrument import Instrument
from livermore.core.market.ticker import Ticker
from livermore.core.messages import PublishTicker
from livermore.database.alert_rows import Place
from livermore.database.alerts import Said, record_alerts
from livermore.database.connect import Connection, DatabaseSettings, Pool, open_connection, open_pool, transaction
from livermore.database.migrate import apply_migrations
from livermore.database.symbols import save_symbols
from livermore.embedded.postgres import open_postgres
from livermore.embedded.valkey import open_valkey

SYMBOLS: Final = tuple(f"S{number:03}-USD" for number in range(1_000))
ALERTS: Final = 100_000
ACTIVITIES: Final = 2_000
ROUNDS: Final = 200
MIDDLE_CURSOR: Final = "l{close}_ffffffff-ffff-ffff-ffff-ffffffffffff"

# One alert made by the ledger itself is copied with other ids, symbols, timeframes, labels and closes.
COPIES: Final = """
INSERT INTO livermore.alerts ({columns})
SELECT {values} FROM livermore.alerts AS a, generate_series(1, %(count)s) AS n
"""
OTHER: Final = {
    "id": "gen_random_uuid()",
    "symbol": "'S' || lpad((n %% 1000)::text, 3, '0') || '-USD'",
    "timeframe": "(ARRAY['5m', '5m', '5m', '5m', '15m', '15m', '1h', '1h', '4h', '1d'])[1 + n %% 10]",
    "label": "(ARRAY['level_150', 'level_-150', 'level_200', 'reversal_oversold'])[1 + (n / 7) %% 4]",
    "status": "(ARRAY['fired', 'fired', 'fired', 'amended', 'late', 'retracted'])[1 + (n / 3) %% 6]",
    "open_time": "a.open_time - n * 6000",
    "close_time": "a.close_time - n * 6000",
    "stream_ms": "a.stream_ms - n",
}

PATHS: Final = {
    "readings of all symbols": "/exchanges/coinbase/readings",
    "tickers": "/exchanges/coinbase/tickers",
    "symbols with their quality": "/exchanges/coinbase/symbols",
    "instruments, 500": "/exchanges/coinbase/instruments?limit=500",
    "candles, 300 with readings": "/exchanges/coinbase/candles/S001-USD/5m",
    "alerts, newest 50": "/alerts",
    "alerts, newest 500": "/alerts?limit=500",
    "alerts from the middle": f"/alerts?cursor={MIDDLE_CURSOR}",
    "alerts of a symbol": "/alerts?symbol=S007-USD",
    "alerts of a rare mix": "/alerts?timeframe=1d&label=reversal_oversold&status=retracted&direction=up",
    "network": "/network",
    "activity, 500": "/network/activity?limit=500",
    "cross signals": "/signals/cross",
    "portfolio": "/account/exchanges/coinbase/portfolio",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """The API over a full store, and what asks it."""

    runner: asyncio.Runner
    straight: httpx.AsyncClient
    socket: httpx.AsyncClient
    headers: Mapping[str, str]
    middle: int

    def ask(self, client: httpx.AsyncClient, path: str) -> httpx.Response:
        url = f"/api/v1{path.replace('{close}', str(self.middle))}"
        return self.runner.run(client.get(url, headers=self.headers))


@asynccontextmanager
async def open_desk(folder: Path, runner: asyncio.Runner) -> AsyncIterator[Desk]:
    async with open_valkey(folder / "valkey") as valkey, open_postgres(folder / "postgres") as postgres:
        people = DatabaseSettings(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
        async with open_connection(people) as connection:
            await apply_migrations(connection, NOW())
        store = RedisSettings(valkey.host, valkey.port, valkey.secret)
        async with open_redis(store) as redis, open_pool(people) as pool, a_stage(redis, pool, folder) as stage:
            middle = await fill(redis, keys_on(redis, 1), pool, people)
            async with (
                listening_stage(stage) as address,
                httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as socket,
            ):
                yield Desk(runner, stage.http, socket, await stage.headers(), middle)


async def fill(redis: Redis, keys: Keys, pool: Pool, people: DatabaseSettings) -> int:
    """A market of 1,000 symbols and a long history; answers with the close of an alert in its middle."""
    now = NOW()
    await a_market(redis, keys, SYMBOLS, until=now, count=90)
    await a_market(redis, keys, SYMBOLS[1:2], until=now, count=1_000)
    await MarketStore(redis, keys, 1).publish_tickers(
        [PublishTicker(Ticker(symbol, now, 100.0 + number, 5.0)) for number, symbol in enumerate(SYMBOLS)]
    )
    instruments = [Instrument(symbol, symbol, symbol[:4], "USD", True, 1e6) for symbol in SYMBOLS]
    await store_listing(redis, keys, instruments, now)
    for number in range(ACTIVITIES):
        actor = Actor(1, "coinbase", f"instance-{number}", 1, "box")
        await append_activity(redis, StateChanged(now - number, actor, State.IDLE, State.STARTING))
    async with transaction(pool) as connection:
        rows = [MonitoredSymbol(symbol, rank=rank) for rank, symbol in enumerate(SYMBOLS, 1)]
        await save_symbols(connection, 1, rows, by="bench", at=now)
        alert = an_alert(a_candle(3))
        await record_alerts(connection, [Said(alert, Place(1, now, 0))], now)
    async with open_connection(people) as connection:
        await copy_alerts(connection)
    return alert.closes_at - ALERTS // 2 * 6_000


async def copy_alerts(connection: Connection) -> None:
    await connection.execute("SET statement_timeout = 0")
    columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'livermore' "
    found = await (await connection.execute(columns + "AND table_name = 'alerts'")).fetchall()
    names = [str(row[0]) for row in found]
    values = ", ".join(OTHER.get(name, f"a.{name}") for name in names)
    await connection.execute(COPIES.format(columns=", ".join(names), values=values), {"count": ALERTS})
    await connection.execute("VACUUM ANALYZE livermore.alerts")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with asyncio.Runner() as runner:
        opened = open_desk(tmp_path_factory.mktemp("api"), runner)
        yield runner.run(opened.__aenter__())
        runner.run(opened.__aexit__(None, None, None))


def measure(benchmark: BenchmarkFixture, row: Callable[[str, str], None], what: str, ask: Callable[[], object]) -> None:
    # The time of this process, which is server and client, tells what a list costs on a machine that is not ours alone.
    began = time.process_time()
    benchmark.pedantic(ask, rounds=ROUNDS)
    own = (time.process_time() - began) / ROUNDS * 1e3
    seconds = sorted(benchmark.stats.stats.data)
    half, last = (seconds[int(part * (len(seconds) - 1))] * 1e3 for part in (0.5, 0.99))
    row(what, f"p50 {half:6.1f} ms   p99 {last:6.1f} ms   own time {own:5.1f} ms")


@pytest.mark.parametrize("what", PATHS)
def test_list(desk: Desk, benchmark: BenchmarkFixture, row: Callable[[str, str], None], what: str) -> None:
    answer = desk.ask(desk.straight, PATHS[what])
    assert answer.status_code == 200, answer.text[:300]
    measure(benchmark, row, what, lambda: desk.ask(desk.straight, PATHS[what]))


def test_readings_over_a_socket(desk: Desk, benchmark: BenchmarkFixture, row: Callable[[str, str], None]) -> None:
    path = PATHS["readings of all symbols"]
    assert len(desk.ask(desk.socket, path).json()["items"]) == len(SYMBOLS)
    measure(benchmark, row, "readings over a socket", lambda: desk.ask(desk.socket, path))


def test_alerts_over_a_socket(desk: Desk, benchmark: BenchmarkFixture, row: Callable[[str, str], None]) -> None:
    assert len(desk.ask(desk.socket, "/alerts").json()["items"]) == 50
    measure(benchmark, row, "alerts over a socket", lambda: desk.ask(desk.socket, "/alerts"))
