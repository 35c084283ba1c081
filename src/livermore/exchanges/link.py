"""What the wires of all exchanges have in common: the shape of a wire, and what is known of one connection."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from livermore.core.market.timeframe import HOUR, MINUTE, Millis
from livermore.core.messages import CandleSeen, DatumDropped, Event, FeedEvent, Heard, LinkUp, TickerSeen

SAMPLE_CHARACTERS = 200
"""How much of an impossible datum is kept for the log."""

SLACK: Millis = MINUTE
"""How far ahead of the clock on its connection a candle may open: the servers of an exchange differ a little."""

_SAMPLE_BYTES = 4 * SAMPLE_CHARACTERS
_LONGEST_LEAP: Millis = HOUR
_CANDLES_OWED_FOR: Millis = 5 * MINUTE


class Inbox(Protocol):
    """Where events go."""

    async def put(self, events: Sequence[Event]) -> None:
        """Take events in, in order; waits while there is no room."""


class Wire(Protocol):
    """The pure half of one connection: frames in, events out; it is made for a connection and dies with it."""

    @property
    def newest(self) -> Millis:
        """The newest exchange timestamp read, 0 before the first."""

    @property
    def is_up(self) -> bool:
        """Whether `LinkUp` has been said."""

    @property
    def failure(self) -> str | None:
        """Why this connection is of no more use, or None."""

    @property
    def farewell(self) -> str | None:
        """Why the exchange will end this connection before long, or None; it is of use until then."""

    def greeting(self) -> tuple[str, ...]:
        """The frames to send first; none when there is nothing to ask for."""

    def change(self, symbols: frozenset[str]) -> tuple[str, ...]:
        """The frames to send so that these symbols are carried and no others; what comes of others is ignored."""

    def probe(self) -> str | None:
        """A frame that is answered at once, or None where the exchange gives signs of life by itself."""

    def receive(self, frame: str | bytes) -> tuple[FeedEvent, ...]:
        """What a frame means; it never raises, whatever the frame."""

    def unconfirmed(self) -> frozenset[str]:
        """The symbols wanted that the exchange has not confirmed."""

    def settle(self) -> tuple[FeedEvent, ...]:
        """Stop waiting for more confirmations and go on with those there are."""

    def unheard(self) -> frozenset[str]:
        """The confirmed symbols of which nothing has been seen."""


class LinkBook:
    """What both kinds of wire know of their connection: its clock, whether it is up, and what to hold until then."""

    def __init__(self, link: int, wanted: Iterable[str], *, proves_silence: bool) -> None:
        self.link = link
        self.wanted = frozenset(wanted)
        self.confirmed: frozenset[str] = frozenset()
        self.newest: Millis = 0
        self.is_borne_out = False
        self.failure: str | None = None
        self.farewell: str | None = None
        self.is_up = False
        self.seen: set[str] = set()
        self._proves_silence = proves_silence
        self._held: dict[str, CandleSeen] = {}
        self._owed_since: Millis | None = None

    def advance(self, at: Millis) -> bool:
        """Move the clock of the connection; False when `at` cannot be the time.

        There is nothing to compare a first instant with: it is believed once a second one bears it out.
        """
        is_first = not self.newest
        leaps = not is_first and at > self.newest + _LONGEST_LEAP
        falls = not is_first and not self.is_borne_out and at < self.newest - _LONGEST_LEAP
        if at <= 0 or leaps or falls:
            self.failure = f"its clock leapt from {self.newest} to {at}"
            return False
        self.newest = max(self.newest, at)
        self.is_borne_out = not is_first
        return True

    def dropped(self, reason: str, sample: object, symbol: str | None = None) -> DatumDropped:
        """The report of an impossible datum."""
        head = sample[:_SAMPLE_BYTES] if isinstance(sample, bytes) else b""
        text = head.decode("utf-8", "replace") if head else str(sample)
        return DatumDropped(self.link, self.newest, symbol, reason, text[:SAMPLE_CHARACTERS])

    def come_up(self, at: Millis) -> list[FeedEvent]:
        """Say that the confirmed symbols are being watched, then what had been held for that moment."""
        self.is_up = True
        held = [seen for symbol, seen in self._held.items() if symbol in self.confirmed]
        self._held.clear()
        return [LinkUp(self.link, at, self.confirmed, self._proves_silence), *held]

    def become(self, wanted: frozenset[str]) -> None:
        """Carry these symbols from now on; of others nothing is expected any more."""
        self.wanted = wanted
        self.confirmed &= wanted
        self.seen &= wanted
        for symbol in self._held.keys() - wanted:
            del self._held[symbol]

    def join(self, symbols: frozenset[str], at: Millis) -> LinkUp:
        """Say that more symbols are watched from `at` on; the connection is up already."""
        self.confirmed |= symbols
        return LinkUp(self.link, at, symbols, self._proves_silence)

    def hold(self, events: Iterable[FeedEvent]) -> list[FeedEvent]:
        """Keep each symbol's newest candle until the link is up; what is not about the market passes."""
        passing: list[FeedEvent] = []
        for event in events:
            if isinstance(event, CandleSeen):
                self._held[event.candle.symbol] = event
            elif not isinstance(event, TickerSeen):
                passing.append(event)
        return passing

    def heard(self, at: Millis, before: Millis) -> list[FeedEvent]:
        """The exchange's clock as an event, when it has moved beyond `before`."""
        return [Heard(self.link, at)] if at > before else []

    def candle_came(self) -> None:
        """Note that the candles of this connection flow."""
        self._owed_since = None

    def price_came(self, at: Millis) -> None:
        """Note a trade; when trades go on for long without a candle, the candle channel is dead."""
        if self._owed_since is None:
            self._owed_since = at
        elif at - self._owed_since > _CANDLES_OWED_FOR:
            self.failure = "prices move but no candles come"
