"""One rate budget per host: no more is sent than the exchange allows, and nothing while it asks for silence."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from livermore.core.instance.status import BudgetUse
from livermore.errors import RateLimited
from livermore.exchanges.spending import Spending
from livermore.exchanges.window import Place, SlidingWindow

PATIENCE_SECONDS = 60.0
"""The longest ban that a request waits out; beyond it the caller is told."""

_ARRIVAL_JITTER_SECONDS = 0.08
_LATENESS_SECONDS = 0.02
_BREATHER_SECONDS = 10.0
_RESERVE = 0.02
_SPREAD = 2.0
_ROUNDING = 1e-9
_MINUTE_SECONDS = 60.0


def steady_rate(count: float, window_seconds: float, speed: float) -> float:
    """The rate a second of our time at which no window of the exchange sees more than `count`, without any burst.

    Requests that leave at regular distances may arrive bunched. On a fast clock that weighs more: a window of a second
    is over in 17 ms at speed 60.

    >>> round(steady_rate(10, 1, 1), 2), round(steady_rate(10, 1, 60))
    (9.26, 103)
    """
    return count / (window_seconds / speed + _ARRIVAL_JITTER_SECONDS)


class TokenBucket:
    """The arithmetic of a budget: `burst` at once, then `rate` a second; every instant is an argument, in seconds.

    `window_limit` is the most that the exchange allows in one of its windows where it reports what is used of it.
    """

    def __init__(self, rate: float, burst: float, *, window_limit: float | None = None) -> None:
        self.rate = rate
        self.burst = burst
        self.window_limit = window_limit
        self._tokens = burst
        self._counted_at: float | None = None
        self._held_until = float("-inf")

    def reserve(self, weight: float, now: float) -> float:
        """Take `weight` and answer 0, or take nothing and answer how many seconds to wait before asking again."""
        self._refill(now)
        if now < self._held_until:
            return self._held_until - now
        # What is heavier than the whole burst goes when the bucket is full, and leaves a debt.
        missing = min(weight, self.burst) - self._tokens
        if missing > _ROUNDING:
            return missing / self.rate
        self._tokens -= weight
        return 0.0

    def spent(self, used_weight: float, now: float, breather: float = _BREATHER_SECONDS) -> None:
        """Learn what the exchange has counted in its present window, which may include the requests of others."""
        if self.window_limit is None:
            return
        self._refill(now)
        left = self.window_limit * (1.0 - _RESERVE) - used_weight
        self._tokens = min(self._tokens, max(left, 0.0))
        if left <= 0.0:
            self.hold_until(now + breather, now)

    def hold_until(self, instant: float, now: float) -> None:
        """Send nothing before `instant`, and start slowly then."""
        self._refill(now)
        self._tokens = min(self._tokens, 0.0)
        self._held_until = max(self._held_until, instant)
        self._counted_at = self._held_until

    def held_for(self, now: float) -> float:
        """How many seconds of silence are still asked for."""
        return max(0.0, self._held_until - now)

    def resize(self, rate: float, burst: float, window_limit: float | None) -> None:
        """Follow the limits that the exchange publishes."""
        self.rate, self.burst, self.window_limit = rate, burst, window_limit
        self._tokens = min(self._tokens, burst)

    def _refill(self, now: float) -> None:
        if self._counted_at is None:
            self._counted_at = now
        if now > self._counted_at:
            self._tokens = min(self.burst, self._tokens + (now - self._counted_at) * self.rate)
            self._counted_at = now


def steady(count: float, window_seconds: float, speed: float) -> TokenBucket:
    """The bucket that lets requests go one by one, as fast as `steady_rate` allows.

    Whoever wakes up late may catch up: the burst is one request and what a lateness of 20 ms is worth.
    """
    rate = steady_rate(count, window_seconds, speed)
    return TokenBucket(rate, 1.0 + rate * _LATENESS_SECONDS)


def spread(count: float, window_seconds: float, speed: float) -> tuple[TokenBucket, SlidingWindow]:
    """What lets `count` requests go in any window and no more, and not all of them at once.

    The window alone sets the rate, the bucket only spreads what it lets through; less than one request in a window is
    one in a longer one.
    """
    places = max(1, int(count))
    window = window_seconds * places / count / speed
    return TokenBucket(places * _SPREAD / window, 1.0), SlidingWindow(places, window)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was let go, so that its answer can be told."""

    at: float
    place: Place | None


