"""The simulator as a whole: three exchanges on three ports, one clock, one seed.

`serve` owns the ports and the tasks of the feeds; leaving it closes every connection. `run` is it as an activity.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext
from types import MappingProxyType

from aiohttp import web

from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE
from livermore.core.market.timeframe import DAY, SECOND, Millis
from livermore.errors import ConfigError
from livermore.sim.binance import profile
from livermore.sim.binance.app import BinanceSim
from livermore.sim.certificate import throwaway
from livermore.sim.clock import SimClock, wall_millis
from livermore.sim.coinbase.app import CoinbaseSim
from livermore.sim.faults.board import FaultBoard
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.random_day import random_faults
from livermore.sim.faults.script import read_script
from livermore.sim.faults.truth import Truth
from livermore.sim.instruments import listing
from livermore.sim.market import Market
from livermore.sim.replay import Recording, read_recordings, replay_start
from livermore.sim.settings import SimSettings, check_settings
from livermore.sim.simulation import Simulation
from livermore.sim.state import SimState, read_state, resumed_at, write_state
from livermore.sim.tape import SeededTape, Tape

SAVE_EVERY_SECONDS = 3.0
_SHUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SimUrls:
    """Where an exchange is served: the origins of its REST and of its WebSocket, to which its own paths are added."""

    rest: str
    websocket: str


@dataclass(frozen=True, slots=True)
class SimServer:
    """A running simulator; the ports that were really bound are in `urls`, by the exchanges' names."""

    settings: SimSettings
    clock: SimClock
    markets: Mapping[str, Market]
    urls: Mapping[str, SimUrls]
    faults: FaultBoard


@asynccontextmanager
async def serve(settings: SimSettings) -> AsyncIterator[SimServer]:
    """Serve all exchanges until left.

    Raises:
        ConfigError: when a setting cannot work, a port is taken, or a recording, the state file or the fault script
            is wrong.
    """
    check_settings(settings)
    recordings = read_recordings(settings.replay)
    clock = SimClock(_first_instant(settings, recordings), settings.speed)
    if settings.state is not None:
        _save(settings.state, settings, clock, SAVE_EVERY_SECONDS)
    markets = {name: market_of(settings, name, recordings) for name in _ports(settings)}
    board = _faults(settings, clock, markets)
    tls = None if settings.certificate is None else throwaway(settings.host, clock.wall(), settings.certificate)
    async with AsyncExitStack() as stack:
        if settings.state is not None:
            # The last word, once nobody can be shown anything any more.
            stack.callback(_save, settings.state, settings, clock, 0.0)
        sims = {}
        ports = {}
        for name, port in _ports(settings).items():
            sims[name] = _sim(name, _simulation(markets[name], board, settings.seed))
            ports[name] = await _listen(stack, sims[name], name, settings.host, port, tls)
        urls = {name: _urls(settings.host, port, is_secure=tls is not None) for name, port in ports.items()}
        running = [(f"{name} feed", sim.run()) for name, sim in sims.items()]
        if settings.state is not None:
            running.append(("simulator state", _keep_state(settings.state, settings, clock)))
        async with _running(running):
            yield SimServer(settings, clock, MappingProxyType(markets), MappingProxyType(urls), board)


