"""A PostgreSQL that dies, hangs or comes back: callers are told soon, and served again without a new start."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from database.server import NOW
from livermore.app.database import lead_to_schema, open_people
from livermore.core.account.settings import Settings
from livermore.database.connect import DatabaseSettings, Pool, answered, open_pool, transaction
from livermore.embedded.postgres import EmbeddedPostgres, open_postgres
from livermore.errors import StoreUnavailable


class Machine:
    """A server that can be ended and started again where it was."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port: int | None = None
        self.stack = AsyncExitStack()

    async def start(self) -> EmbeddedPostgres:
        server = await self.stack.enter_async_context(open_postgres(self.directory, self.port, is_durable=False))
        self.port = server.port
        return server

    async def kill(self, server: EmbeddedPostgres) -> None:
        os.kill(server.pid, signal.SIGKILL)
        await self.stack.aclose()
        self.stack = AsyncExitStack()


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path)
    try:
        yield machine
    finally:
        await machine.stack.aclose()


def settings_of(server: EmbeddedPostgres) -> DatabaseSettings:
    return DatabaseSettings(server.host, server.port, server.database, server.user, server.password)


async def answer(pool: Pool) -> object:
    async with transaction(pool) as connection:
        cursor = await connection.execute("SELECT 1")
        return await cursor.fetchone()


async def until_answered(pool: Pool) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                assert await answer(pool) == (1,)
            except StoreUnavailable:
                continue
            return


async def test_a_pool_outlives_the_death_of_its_server(machine: Machine) -> None:
    server = await machine.start()
    async with open_pool(settings_of(server)) as pool:
        assert await answer(pool) == (1,)
        await machine.kill(server)
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await answer(pool)
        await machine.start()
        await until_answered(pool)


async def test_a_server_that_hangs_is_told_as_one_that_is_away(machine: Machine) -> None:
    server = await machine.start()
    async with open_pool(settings_of(server), limit=2) as pool:
        assert await answer(pool) == (1,)
        processes = [server.pid, *children_of(server.pid)]
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(StoreUnavailable):
                async with answered("it", within_seconds=0.3):
                    await answer(pool)
        finally:
            for pid in processes:
                os.kill(pid, signal.SIGCONT)
        await until_answered(pool)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_an_instance_starts_while_people_are_away_and_finds_them_later(machine: Machine) -> None:
    server = await machine.start()
    settings = settings_of(server)
    await machine.kill(server)
    async with open_people(settings, is_simulated=True, now=NOW) as people:
        assert people is not None
        with pytest.raises(StoreUnavailable):
            await people.settings("jesse@example.com")
        await machine.start()
        await lead_to_schema(settings, NOW)
        async with asyncio.timeout(30):
            while True:
                try:
                    assert await people.settings("jesse@example.com") == Settings()
                except StoreUnavailable:
                    continue
                break
