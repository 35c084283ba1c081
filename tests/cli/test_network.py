"""`livermore network`, in a process of its own, on a real Valkey that holds what instances have left there."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cli.conftest import SOURCE, Livermore, hears_ctrl_c
from livermore.cache.activity import append_activity
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.cache.instances import claim, heartbeat, show
from livermore.core.instance.activity import ErrorSeen, StateChanged, actor_of
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status, WarmupProgress
from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE, ExchangeIdentity
from livermore.core.market.timeframe import HOUR
from livermore.embedded.valkey import open_valkey


def a_status(exchange: ExchangeIdentity, state: State, instance: str = "one", **changes: object) -> Status:
    now = int(time.time() * 1_000)
    status = Status(
        exchange.id, exchange.name, instance, 0, state, FeedState.LIVE, now, now, now, f"host-{instance}", 4711,
        "0.1.0", symbol_count=30, admin_email="ada@example.org",
    )  # fmt: skip
    return replace(status, **changes)  # type: ignore[arg-type]


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    async with open_valkey(tmp_path) as valkey, open_redis(settings_of(valkey)) as opened:
        yield opened


def settings_of(valkey: object) -> RedisSettings:
    return RedisSettings(valkey.host, valkey.port, valkey.secret)  # type: ignore[attr-defined]


def variables(redis: Redis) -> dict[str, str]:
    where = redis.connection_pool.connection_kwargs
    return {
        "LIVERMORE_REDIS_HOST": where["host"],
        "LIVERMORE_REDIS_PORT": str(where["port"]),
        "LIVERMORE_REDIS_SECRET": where["password"],
    }


async def serve(redis: Redis, status: Status) -> None:
    epoch = await claim(redis, keys_on(redis, status.exchange_id), status)
    assert isinstance(epoch, int)
    await heartbeat(redis, keys_on(redis, status.exchange_id), replace(status, epoch=epoch))


async def test_active_warming_dead_and_never_seen_are_told_apart(redis: Redis, livermore: Livermore) -> None:
    active = a_status(COINBASE, State.ACTIVE, connected_at=int(time.time() * 1_000) - HOUR, last_error="feed_lost: x")
    await serve(redis, active)
    await serve(redis, a_status(BINANCE, State.WARMING, warmup=WarmupProgress(1, 4, 9_000)))
    await show(redis, keys_on(redis, BINANCE.id), a_status(BINANCE, State.IDLE, "spare"))

    never = await asyncio.to_thread(livermore, "network", **variables(redis))
    killed = actor_of(a_status(BINANCE_US, State.ACTIVE, "killed"))
    await append_activity(redis, StateChanged(int(time.time() * 1_000) - HOUR, killed, State.WARMING, State.ACTIVE))
    dead = await asyncio.to_thread(livermore, "network", "--json", **variables(redis))

    assert never.returncode == 0
    lines = never.stdout.splitlines()
    assert lines[1].split()[:3] == ["Coinbase", "active", "live"]
    assert "1h" in lines[1]
    assert "25 %, 9s left" in lines[2]
    assert lines[3].startswith("Binance US  never seen")
    assert "Coinbase: last error: feed_lost: x" in lines
    assert "Binance: one more process: idle on host-spare, process 4711, ada@example.org" in lines
    found = {one["exchangeName"]: one for one in json.loads(dead.stdout)["exchanges"]}
    assert (found["coinbase"]["presence"], found["coinbase"]["status"]["epoch"]) == ("alive", 1)
    assert found["binance"]["spares"][0]["connectionState"] == "idle"
    assert (found["binance_us"]["presence"], found["binance_us"]["lastHost"]) == ("dead", "host-killed")


async def test_a_foreign_status_is_told_and_left_as_it_is(redis: Redis, livermore: Livermore) -> None:
    await redis.set(keys_on(redis, 1).status, "not ours")

    outcome = await asyncio.to_thread(livermore, "network", "coinbase", **variables(redis))

    assert outcome.returncode == 0
    assert "unreadable" in outcome.stdout
    assert await redis.get(keys_on(redis, 1).status) == b"not ours"


async def test_activity_is_followed_line_by_line_until_interrupted(redis: Redis) -> None:
    actor = actor_of(a_status(COINBASE, State.ACTIVE))
    await append_activity(redis, StateChanged(1_700_000_000_000, actor, State.WARMING, State.ACTIVE))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "livermore", "network", "--activity", "--json"),
        env={"PYTHONPATH": str(SOURCE), **variables(redis)},
        stdout=PIPE,
        stderr=PIPE,
        preexec_fn=hears_ctrl_c,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(40):
        first = json.loads(await process.stdout.readline())
        await append_activity(redis, ErrorSeen(1_700_000_001_000, actor, "broken", State.ACTIVE))
        second = json.loads(await process.stdout.readline())
        process.send_signal(2)
        code = await process.wait()

    assert (first["event"], first["toState"]) == ("state_transition", "active")
    assert (second["event"], second["error"]) == ("error", "broken")
    assert (code, await process.stderr.read()) == (130, b"")


async def test_a_reader_that_has_enough_ends_the_watch_without_a_word(redis: Redis) -> None:
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f"{sys.executable} -m livermore network --watch --json | head -n 1"),
        env={"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin", **variables(redis)},
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.timeout(40):
        said, complaint = await process.communicate()

    assert said.count(b"\n") == 1
    assert complaint == b""


def test_without_a_store_it_says_where_one_is_looked_for(livermore: Livermore, tmp_path: Path) -> None:
    outcome = livermore("network", "binance_uk")

    assert outcome.returncode == 2
    assert "unknown exchange" in outcome.stderr
