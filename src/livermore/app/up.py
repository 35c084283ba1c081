"""Everything on one machine: stores of our own, the simulator if asked for, and an instance for each exchange.

The supervisor owns all of it. Each part is a process of its own and is started again when it ends: the stores with
their data, the simulator where it stood, an instance with what the store has kept. Who is interrupted ends all of them.
"""

import asyncio
import os
import signal
import socket
from asyncio import Future
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from livermore.app.children import Child, run_supervised
from livermore.app.database import check_database_fits, database_settings, database_variables, open_own_database
from livermore.app.lines import LineWriter, run_lines
from livermore.app.live_view import run_live_view
from livermore.app.log_rotation import run_rotation
from livermore.app.market_view import MarketWatch
from livermore.app.own_market import SYMBOLS, open_market, symbols_of_market
from livermore.app.redis_settings import HOME, is_redis_named, redis_settings, redis_variables
from livermore.app.traces import check_collector
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.market_kind import refuse_other_market
from livermore.config import FIRST_ADMIN, Environment
from livermore.core.market.exchange import ExchangeIdentity
from livermore.embedded.lock import locked
from livermore.embedded.place import free_port, is_free
from livermore.embedded.valkey import open_valkey
from livermore.errors import ConfigError
from livermore.runtime.clock import SystemClock

SECOND_CURE: Final = "it is another `livermore up`: end that one, or call this one in another directory"


@dataclass(frozen=True, slots=True)
class UpSettings:
    """What `livermore up` is told: which exchanges, simulated or not, how fast, and how many symbols of each.

    Without a number of symbols a simulated market keeps those that it has.
    """

    exchanges: tuple[ExchangeIdentity, ...]
    is_simulated: bool
    speed: float
    symbols: int | None


