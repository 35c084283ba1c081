"""How much a client may ask for: counters in simulated time, pure arithmetic."""

from collections import OrderedDict, deque
from dataclasses import dataclass

from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.sim.clock import SimClock

_MOST_CLIENTS = 10_000
# How many requests a client may send against a 429 before it is banned.
IGNORED_BEFORE_BAN = 10
_FIRST_BAN: Millis = 2 * MINUTE
_LONGEST_BAN: Millis = 3 * 24 * 60 * MINUTE


class RollingLimit:
    """At most `count` of something within any `window`, per client."""

    def __init__(self, count: int, window: Millis) -> None:
        self._count = count
        self._window = window
        self._times_by_client: OrderedDict[str, deque[Millis]] = OrderedDict()

    def admits(self, client: str, now: Millis) -> bool:
        """Whether one more is within the limit; it is counted only if it is."""
        times = self._times_by_client.setdefault(client, deque(maxlen=self._count))
        self._times_by_client.move_to_end(client)
        if len(self._times_by_client) > _MOST_CLIENTS:
            self._times_by_client.popitem(last=False)
        if len(times) == self._count and now - times[0] < self._window:
            return False
        times.append(now)
        return True


def frames_limit(per_second: int, clock: SimClock) -> RollingLimit:
    """The limit of so many frames a second, on a fast clock over a real second, in which frames of that rate may bunch.

    Frames wait in sockets while a machine does something else; at 600 times the speed that would be seconds.
    """
    window = clock.at_least(SECOND, 1.0)
    return RollingLimit(per_second * window // SECOND, window)


@dataclass(frozen=True, slots=True)
class Charge:
    """The answer to a request for weight: `status` is 200, 429 or 418, `wait` how long to stay away."""

    status: int
    used: int
    wait: Millis


@dataclass(slots=True)
class _Account:
    minute: int = -1
    used: int = 0
    ignored: int = 0
    bans: int = 0
    banned_until: Millis = 0


class WeightMeter:
    """Binance's request weight: so much in a calendar minute, then 429, then 418 for those who do not listen."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._account_by_client: OrderedDict[str, _Account] = OrderedDict()

    def charge(self, client: str, weight: int, now: Millis) -> Charge:
        """Book a request of this weight."""
        account = self._account_by_client.setdefault(client, _Account())
        self._account_by_client.move_to_end(client)
        if len(self._account_by_client) > _MOST_CLIENTS:
            self._account_by_client.popitem(last=False)
        if now < account.banned_until:
            return Charge(418, account.used, account.banned_until - now)
        minute = now // MINUTE
        if account.minute != minute:
            account.minute, account.used, account.ignored = minute, 0, 0
        account.used += weight
        if account.used <= self.limit:
            return Charge(200, account.used, 0)
        return self._refused(account, now)

    def _refused(self, account: _Account, now: Millis) -> Charge:
        account.ignored += 1
        if account.ignored <= IGNORED_BEFORE_BAN:
            return Charge(429, account.used, MINUTE - now % MINUTE)
        ban = min(_FIRST_BAN * 2**account.bans, _LONGEST_BAN)
        account.bans += 1
        account.banned_until = now + ban
        return Charge(418, account.used, ban)
