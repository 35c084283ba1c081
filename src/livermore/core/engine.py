"""The engine: one event in, a tuple of effects out.

It holds all that is known of one exchange's market while a session lasts, and performs nothing itself: the same events
in the same order give the same effects, live or replayed. Time is in the events; `now` only measures.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from livermore.core.feed_report import Hearing, feed_report
from livermore.core.instance.status import FeedReport, FeedState
from livermore.core.links import LONGEST_ABSENCE, Link, Links
from livermore.core.market.closing import Bucket, Sighting
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.messages import (
    BackfillAsked,
    CacheCleared,
    CandleSeen,
    CandlesFetched,
    Commit,
    DatumDropped,
    Effect,
    Event,
    FetchCandles,
    FetchReason,
    FetchRefused,
    Forget,
    FramesLost,
    Heard,
    LinkDown,
    LinkUp,
    PublishTicker,
    Report,
    SymbolsAdded,
    SymbolsRefused,
    SymbolsRemoved,
    SymbolsUnheard,
    TickerSeen,
    WatchChanged,
    WatchedBefore,
)
from livermore.core.restored import RestoredSeries
from livermore.core.symbol import VERIFY_AFTER, WatchedSymbol
from livermore.core.watch import Instant, Watch

NAMES_REPORTED: Final = 20
NEVER: Final[Millis] = 2**63


class Engine:
    """Folds events into the state of one exchange's market and answers with effects."""

    def __init__(self, watch: Watch, symbols: Iterable[str], restored: Iterable[RestoredSeries] = ()) -> None:
        by_symbol: dict[str, list[RestoredSeries]] = {symbol: [] for symbol in symbols}
        for series in restored:
            if series.symbol in by_symbol:
                by_symbol[series.symbol].append(series)
        self.watch = watch
        self.symbols = {symbol: WatchedSymbol(symbol, series) for symbol, series in by_symbol.items()}
        for one in self.symbols.values():
            one.go_by(watch)
        self.links = Links(self.symbols)
        self.refused: dict[str, str] = {}
        self.last_loss = ""
        self._received_at: Millis = 0
        self._watermark: Millis = 0
        self._resting: dict[str, Millis] = {}
        self._wakes_when: Millis = NEVER
        self._handlers: dict[type[Any], Callable[[Any, Millis], Iterable[Effect]]] = {
            CandleSeen: self._candle_seen,
            TickerSeen: self._ticker_seen,
            Heard: self._was_heard,
            CandlesFetched: self._fetched,
            FetchRefused: self._fetch_refused,
            LinkUp: self._link_up,
            LinkDown: self._link_down,
            FramesLost: self._frames_lost,
            DatumDropped: self._datum_dropped,
            SymbolsRefused: self._symbols_refused,
            SymbolsUnheard: self._symbols_unheard,
            WatchedBefore: self._watched_before,
            SymbolsAdded: self._symbols_added,
            SymbolsRemoved: self._symbols_removed,
            WatchChanged: self._watch_changed,
            BackfillAsked: self._backfill_asked,
            CacheCleared: self._cache_cleared,
        }

    def handle(self, event: Event, now: Millis) -> tuple[Effect, ...]:
        """What `event`, received by our clock at `now`, brings about; to be performed in this order."""
        self._received_at = now
        return tuple(self._handlers[type(event)](event, now))

    @property
    def feed_state(self) -> FeedState:
        """Whether all watched symbols are carried by a connection, some, or none."""
        if not self.links:
            return FeedState.DOWN
        if self.refused or any(symbol.feed.link is None for symbol in self.symbols.values()):
            return FeedState.DEGRADED
        return FeedState.LIVE

    def feed_report(self, now: Millis) -> FeedReport:
        """How well the exchange is heard at our instant `now`, and why not better."""
        links, loss = self.links.keys(), self.last_loss
        return feed_report(Hearing(self.symbols, self.refused, links, self._watermark, self._received_at, loss), now)

    @property
    def attended(self) -> dict[str, Millis]:
        """Up to where the buckets of each symbol have been closed, of those that a connection has carried."""
        ends = {name: symbol.feed.next_opened_at for name, symbol in self.symbols.items()}
        return {name: end for name, end in ends.items() if end is not None}

    @property
    def has_heard_of_all(self) -> bool:
        """Whether every symbol has been confirmed at least once, or refused."""
        return all(one.feed.next_opened_at is not None or name in self.refused for name, one in self.symbols.items())

    # -------------------------------------------------------------------------------------------- the feed

    def _link_up(self, event: LinkUp, now: Millis) -> Iterator[Effect]:
        if self._watermark and event.at - self._watermark > LONGEST_ABSENCE:
            # It stays down for us, which its symbols show, and nothing that it says closes a bucket.
            ahead = event.at - self._watermark
            yield Report("clock_leaped", f"connection {event.link} begins {ahead} ms after all that was heard before")
            return
        confirmed = sorted(event.symbols & self.symbols.keys())
        self.links.up(event.link, event.at, confirmed)
        for symbol in confirmed:
            self.refused.pop(symbol, None)
        carried = [symbol for symbol in confirmed if not self.links.is_carried_on(symbol, event.link)]
        for symbol in carried:
            self.symbols[symbol].connected(event.link, event.at, proves_silence=event.proves_silence)
            self.links.await_the_last_word_on(symbol, self.watch.traits.grace)
        yield from self._heard(event.link, event.at, now)
        for symbol in carried:
            # What REST answered while there was no feed can be judged now.
            commit = self.symbols[symbol].catch_up(self.watch, Instant(event.at, now))
            yield from self._after(self.symbols[symbol], commit, event.at)

    def _link_down(self, event: LinkDown, _: Millis) -> Iterator[Effect]:
        lost = self.links.down(event.link)
        # That a connection ends which has been replaced is not trouble; that one never came up is.
        kind = "link_ended" if lost == 0 else "feed_lost"
        if kind == "feed_lost":
            self.last_loss = event.reason
        yield Report(kind, f"connection {event.link} with {lost or 0} symbols has ended: {event.reason}")

    def _was_heard(self, event: Heard, now: Millis) -> Iterable[Effect]:
        return self._heard(event.link, event.at, now)

    def _candle_seen(self, event: CandleSeen, now: Millis) -> Iterable[Effect]:
        candle = event.candle
        if self.links.leaps(event.link, event.at):
            return self._heard(event.link, event.at, now)
        symbol = self.symbols.get(candle.symbol)
        if symbol is None:
            return self._heard(event.link, event.at, now)
        if self.refused:
            self.refused.pop(candle.symbol, None)
        if symbol.feed.link != event.link:
            symbol.feed.overheard(event.link, Sighting(candle, event.at, event.is_final))
            return self._heard(event.link, event.at, now)
        if candle.opened_at > event.at:
            symbol.feed.broken(event.at)
            return (Report("datum_dropped", "a candle from the future", candle.symbol, repr(candle)),)
        sighting = Sighting(candle, event.at, event.is_final)
        effects: tuple[Effect, ...]
        if symbol.feed.has_closed(candle.opened_at):
            effects = self._late(symbol, sighting, event.at, now)
        else:
            buckets = symbol.feed.seen(sighting)
            effects = self._closed(symbol, buckets, event.at, now) if buckets else ()
        return (*effects, *self._heard(event.link, event.at, now))

    def _ticker_seen(self, event: TickerSeen, now: Millis) -> Iterable[Effect]:
        if self.refused:
            self.refused.pop(event.ticker.symbol, None)
        heard = self._heard(event.link, event.ticker.at, now)
        symbol = self.symbols.get(event.ticker.symbol)
        if symbol is None:
            return heard
        symbol.feed.traded(event.ticker.at)
        return (PublishTicker(event.ticker), *heard)

    def _frames_lost(self, event: FramesLost, now: Millis) -> Iterator[Effect]:
        for symbol in self.links.carried_by(event.link):
            symbol.feed.broken(event.at)
        self.links.doubt(event.link)
        yield Report("frames_lost", f"connection {event.link}: {event.reason}")
        yield from self._heard(event.link, event.at, now)

    def _datum_dropped(self, event: DatumDropped, _: Millis) -> Iterator[Effect]:
        # What was dropped may have been the last word on a bucket: only REST can tell now.
        for symbol in self.links.carried_by(event.link):
            if event.symbol in (None, symbol.symbol):
                symbol.feed.broken(event.at)
        self.links.doubt(event.link)
        yield Report("datum_dropped", event.reason, event.symbol, event.sample)

    def _symbols_refused(self, event: SymbolsRefused, _: Millis) -> Iterator[Effect]:
        for symbol in sorted(event.symbols & self.symbols.keys()):
            self.refused[symbol] = event.reason
            yield Report("symbol_refused", event.reason, symbol)

    def _symbols_unheard(self, event: SymbolsUnheard, _: Millis) -> Iterator[Effect]:
        names = sorted(event.symbols & self.symbols.keys())
        if names:
            more = f" and {len(names) - NAMES_REPORTED} more" if len(names) > NAMES_REPORTED else ""
            yield Report("symbols_unheard", f"{event.reason}: {', '.join(names[:NAMES_REPORTED])}{more}")

    def _heard(self, link: int, at: Millis, now: Millis) -> Iterable[Effect]:
        """Move a connection's watermark, and close what it proves closed."""
        known = self.links.get(link)
        if known is None or (at <= known.watermark and known.closes_when):
            return ()
        if self.links.leaps(link, at):
            # One garbled instant must not close the buckets of years.
            return (Report("clock_leaped", f"connection {link} claims to be {at - known.watermark} ms further"),)
        known.watermark = at
        if at > self._watermark:
            self._watermark = at
        if at < known.closes_when and at < known.verifies_when and at < self._wakes_when:
            return ()
        return list(self._pass(link, known, at, now))

    def _pass(self, link: int, known: Link, at: Millis, now: Millis) -> Iterator[Effect]:
        if at >= known.closes_when:
            grace = self.watch.traits.grace
            boundary = BASE.opening(at - grace)
            known.closes_when = boundary + BASE.millis + grace
            if known.vouches_when:
                self.links.vouch(link, at, grace)
            for symbol in self.links.carried_by(link):
                buckets = symbol.feed.passed(boundary)
                yield from self._closed(symbol, buckets, at, now) if buckets else self._orders(symbol, at)
        if at >= known.verifies_when and self.watch.repairs:
            known.verifies_when = BASE.opening(at - VERIFY_AFTER) + BASE.millis + VERIFY_AFTER
            for symbol in self.links.carried_by(link):
                yield from symbol.verifications(self.watch, at)
        if at >= self._wakes_when:
            awake = [name for name, until in self._resting.items() if until <= at]
            for name in awake:
                del self._resting[name]
            self._wakes_when = min(self._resting.values(), default=NEVER)
            for name in awake:
                yield from self._orders(self.symbols[name], at)
                if self.watch.repairs:
                    yield from self.symbols[name].verifications(self.watch, at)

    # -------------------------------------------------------------------------------------------- from people

    def _watched_before(self, event: WatchedBefore, _: Millis) -> Iterable[Effect]:
        for name, until in event.until.items():
            if name in self.symbols:
                self.symbols[name].watched_before(until)
        return ()

    def _symbols_added(self, event: SymbolsAdded, _: Millis) -> Iterable[Effect]:
        for name in event.symbols:
            if name not in self.symbols:
                own = [one for one in event.restored if one.symbol == name]
                symbol = self.symbols[name] = WatchedSymbol(name, own)
                symbol.go_by(self.watch)
        return ()

    def _symbols_removed(self, event: SymbolsRemoved, _: Millis) -> Iterable[Effect]:
        for name in event.symbols:
            self.symbols.pop(name, None)
            self.refused.pop(name, None)
            self._resting.pop(name, None)
        self.links.forget()
        return ()

    def _watch_changed(self, event: WatchChanged, _: Millis) -> Iterable[Effect]:
        # What closed before this moment is judged by the rules of before, also where it is still to come: so all that
        # closes together is judged alike, and nothing by both.
        until = max(self._watermark, *(symbol.known_until for symbol in self.symbols.values()), 0)
        self.watch = event.watch
        for symbol in self.symbols.values():
            symbol.go_by(event.watch, until)
        return ()

    def _backfill_asked(self, event: BackfillAsked, _: Millis) -> Iterator[Effect]:
        for name in event.symbols:
            symbol = self.symbols.get(name)
            if symbol is not None and symbol.feed.next_opened_at is not None:
                yield from symbol.repairs(event.timeframes, event.candles, self.watch, self._watermark_of(symbol))

    def _cache_cleared(self, event: CacheCleared, _: Millis) -> Iterator[Effect]:
        yield Forget(event.symbols)
        for name in event.symbols:
            symbol = self.symbols.get(name)
            if symbol is not None:
                at = self._watermark_of(symbol)
                fresh = self.symbols[name] = symbol.cleared(self.watch)
                self._resting.pop(name, None)
                if fresh.feed.link is not None:
                    yield from self._orders(fresh, at)

    def warm_count(self, symbols: Iterable[str]) -> int:
        """How many series of these symbols lack nothing; those of refused or unwatched ones never will."""
        return sum(
            len(Timeframe) if name in self.refused or name not in self.symbols else self.symbols[name].warm_count
            for name in symbols
        )

    # -------------------------------------------------------------------------------------------- candles

    def _late(self, symbol: WatchedSymbol, sighting: Sighting, at: Millis, now: Millis) -> tuple[Effect, ...]:
        commit = symbol.late(sighting, self.watch, Instant(at, now))
        if commit is not None:
            return self._after(symbol, commit, at)
        return tuple(symbol.verifications(self.watch, at)) if symbol.is_in_doubt else ()

    def _closed(self, symbol: WatchedSymbol, buckets: Iterable[Bucket], at: Millis, now: Millis) -> tuple[Effect, ...]:
        commit = symbol.take(buckets, self.watch, Instant(at, now))
        return self._after(symbol, commit, at)

    def _fetched(self, event: CandlesFetched, now: Millis) -> Iterable[Effect]:
        symbol = self._asked_of(event.order)
        if symbol is None:
            return ()
        at = self._watermark_of(symbol)
        commit = symbol.fetched(event, self.watch, Instant(at, now))
        further = symbol.verifications(self.watch, at) if event.order.reason is FetchReason.VERIFY else ()
        return (*self._after(symbol, commit, at), *further)

    def _fetch_refused(self, event: FetchRefused, _: Millis) -> Iterator[Effect]:
        symbol = self._asked_of(event.order)
        if symbol is not None:
            at = self._watermark_of(symbol)
            symbol.refused(event.order, at)
            yield Report("fetch_refused", f"{event.order.timeframe}: {event.reason}", symbol.symbol)
            yield from self._orders(symbol, at)

    def _asked_of(self, order: FetchCandles) -> WatchedSymbol | None:
        """The symbol of an order; None if we never asked, as we do not before its first connection."""
        symbol = self.symbols.get(order.symbol)
        return None if symbol is None or symbol.feed.next_opened_at is None else symbol

    def _after(self, symbol: WatchedSymbol, commit: Commit | None, at: Millis) -> tuple[Effect, ...]:
        orders = self._orders(symbol, at)
        return orders if commit is None else (commit, *orders)

    def _orders(self, symbol: WatchedSymbol, at: Millis) -> tuple[Effect, ...]:
        orders = tuple(symbol.orders(self.watch, at))
        until = symbol.rests_until(at)
        if until is not None:
            self._resting[symbol.symbol] = until
            self._wakes_when = min(self._wakes_when, until)
        return orders

    def _watermark_of(self, symbol: WatchedSymbol) -> Millis:
        link = self.links.get(symbol.feed.link) if symbol.feed.link is not None else None
        return self._watermark if link is None else link.watermark
