"""An embedded PostgreSQL for tests, kept by a thread with a loop of its own so that one serves a whole test run."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livermore.database.connect import DatabaseSettings
from livermore.embedded.postgres import EmbeddedPostgres, open_postgres

NOW = 1_790_000_000_000


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server of this test run is."""

    embedded: EmbeddedPostgres

    def parameters(self, database: str) -> dict[str, Any]:
        found = self.embedded
        return {
            "host": found.host,
            "port": found.port,
            "dbname": database,
            "user": found.user,
            "password": found.password,
        }

    def settings(self, database: str) -> DatabaseSettings:
        found = self.embedded
        return DatabaseSettings(found.host, found.port, database, found.user, found.password)


@contextmanager
def run_server(directory: Path) -> Iterator[Server]:
    """Run a server until the block ends."""
    is_up, is_over = threading.Event(), asyncio.Event()
    found: list[EmbeddedPostgres] = []
    loop = asyncio.new_event_loop()

    async def keep() -> None:
        try:
            async with open_postgres(directory, is_durable=False) as postgres:
                found.append(postgres)
                is_up.set()
                await is_over.wait()
        finally:
            is_up.set()

    def live() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(keep())
        loop.close()

    thread = threading.Thread(target=live, name="postgres")
    thread.start()
    try:
        assert is_up.wait(60)
        assert found, "the embedded PostgreSQL did not start"
        yield Server(found[0])
    finally:
        loop.call_soon_threadsafe(is_over.set)
        thread.join()
