"""Whether Redis is there, remembers what it is told, and throws nothing away."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from livermore.app.checkup import Finding, Verdict
from livermore.app.redis_settings import is_redis_named, store_of
from livermore.cache.connect import answered, open_redis
from livermore.config import Environment
from livermore.embedded.binary import valkey_binary
from livermore.errors import ConfigError, LivermoreError

OLDEST: Final = (7, 0)
FULL_FROM: Final = 0.8
SAFE_POLICY: Final = "noeviction"


async def check_redis(environment: Environment, home: Path) -> tuple[Finding, ...]:
    """What there is to say of the Redis that the instances share."""
    try:
        settings = store_of(environment, home)
    except ConfigError as exc:
        return (_none(environment, exc),)
    try:
        async with open_redis(settings) as redis:
            return await _examined(redis)
    except LivermoreError as exc:
        cure = "start it, or correct the LIVERMORE_REDIS_ variables; `livermore up` brings one of its own"
        return (Finding("Redis", Verdict.FAILED, str(exc), cure),)


def _none(environment: Environment, exc: ConfigError) -> Finding:
    if is_redis_named(environment):
        return Finding("Redis", Verdict.FAILED, str(exc), "see the configuration in the README")
    try:
        valkey_binary()
    except ConfigError as missing:
        return Finding("Redis", Verdict.FAILED, str(missing), "set LIVERMORE_REDIS_HOST to a Valkey or Redis")
    seen = "none is named; `livermore up` will start a Valkey of its own"
    return Finding("Redis", Verdict.SKIPPED, seen, "for an instance alone, set LIVERMORE_REDIS_HOST")


async def _examined(redis: Redis) -> tuple[Finding, ...]:
    async with answered(redis):
        server: Any = await redis.info("server")
        persistence: Any = await redis.info("persistence")
        memory: Any = await redis.info("memory")
    return _version(server), _persistence(persistence), _policy(memory), _memory(memory)


def _version(server: Mapping[str, Any]) -> Finding:
    name = str(server.get("server_name") or "redis").capitalize()
    version = str(server.get("valkey_version") or server["redis_version"])
    speaks = tuple(int(part) for part in str(server["redis_version"]).split(".")[:2])
    seen = f"{name} {version} answers on port {server['tcp_port']}, {server.get('redis_mode') or server['server_mode']}"
    if speaks < OLDEST:
        return Finding("Redis", Verdict.FAILED, seen, "install Valkey, or Redis 7.0 or newer")
    return Finding("Redis", Verdict.OK, seen)


def _persistence(facts: Mapping[str, Any]) -> Finding:
    if facts.get("aof_last_write_status", "ok") != "ok":
        seen = "its append-only file could not be written the last time"
        return Finding("Redis persistence", Verdict.FAILED, seen, "look at its log and at the free space of its disk")
    if not int(facts.get("aof_enabled", 0)):
        seen = "its append-only file is off: a restart of the server may lose alerts and epochs"
        return Finding(
            "Redis persistence", Verdict.WARNING, seen, "CONFIG SET appendonly yes, and in its configuration"
        )
    return Finding("Redis persistence", Verdict.OK, "the append-only file is on")


def _policy(facts: Mapping[str, Any]) -> Finding:
    policy, limit = str(facts.get("maxmemory_policy", SAFE_POLICY)), int(facts.get("maxmemory", 0))
    if policy == SAFE_POLICY:
        return Finding("Redis eviction", Verdict.OK, policy)
    seen = f"maxmemory-policy is {policy}: keys of ours would be thrown away when it is full"
    verdict = Verdict.FAILED if limit else Verdict.WARNING
    return Finding("Redis eviction", verdict, seen, f"CONFIG SET maxmemory-policy {SAFE_POLICY}")


def _memory(facts: Mapping[str, Any]) -> Finding:
    used, limit = int(facts["used_memory"]), int(facts.get("maxmemory", 0))
    seen = f"{used / 1e6:,.0f} MB used" + (f" of {limit / 1e6:,.0f} MB" if limit else ", no limit")
    if limit and used > FULL_FROM * limit:
        return Finding("Redis memory", Verdict.WARNING, seen, "raise maxmemory: when it is full, nothing is written")
    return Finding("Redis memory", Verdict.OK, seen)
