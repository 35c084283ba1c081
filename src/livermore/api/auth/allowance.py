"""How often a partner's key may be used, counted over all servers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from livermore.api.auth.person import PartnerKey
from livermore.cache.connect import answered
from livermore.cache.keys import rate_key
from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's requests in this minute."""

    limit: int
    used: int
    resets_in: Millis

    def headers(self) -> Mapping[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers says it, and as older clients read it."""
        left, seconds = max(0, self.limit - self.used), -(-self.resets_in // SECOND)
        return {
            "RateLimit-Policy": f'"minute";q={self.limit};w=60',
            "RateLimit": f'"minute";r={left};t={seconds}',
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(seconds),
        }

    def check(self) -> None:
        """Let one more request pass.

        Raises:
            TooManyRequests: when there were too many.
        """
        if self.used > self.limit:
            raise TooManyRequests(
                f"the key has made its {self.limit} requests of this minute",
                retry_after_seconds=self.resets_in / SECOND,
                limit=self.limit,
            )


async def allowance_of(redis: Redis, key: PartnerKey, now: Millis) -> Allowance:
    """What is left to the key, this request counted.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    minute = now // MINUTE
    name = rate_key(key.id, minute)
    async with answered(redis), redis.pipeline(transaction=True) as pipeline:
        pipeline.incr(name)
        pipeline.pexpire(name, 2 * MINUTE)
        answers: Any = await pipeline.execute()
    return Allowance(key.requests_per_minute, int(answers[0]), (minute + 1) * MINUTE - now)
