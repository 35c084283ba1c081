"""Looking at what happens on the network: the newest entries of all exchanges, and then each as it is written.

An entry that cannot be read is answered as `Unreadable` in its place, so that it does not hide the others.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

from livermore.cache.activity import RETENTION, read_activity
from livermore.cache.connect import answered
from livermore.cache.keys import activity_key
from livermore.cache.readers import FOLLOW_BLOCK_MILLIS, FROM_THE_START, Unreadable
from livermore.core.instance.activity import Activity
from livermore.core.market.timeframe import Millis
from livermore.errors import CorruptRecord

ENTRIES_PER_READ: Final = 500


@dataclass(frozen=True, slots=True)
class StreamedActivity:
    """An entry as it stands in the stream of its exchange, named as in ``"binance_us"``; `cursor` is where it stands.

    Cursors begin with the instant at which the store took the entry in, in Millis.
    """

    exchange_name: str
    cursor: str
    entry: Activity | Unreadable

    @property
    def place(self) -> tuple[int, ...]:
        """What entries of several streams can be sorted by."""
        return tuple(int(part) for part in self.cursor.split("-"))


async def newest_entries(
    redis: Redis, exchange_name: str, count: int, now: Millis, before: str | None = None
) -> tuple[StreamedActivity, ...]:
    """The newest entries of the last 90 days, newest first; those older than the cursor `before` where one is given.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    key = activity_key(exchange_name)
    until = "+" if before is None else f"({before}"
    async with answered(redis):
        entries: Any = await redis.xrevrange(key, max=until, min=str(max(0, now - RETENTION)), count=count)
    return tuple(_streamed(exchange_name, entry) for entry in entries)


async def follow_activity(
    redis: Redis, exchange_names: Sequence[str], cursors: Mapping[str, str]
) -> AsyncIterator[StreamedActivity]:
    """All entries after the cursor of each exchange, in order, and from then on each as it is written.

    An exchange without a cursor is followed from its first entry. It ends only by cancellation or error.

    Raises:
        StoreUnavailable: when Redis cannot be used; go on with the cursors of the last entries received.
    """
    name_by_key = {activity_key(name): name for name in exchange_names}
    position = {key: cursors.get(name, FROM_THE_START) for key, name in name_by_key.items()}
    while True:
        async with answered(redis):
            answer: Any = await redis.xread(position, count=ENTRIES_PER_READ, block=FOLLOW_BLOCK_MILLIS)  # type: ignore[arg-type]
        for raw_key, entries in answer:
            key = raw_key.decode()
            for entry in entries:
                streamed = _streamed(name_by_key[key], entry)
                position[key] = streamed.cursor
                yield streamed


def _streamed(exchange_name: str, entry: tuple[bytes, Mapping[bytes, bytes]]) -> StreamedActivity:
    cursor, fields = entry
    try:
        found: Activity | Unreadable = read_activity(fields, activity_key(exchange_name))
    except CorruptRecord as exc:
        found = Unreadable(str(exc))
    return StreamedActivity(exchange_name, cursor.decode(), found)
