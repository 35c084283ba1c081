"""Losing access at once: other servers say so, and every 15 s it is asked anyway."""

import asyncio
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis

from livermore.api.auth.gate import Gate
from livermore.cache.connect import ANSWER_TIMEOUT_SECONDS, answered
from livermore.cache.keys import ACCESS_CHANNEL
from livermore.errors import StoreError

log = structlog.get_logger("livermore.api")

RECHECK_SECONDS: Final = 15.0


class _Lost(msgspec.Struct, rename="camel"):
    user_id: int | None = None
    key_id: int | None = None


async def run_access_watch(redis: Redis, gate: Gate) -> None:
    """End open connections of those who have lost access, until cancelled; a store that is away is waited for."""
    while True:
        try:
            await _watch(redis, gate)
        except StoreError as exc:
            log.warning("access.watch_lost", reason=str(exc))
            await asyncio.sleep(1.0)


async def _watch(redis: Redis, gate: Gate) -> None:
    pubsub: Any = redis.pubsub()
    loop = asyncio.get_running_loop()
    try:
        async with answered(redis):
            await pubsub.subscribe(ACCESS_CHANNEL)
        recheck_at = loop.time()
        while True:
            if loop.time() >= recheck_at:
                await gate.recheck()
                recheck_at = loop.time() + RECHECK_SECONDS
            async with answered(redis, RECHECK_SECONDS + ANSWER_TIMEOUT_SECONDS):
                message = await pubsub.get_message(timeout=max(0.1, recheck_at - loop.time()))
            if message is not None and message["type"] == "message":
                _hear(gate, message["data"])
    finally:
        await pubsub.aclose()


def _hear(gate: Gate, raw: bytes) -> None:
    try:
        lost = msgspec.json.decode(raw, type=_Lost)
    except msgspec.MsgspecError:
        # Somebody else's words on our channel are for nobody.
        return
    gate.lose(user_id=lost.user_id, key_id=lost.key_id)
