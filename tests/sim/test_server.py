"""The simulator as a whole: ports, plain errors, and an end that leaves nothing behind."""

import asyncio
import dataclasses
import gzip
from pathlib import Path

import aiohttp
import msgspec
import pytest

from livermore.core.market.timeframe import SECOND
from livermore.errors import ConfigError
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.truth import Truth
from livermore.sim.server import SimServer, run, serve
from livermore.sim.simulation import PUSHES_PER_REAL_SECOND, Simulation
from sim.conftest import START, Frames, settings_of

BUCKET = 300_000


async def test_a_busy_port_is_one_plain_line(sim: SimServer) -> None:
    port = int(sim.urls["binance"].rest.rsplit(":", 1)[1])

    with pytest.raises(ConfigError, match=f"simulated coinbase cannot listen on 127.0.0.1:{port}") as caught:
        async with serve(settings_of(coinbase_port=port)):
            pass
    assert "\n" not in str(caught.value)


async def test_a_failed_start_frees_the_ports_it_had(sim: SimServer) -> None:
    """The first exchange is up when the second cannot start."""
    busy = int(sim.urls["binance"].rest.rsplit(":", 1)[1])
    async with serve(settings_of()) as other:
        free = int(other.urls["coinbase"].rest.rsplit(":", 1)[1])
    settings = settings_of(coinbase_port=free, binance_port=busy)

    with pytest.raises(ConfigError):
        async with serve(settings):
            pass
    async with serve(dataclasses.replace(settings, binance_port=0)) as server:
        assert server.urls["coinbase"].rest.endswith(str(free))


async def test_leaving_says_goodbye_to_every_client(http: aiohttp.ClientSession) -> None:
    async with asyncio.TaskGroup() as tasks, serve(settings_of()) as sim:
        sockets = [
            await http.ws_connect(sim.urls["coinbase"].websocket),
            await http.ws_connect(sim.urls["binance"].websocket + "/ws"),
        ]
        codes = [tasks.create_task(Frames(socket).closed(), name="closed") for socket in sockets]

    assert [code.result() for code in codes] == [1001, 1001]


async def test_run_serves_until_it_is_cancelled(http: aiohttp.ClientSession) -> None:
    async with serve(settings_of()) as sim:
        ports = {f"{name}_port": int(urls.rest.rsplit(":", 1)[1]) for name, urls in sim.urls.items()}
    settings = settings_of(**ports)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(settings), name="simulator")
        async with asyncio.timeout(10):
            while not await _answers(http, settings.coinbase_port):
                await asyncio.sleep(0)
        running.cancel()
    assert running.cancelled()
    assert not await _answers(http, settings.coinbase_port)


async def _answers(http: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with http.get(f"http://127.0.0.1:{port}/_sim") as response:
            return response.status == 200
    except aiohttp.ClientConnectorError:
        return False


async def test_what_goes_wrong_inside_leaves_as_it_came() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with serve(settings_of()):
            raise LookupError("mine")


@pytest.mark.parametrize("speed", [1.0, 60.0, 3_000.0])
async def test_pushes_are_coalesced_at_high_speed(speed: float) -> None:
    async with serve(settings_of(speed=speed)) as sim:
        market = sim.markets["binance"]
        faults = ExchangeFaults(sim.faults, market.exchange, {})
        simulation = Simulation(market, sim.clock, faults, Truth(faults, market), 7)
        every = simulation.push_every(2 * SECOND)

    assert every >= 2 * SECOND
    assert every / 1_000 / speed >= 1 / PUSHES_PER_REAL_SECOND - 1e-9


async def test_a_recording_is_served_by_every_exchange(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    path = tmp_path / "binance_ETH_BTC-5m.csv.gz"
    first = START - 400 * BUCKET
    with gzip.open(path, "wt") as file:
        for number in range(1_000):
            if number % 10:
                file.write(f"{first + number * BUCKET},0.05,0.0525,0.0475,0.051,{number}\n")
    async with serve(settings_of(replay=(path,), start=None)) as sim:
        now = sim.clock.now()
        query = f"?granularity=FIVE_MINUTE&start={first // 1000}&end={now // 1000}"
        url = sim.urls["coinbase"].rest + "/api/v3/brokerage/market/products/ETH-BTC/candles" + query
        async with http.get(url) as response:
            candles = msgspec.json.decode(await response.read())["candles"]
        url = sim.urls["binance_us"].rest + "/api/v3/klines?symbol=ETHBTC&interval=5m&limit=1000"
        async with http.get(url) as response:
            klines = msgspec.json.decode(await response.read())

    assert now >= first + 300 * BUCKET
    assert {key: candles[-1][key] for key in ("open", "high", "low", "close", "volume")} == {
        "open": "0.05",
        "high": "0.0525",
        "low": "0.0475",
        "close": "0.051",
        "volume": "1",
    }
    assert len([kline for kline in klines if kline[0] < first + 300 * BUCKET]) == 299
    assert [kline[8] for kline in klines if (kline[0] - first) // BUCKET % 10 == 0] == [0] * 30
