"""Everything on one machine: an embedded Valkey, the simulator if asked for, and an instance for each exchange.

The supervisor owns all of it. Each part is a process of its own. An instance that fails is started again; the end of
the store, of the simulator or of the supervisor itself is the end of all, and what is stored stays.
"""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from livermore.app.children import Child, last_line, run_supervised, started
from livermore.app.lines import run_lines
from livermore.app.live_view import run_live_view
from livermore.app.market_view import MarketWatch
from livermore.app.redis_settings import HOME, is_redis_named, redis_settings, redis_variables
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.market_kind import check_market_kind
from livermore.config import Environment
from livermore.core.market.exchange import ExchangeIdentity
from livermore.embedded.valkey import open_valkey
from livermore.errors import ConfigError

ADDRESSES: Final = "addresses.json"
SIM_START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class UpSettings:
    """What `livermore up` is told: which exchanges, simulated or not, how fast, and how many symbols of each."""

    exchanges: tuple[ExchangeIdentity, ...]
    is_simulated: bool
    speed: float
    symbols: int


async def run_up(settings: UpSettings, environment: Environment, console: Console) -> None:
    """Run everything until a signal ends it.

    Raises:
        ConfigError: when a part cannot be configured, or the data directory is in use.
    """
    home = HOME / ("sim" if settings.is_simulated else "live")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(_run(settings, environment, console, home), name="up")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, running.cancel)


async def _run(settings: UpSettings, environment: Environment, console: Console, home: Path) -> None:
    async with asyncio.TaskGroup() as parts, _store(environment, home, parts) as store, open_redis(store) as redis:
        await check_market_kind(redis, is_simulated=settings.is_simulated)
        speed = settings.speed if settings.is_simulated else 1.0
        watch = MarketWatch(redis, settings.exchanges, is_simulated=settings.is_simulated, speed=speed)
        show = run_live_view if console.is_terminal and not console.is_dumb_terminal else run_lines
        async with _market(settings, home) as urls, asyncio.TaskGroup() as tasks:
            tasks.create_task(show(watch, console), name="view")
            for child in _instances(settings, store, urls, home):
                tasks.create_task(run_supervised(child, watch.notice), name=child.name)


@asynccontextmanager
async def _store(environment: Environment, home: Path, parts: asyncio.TaskGroup) -> AsyncIterator[RedisSettings]:
    """The Redis that is configured, or else one of our own, whose end is the end of all."""
    if is_redis_named(environment):
        yield redis_settings(environment)
        return
    async with open_valkey(home / "valkey") as valkey:
        watching = parts.create_task(valkey.run_until_ended(), name="valkey")
        try:
            yield RedisSettings(valkey.host, valkey.port, valkey.secret)
        finally:
            watching.cancel()


@asynccontextmanager
async def _market(settings: UpSettings, home: Path) -> AsyncIterator[Mapping[str, str]]:
    """The environment variables that lead an instance to its exchange: none for the real one."""
    if not settings.is_simulated:
        yield {}
        return
    arguments = ["sim", "--coinbase-port", "0", "--binance-port", "0", "--binance-us-port", "0", "--json"]
    arguments += ["--speed", f"{settings.speed:g}", "--symbols", str(settings.symbols)]
    arguments += ["--state", str(home / "sim.json")]
    simulator = Child("simulator", arguments, {}, home / "logs" / "simulator.log")
    async with started(simulator) as process:
        announced = b""
        if process.stdout is not None:
            async with asyncio.timeout(SIM_START_SECONDS):
                announced = await process.stdout.readline()
        if not announced:
            await process.wait()
            reason = last_line(simulator.log).removeprefix("livermore: ")
            raise ConfigError(reason or "the simulator did not start")
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(_until_ended(process, simulator.log), name="simulator")
            (home / ADDRESSES).write_bytes(announced)
            yield {**_variables(announced), "LIVERMORE_SIMULATED_SPEED": f"{settings.speed:g}"}
            watching.cancel()


async def _until_ended(process: Process, log: Path) -> None:
    code = await process.wait()
    raise ConfigError(f"the simulator ended with code {code}; its log is {log}")


def _variables(announced: bytes) -> dict[str, str]:
    urls = msgspec.json.decode(announced, type=dict[str, dict[str, str]])
    return {
        f"LIVERMORE_{exchange.upper()}_{kind.upper()}_URL": url
        for exchange, kinds in urls.items()
        for kind, url in kinds.items()
    }


def _instances(settings: UpSettings, store: RedisSettings, urls: Mapping[str, str], home: Path) -> Sequence[Child]:
    environment = {**redis_variables(store), "LIVERMORE_SYMBOLS": str(settings.symbols), **urls}
    return [
        Child(
            exchange.display_name,
            ("instance", exchange.name, "--autostart"),
            environment,
            home / "logs" / f"{exchange.name}.log",
        )
        for exchange in settings.exchanges
    ]
