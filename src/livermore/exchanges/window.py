"""Keeping to so many requests in any stretch of time, as exact as can be known from here.

What counts is when a request arrives, and that is somewhere between when it was sent and when its answer came. The next
one takes at least as long to arrive as any answer ever took to come, at the best: so a place is free again one window
after the request, prolonged by as much as its answer took longer than the fastest. Of the fastest only a little is
believed: the first answers come on connections that had to be opened, and are all slow.
"""

import math

MARGIN_SECONDS = 0.02
"""On top of each window, for what clocks and timers get wrong."""

LATEST_ARRIVAL_SECONDS = 3.0
"""A request without an answer has arrived by then: a lost packet is sent again after one second, then after two."""


CREDIT_SECONDS = 0.05
"""The longest way there and back that is taken for granted."""


class Place:
    """One of the places in a window, and the request that was sent in it last."""

    __slots__ = ("free_at", "sent_at")

    def __init__(self) -> None:
        self.sent_at = -math.inf
        self.free_at = -math.inf


class SlidingWindow:
    """The arithmetic of at most `count` requests in any `window` seconds; every instant is an argument."""

    def __init__(self, count: int, window: float) -> None:
        self._window = window
        self._places = [Place() for _ in range(count)]
        self._fastest = CREDIT_SECONDS

    @property
    def rate(self) -> float:
        """How many requests a second that is."""
        return len(self._places) / self._window

    def wait(self, now: float) -> float:
        """How many seconds until a place is free, 0 if one is."""
        return max(0.0, self._next().free_at - now)

    def take(self, now: float) -> Place:
        """Send a request now; there must be a free place."""
        place = self._next()
        place.sent_at = now
        place.free_at = now + LATEST_ARRIVAL_SECONDS + self._window + MARGIN_SECONDS
        return place

    def answered(self, place: Place, sent_at: float, now: float) -> None:
        """Learn that the request that was sent then in this place has been answered."""
        took = now - sent_at
        self._fastest = min(self._fastest, took)
        if place.sent_at == sent_at:
            late = min(took - self._fastest, LATEST_ARRIVAL_SECONDS)
            place.free_at = sent_at + late + self._window + MARGIN_SECONDS

    def _next(self) -> Place:
        return min(self._places, key=lambda place: place.free_at)
