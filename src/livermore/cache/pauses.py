"""The pause of an exchange, which outlasts whatever process carried it out.

::

    {"by":"ada@example.org","at":1769093400000}
"""

from typing import Any

import msgspec
from redis.asyncio import Redis

from livermore.cache.codec.record import decoded
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.cache.scripts import Call, run_script, script_named
from livermore.core.instance.status import Pause

_PAUSE = script_named("pause")


class _PauseRecord(msgspec.Struct):
    by: str
    at: int


_decoder = msgspec.json.Decoder(_PauseRecord)


async def keep_pause(redis: Redis, keys: Keys, epoch: int, pause: Pause | None) -> None:
    """Keep that the exchange is paused, or with None that it is not, as the instance that has claimed it with `epoch`.

    Raises:
        ClaimLost: when another instance has claimed the exchange since.
        StoreUnavailable: when Redis cannot be used.
    """
    text = b"" if pause is None else msgspec.json.encode(_PauseRecord(pause.by, pause.at))
    await run_script(redis, _PAUSE, Call((keys.epoch, keys.pause), (epoch, text)))


async def pause_of(redis: Redis, keys: Keys) -> Pause | None:
    """Who has paused the exchange; None where nobody has.

    Raises:
        CorruptRecord: when the value is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        raw: Any = await redis.get(keys.pause)
    return None if raw is None else read_pause(raw, keys.pause)


def read_pause(raw: bytes, key: str) -> Pause:
    """The pause that `raw` spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    record = decoded(_decoder, raw, key)
    return Pause(record.by, record.at)
