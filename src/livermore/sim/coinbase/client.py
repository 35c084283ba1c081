"""One subscriber of Coinbase's feed: what it has subscribed to, its frame numbers and its deadlines."""

import msgspec

from livermore.core.market.timeframe import SECOND, Millis
from livermore.sim.clock import SimClock
from livermore.sim.coinbase.stamps import rfc3339
from livermore.sim.connection import Farewell, Outgoing

HEARTBEATS = "heartbeats"
CANDLES = "candles"
TICKER = "ticker"
TICKER_BATCH = "ticker_batch"
MARKET_TRADES = "market_trades"
CHANNELS = (HEARTBEATS, CANDLES, TICKER, TICKER_BATCH, MARKET_TRADES)

FIRST_SUBSCRIBE_WITHIN: Millis = 5 * SECOND
IDLE_FOR: Millis = 90 * SECOND
# A client's own reaction takes real time, at any speed.
REACTION_SECONDS = 2.0
_POLICY, _GONE = 1008, 1001


class Client:
    """One connection, as the feed sees it."""

    def __init__(self, outgoing: Outgoing, clock: SimClock) -> None:
        self.products_by_channel: dict[str, dict[str, None]] = {}
        self._outgoing = outgoing
        self._clock = clock
        self._sequence = 0
        self._subscribe_by = clock.now() + clock.at_least(FIRST_SUBSCRIBE_WITHIN, REACTION_SECONDS)
        self._idle_for = clock.at_least(IDLE_FOR, REACTION_SECONDS)
        self._news_at = clock.now()
        self._has_subscribed = False

    def publish(self, channel: str, product: str, events: str, now: Millis) -> None:
        """Send events, a JSON array, in the next numbered envelope.

        ``{"channel":"candles","client_id":"","timestamp":"2026-…Z","sequence_num":3,"events":[…]}``; the numbers count
        every frame of the connection, whatever its channel, from 0.
        """
        # What is withheld has no number, so that nobody misses it; it does not count as silence either.
        self._news_at = max(self._news_at, self._clock.now())
        if self._outgoing.withholds(product):
            return
        number = self._sequence
        self._sequence += 1
        self._outgoing.send(
            channel,
            product,
            f'{{"channel":"{channel}","client_id":"","timestamp":"{rfc3339(now, number)}",'
            f'"sequence_num":{number},"events":{events}}}',
        )

    def complain(self, message: str) -> None:
        """Send ``{"type":"error","message":…}``, which has neither channel nor number."""
        self._outgoing.send("error", "", msgspec.json.encode({"type": "error", "message": message}).decode())

    def subscribed(self, channel: str, products: list[str], now: Millis) -> None:
        """Add to the subscriptions and tell the complete set."""
        self._has_subscribed = True
        self.products_by_channel.setdefault(channel, {}).update(dict.fromkeys(products))
        self._tell_subscriptions(now)

    def unsubscribed(self, channel: str, products: list[str], now: Millis) -> None:
        """Take from the subscriptions and tell the complete set."""
        kept = self.products_by_channel.get(channel, {})
        for product in products:
            kept.pop(product, None)
        if not kept or channel == HEARTBEATS:
            self.products_by_channel.pop(channel, None)
        self._tell_subscriptions(now)

    def _tell_subscriptions(self, now: Millis) -> None:
        current = {
            channel: list(products) if channel != HEARTBEATS else [HEARTBEATS]
            for channel, products in self.products_by_channel.items()
            if products or channel == HEARTBEATS
        }
        self.publish("subscriptions", "", msgspec.json.encode([{"subscriptions": current}]).decode(), now)

    def due_at(self) -> Millis:
        """The next instant at which something is due."""
        return self._subscribe_by if not self._has_subscribed else self._news_at + self._idle_for

    def overdue(self, now: Millis) -> Farewell | None:
        """Whether the connection ends at `now`: nothing subscribed in time, or nothing to say for too long."""
        if now < self.due_at():
            return None
        if not self._has_subscribed:
            return Farewell(_POLICY, "no subscription within 5 seconds")
        return Farewell(_GONE, "no updates")
