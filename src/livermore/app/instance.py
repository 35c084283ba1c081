"""One instance put together: configuration, Redis, the exchange's adapter and the runtime between them."""

import asyncio
import os
import signal
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from livermore import __version__
from livermore.app.redis_settings import redis_settings
from livermore.cache.connect import keys_on, open_redis
from livermore.cache.market_kind import check_market_kind
from livermore.cache.network import ExchangeNetwork
from livermore.cache.store import MarketStore
from livermore.config import Environment, urls_of
from livermore.core.alerts.rules import Rules
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.selection import most_traded
from livermore.core.watch import AlertsOn, Watch
from livermore.errors import ExchangeRefused
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.clock import SimulatedClock, SystemClock
from livermore.runtime.instance import Instance
from livermore.runtime.ports import Clock, Exchange
from livermore.runtime.recording import Recorder
from livermore.runtime.reports import Reports
from livermore.runtime.session import Session


async def run_instance(exchange: ExchangeIdentity, environment: Environment, record: Path | None = None) -> None:
    """Serve `exchange` until a signal ends it, and record the session in the file `record` where one is named.

    Raises:
        AlreadyServed: when another instance serves it.
        ConfigError: when something is not set as it must be.
    """
    is_simulated = environment.simulated_speed is not None
    async with open_redis(redis_settings(environment)) as redis:
        await check_market_kind(redis, is_simulated=is_simulated)
        keys = keys_on(redis, exchange.id)
        clock = SystemClock()

        @asynccontextmanager
        async def open_session(epoch: int, reports: Reports) -> AsyncIterator[Session]:
            async with _open_exchange(exchange, environment) as adapter:
                recorder = None if record is None else Recorder(record, __version__, reports.report)
                yield await _session(adapter, MarketStore(redis, keys, epoch), environment, reports, recorder)

        network = ExchangeNetwork(redis, keys)
        instance = Instance(_first_status(exchange, environment, clock), network, clock, open_session)
        await _until_signalled(instance)


@asynccontextmanager
async def _open_exchange(exchange: ExchangeIdentity, environment: Environment) -> AsyncIterator[Exchange]:
    urls = urls_of(environment, exchange)
    settings = ExchangeSettings(urls.rest, urls.ws, environment.simulated_speed or 1.0)
    async with open_exchange(exchange.name, settings) as adapter:
        yield adapter


async def _session(
    adapter: Exchange, store: MarketStore, environment: Environment, reports: Reports, recorder: Recorder | None
) -> Session:
    symbols = most_traded(await adapter.instruments(), environment.symbols)
    if not symbols:
        raise ExchangeRefused(f"{adapter.identity.display_name} lists nothing that is traded against dollars")
    speed = environment.simulated_speed
    clock: Clock = SystemClock() if speed is None else SimulatedClock(await adapter.server_time(), speed)
    watch = Watch(
        adapter.identity,
        adapter.traits,
        Rules(),
        is_simulated=speed is not None,
        alerts_on=AlertsOn(environment.alerts_on),
    )
    return Session(adapter, store, watch, symbols, clock, reports.report, recorder)


def _first_status(exchange: ExchangeIdentity, environment: Environment, clock: Clock) -> Status:
    now = clock.now()
    return Status(
        exchange_id=exchange.id,
        exchange_name=exchange.name,
        instance_id=uuid.uuid4().hex,
        epoch=0,
        connection_state=State.IDLE,
        feed_state=FeedState.DOWN,
        registered_at=now,
        last_heartbeat=now,
        last_state_change=now,
        hostname=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        admin_email=environment.admin_email,
        admin_display_name=environment.admin_display_name,
        is_simulated=environment.simulated_speed is not None,
    )


async def _until_signalled(instance: Instance) -> None:
    """Serve until SIGINT or SIGTERM, then leave in order."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(instance.serve(), name="instance")
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, serving.cancel)
