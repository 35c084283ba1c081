"""One server for all tests of a process, and a database with our schema that is empty at the start of each test."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from database.server import NOW, Server, run_server
from livermore.database.connect import Connection, DatabaseSettings, Pool, open_connection, open_pool
from livermore.database.migrate import apply_migrations

numbers = itertools.count(1)
# Whatever stands in a table but what the migrations put there. Copying a database for each test takes much longer.
EMPTY = """
DO $$
DECLARE kept text[] := ARRAY['exchanges', 'schema_migrations'];
BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('livermore.%I', tablename), ', ') || ' RESTART IDENTITY'
             FROM pg_tables WHERE schemaname = 'livermore' AND NOT tablename = ANY(kept));
END $$
"""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose data need not survive."""
    with run_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


async def administer(server: Server, statement: str) -> None:
    connection = await psycopg.AsyncConnection.connect(**server.parameters("postgres"), autocommit=True)
    async with connection:
        await connection.execute(statement)


@pytest.fixture(scope="session")
def template(postgres: Server) -> str:
    """The name of a database with our schema, to be copied."""

    async def make() -> None:
        await administer(postgres, "CREATE DATABASE template_livermore")
        async with open_connection(postgres.settings("template_livermore")) as connection:
            await apply_migrations(connection, NOW)

    asyncio.run(make())
    return "template_livermore"


@pytest.fixture
async def bare(postgres: Server) -> AsyncIterator[DatabaseSettings]:
    """A database with nothing in it."""
    name = f"bare_{next(numbers)}"
    await administer(postgres, f"CREATE DATABASE {name}")
    yield postgres.settings(name)
    await administer(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared(postgres: Server, template: str) -> DatabaseSettings:
    """The database of this test run, empty at the beginning of each test that asks for `settings`."""
    asyncio.run(administer(postgres, f"CREATE DATABASE livermore_tests TEMPLATE {template}"))
    return postgres.settings("livermore_tests")


@pytest.fixture
async def settings(shared: DatabaseSettings) -> DatabaseSettings:
    """A database with our schema and the six exchanges, and nothing else."""
    async with open_connection(shared) as connection:
        await connection.execute(EMPTY)
    return shared


@pytest.fixture
async def connection(settings: DatabaseSettings) -> AsyncIterator[Connection]:
    """A connection that commits each statement."""
    async with open_connection(settings) as connection:
        yield connection


@pytest.fixture
async def pool(settings: DatabaseSettings) -> AsyncIterator[Pool]:
    async with open_pool(settings) as pool:
        yield pool
