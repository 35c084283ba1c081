"""One subscriber of Binance's streams: its subscriptions, its pings and pongs, and its age."""

import msgspec

from livermore.core.market.timeframe import DAY, Millis
from livermore.sim.binance.profile import Profile
from livermore.sim.clock import SimClock
from livermore.sim.connection import Farewell, Outgoing, Ping, Verdict
from livermore.sim.limits import frames_limit

MESSAGES_PER_SECOND = 5
MOST_STREAMS = 1_024
LONGEST_LIFE: Millis = DAY
# A client's own reaction takes real time, at any speed.
REACTION_SECONDS = 2.0
_POLICY, _GONE = 1008, 1001


class Client:
    """One connection, as the feed sees it."""

    def __init__(self, outgoing: Outgoing, clock: SimClock, profile: Profile, *, is_combined: bool) -> None:
        now = clock.now()
        self.streams: dict[str, None] = {}
        self.is_combined = is_combined
        self._outgoing = outgoing
        self._clock = clock
        self._inbound = frames_limit(MESSAGES_PER_SECOND, clock)
        self._ping_every = profile.ping_every
        self._pong_within = clock.at_least(profile.pong_within, REACTION_SECONDS)
        self._ends_at = now + LONGEST_LIFE
        self._ping_at = now + self._ping_every
        self._pong_by: dict[bytes, Millis] = {}

    def push(self, stream: str, product: str, raw: str, combined: str) -> None:
        """Send an event, in the form this connection is set to."""
        if not self._outgoing.withholds(product):
            self._outgoing.send(stream, product, combined if self.is_combined else raw)

    def announce_shutdown(self, now: Millis) -> None:
        """Tell that the connection is about to be closed: ``{"e":"serverShutdown","E":1770123456789}``."""
        event = f'{{"e":"serverShutdown","E":{now}}}'
        combined = f'{{"stream":"!serverShutdown","data":{event}}}'
        self._outgoing.send("serverShutdown", "", combined if self.is_combined else event)

    def reply(self, body: dict[str, object]) -> None:
        """Send the answer to a request."""
        self._outgoing.send("reply", "", msgspec.json.encode(body).decode())

    def counted(self) -> Farewell | None:
        """Count one inbound frame, pings and pongs too; one too many in a second ends the connection."""
        if self._inbound.admits("", self._clock.now()):
            return None
        return Farewell(_POLICY, "Too many requests")

    def too_many_streams(self) -> Farewell | None:
        """Whether the subscriptions have grown beyond the limit, which ends the connection."""
        return Farewell(_POLICY, "Too many streams") if len(self.streams) > MOST_STREAMS else None

    def ponged(self, payload: bytes) -> None:
        """Take a pong; only one with the payload of a ping counts."""
        self._pong_by.pop(payload, None)

    def due_at(self) -> Millis:
        """The next instant at which something is due."""
        return min(self._ping_at, self._ends_at, *self._pong_by.values())

    def overdue(self, now: Millis) -> Verdict:
        """A ping, or the end: after 24 hours, or because a pong is missing."""
        if now >= self._ends_at:
            return Farewell(_GONE, "24 hours are over")
        if any(now >= by for by in self._pong_by.values()):
            return Farewell(_POLICY, "Pong timeout")
        if now < self._ping_at:
            return None
        if self._outgoing.is_stalled():
            # It says nothing at all, and so waits for no pong.
            self._ping_at = now + self._ping_every
            return None
        payload = str(now).encode()
        self._ping_at = now + self._ping_every
        self._pong_by[payload] = now + self._pong_within
        return Ping(payload)
