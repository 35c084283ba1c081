"""One instance put together: configuration, Redis, the exchange's adapter and the runtime between them."""

import asyncio
import os
import signal
import socket
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from redis.asyncio import Redis

from livermore import __version__
from livermore.app.accounts import account_commands
from livermore.app.database import database_settings, open_people
from livermore.app.instance_metrics import run_metrics
from livermore.app.redis_settings import redis_settings
from livermore.app.sessions import Sessions
from livermore.cache.bus import ExchangeBus
from livermore.cache.connect import keys_on, open_redis
from livermore.cache.instances import STATUS_LIFE
from livermore.cache.instruments import store_listing
from livermore.cache.market_kind import refuse_other_market
from livermore.cache.network import ExchangeNetwork
from livermore.cache.readers import lately_watched
from livermore.config import Environment
from livermore.core.instance.commands import CommandType
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis
from livermore.core.watch import AlertsOn
from livermore.exchanges.limiter import Budgets
from livermore.runtime.account_executors import AccountBook
from livermore.runtime.autostart import run_autostart
from livermore.runtime.clock import SystemClock
from livermore.runtime.control import Control
from livermore.runtime.course import Course, Defaults
from livermore.runtime.executors import Desk, executors, followed_by_holdings
from livermore.runtime.heartbeat import USUAL_PACE, Pace
from livermore.runtime.identity import is_provably_gone, process_mark
from livermore.runtime.instance import Instance, Surroundings
from livermore.runtime.ports import Clock, Directory, EpochBook
from livermore.runtime.presence import Presence
from livermore.runtime.public_address import PublicAddress, run_asking
from livermore.runtime.symbol_executors import EXECUTORS


class People(Directory, EpochBook, Protocol):
    """What an instance wants of people's database."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An instance put together, not yet running."""

    presence: Presence
    network: ExchangeNetwork
    instance: Instance
    control: Control
    pace: Pace


async def run_instance(
    exchange: ExchangeIdentity, environment: Environment, record: Path | None = None, *, is_autostarted: bool = False
) -> None:
    """Be an instance of `exchange` until a signal ends it: idle until told to start, or started at once.

    Its sessions are recorded in the file `record` where one is named.

    Raises:
        ConfigError: when something is not set as it must be.
    """
    is_simulated = environment.simulated_speed is not None
    database, now = database_settings(environment), SystemClock().now()
    async with (
        open_redis(redis_settings(environment)) as redis,
        open_people(database, is_simulated=is_simulated, now=now) as people,
    ):
        await refuse_other_market(redis, is_simulated=is_simulated)
        book = None if people is None else people.accounts
        parts = put_together(exchange, environment, redis, people, record, book=book)
        # A simulated market is nobody else's business, and tests of it must not ask the world.
        urls = () if is_simulated else environment.public_ip_urls
        asking = run_asking(urls, partial(_note_address, parts.presence))
        lives = [run_parts(parts, is_autostarted=is_autostarted), asking]
        if environment.metrics_port is not None:
            lives.append(run_metrics(parts.presence, environment.metrics_host, environment.metrics_port))
        await _until_signalled(*lives)


def put_together(
    exchange: ExchangeIdentity,
    environment: Environment,
    redis: Redis,
    people: People | None = None,
    record: Path | None = None,
    pace: Pace = USUAL_PACE,
    life: Millis = STATUS_LIFE,
    book: AccountBook | None = None,
) -> Parts:
    """An instance of `exchange`, idle; what it says of itself counts for `life`, which outlasts its pace."""
    keys, clock = keys_on(redis, exchange.id), SystemClock()
    network = ExchangeNetwork(redis, keys, life)
    budgets = Budgets()
    presence = Presence(_first_status(exchange, environment, clock), network, clock, pace, budgets.uses)
    report = presence.reports.report
    defaults = Defaults(
        environment.symbols,
        AlertsOn(environment.alerts_on),
        environment.simulated_speed is not None,
        lambda: lately_watched(redis, keys),
        lambda instruments: store_listing(redis, keys, instruments, clock.now()),
    )
    course = Course(defaults, people, clock, report)
    sessions = Sessions(exchange, environment, redis, keys, course, presence.note, record, budgets, presence.figures)
    around = Surroundings(network, clock, sessions.open, people, is_provably_gone, pace)
    instance = Instance(presence, around)
    bus = ExchangeBus(redis, keys, presence.status.instance_id)
    accounts = account_commands(exchange, environment, lambda: presence.status, clock, book=book, budgets=budgets)
    desk = Desk(instance, course)
    done = {**executors(desk, EXECUTORS), **accounts}
    done[CommandType.SYNC_ACCOUNTS] = followed_by_holdings(desk, accounts[CommandType.SYNC_ACCOUNTS])
    return Parts(presence, network, instance, Control(bus, clock, done, lambda: presence.status, report), pace)


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
        process_mark=process_mark(),
        simulated_speed=environment.simulated_speed,
    )


def _note_address(presence: Presence, address: PublicAddress) -> None:
    presence.note(ip_address=address.ip)
    if address.problem is not None:
        presence.reports.report("public_ip_unknown", address.problem)


async def _until_signalled(*lives: Coroutine[None, None, None]) -> None:
    """Live until SIGINT or SIGTERM, then leave in order."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        living = [tasks.create_task(life, name="instance") for life in lives]
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, partial(_cancel, living))


def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


async def run_parts(parts: Parts, *, is_autostarted: bool) -> None:
    """Be there, and do what is told, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(parts.instance.run(), name="lifecycle")
        tasks.create_task(parts.control.run(), name="control")
        if is_autostarted:
            tasks.create_task(run_autostart(parts.instance, parts.network, parts.pace), name="autostart")
