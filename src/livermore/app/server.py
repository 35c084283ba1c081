"""The server put together: stores, who may sign in, the API with its live stream, and the workers beside it."""

import asyncio
import gc
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from redis.asyncio import Redis

from livermore.api.app import serving
from livermore.api.auth.claims import Issuer
from livermore.api.auth.clerk import ClerkFront
from livermore.api.auth.gate import Gate, TrustedIssuer
from livermore.api.auth.jwks import IssuerKeys
from livermore.api.auth.local import LocalIssuer, open_local_issuer
from livermore.api.auth.watch import run_access_watch
from livermore.api.live.cross_watch import run_cross_watch
from livermore.api.live.hub import Hub
from livermore.api.live.network_watch import run_network_watch
from livermore.api.metrics import Metrics
from livermore.api.server import address_of, listening, serve
from livermore.api.symbols import WatchedSymbols
from livermore.api.window import EXCHANGES, Window
from livermore.app.database import database_of, open_database
from livermore.app.messenger import TestMessenger
from livermore.app.notices import Notices
from livermore.app.redis_settings import store_of
from livermore.app.sign_in_link import KEYS, address_for_people, note_address, worded
from livermore.app.traces import check_collector, open_traces
from livermore.app.worker_metrics import WorkerMetrics
from livermore.app.workers import run_workers
from livermore.cache.connect import keys_on, open_redis
from livermore.cache.market_kind import is_market_simulated
from livermore.config import FIRST_ADMIN, Environment, clerk_origin
from livermore.database.connect import Pool
from livermore.errors import ConfigError
from livermore.runtime.clock import SystemClock

log = structlog.get_logger("livermore")

LOGS: Final = "logs"
SCREENS: Final = Path(__file__).resolve().parents[3] / "ui" / "dist"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where a server listens and keeps its keys, and where the logs are that it shows."""

    host: str
    port: int
    home: Path
    screens: Path = SCREENS


async def run_server(environment: Environment, home: Path) -> None:
    """Serve until a signal ends it, having said where, and how to sign in.

    Raises:
        ConfigError: when a store is not configured, the address cannot be had, or what is set cannot be meant.
        StoreUnavailable: when a store does not answer at the start.
    """
    check_collector(os.environ)
    clerk_front(environment)
    clock = SystemClock()
    async with open_redis(store_of(environment, home)) as redis:
        is_simulated = await is_market_simulated(redis)
        database = database_of(environment, home)
        kept = home / ("sim" if is_simulated else "live")
        settings = ServerSettings(environment.http_host, environment.http_port, kept)
        async with open_database(database, is_simulated=is_simulated, now=clock.now()) as pool:
            await _until_signalled(environment, settings, redis, pool)


async def _until_signalled(environment: Environment, settings: ServerSettings, redis: Redis, pool: Pool) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(_run(environment, settings, redis, pool), name="server")
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, running.cancel)


async def _run(environment: Environment, settings: ServerSettings, redis: Redis, pool: Pool) -> None:
    clock = SystemClock()
    window = window_over(environment, settings, redis, pool)
    app = serving(window, settings.screens)
    with listening(settings.host, settings.port) as listener, open_traces() as traces:
        # All of it stays as long as the process: to search it for garbage again and again would hold up requests.
        gc.collect()
        gc.freeze()
        note_address(settings.home, address_of(listener))
        await _announce(environment, window, address_of(listener))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, listener), name="http")
            tasks.create_task(window.hub.run(), name="live")
            tasks.create_task(run_network_watch(window), name="network-watch")
            tasks.create_task(run_cross_watch(window), name="cross-watch")
            tasks.create_task(run_access_watch(redis, window.gate), name="access-watch")
            keys = [keys_on(redis, exchange.id) for exchange in EXCHANGES]
            metrics = WorkerMetrics(window.metrics.registry)
            notices = Notices(clock.now, metrics.count_notice)
            workers = run_workers(
                redis,
                keys,
                pool,
                clock,
                notices.say,
                allows_private=environment.allow_private_targets,
                metrics=metrics,
                traces=traces,
                site=None if environment.http_public_url is None else str(environment.http_public_url).rstrip("/"),
            )
            tasks.create_task(workers, name="workers")


def window_over(environment: Environment, settings: ServerSettings, redis: Redis, pool: Pool) -> Window:
    """What the API stands on.

    Raises:
        ConfigError: when the keys that sign tokens cannot be kept, or Clerk's key does not go with the issuer.
    """
    now = SystemClock().now
    trusted = trusted_issuers(environment)
    local: LocalIssuer | None = None if trusted else open_local_issuer(redis, settings.home / KEYS, now)
    symbols = WatchedSymbols(redis, pool, now)
    secret = environment.clerk_webhook_secret
    return Window(
        redis,
        pool,
        now,
        Gate(redis, pool, now, local=local, trusted=trusted),
        Hub(redis, symbols.note),
        Metrics(),
        symbols,
        logs=settings.home / LOGS,
        webhook_secret=None if secret is None else secret.get_secret_value(),
        clerk=clerk_front(environment),
        admin_email=environment.admin_email,
        messenger=TestMessenger(SystemClock(), allows_private=environment.allow_private_targets),
    )


def trusted_issuers(environment: Environment) -> tuple[TrustedIssuer, ...]:
    """Whose tokens are taken beside our own."""
    if environment.oidc_issuer is None:
        return ()
    url = str(environment.oidc_issuer).rstrip("/")
    issuer = Issuer(url, environment.oidc_audience, environment.oidc_azp)
    return (TrustedIssuer(issuer, IssuerKeys(url, SystemClock().now)),)


def clerk_front(environment: Environment) -> ClerkFront | None:
    """Where the screens have people sign in, if that is Clerk.

    Raises:
        ConfigError: when the tokens that people get there would not be taken here.
    """
    key = environment.clerk_publishable_key
    if key is None:
        return None
    origin, issuer = clerk_origin(key), environment.oidc_issuer
    if issuer is None or str(issuer).rstrip("/") != origin:
        raise ConfigError(
            f"LIVERMORE_CLERK_PUBLISHABLE_KEY is of {origin}; set LIVERMORE_OIDC_ISSUER to that address, "
            f"and not to {'nothing' if issuer is None else str(issuer).rstrip('/')}"
        )
    return ClerkFront(key, origin)


async def _announce(environment: Environment, window: Window, address: str) -> None:
    shown = address_for_people(environment, address)
    log.info("server.listens", address=address)
    local = window.gate.local
    if local is None:
        sys.stdout.write(f"Livermore is at {shown}\n")
    else:
        email = environment.admin_email or FIRST_ADMIN
        token = await local.link_token(email)
        # To standard output and to no log: whoever reads the link can sign in by it.
        sys.stdout.write(f"Livermore is at {shown}\n{worded(email, shown, token)}\n")
    sys.stdout.flush()