class _Voice:
    """Hands on what the parts have to say: line by line while all comes up, then through what shows the market."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._watch: MarketWatch | None = None

    def say(self, name: str, text: str) -> None:
        if self._watch is None:
            self._tell(f"{name}: {text}")
        else:
            self._watch.notice(name, text)

    def step(self, text: str) -> None:
        """Say what is waited for."""
        self._tell(text)

    def speak_through(self, watch: MarketWatch) -> None:
        self._watch = watch


async def run_up(settings: UpSettings, environment: Environment, console: Console) -> None:
    """Run everything until a signal ends it.

    Raises:
        ConfigError: when a part cannot be configured, or the data directory is in use.
        StoreUnavailable: when a store that is named does not answer.
    """
    # The server's own check would only be read in its log, once all else runs.
    check_collector(os.environ)
    home = HOME / ("sim" if settings.is_simulated else "live")
    with locked(home, SECOND_CURE):
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(_run(settings, environment, console, home), name="up")
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, running.cancel)


def check_address(environment: Environment) -> None:
    """See that the server will be able to listen where it was told to, before anything is started.

    Raises:
        ConfigError: when that is no address of this machine, or somebody listens there.
    """
    host, port = environment.http_host, environment.http_port
    named = environment.model_fields_set
    if "http_host" not in named and "http_port" not in named:
        return
    wanted = port if "http_port" in named else 0
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind(address)
    except OSError as exc:
        raise ConfigError(
            f"nobody can listen at {host}:{wanted} ({exc.strerror or exc}): "
            "set LIVERMORE_HTTP_HOST or LIVERMORE_HTTP_PORT otherwise"
        ) from exc


async def _run(settings: UpSettings, environment: Environment, console: Console, home: Path) -> None:
    speed = settings.speed if settings.is_simulated else 1.0
    symbols = symbols_of_market(settings.symbols, home) if settings.is_simulated else settings.symbols or SYMBOLS
    check_address(environment)
    voice = _Voice(LineWriter(console, is_simulated=settings.is_simulated).notice)
    async with (
        _people(environment, home, voice, is_simulated=settings.is_simulated) as people,
        _store(environment, home, voice) as store,
        open_redis(store) as redis,
    ):
        await refuse_other_market(redis, is_simulated=settings.is_simulated)
        watch = MarketWatch(redis, settings.exchanges, is_simulated=settings.is_simulated, speed=speed)
        show = run_live_view if console.is_terminal and not console.is_dumb_terminal else run_lines
        async with _market(settings, speed, symbols, home, voice) as urls, asyncio.TaskGroup() as tasks:
            voice.step(f"starting instances for {', '.join(one.display_name for one in settings.exchanges)}")
            voice.speak_through(watch)
            tasks.create_task(show(watch, console), name="view")
            variables = {**await people, **redis_variables(store), **urls}
            children = [
                *_instances(environment, settings.exchanges, variables, symbols, home),
                _server(environment, variables, home, watch),
            ]
            tasks.create_task(run_rotation([child.log for child in children]), name="logs")
            for child in children:
                tasks.create_task(run_supervised(child, voice.say), name=child.name)


@asynccontextmanager
async def _store(environment: Environment, home: Path, voice: _Voice) -> AsyncIterator[RedisSettings]:
    """The Redis that is configured, or else one of our own, which is started again when it ends."""
    if is_redis_named(environment):
        yield redis_settings(environment)
        return
    voice.step("starting Valkey")
    async with open_valkey(home / "valkey") as valkey, asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(valkey.run_revived(lambda text: voice.say("Valkey", text)), name="valkey")
        yield RedisSettings(valkey.host, valkey.port, valkey.secret)
        keeping.cancel()


@asynccontextmanager
async def _people(
    environment: Environment, home: Path, voice: _Voice, *, is_simulated: bool
) -> AsyncIterator[Future[Mapping[str, str]]]:
    """What leads an instance to the PostgreSQL that is configured, or to one of our own, once that is there.

    It comes up while the others do: its first start takes longer than theirs.
    """
    found: Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
    named = database_settings(environment)
    if named is not None:
        await check_database_fits(named, is_simulated=is_simulated, now=SystemClock().now())
        found.set_result(database_variables(named))
        yield found
        return
    voice.step("starting PostgreSQL")
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(_run_database(home, voice, found, is_simulated=is_simulated), name="postgres")
        yield found
        keeping.cancel()


async def _run_database(home: Path, voice: _Voice, found: Future[Mapping[str, str]], *, is_simulated: bool) -> None:
    async with open_own_database(home, is_simulated=is_simulated, now=SystemClock().now()) as database:
        found.set_result(database_variables(database.settings))
        await database.server.run_revived(lambda text: voice.say("PostgreSQL", text))


@asynccontextmanager
async def _market(
    settings: UpSettings, speed: float, symbols: int, home: Path, voice: _Voice
) -> AsyncIterator[Mapping[str, str]]:
    """What leads an instance to its exchange: nothing to the real one."""
    if not settings.is_simulated:
        yield {}
        return
    voice.step("starting the simulated exchanges")
    async with open_market(speed, symbols, home, voice.say) as variables:
        yield variables


def _instances(
    environment: Environment,
    exchanges: Sequence[ExchangeIdentity],
    variables: Mapping[str, str],
    symbols: int,
    home: Path,
) -> Sequence[Child]:
    return [
        Child(
            exchange.display_name,
            ("instance", exchange.name, "--autostart"),
            {
                **variables,
                **_admin(environment),
                "LIVERMORE_SYMBOLS": str(symbols),
                **_metrics_port(environment, number),
            },
            home / "logs" / f"{exchange.name}.log",
        )
        for number, exchange in enumerate(exchanges)
    ]


def _admin(environment: Environment) -> Mapping[str, str]:
    """Whose settings the instances go by: theirs who signs in by the printed link, unless another is named."""
    named = environment.admin_email is not None or environment.oidc_issuer is not None
    return {} if named else {"LIVERMORE_ADMIN_EMAIL": FIRST_ADMIN}


def _metrics_port(environment: Environment, number: int) -> Mapping[str, str]:
    """A port for each instance, one after the other from the one that is named."""
    port = environment.metrics_port
    return {} if port is None else {"LIVERMORE_METRICS_PORT": str(port + number)}


def _server(environment: Environment, variables: Mapping[str, str], home: Path, watch: MarketWatch) -> Child:
    """The server, at the usual port or, where nobody asked for one and that is taken, at any."""
    greeting: list[str] = []

    def greet(line: str) -> None:
        if line.startswith("Livermore is at "):
            greeting.clear()
        greeting.append(line)
        watch.greet(tuple(greeting))

    port = environment.http_port
    if "http_port" not in environment.model_fields_set and not is_free(port):
        port = 0
    return Child(
        "server",
        ("server",),
        # The same at each of its starts, for screens that are open and links that were sent lead there.
        {**variables, "LIVERMORE_HTTP_PORT": str(port or free_port())},
        home / "logs" / "server.log",
        greet,
    )
