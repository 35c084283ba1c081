"""The simulated exchanges of `livermore up`: a process that is started again where it stood when it ends."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from livermore.app.children import FIRST_RESTART_SECONDS, Child, last_line, run_supervised, started, why_ended
from livermore.app.simulated_keys import simulated_variables
from livermore.errors import ConfigError
from livermore.sim.state import read_state

ADDRESSES: Final = "addresses.json"
STATE: Final = "sim.json"
SIM_START_SECONDS: Final = 60.0
SYMBOLS: Final = 30
_EXCHANGES: Final = ("coinbase", "binance", "binance_us")


def symbols_of_market(wanted: int | None, home: Path) -> int:
    """How many symbols the market under `home` has, which is what is wanted where there is none yet.

    Raises:
        ConfigError: when it has another number than is wanted, as a market cannot grow or shrink, or nobody can tell.
    """
    try:
        state = read_state(home / STATE)
    except ConfigError as exc:
        raise ConfigError(f"{exc}; mend it, or remove {home} to begin a new market") from exc
    if state is None:
        return wanted or SYMBOLS
    if wanted is not None and wanted != state.symbols:
        raise ConfigError(
            f"the simulated market under {home} has {state.symbols} symbols, not {wanted}: go on with "
            f"`livermore up --symbols {state.symbols}`, or remove {home} to begin a new one"
        )
    return state.symbols


@asynccontextmanager
async def open_market(
    speed: float, symbols: int, home: Path, say: Callable[[str, str], None]
) -> AsyncIterator[Mapping[str, str]]:
    """The environment variables that lead an instance to the simulated exchanges, which run as long as the block.

    A simulator that ends is started again on the same ports and goes on from its state file; `say` is told.

    Raises:
        ConfigError: when it does not come up.
    """
    options = ["--speed", f"{speed:g}", "--symbols", str(symbols), "--state", str(home / STATE)]
    log = home / "logs" / "simulator.log"
    async with started(Child("simulator", _arguments(dict.fromkeys(_EXCHANGES, 0), options), {}, log)) as process:
        urls = await _announced(process, log)
        (home / ADDRESSES).write_bytes(msgspec.json.encode(urls))
        ports = {name: urlsplit(urls[name]["rest"]).port or 0 for name in _EXCHANGES}
        again = Child("simulator", _arguments(ports, options), {}, log)
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(_keep(process, again, say), name="simulator")
            yield {**_variables(urls), **simulated_variables(), "LIVERMORE_SIMULATED_SPEED": f"{speed:g}"}
            keeping.cancel()


async def _keep(process: Process, again: Child, say: Callable[[str, str], None]) -> None:
    code = await process.wait()
    reason = why_ended(code, again.log)
    said = f"ended with code {code} and is started again{f': {reason}' if reason else ''}"
    say("simulator", f"{said} (log: {again.log})")
    await asyncio.sleep(FIRST_RESTART_SECONDS)
    await run_supervised(again, say)


async def _announced(process: Process, log: Path) -> dict[str, dict[str, str]]:
    announced = b""
    if process.stdout is not None:
        async with asyncio.timeout(SIM_START_SECONDS):
            announced = await process.stdout.readline()
    if not announced:
        await process.wait()
        raise ConfigError(last_line(log).removeprefix("livermore: ") or "the simulator did not start")
    return msgspec.json.decode(announced, type=dict[str, dict[str, str]])


def _arguments(ports: Mapping[str, int], options: list[str]) -> list[str]:
    named = [part for name, port in ports.items() for part in (f"--{name.replace('_', '-')}-port", str(port))]
    return ["sim", *named, "--json", *options]


def _variables(urls: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {
        f"LIVERMORE_{exchange.upper()}_{kind.upper()}_URL": url
        for exchange, kinds in urls.items()
        for kind, url in kinds.items()
    }
