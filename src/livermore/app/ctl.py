"""`livermore ctl`: a command on the bus, what the instance says to it, and what became of earlier ones."""

import asyncio
import getpass
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from livermore.app.ctl_words import Teller, failure_of
from livermore.app.redis_settings import is_redis_named, store_of
from livermore.cache.bus import send
from livermore.cache.command_log import command_history
from livermore.cache.connect import keys_on, open_redis
from livermore.config import FIRST_ADMIN, Environment
from livermore.core.instance.commands import Command, Payload, Result, a_command
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import SECOND, Millis
from livermore.errors import CommandUnanswered, NobodyListens
from livermore.runtime.clock import SystemClock

DONE: Final = 0
FAILED: Final = 1
LIFE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class CtlSettings:
    """Which exchange's instance, or which one of its instances; and how long to wait for the result, in seconds."""

    exchange: ExchangeIdentity
    timeout_seconds: float
    instance_id: str | None = None


async def run_command(
    settings: CtlSettings, payload: Payload, environment: Environment, home: Path, teller: Teller
) -> int:
    """Send the command and tell what the instance answers; the exit code: 0 when it did it, 1 when it did not.

    Who is interrupted leaves the command behind: it goes on, and the history tells what became of it.

    Raises:
        ConfigError: when there is no store through which an instance could be reached.
        StoreUnavailable: when it cannot be reached.
    """
    command = a_command(
        settings.exchange.id,
        uuid.uuid4().hex,
        payload,
        issuer(environment),
        SystemClock().now(),
        lives_for=_life(settings),
        instance_id=settings.instance_id,
    )
    async with open_redis(store_of(environment, home)) as redis:
        try:
            return await _watched(redis, settings, command, teller)
        except (NobodyListens, CommandUnanswered) as error:
            teller.failed(command, error)
            return FAILED
        except asyncio.CancelledError:
            teller.left(command)
            raise


async def run_history(
    exchange: ExchangeIdentity, count: int, environment: Environment, home: Path, teller: Teller
) -> int:
    """Tell what became of the newest commands, newest first.

    Raises:
        ConfigError: when there is no store that could have kept them.
        CorruptRecord: when one of them is not ours.
        StoreUnavailable: when it cannot be reached.
    """
    async with open_redis(store_of(environment, home)) as redis:
        page = await command_history(redis, keys_on(redis, exchange.id), count)
    teller.history(page.records)
    return DONE


async def _watched(redis: Redis, settings: CtlSettings, command: Command, teller: Teller) -> int:
    keys = keys_on(redis, settings.exchange.id)
    code = FAILED
    async with send(redis, keys, command, result_within_seconds=settings.timeout_seconds) as answers:
        teller.sent(command)
        async for answer in answers:
            teller.answer(command, answer)
            if isinstance(answer, Result):
                code = FAILED if failure_of(answer) is not None else DONE
    return code


def issuer(environment: Environment) -> str:
    """Who gives commands here: LIVERMORE_ADMIN_EMAIL, the admin of our own `livermore up`, or the user at this host."""
    if environment.admin_email is not None:
        return environment.admin_email
    if not is_redis_named(environment) and environment.oidc_issuer is None:
        return FIRST_ADMIN
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _life(settings: CtlSettings) -> Millis:
    """How long the command may wait for its turn: nobody would see a result that begins after we have given up."""
    return int(min(LIFE_SECONDS, settings.timeout_seconds) * SECOND)
