"""The one door into a session: a bounded queue in which candles wait for room and tickers give way to newer ones.

Each event is stamped with our clock as it comes in. The session owns the inbox; whoever puts events in is held back
while it is full, so that the pressure reaches the exchange's connection instead of our memory.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livermore.core.market.timeframe import Millis
from livermore.core.messages import Event, TickerSeen
from livermore.runtime.ports import Clock

INBOX_LIMIT: Final = 20_000


@dataclass(slots=True)
class _Place:
    event: Event | None
    received_at: Millis


class SessionInbox:
    """Events in the order of their arrival, at most `limit` of them."""

    def __init__(self, clock: Clock, limit: int = INBOX_LIMIT) -> None:
        self._clock = clock
        self._limit = limit
        self._places: deque[_Place] = deque()
        self._tickers: dict[str, _Place] = {}
        self._waiting = 0
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def __len__(self) -> int:
        return self._waiting

    async def put(self, events: Sequence[Event]) -> None:
        """Take events in, in order; waits while there is no room."""
        while self._waiting >= self._limit:
            self._has_room.clear()
            await self._has_room.wait()
        received_at = self._clock.now()
        for event in events:
            place = _Place(event, received_at)
            if isinstance(event, TickerSeen):
                self._give_way(event.ticker.symbol, place)
            self._places.append(place)
        self._waiting += len(events)
        self._filled.set()
        if len(self._places) > 2 * self._limit:
            # Tickers that gave way leave empty places behind; while nobody takes, they are swept out here.
            self._places = deque(place for place in self._places if place.event is not None)

    def _give_way(self, symbol: str, newer: _Place) -> None:
        # The newer ticker goes to the end, not into the older one's place: its watermark must not overtake candles.
        older = self._tickers.get(symbol)
        if older is not None and older.event is not None:
            older.event = None
            self._waiting -= 1
        self._tickers[symbol] = newer

    async def take(self, most: int) -> list[tuple[Event, Millis]]:
        """The next events, at least one and at most `most`, each with the instant it was received."""
        taken: list[tuple[Event, Millis]] = []
        while not taken:
            while self._places and len(taken) < most:
                place = self._places.popleft()
                if place.event is not None:
                    taken.append((place.event, place.received_at))
                    place.event = None
            if not taken:
                self._filled.clear()
                await self._filled.wait()
        self._waiting -= len(taken)
        if self._waiting < self._limit:
            self._has_room.set()
        return taken
