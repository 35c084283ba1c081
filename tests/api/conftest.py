"""One Valkey and one PostgreSQL for all tests of the API; each test has a clean store and a database of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from api.stage import Stage, a_stage, listening_stage
from cache.conftest import keys, redis, server
from database.conftest import pool, postgres, settings, shared, template
from livermore.database.connect import Pool

__all__ = ["keys", "pool", "postgres", "redis", "server", "settings", "shared", "template"]


@pytest.fixture
async def stage(redis: Redis, pool: Pool, tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(redis, pool, tmp_path) as made:
        yield made


@pytest.fixture
async def address(stage: Stage) -> AsyncIterator[str]:
    """Where a server of the stage listens, its live stream at work."""
    async with listening_stage(stage) as found:
        async with asyncio.timeout(20):
            while not (stage.window.hub.is_streaming and stage.window.hub.is_listening):
                await asyncio.sleep(0.01)
        yield found