class Budget:
    """A token bucket that is waited for, and a window that is exact; the first who asks is the first who sends."""

    def __init__(
        self,
        bucket: TokenBucket,
        window: SlidingWindow | None = None,
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.bucket = bucket
        self.times_limited = 0
        self.waiting = 0
        self._window = window
        self._speed = speed
        self._minute = _MINUTE_SECONDS / speed
        self._spending = Spending(self._minute)
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._resting: asyncio.Task[None] | None = None

    async def spend(self, weight: float = 1.0) -> Sent:
        """Wait until `weight` may be sent.

        Raises:
            RateLimited: when the exchange has asked for more silence than `PATIENCE_SECONDS`.
        """
        self.waiting += 1
        try:
            async with self._turn:
                while (wait := self._wait(weight, self._clock())) > 0.0:
                    held = self.bucket.held_for(self._clock())
                    if held > PATIENCE_SECONDS:
                        raise RateLimited(f"nothing may be sent for {held:.0f} s", retry_after_seconds=held)
                    await self._rest(wait)
                now = self._clock()
                self._spending.spend(weight, now)
                return Sent(now, None if self._window is None else self._window.take(now))
        finally:
            self.waiting -= 1

    def _wait(self, weight: float, now: float) -> float:
        wait = 0.0 if self._window is None else self._window.wait(now)
        return wait if wait > 0.0 else self.bucket.reserve(weight, now)

    async def _rest(self, wait: float) -> None:
        """Wait so long, or until an answer may have freed a place before."""
        async with asyncio.TaskGroup() as tasks:
            self._resting = tasks.create_task(self._doze(wait), name="rest")
        self._resting = None

    async def _doze(self, wait: float) -> None:
        await self._sleep(wait)

    def answered(self, sent: Sent) -> None:
        """Learn that what was sent has been answered, so it has arrived."""
        if self._window is not None and sent.place is not None:
            self._window.answered(sent.place, sent.at, self._clock())
            if self._resting is not None:
                self._resting.cancel()

    def spent(self, used_weight: float) -> None:
        """Learn what the exchange says is used of its present window."""
        now = self._clock()
        self._spending.told(used_weight, now)
        self.bucket.spent(used_weight, now, _BREATHER_SECONDS / self._speed)

    def hold(self, seconds: float) -> None:
        """Send nothing for `seconds` of our time, as the exchange has asked; such answers are counted."""
        self.times_limited += 1
        now = self._clock()
        self.bucket.hold_until(now + seconds, now)

    def use(self, host: str) -> BudgetUse:
        """What is used of it at present, by the exchange's minute; `host` is its name."""
        bucket, window = self.bucket, self._window
        limit = bucket.window_limit
        if limit is None:
            limit = self._minute * (bucket.rate if window is None else window.rate)
        used = self._spending.within(self._clock())
        return BudgetUse(host, round(used, 1), round(limit, 1), self.waiting, self.times_limited)


class Budgets:
    """The budgets of this process, one per host, whoever asks for them."""

    def __init__(self) -> None:
        self._by_host: dict[str, Budget] = {}

    def of(self, host: str, make: Callable[[], Budget]) -> Budget:
        """The budget of `host`, made when it is asked for first."""
        if host not in self._by_host:
            self._by_host[host] = make()
        return self._by_host[host]

    def uses(self) -> tuple[BudgetUse, ...]:
        """What is used of each host's allowance for requests; budgets of connections and frames have two words."""
        return tuple(budget.use(host) for host, budget in self._by_host.items() if " " not in host)