@asynccontextmanager
async def _running(activities: Sequence[tuple[str, Coroutine[None, None, None]]]) -> AsyncIterator[None]:
    """Keep named activities running until left; whatever ends one of them, or the body, leaves as it came."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(activity, name=name) for name, activity in activities]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as failures:
        if len(failures.exceptions) > 1:
            raise
        raise failures.exceptions[0] from None


async def run(settings: SimSettings) -> None:
    """Serve all exchanges until cancelled."""
    async with serve(settings):
        await asyncio.Event().wait()


def _faults(settings: SimSettings, clock: SimClock, markets: Mapping[str, Market]) -> FaultBoard:
    """The faults that the simulator starts with."""
    symbols = {name: frozenset(one.symbol for one in market.listed) for name, market in markets.items()}
    board = FaultBoard(clock, symbols)
    if settings.script is not None:
        board.post(read_script(settings.script, symbols))
    if settings.chaos is not None:
        board.post(random_faults(settings.chaos, DAY / SECOND, tuple(markets)))
    return board


def _simulation(market: Market, board: FaultBoard, seed: int) -> Simulation:
    symbol_by_product = {product: one.symbol for product, one in market.by_product.items()}
    faults = ExchangeFaults(board, market.exchange, symbol_by_product)
    return Simulation(market, board.clock, faults, Truth(faults, market), seed)


def _ports(settings: SimSettings) -> dict[str, int]:
    return {
        COINBASE.name: settings.coinbase_port,
        BINANCE.name: settings.binance_port,
        BINANCE_US.name: settings.binance_us_port,
    }


def _urls(host: str, port: int, *, is_secure: bool) -> SimUrls:
    s = "s" if is_secure else ""
    return SimUrls(f"http{s}://{host}:{port}", f"ws{s}://{host}:{port}")


def _sim(name: str, simulation: Simulation) -> CoinbaseSim | BinanceSim:
    if name == COINBASE.name:
        return CoinbaseSim(simulation)
    return BinanceSim(simulation, profile.BINANCE_US if name == BINANCE_US.name else profile.BINANCE_COM)


def market_of(settings: SimSettings, name: str, recordings: Sequence[Recording]) -> Market:
    """The market of an exchange: recorded, if there are recordings, else seeded."""
    if recordings:
        listed = [recording.listed_on(name) for recording in recordings]
        tapes: dict[str, Tape] = {
            one.product: recording.tape for one, recording in zip(listed, recordings, strict=True)
        }
        return Market(name, settings.seed, listed, tapes)
    products = listing(settings.seed, name, settings.symbols)
    return Market(
        name, settings.seed, products, {one.product: SeededTape(settings.seed, name, one) for one in products}
    )


def _first_instant(settings: SimSettings, recordings: Sequence[Recording]) -> Millis:
    """Where simulated time begins: after the state file, or as told, or where the recordings want it, or now."""
    if settings.state is not None:
        state = read_state(settings.state)
        if state is not None:
            return resumed_at(settings.state, state, _state_at(settings, 0, wall_millis()))
    if settings.start is not None:
        return settings.start
    return replay_start(recordings) if recordings else wall_millis()


async def _listen(
    stack: AsyncExitStack, sim: CoinbaseSim | BinanceSim, name: str, host: str, port: int, tls: SSLContext | None
) -> int:
    """Serve on a port until the stack unwinds; the port that was bound."""
    application = sim.application()

    async def say_goodbye(_: web.Application) -> None:
        await sim.connections.close_all()

    application.on_shutdown.append(say_goodbye)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUT_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as exc:
        raise ConfigError(f"the simulated {name} cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    bound: int = runner.addresses[0][1]
    return bound


async def _keep_state(path: Path, settings: SimSettings, clock: SimClock) -> None:
    """Write the state every few seconds."""
    while True:
        _save(path, settings, clock, 2 * SAVE_EVERY_SECONDS)
        await asyncio.sleep(SAVE_EVERY_SECONDS)


def _save(path: Path, settings: SimSettings, clock: SimClock, ahead_seconds: float) -> None:
    """Write where time will stand so many real seconds from now.

    A process that is killed does not write any more; what it has shown until the next write was due is then covered.
    """
    ahead = int(ahead_seconds * 1_000 * clock.speed)
    write_state(path, _state_at(settings, clock.now() + ahead, wall_millis()))


def _state_at(settings: SimSettings, simulated_at: Millis, wall_at: Millis) -> SimState:
    replay = tuple(path.name for path in settings.replay)
    return SimState(settings.seed, settings.symbols, replay, simulated_at, wall_at)
