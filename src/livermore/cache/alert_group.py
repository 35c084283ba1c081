"""The alert streams as several workers drain them together: each entry goes to one of them until that is done with it.

A consumer group remembers what it has handed out and what was acknowledged. What a worker took and never finished,
since it died, is handed to another one; what the stream has dropped before anybody took it is lost, and said to be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from livermore.cache.codec.alert import decode_alert
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import Alert
from livermore.core.market.timeframe import HOUR, SECOND, Millis
from livermore.errors import CorruptRecord

GROUP: Final = "ledger"
ABANDONED_AFTER: Final[Millis] = 30 * SECOND
FORGOTTEN_AFTER: Final[Millis] = HOUR
LONGEST_RAW: Final = 20_000
NOTHING: Final = "0-0"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a stream: where it stands, the epoch that wrote it, and the alert, or why it cannot be read."""

    id: str
    epoch: int
    alert: Alert | None
    problem: str | None
    raw: bytes

    @property
    def place(self) -> tuple[Millis, int]:
        """The two numbers of its id."""
        millis, _, sequence = self.id.partition("-")
        return int(millis), int(sequence)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a group has still to do: entries it has not handed out (None if unknown), and those not finished.

    `is_cut` says that the stream has dropped entries that were never handed out.
    """

    waiting: int | None
    unfinished: int
    is_cut: bool


async def join_group(redis: Redis, keys: Keys) -> None:
    """Have the group, which begins with the first entry there is; workers that left nothing behind are forgotten.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        try:
            await redis.xgroup_create(keys.alerts, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
            workers: Any = await redis.xinfo_consumers(keys.alerts, GROUP)
            for worker in workers:
                if worker["pending"] == 0 and worker["idle"] >= FORGOTTEN_AFTER:
                    await redis.xgroup_delconsumer(keys.alerts, GROUP, worker["name"])


async def take_new(redis: Redis, keys: Keys, worker: str, count: int, block: Millis) -> tuple[Entry, ...]:
    """The next entries for this worker, waiting up to `block` for the first; a group that is gone is made anew.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        try:
            answer: Any = await redis.xreadgroup(GROUP, worker, {keys.alerts: ">"}, count=count, block=block)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            answer = ()
            await redis.xgroup_create(keys.alerts, GROUP, id="0", mkstream=True)
    return tuple(_entry(keys, entry) for _, entries in answer or () for entry in entries)


async def take_unfinished(redis: Redis, keys: Keys, worker: str, count: int, idle_for: Millis) -> tuple[Entry, ...]:
    """The oldest entries that were handed out so long ago and not acknowledged; they are this worker's now.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        try:
            answer: Any = await redis.xautoclaim(keys.alerts, GROUP, worker, min_idle_time=idle_for, count=count)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            return ()
    return tuple(_entry(keys, entry) for entry in answer[1] if entry[1] is not None)


async def finish(redis: Redis, keys: Keys, ids: Sequence[str]) -> None:
    """Say that these entries are done with.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    if ids:
        async with answered(redis):
            await redis.xack(keys.alerts, GROUP, *ids)


async def backlog(redis: Redis, keys: Keys) -> Backlog:
    """How far behind the group is.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        try:
            groups: Any = await redis.xinfo_groups(keys.alerts)
            stream: Any = await redis.xinfo_stream(keys.alerts)
        except ResponseError as error:
            if "no such key" not in str(error).lower():
                raise
            return Backlog(0, 0, False)
    ours = next((group for group in groups if _text(group["name"]) == GROUP), None)
    if ours is None:
        return Backlog(int(stream["length"]), 0, False)
    # What was ever added and is not there any more was dropped from the old end, where the group had read so many.
    delivered = _text(ours["last-delivered-id"])
    read = 0 if delivered == NOTHING else ours.get("entries-read")
    added = stream.get("entries-added")
    is_cut = added is not None and read is not None and added - stream["length"] > read
    lag = ours.get("lag")
    return Backlog(None if lag is None else int(lag), int(ours["pending"]), is_cut)


def _entry(keys: Keys, entry: tuple[bytes, Mapping[bytes, bytes]]) -> Entry:
    id_, fields = entry
    raw = fields.get(b"alert", b"")[:LONGEST_RAW]
    try:
        epoch = int(fields.get(b"epoch", b""))
        return Entry(id_.decode(), epoch, decode_alert(fields.get(b"alert", b""), keys.alerts), None, raw)
    except CorruptRecord as error:
        return Entry(id_.decode(), 0, None, str(error), raw)
    except ValueError:
        return Entry(id_.decode(), 0, None, "the entry names no epoch", raw)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
