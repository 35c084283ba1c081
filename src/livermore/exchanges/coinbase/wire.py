"""What is said on a WebSocket connection to Coinbase Advanced Trade, in both directions.

Every frame of a connection is numbered from 0 on, over all channels, so that a lost one is noticed. One that comes
again, or after those that follow it, is ignored: were numbering begun anew, silence would end the connection. Nothing
says that a candle has closed. The snapshot after subscribing has holes: it is never history.
"""

from collections.abc import Callable, Iterable

from livermore.core.market.timeframe import BASE, SECOND, Millis
from livermore.core.messages import CandleSeen, FeedEvent, FramesLost, LinkUp, SymbolsRefused, TickerSeen
from livermore.errors import InvalidCandle
from livermore.exchanges.coinbase import frames
from livermore.exchanges.coinbase.salvage import Unread, candle_batches, ticker_batches
from livermore.exchanges.link import SLACK, LinkBook

NAMES_PER_MESSAGE = 100

_Reader = Callable[[frames.Envelope, Millis], list[FeedEvent]]


class CoinbaseWire:
    """One connection: which symbols it carries, the number of the frame that comes next, and its clock.

    `symbols` are canonical: Coinbase answers a ``-USDC`` alias with frames of its ``-USD`` product.
    """

    def __init__(self, link: int, symbols: Iterable[str]) -> None:
        self._book = LinkBook(link, symbols, proves_silence=True)
        self._next_number: int | None = None
        self._readers: dict[str, _Reader] = {
            "candles": self._candles,
            "ticker": self._tickers,
            "subscriptions": self._subscriptions,
        }

    @property
    def newest(self) -> Millis:
        """The newest envelope timestamp read, 0 before the first."""
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
        """Heartbeats first, as they keep quiet connections open; then candles, then tickers, in bounded messages."""
        if not self._book.wanted:
            return ()
        return (frames.subscribe("heartbeats"), *_spread(frames.subscribe, self._book.wanted))

    def change(self, symbols: frozenset[str]) -> tuple[str, ...]:
        """What is not wanted any more is unsubscribed, what is wanted too subscribed; the reply confirms."""
        before = self._book.wanted
        self._book.become(symbols)
        gone, come = before - symbols, symbols - before
        return (*_spread(frames.unsubscribe, gone), *_spread(frames.subscribe, come))

    def probe(self) -> str | None:
        """None: heartbeats come every second."""
        return None

    def unconfirmed(self) -> frozenset[str]:
        """The symbols wanted that the last reply did not name on the candles channel."""
        return self._book.wanted - self._book.confirmed

    def unheard(self) -> frozenset[str]:
        """The confirmed symbols of which nothing has been seen, not even a snapshot."""
        return self._book.confirmed - self._book.seen

    def settle(self) -> tuple[FeedEvent, ...]:
        """Go on with the symbols that are confirmed, if there are any."""
        if self._book.is_up or not self._book.confirmed:
            return ()
        return tuple(self._book.come_up(self._book.newest))

    def receive(self, frame: str | bytes) -> tuple[FeedEvent, ...]:
        """What a frame means; it never raises, whatever the frame."""
        book = self._book
        try:
            envelope = frames.ENVELOPE.decode(frame)
        except frames.UNREADABLE as exc:
            return (book.dropped(f"a frame cannot be read: {exc}", frame),)
        if envelope.type == "error":
            return self._error(envelope.message)
        if envelope.timestamp is None or envelope.sequence_num < 0:
            return (book.dropped("a frame without its number or time", frame),)
        at, before = frames.millis_of(envelope.timestamp), book.newest
        expected = self._next_number
        if expected is not None and envelope.sequence_num < expected:
            # Said twice it says nothing new, and where it had been missed that is known already: only a jump is a loss.
            return ()
        if not book.advance(at):
            return (book.dropped("the time of a frame cannot be true", frame),)
        self._next_number = envelope.sequence_num + 1
        was_up = book.is_up
        events = self._read(envelope, at)
        if not book.is_up:
            return tuple(book.hold(events))
        if was_up and expected is not None and envelope.sequence_num > expected:
            events.insert(0, FramesLost(book.link, at, f"frames {expected} to {envelope.sequence_num - 1} are missing"))
        if not events or not isinstance(events[-1], CandleSeen | TickerSeen | LinkUp):
            events += book.heard(at, before)
        return tuple(events)

    def _read(self, envelope: frames.Envelope, at: Millis) -> list[FeedEvent]:
        reader = self._readers.get(envelope.channel)
        return reader(envelope, at) if reader else []

    def _error(self, message: str) -> tuple[FeedEvent, ...]:
        """A failed subscription: it ends the connection, without those it names if it names any."""
        book = self._book
        book.failure = f"Coinbase says: {message[:200]}"
        words = set(message.replace(",", " ").replace('"', " ").replace("'", " ").split())
        named = book.wanted & words
        return (SymbolsRefused(book.link, named, book.failure),) if named else ()

    def _subscriptions(self, envelope: frames.Envelope, at: Millis) -> list[FeedEvent]:
        """The complete set in force; the link is up once it holds all that is wanted."""
        book = self._book
        try:
            replies = frames.SUBSCRIBED.decode(envelope.events)
        except frames.UNREADABLE as exc:
            return [book.dropped(f"a subscription reply cannot be read: {exc}", bytes(envelope.events))]
        echoed = frozenset(name for reply in replies for name in reply.subscriptions.get("candles", ()))
        if book.is_up:
            if not book.confirmed <= echoed:
                book.failure = "Coinbase has dropped subscriptions"
            joining = (book.wanted & echoed) - book.confirmed
            return [book.join(joining, at)] if joining else []
        book.confirmed = book.wanted & echoed
        return book.come_up(at) if book.confirmed == book.wanted else []

    def _candles(self, envelope: frames.Envelope, at: Millis) -> list[FeedEvent]:
        batches, unread = candle_batches(envelope.events)
        events = self._unread(unread, at, may_be_candles=self._book.is_up)
        for batch in batches:
            rows = [row for row in batch.candles if row.product_id in self._book.wanted]
            self._book.seen.update(row.product_id for row in rows)
            if batch.type == "snapshot":
                rows = _forming(rows, at)
            else:
                self._book.candle_came()
            for row in sorted(rows, key=_start) if len(rows) > 1 else rows:
                events.append(self._candle(row, at))
        return events

    def _candle(self, row: frames.CandleRow, at: Millis) -> FeedEvent:
        try:
            candle = row.candle()
        except InvalidCandle as exc:
            return self._book.dropped(str(exc), row, row.product_id)
        if candle.opened_at > at + SLACK:
            return self._book.dropped("a candle opens in the future", row, row.product_id)
        # A trade in a bucket proves that the bucket has begun, even if this frame was stamped a moment before.
        return CandleSeen(self._book.link, max(at, candle.opened_at), candle, is_final=False)

    def _tickers(self, envelope: frames.Envelope, at: Millis) -> list[FeedEvent]:
        book = self._book
        batches, unread = ticker_batches(envelope.events)
        events = self._unread(unread, at, may_be_candles=False)
        for batch in batches:
            for row in batch.tickers:
                if row.product_id not in book.wanted:
                    continue
                if not 0.0 < row.price < float("inf"):
                    events.append(book.dropped("a price must be a positive number", row, row.product_id))
                    continue
                book.seen.add(row.product_id)
                events.append(TickerSeen(book.link, row.ticker(at)))
                if batch.type == "update":
                    book.price_came(at)
        return events

    def _unread(self, unread: list[Unread], at: Millis, *, may_be_candles: bool) -> list[FeedEvent]:
        """The reports of what was left out; a candle that nobody can be named for may have been anybody's."""
        book = self._book
        events: list[FeedEvent] = [book.dropped(datum.reason, datum.sample, datum.product) for datum in unread]
        if may_be_candles and any(datum.product is None for datum in unread):
            events.append(FramesLost(book.link, at, "candles could not be read"))
        return events


def _spread(frame: Callable[[str, list[str]], str], products: frozenset[str]) -> list[str]:
    """The frames about these products, candles before tickers, each of a bounded number of names."""
    names = sorted(products)
    chunks = [names[i : i + NAMES_PER_MESSAGE] for i in range(0, len(names), NAMES_PER_MESSAGE)]
    return [frame(channel, chunk) for channel in ("candles", "ticker") for chunk in chunks]


def _start(row: frames.CandleRow) -> int:
    return row.start


def _forming(rows: list[frames.CandleRow], at: Millis) -> list[frames.CandleRow]:
    """Of a snapshot only the newest row of each product, and only if it is of the bucket in progress."""
    newest: dict[str, frames.CandleRow] = {}
    for row in rows:
        if row.product_id not in newest or row.start > newest[row.product_id].start:
            newest[row.product_id] = row
    return [row for row in newest.values() if row.start * SECOND == BASE.opening(at)]
