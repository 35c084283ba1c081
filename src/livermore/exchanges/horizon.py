"""The newest instant that an exchange is known to have reached: a bucket that ended before it is closed."""

import asyncio
from collections.abc import Awaitable, Callable

from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.errors import ExchangeUnavailable

_NEAR: Millis = 10 * SECOND
_FRESH: Millis = 60 * SECOND


class Horizon:
    """The exchange's clock as far as we have asked, so that a forming candle is never taken for a closed one.

    One question serves everybody who waits at a boundary.
    """

    def __init__(
        self,
        server_time: Callable[[], Awaitable[Millis]],
        *,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._server_time = server_time
        self._speed = speed
        self._sleep = sleep
        self._reached: Millis = 0
        self._asking = asyncio.Lock()

    async def closed_until(self, timeframe: Timeframe, until: Millis) -> Millis:
        """The last boundary of `timeframe` up to `until`, which the exchange has reached.

        A boundary that is only seconds away is waited for: the feed and REST of one exchange do not tell exactly the
        same time, and leaving the candle out would look as if nobody had traded.

        Raises:
            ExchangeUnavailable: when its clock lags further behind, after a pause, so that asking again is no storm.
        """
        boundary = timeframe.opening(until)
        if boundary <= self._reached:
            return boundary
        async with self._asking:
            if boundary > self._reached:
                self._reached = max(self._reached, await self._server_time())
            ahead = boundary - self._reached
            if 0 < ahead <= _NEAR:
                await self._sleep(ahead / SECOND / self._speed)
                self._reached = boundary
        if boundary > self._reached:
            await self._sleep(_NEAR / SECOND / self._speed)
            raise ExchangeUnavailable(
                f"its clock has not reached {boundary}: it is {boundary - self._reached} ms behind"
            )
        return boundary

    def has_just_reached(self, boundary: Millis) -> bool:
        """Whether the boundary was not long past when the exchange was asked last."""
        return self._reached - boundary < _FRESH
