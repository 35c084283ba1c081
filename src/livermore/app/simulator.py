"""The simulated exchanges as a process of their own."""

import asyncio
import signal
import sys

import msgspec
import structlog

from livermore.sim.keys import keys_by_exchange
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings


async def run_simulator(settings: SimSettings, *, as_json: bool) -> None:
    """Serve the simulated exchanges until a signal ends it, having announced where they are.

    Raises:
        ConfigError: when a setting cannot work, a port is taken, or a recording or the state file is wrong.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with serve(settings) as server:
        _announce(server, as_json=as_json)
        await ended.wait()


def tell_keys() -> None:
    """Print the keys that the simulated exchanges know, as one line of JSON; they are the same in every run."""
    known = {
        name: [{"role": key.role, "key": key.key, "secret": key.secret} for key in keys]
        for name, keys in keys_by_exchange().items()
    }
    sys.stdout.write(msgspec.json.encode(known).decode() + "\n")


def _announce(server: SimServer, *, as_json: bool) -> None:
    if as_json:
        urls = {name: {"rest": origin.rest, "ws": origin.websocket} for name, origin in server.urls.items()}
        sys.stdout.write(msgspec.json.encode(urls).decode() + "\n")
    else:
        log = structlog.get_logger("livermore")
        for name, origin in server.urls.items():
            log.info("simulator.listens", exchange=name, rest=origin.rest, websocket=origin.websocket)
    sys.stdout.flush()
