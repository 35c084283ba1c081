"""How long a warm-up and a restart take against the simulator in a process of its own, at its real limits.

``python -m bench.warmup binance 200`` prints the seconds beside ``(weight - burst) / rate`` of the exchange's limit,
the requests made and those refused, and the CPU time of both sides; with ``--outage 600`` also those of a restart after
so many seconds of absence.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import uvloop

from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.cache.market_kind import check_market_kind
from livermore.cache.store import MarketStore
from livermore.core.alerts.rules import Rules
from livermore.core.market.exchange import ExchangeIdentity, exchange_named
from livermore.core.market.selection import most_traded
from livermore.core.watch import Watch
from livermore.embedded.valkey import open_valkey
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.clock import SimulatedClock
from livermore.runtime.session import Session

SETTLES_IN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the exchange allows: so much weight a second; how much of it at once is our choice, and the request's."""

    rate: float
    burst: float
    weight: float


ALLOWANCES = {
    "coinbase": Allowance(10.0, 1.0, 1.0),
    "binance": Allowance(100.0, 180.0, 2.0),
    "binance_us": Allowance(20.0, 36.0, 1.0),
}


@contextlib.contextmanager
def simulator(symbols: int) -> Iterator[tuple[int, dict[str, dict[str, str]]]]:
    ports = [word for name in ("coinbase", "binance", "binance-us") for word in (f"--{name}-port", "0")]
    command = [sys.executable, "-m", "livermore", "sim", *ports, "--json", "--speed", "1", "--symbols", str(symbols)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process.pid, msgspec.json.decode(process.stdout.readline())
        finally:
            process.terminate()


@contextlib.asynccontextmanager
async def warm(
    server: RedisSettings, exchange: ExchangeIdentity, urls: dict[str, str], count: int
) -> AsyncIterator[str]:
    """Warm a session up; what it took, in words. Leaving ends it."""
    settings = ExchangeSettings(urls["rest"], urls["ws"], 1.0)
    async with open_redis(server) as redis, open_exchange(exchange.name, settings) as adapter:
        await check_market_kind(redis, is_simulated=True)
        keys = Keys(exchange.id)
        epoch = int(await redis.incr(keys.epoch))
        symbols = most_traded(await adapter.instruments(), count)
        watch = Watch(adapter.identity, adapter.traits, Rules(), is_simulated=True)
        clock = SimulatedClock(await adapter.server_time(), 1.0)
        session = Session(adapter, MarketStore(redis, keys, epoch), watch, symbols, clock, lambda *_: None)
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(session.run(), name="session")
            await session.warmed.wait()
            took = time.monotonic() - began
            made = 0 if session.warmup is None else session.warmup.total
            allowed = ALLOWANCES[exchange.name]
            ideal = max(0.0, made * allowed.weight - allowed.burst) / allowed.rate
            limited = adapter.budget.times_limited
            yield f"{made} requests in {took:.1f} s, ideal {ideal:.1f} s, {limited} refused"
            # What was fetched last is still on its way to the store.
            await asyncio.sleep(SETTLES_IN_SECONDS)
            running.cancel()


async def measure(exchange: ExchangeIdentity, count: int, outage: float) -> None:
    with tempfile.TemporaryDirectory() as directory, simulator(count) as (pid, urls):
        async with open_valkey(Path(directory)) as valkey:
            server = RedisSettings(valkey.host, valkey.port, valkey.secret)
            async with warm(server, exchange, urls[exchange.name], count) as words:
                report(f"{exchange.name}, {count} symbols: {words}", pid)
            if outage:
                await asyncio.sleep(outage)
                async with warm(server, exchange, urls[exchange.name], count) as words:
                    report(f"… after {outage:g} s of absence: {words}", pid)


def report(words: str, sim: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    fields = Path(f"/proc/{sim}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    theirs = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    load = os.getloadavg()[0]
    ours = used.ru_utime + used.ru_stime
    sys.stdout.write(f"{words}; CPU {ours:.1f} s ours, {theirs:.1f} s the simulator's; load {load:.1f}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exchange", choices=ALLOWANCES)
    parser.add_argument("symbols", type=int)
    parser.add_argument("--outage", type=float, default=0.0, help="seconds between the warm-up and a restart")
    chosen = parser.parse_args()
    uvloop.run(measure(exchange_named(chosen.exchange), chosen.symbols, chosen.outage))


if __name__ == "__main__":
    main()
