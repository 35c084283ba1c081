"""The place where the instances of one exchange meet, as the runtime wants it; it satisfies the runtime's Network."""

from redis.asyncio import Redis

from livermore.cache.activity import append_activity
from livermore.cache.instances import STATUS_LIFE, claim, heartbeat, leave, show, shown_status
from livermore.cache.keys import Keys
from livermore.cache.pauses import keep_pause, pause_of
from livermore.core.instance.activity import Activity
from livermore.core.instance.claim import Refusal
from livermore.core.instance.status import Pause, Status
from livermore.core.market.timeframe import Millis


class ExchangeNetwork:
    """The claim, the status, the live instances and the activity stream of one exchange.

    What is written of an instance counts for `life`.
    """

    def __init__(self, redis: Redis, keys: Keys, life: Millis = STATUS_LIFE) -> None:
        self._redis = redis
        self._keys = keys
        self._life = life

    async def claim(self, status: Status, *, least_epoch: int = 0, gone: Status | None = None) -> int | Refusal:
        """Claim the exchange for the instance of `status`: the epoch, or who has it."""
        return await claim(self._redis, self._keys, status, least_epoch=least_epoch, gone=gone, life=self._life)

    async def heartbeat(self, status: Status) -> bool:
        """Write the status and renew the claim; False when it is not ours any more."""
        return await heartbeat(self._redis, self._keys, status, life=self._life)

    async def show(self, status: Status) -> bool:
        """Show an instance that does not serve; whether it is the one in the exchange's status."""
        return await show(self._redis, self._keys, status, life=self._life)

    async def shown(self) -> Status | None:
        """The status of the instance that serves, or else of the newest one that is there."""
        return await shown_status(self._redis, self._keys)

    async def leave(self, instance_id: str) -> None:
        """Take an instance that ends from among the live ones."""
        await leave(self._redis, self._keys, instance_id)

    async def keep_pause(self, epoch: int, pause: Pause | None) -> None:
        """Keep that the exchange is paused, or that it is not any more, whatever becomes of this process."""
        await keep_pause(self._redis, self._keys, epoch, pause)

    async def pause(self) -> Pause | None:
        """Who has paused the exchange."""
        return await pause_of(self._redis, self._keys)

    async def record(self, entry: Activity) -> None:
        """Add an entry to the activity stream."""
        await append_activity(self._redis, entry)
