"""The instances of an exchange: which one has the claim, and which are there; each change is one atomic step."""

from dataclasses import replace
from typing import Any, Final

from redis.asyncio import Redis

from livermore.cache.codec.record import corrupt
from livermore.cache.codec.status import decode_status, encode_status
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.cache.scripts import Call, run_script, script_named
from livermore.core.instance.claim import Refusal
from livermore.core.instance.status import Status
from livermore.core.market.timeframe import SECOND, Millis

STATUS_LIFE: Final[Millis] = 45 * SECOND

_CLAIM = script_named("claim")
_RENEW = script_named("renew")
_SHOW = script_named("show")
_LEAVE = script_named("leave")
_NO_EPOCH = b'{"epoch":0'


async def claim(
    redis: Redis,
    keys: Keys,
    status: Status,
    *,
    least_epoch: int = 0,
    gone: Status | None = None,
    life: Millis = STATUS_LIFE,
) -> int | Refusal:
    """Claim the exchange for the instance of `status`: the new epoch, or who holds it.

    The claim is granted when nobody has it, when it is this instance's own, or when its holder is idle, stopped or
    `gone`, which is the status of a holder whose process has provably ended. The epoch is higher than any before and
    than `least_epoch`, which is what is known of it where Redis may have forgotten.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is.
        StoreUnavailable: when Redis cannot be used.
    """
    tail = encode_status(replace(status, epoch=0)).removeprefix(_NO_EPOCH)
    ended = ("", "") if gone is None else (gone.instance_id, gone.epoch)
    call = Call((keys.status, keys.epoch, keys.instances), (status.instance_id, life, least_epoch, *ended, tail))
    outcome, *details = await run_script(redis, _CLAIM, call)
    if outcome == b"claimed":
        return int(details[0])
    if outcome == b"refused":
        return Refusal(decode_status(details[0], keys.status), max(0, details[1]))
    raise corrupt(keys.status, "it is no status", details[0])


async def heartbeat(redis: Redis, keys: Keys, status: Status, *, life: Millis = STATUS_LIFE) -> bool:
    """Write the whole status and renew the claim; False when the claim is not this instance's and epoch's any more.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is.
        StoreUnavailable: when Redis cannot be used.
    """
    return await _renewed(redis, keys, status, encode_status(status), life)


async def release(redis: Redis, keys: Keys, status: Status, *, is_forgotten: bool = False) -> bool:
    """Give the claim back by leaving a last `status`, idle or stopped, that runs out by itself, or none at all.

    False when the claim is not this instance's and epoch's any more; then nothing is changed.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is.
        StoreUnavailable: when Redis cannot be used.
    """
    return await _renewed(redis, keys, status, b"" if is_forgotten else encode_status(status), STATUS_LIFE)


async def _renewed(redis: Redis, keys: Keys, status: Status, text: bytes, life: Millis) -> bool:
    call = Call((keys.status, keys.instances), (status.instance_id, status.epoch, life, text))
    return _is_written(await run_script(redis, _RENEW, call), keys)


async def show(redis: Redis, keys: Keys, status: Status, *, life: Millis = STATUS_LIFE) -> bool:
    """Show an instance that does not serve; whether it is the one in the exchange's status.

    It is, where nobody serves the exchange and no newer instance is there.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is, the instance is among the live ones.
        StoreUnavailable: when Redis cannot be used.
    """
    details = (status.instance_id, life, status.registered_at, encode_status(status), status.epoch)
    call = Call((keys.status, keys.instances), details)
    return _is_written(await run_script(redis, _SHOW, call), keys)


async def shown_status(redis: Redis, keys: Keys) -> Status | None:
    """The status of the instance that serves the exchange, or else of the newest one that is there.

    Raises:
        CorruptRecord: when what is there is none.
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        raw: Any = await redis.get(keys.status)
    return None if raw is None else decode_status(raw, keys.status)


async def leave(redis: Redis, keys: Keys, instance_id: str) -> None:
    """Take an instance that ends from among the live ones; what it says of itself when stopped runs out by itself.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    await run_script(redis, _LEAVE, Call((keys.status, keys.instances), (instance_id,)))


async def live_instances(redis: Redis, keys: Keys) -> tuple[Status, ...]:
    """What every live process of the exchange says of itself, the newest first.

    Raises:
        CorruptRecord: when one of them is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        values: Any = await redis.hvals(keys.instances)
        seconds, micros = await redis.time()
    now = seconds * SECOND + micros // 1_000
    alive = [value.partition(b" ")[2] for value in values if _alive_until(value, keys) >= now]
    found = [decode_status(text, keys.instances) for text in alive]
    return tuple(sorted(found, key=lambda status: (-status.registered_at, status.instance_id)))


def _alive_until(value: bytes, keys: Keys) -> Millis:
    instant = value.partition(b" ")[0]
    if not instant.isdigit():
        raise corrupt(keys.instances, "a field is no instance", value)
    return int(instant)


def _is_written(outcome: Any, keys: Keys) -> bool:
    if isinstance(outcome, list):
        raise corrupt(keys.status, "it is no status", outcome[1])
    return bool(outcome)
