"""Keeping a claim alive: it is renewed every few seconds, and given up before it could run out unseen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from livermore.errors import ClaimLost, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds, an instance is heard of, and after how long without that it gives its claim up.

    The claim itself lasts longer than `lease_seconds`, so that whoever gives up does so while nobody else may have it.
    """

    heartbeat_seconds: float = 5.0
    lease_seconds: float = 30.0
    retry_seconds: float = 0.5
    longest_retry_seconds: float = 30.0
    farewell_seconds: float = 1.0


USUAL_PACE: Final = Pace()


async def run_heartbeat(write: Callable[[], Awaitable[None]], pace: Pace, report: Callable[[str, str], None]) -> None:
    """Renew the claim with `write` until cancelled.

    Raises:
        ClaimLost: when `write` says so, or has not succeeded for the lease.
    """
    loop = asyncio.get_running_loop()
    renewed_at = loop.time()
    while True:
        await asyncio.sleep(pace.heartbeat_seconds)
        began = loop.time()
        try:
            async with asyncio.timeout(pace.heartbeat_seconds):
                await write()
            # What counts is when it was sent: the answer may have been long under way.
            renewed_at = began
        except (StoreUnavailable, TimeoutError) as error:
            report("heartbeat_failed", str(error) or "no answer in time")
            if loop.time() - renewed_at > pace.lease_seconds:
                raise ClaimLost(f"the claim could not be renewed for {pace.lease_seconds:g} s") from error
