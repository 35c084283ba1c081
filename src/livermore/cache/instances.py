"""The claim on an exchange: taking it, keeping it alive and giving it back, each in one atomic step."""

from dataclasses import replace
from typing import Final

from redis.asyncio import Redis

from livermore.cache.codec.record import corrupt
from livermore.cache.codec.status import decode_status, encode_status
from livermore.cache.keys import Keys
from livermore.cache.scripts import Call, run_script, script_named
from livermore.core.instance.claim import Refusal
from livermore.core.instance.status import Status
from livermore.core.market.timeframe import SECOND, Millis

STATUS_LIFE: Final[Millis] = 45 * SECOND

_CLAIM = script_named("claim")
_RENEW = script_named("renew")
_NO_EPOCH = b'{"epoch":0'


async def claim(redis: Redis, keys: Keys, status: Status, *, least_epoch: int = 0) -> int | Refusal:
    """Claim the exchange for the instance of `status`: the new epoch, or who holds it.

    The claim is granted when nobody has it, when it is this instance's own, or when its holder is idle or stopped. The
    epoch is higher than any before and than `least_epoch`, which is what is known of it where Redis may have forgotten.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is.
        StoreUnavailable: when Redis cannot be used.
    """
    tail = encode_status(replace(status, epoch=0)).removeprefix(_NO_EPOCH)
    call = Call((keys.status, keys.epoch), (status.instance_id, STATUS_LIFE, least_epoch, tail))
    outcome, *details = await run_script(redis, _CLAIM, call)
    if outcome == b"claimed":
        return int(details[0])
    if outcome == b"refused":
        return Refusal(decode_status(details[0], keys.status), max(0, details[1]))
    raise corrupt(keys.status, "it is no status", details[0])


async def heartbeat(redis: Redis, keys: Keys, status: Status) -> bool:
    """Write the whole status and renew the claim; False when the claim is not this instance's and epoch's any more.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is.
        StoreUnavailable: when Redis cannot be used.
    """
    return await _renewed(redis, keys, status, encode_status(status))


async def release(redis: Redis, keys: Keys, status: Status, *, is_forgotten: bool = False) -> bool:
    """Give the claim back by leaving a last `status`, idle or stopped, that runs out by itself, or none at all.

    False when the claim is not this instance's and epoch's any more; then nothing is changed.

    Raises:
        CorruptRecord: when the status in Redis is not ours; it is left as it is.
        StoreUnavailable: when Redis cannot be used.
    """
    return await _renewed(redis, keys, status, b"" if is_forgotten else encode_status(status))


async def _renewed(redis: Redis, keys: Keys, status: Status, text: bytes) -> bool:
    call = Call((keys.status,), (status.instance_id, status.epoch, STATUS_LIFE, text))
    outcome = await run_script(redis, _RENEW, call)
    if isinstance(outcome, list):
        raise corrupt(keys.status, "it is no status", outcome[1])
    return bool(outcome)
