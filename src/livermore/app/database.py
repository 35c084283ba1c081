"""PostgreSQL as the environment names it, or that of `livermore up`, looked at before anybody works on it."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livermore.config import Environment
from livermore.core.market.timeframe import Millis
from livermore.database.connect import DatabaseSettings, Pool, open_connection, open_pool
from livermore.database.directory import PostgresDirectory
from livermore.database.migrate import (
    Migration,
    SchemaState,
    apply_migrations,
    check_market_kind,
    check_schema,
    schema_state,
)
from livermore.embedded.cluster import DATABASE, USER, running_postgres
from livermore.embedded.postgres import EmbeddedPostgres, open_postgres
from livermore.errors import ConfigError, InvalidRequest, StoreUnavailable

FOLDER: Final = "postgres"
"""Where, under the home of a market, the embedded PostgreSQL has its data."""


@dataclass(frozen=True, slots=True)
class OwnDatabase:
    """An embedded PostgreSQL with our schema, how to reach it, and the steps that led it there."""

    server: EmbeddedPostgres
    settings: DatabaseSettings
    applied: tuple[Migration, ...]


def database_settings(environment: Environment) -> DatabaseSettings | None:
    """Where PostgreSQL is, or None where the environment names none."""
    if environment.database_host is None:
        return None
    password = environment.database_password
    return DatabaseSettings(
        environment.database_host,
        environment.database_port,
        environment.database_name,
        environment.database_user,
        None if password is None else password.get_secret_value(),
        environment.database_tls,
    )


def database_of(environment: Environment, home: Path) -> DatabaseSettings:
    """The PostgreSQL that is configured, or else the embedded one of a `livermore up` that runs here.

    Raises:
        ConfigError: when there is neither.
        InvalidRequest: when a simulated and a live one run here, so that it is not clear which is meant.
    """
    named = database_settings(environment)
    if named is not None:
        return named
    found = [running_postgres(home / kind / FOLDER) for kind in ("sim", "live")]
    running = [server for server in found if server is not None]
    if len(running) > 1:
        raise InvalidRequest(
            f"a simulated and a live market run under ./{home}; end one, or set LIVERMORE_DATABASE_HOST"
        )
    if not running:
        raise ConfigError(
            f"no PostgreSQL at hand: LIVERMORE_DATABASE_HOST is not set and no `livermore up` is running under ./{home}"
        )
    return DatabaseSettings(running[0].host, running[0].port, DATABASE, USER, running[0].password)


def database_variables(settings: DatabaseSettings) -> dict[str, str]:
    """The environment variables that lead a child process to the same PostgreSQL; one that is empty is not set."""
    return {
        "LIVERMORE_DATABASE_HOST": settings.host,
        "LIVERMORE_DATABASE_PORT": str(settings.port),
        "LIVERMORE_DATABASE_NAME": settings.name,
        "LIVERMORE_DATABASE_USER": settings.user,
        "LIVERMORE_DATABASE_PASSWORD": settings.password or "",
        "LIVERMORE_DATABASE_TLS": str(settings.is_tls).lower(),
    }


@asynccontextmanager
async def open_database(settings: DatabaseSettings, *, is_simulated: bool, now: Millis) -> AsyncIterator[Pool]:
    """A pool on a database that answers, has our schema, and is of this market.

    Raises:
        StoreUnavailable: when it does not answer.
        ConfigError: when it refuses us, has another schema, or is of the other market; the message has the cure.
    """
    await check_database_fits(settings, is_simulated=is_simulated, now=now)
    async with open_pool(settings) as pool:
        yield pool


@asynccontextmanager
async def open_people(
    settings: DatabaseSettings | None, *, is_simulated: bool, now: Millis
) -> AsyncIterator[PostgresDirectory | None]:
    """What an instance knows of people, or None where no database is named.

    An instance also starts while the database is away: the market does not wait for it.

    Raises:
        ConfigError: when the database refuses us, has another schema, or is of the other market.
    """
    if settings is None:
        yield None
        return
    with contextlib.suppress(StoreUnavailable):
        await check_database_fits(settings, is_simulated=is_simulated, now=now)
    async with open_pool(settings, may_be_away=True) as pool:
        yield PostgresDirectory(pool)


@asynccontextmanager
async def open_own_database(home: Path, *, is_simulated: bool, now: Millis) -> AsyncIterator[OwnDatabase]:
    """An embedded PostgreSQL of the market under `home`, led to our schema.

    Raises:
        ConfigError: when it cannot run here, or its data is of a newer version of ours.
        StoreUnavailable: when it does not come up.
    """
    async with open_postgres(home / FOLDER) as server:
        settings = DatabaseSettings(server.host, server.port, server.database, server.user, server.password)
        async with open_connection(settings) as connection:
            applied = await apply_migrations(connection, now)
            await check_market_kind(connection, is_simulated=is_simulated, at=now)
        yield OwnDatabase(server, settings, applied)


async def state_of_schema(settings: DatabaseSettings) -> SchemaState:
    """How the database fits this program.

    Raises:
        StoreUnavailable: when it does not answer.
        ConfigError: when it refuses us.
    """
    async with open_connection(settings) as connection:
        return await schema_state(connection)


async def lead_to_schema(settings: DatabaseSettings, now: Millis) -> tuple[Migration, ...]:
    """Lead the database to our schema; answers with the steps taken.

    Raises:
        StoreUnavailable: when it does not answer.
        ConfigError: when it refuses us, is newer, or has a schema that is not of our making.
    """
    async with open_connection(settings) as connection:
        return await apply_migrations(connection, now)


async def check_database_fits(settings: DatabaseSettings, *, is_simulated: bool, now: Millis) -> None:
    """Refuse to begin with a database that nobody could work on.

    Raises:
        StoreUnavailable: when it does not answer.
        ConfigError: when it refuses us, has another schema, or is of the other market; the message has the cure.
    """
    async with open_connection(settings) as connection:
        await check_schema(connection)
        await check_market_kind(connection, is_simulated=is_simulated, at=now)
