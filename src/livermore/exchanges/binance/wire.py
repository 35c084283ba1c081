"""What is said on a WebSocket connection to Binance or Binance US, in both directions.

A subscription to a name that does not exist is accepted and never answers, so names are checked against the listing
first and against LIST_SUBSCRIPTIONS afterwards. Frames are not numbered: silence proves nothing here.
"""

from collections.abc import Iterable, Mapping

from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import BASE, Millis
from livermore.core.messages import CandleSeen, FeedEvent, LinkUp, TickerSeen
from livermore.errors import InvalidCandle
from livermore.exchanges.binance import frames
from livermore.exchanges.link import SLACK, LinkBook

NAMES_PER_MESSAGE = 100

METRONOMES = ("BTC-USDT", "ETH-USDT", "BTC-USD")
"""Busy symbols that every connection carries, so that its clock moves and its silence means something."""

_INTERVAL = "5m"


class BinanceWire:
    """One connection: which symbols it carries, what the exchange has confirmed, and its clock.

    `instruments` is the listing by symbol; what it does not list is never confirmed.
    """

    def __init__(self, link: int, symbols: Iterable[str], instruments: Mapping[str, Instrument]) -> None:
        self._book = LinkBook(link, symbols, proves_silence=False)
        self._instruments = instruments
        self._metronomes = {instruments[symbol].product for symbol in METRONOMES if symbol in instruments}
        self._symbol_by_product = self._listed(self._book.wanted)
        self._streams = self._streams_for(self._symbol_by_product)
        self._is_confirmed = False
        self._joining: frozenset[str] = frozenset()
        self._last_id = 0

    def _listed(self, symbols: frozenset[str]) -> dict[str, str]:
        return {self._instruments[symbol].product: symbol for symbol in symbols & self._instruments.keys()}

    def _streams_for(self, products: Iterable[str]) -> list[str]:
        carried = set(products)
        return [
            name for product in sorted(carried | self._metronomes if carried else ()) for name in _streams_of(product)
        ]

    @property
    def newest(self) -> Millis:
        """The newest event time read, 0 before the first."""
        return self._book.newest

    @property
    def is_up(self) -> bool:
        """Whether `LinkUp` has been said."""
        return self._book.is_up

    @property
    def failure(self) -> str | None:
        """Why this connection is of no more use, or None."""
        return self._book.failure

    @property
    def farewell(self) -> str | None:
        """Why the exchange will end this connection before long, or None."""
        return self._book.farewell

    def greeting(self) -> tuple[str, ...]:
        """Subscriptions in bounded messages, then the question which of them are in force."""
        if not self._streams:
            return ()
        return (*self._requests("SUBSCRIBE", self._streams), self._question())

    def change(self, symbols: frozenset[str]) -> tuple[str, ...]:
        """Unsubscribe and subscribe in bounded messages, then ask which are in force.

        What is not listed is asked for by nobody, and so never confirmed.
        """
        self._book.become(symbols)
        self._joining &= symbols
        self._symbol_by_product = self._listed(symbols)
        before, self._streams = self._streams, self._streams_for(self._symbol_by_product)
        gone = [name for name in before if name not in set(self._streams)]
        come = [name for name in self._streams if name not in set(before)]
        return (*self._requests("UNSUBSCRIBE", gone), *self._requests("SUBSCRIBE", come), self._question())

    def probe(self) -> str | None:
        """The question which subscriptions are in force: a market may be silent, a connection that lives answers."""
        return self._question() if self._book.is_up else None

    def _requests(self, method: str, names: list[str]) -> list[str]:
        chunks = [names[i : i + NAMES_PER_MESSAGE] for i in range(0, len(names), NAMES_PER_MESSAGE)]
        return [frames.request(self._next_id(), method, chunk) for chunk in chunks]

    def _question(self) -> str:
        return frames.request(self._next_id(), "LIST_SUBSCRIPTIONS")

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def unconfirmed(self) -> frozenset[str]:
        """The symbols wanted whose kline stream is not in force."""
        return self._book.wanted - self._book.confirmed - self._joining

    def unheard(self) -> frozenset[str]:
        """The confirmed symbols of which nothing has been seen."""
        return self._book.confirmed - self._book.seen

    def settle(self) -> tuple[FeedEvent, ...]:
        """Go on with the symbols that are confirmed; the link is up with the next frame whose time is believed."""
        self._is_confirmed = bool(self._book.confirmed)
        return ()

    def receive(self, frame: str | bytes) -> tuple[FeedEvent, ...]:
        """What a frame means; it never raises, whatever the frame."""
        try:
            envelope = frames.ENVELOPE.decode(frame)
        except frames.UNREADABLE as exc:
            return (self._book.dropped(f"a frame cannot be read: {exc}", frame),)
        if envelope.stream:
            return self._event(bytes(envelope.data))
        if envelope.e:
            return self._event(frame)
        if envelope.error is not None or envelope.code is not None:
            complaint = envelope.error or frames.Complaint(envelope.code or 0, envelope.msg)
            self._book.failure = f"Binance says: {complaint.msg[:200]} ({complaint.code})"
        elif isinstance(envelope.result, list):
            # Of our requests only the question which subscriptions are in force is answered with a list.
            self._subscriptions(frozenset(envelope.result))
        return ()

    def _subscriptions(self, in_force: frozenset[str]) -> None:
        """Note what the exchange confirms; its replies carry no time, so the link is not up yet."""
        candles = {symbol for product, symbol in self._symbol_by_product.items() if _streams_of(product)[0] in in_force}
        book = self._book
        if not book.is_up:
            book.confirmed = frozenset(candles)
            self._is_confirmed = len(candles) == len(self._symbol_by_product)
        elif not book.confirmed <= candles:
            book.failure = "Binance has dropped subscriptions"
        else:
            self._joining = frozenset(candles) - book.confirmed

    def _event(self, data: str | bytes) -> tuple[FeedEvent, ...]:
        book, before = self._book, self._book.newest
        try:
            event = frames.EVENT.decode(data)
        except frames.UNREADABLE as exc:
            return self._strange(data, str(exc))
        if not book.advance(event.E):
            return (book.dropped("the time of an event cannot be true", data),)
        events: list[FeedEvent] = []
        if isinstance(event, frames.Kline):
            events = self._candle(event)
        elif isinstance(event, frames.MiniTicker):
            events = self._ticker(event)
        else:
            book.farewell = "Binance is about to close this connection"
        return self._timed(events, event.E, before)

    def _timed(self, events: list[FeedEvent], at: Millis, before: Millis) -> tuple[FeedEvent, ...]:
        """The events of a frame with what its time adds to them."""
        book = self._book
        if not book.is_up:
            events = book.hold(events)
            may_come_up = self._is_confirmed and book.is_borne_out
            return (*events, *book.come_up(at)) if may_come_up else tuple(events)
        if self._joining:
            # Their first frames may come before the reply does, and are not relied on.
            events.append(book.join(self._joining, at))
            self._joining = frozenset()
        if not events or not isinstance(events[-1], CandleSeen | TickerSeen | LinkUp):
            events += book.heard(at, before)
        return tuple(events)

    def _strange(self, data: str | bytes, reason: str) -> tuple[FeedEvent, ...]:
        """An event of another kind, which still tells the time, or one of ours that cannot be read."""
        book, before = self._book, self._book.newest
        try:
            event = frames.ANY_EVENT.decode(data)
        except frames.UNREADABLE as exc:
            return (book.dropped(f"an event cannot be read: {exc}", data),)
        if event.e in frames.KNOWN_EVENTS:
            symbol = self._symbol_by_product.get(event.s)
            return (book.dropped(f"an event cannot be read: {reason}", data, symbol),)
        return self._timed([], event.E, before) if event.E > 0 and book.advance(event.E) else ()

    def _candle(self, event: frames.Kline) -> list[FeedEvent]:
        self._book.candle_came()
        symbol = self._symbol_by_product.get(event.s)
        # A bucket without trades is left to REST, which alone can tell that it is empty.
        if symbol is None or event.k.i != _INTERVAL or event.k.n == 0:
            return []
        self._book.seen.add(symbol)
        try:
            candle = event.k.candle(symbol)
        except InvalidCandle as exc:
            return [self._book.dropped(str(exc), event.k, symbol)]
        if candle.opened_at > event.E + SLACK:
            return [self._book.dropped("a candle opens in the future", event.k, symbol)]
        # A trade in a bucket proves that the bucket has begun, even if this frame was stamped a moment before.
        return [CandleSeen(self._book.link, max(event.E, candle.opened_at), candle, is_final=event.k.x)]

    def _ticker(self, event: frames.MiniTicker) -> list[FeedEvent]:
        self._book.price_came(event.E)
        symbol = self._symbol_by_product.get(event.s)
        if symbol is None:
            return []
        if not 0.0 < event.c < float("inf"):
            return [self._book.dropped("a price must be a positive number", event, symbol)]
        self._book.seen.add(symbol)
        return [TickerSeen(self._book.link, event.ticker(symbol))]


def _streams_of(product: str) -> tuple[str, str]:
    """The names of a product's candle and ticker streams."""
    name = product.lower()
    return f"{name}@kline_{BASE}", f"{name}@miniTicker"
