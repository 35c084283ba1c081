"""The place where the instances of one exchange meet, as the runtime wants it; it satisfies the runtime's Network."""

from redis.asyncio import Redis

from livermore.cache.activity import append_activity
from livermore.cache.instances import claim, heartbeat
from livermore.cache.keys import Keys
from livermore.core.instance.activity import Activity
from livermore.core.instance.claim import Refusal
from livermore.core.instance.status import Status


class ExchangeNetwork:
    """The claim, the status and the activity stream of one exchange."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def claim(self, status: Status) -> int | Refusal:
        """Claim the exchange for the instance of `status`: the epoch, or who has it."""
        return await claim(self._redis, self._keys, status)

    async def heartbeat(self, status: Status) -> bool:
        """Write the status and renew the claim; False when it is not ours any more."""
        return await heartbeat(self._redis, self._keys, status)

    async def record(self, entry: Activity) -> None:
        """Add an entry to the activity stream."""
        await append_activity(self._redis, entry)
