"""Deciding, by evidence and never by our clock, that a 5m bucket has closed and what was in it.

Evidence is the exchange's own close flag, news of a newer bucket of the same symbol, or the watermark: the newest
exchange instant seen on the symbol's connection, once it has passed the bucket's end by the exchange's grace.

What a bucket held is known when the feed was whole from the latest news of it to its close. Where it was not, or where
nothing was heard and silence proves nothing, the bucket is a hole: REST has to say.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import BASE, SECOND, Millis

# News of a candle comes within a second or two of the trade; tickers that are this much newer say that it does not.
CANDLES_BEHIND: Final = 10 * SECOND


class Evidence(StrEnum):
    """Why a bucket is held to have closed."""

    FLAG = "flag"
    NEWER = "newer"
    WATERMARK = "watermark"


@dataclass(frozen=True, slots=True)
class Closed:
    """A bucket that has closed with this candle."""

    candle: Candle
    evidence: Evidence

    @property
    def opened_at(self) -> Millis:
        """The opening of the bucket."""
        return self.candle.opened_at


@dataclass(frozen=True, slots=True)
class Silent:
    """A bucket that has closed and in which, as the feed itself proves, nobody traded."""

    opened_at: Millis


@dataclass(frozen=True, slots=True)
class Hole:
    """A bucket that has closed and of which the feed does not prove what it held."""

    opened_at: Millis


Bucket: TypeAlias = Closed | Silent | Hole


@dataclass(frozen=True, slots=True)
class Sighting:
    """The feed's latest word on a bucket, at the exchange's instant `at`."""

    candle: Candle
    at: Millis
    is_final: bool

    def supersedes(self, other: "Sighting") -> bool:
        """Whether this is later news of the same bucket than `other`, in whatever order they arrived.

        Within a bucket volume only grows, so it orders the news better than arrival does; a final word beats any
        other, and of equal ones the later instant wins.
        """
        mine = (self.is_final, self.candle.volume, self.at)
        return mine > (other.is_final, other.candle.volume, other.at)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The connection that carried a symbol until another came up at `until`, for as long as it is whole itself."""

    link: int
    whole_since: Millis
    until: Millis


class SymbolFeed:
    """What the feed has said of one symbol, and up to where its buckets have closed.

    `next_opened_at` is the first bucket that has not; None before the symbol is first heard of. While a connection is
    being replaced both run: the present `link` alone closes buckets, and `outgoing` may still be ahead of it or behind.
    """

    __slots__ = (
        "forming",
        "heard_at",
        "link",
        "next_opened_at",
        "outgoing",
        "proves_silence",
        "symbol",
        "traded_in",
        "whole_since",
    )

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.link: int | None = None
        self.whole_since: Millis | None = None
        self.proves_silence = False
        self.next_opened_at: Millis | None = None
        self.forming: Sighting | None = None
        self.heard_at: Millis | None = None
        self.outgoing: Outgoing | None = None
        self.traded_in: dict[Millis, Millis] = {}

    def connected(self, link: int, at: Millis, *, proves_silence: bool, closed_until: Millis | None = None) -> None:
        """A connection carries the symbol from `at` on; the one that did so far is outgoing.

        What an earlier session has closed, up to `closed_until`, is not closed again.
        """
        before, since = self.link, self.whole_since
        if before is None or before == link or since is None or self.proves_silence != proves_silence:
            self.outgoing = None
        else:
            self.outgoing = Outgoing(before, since, at)
        self.link = link
        self.whole_since = at
        self.proves_silence = proves_silence
        if self.next_opened_at is None:
            self.next_opened_at = max(BASE.opening(at), closed_until or 0)

    def broken(self, at: Millis) -> None:
        """Frames up to and at `at` may have been lost, but the connection goes on."""
        if self.whole_since is not None:
            self.whole_since = max(self.whole_since, at + 1)

    def disconnected(self) -> None:
        """The connection that carried the symbol has ended; the outgoing one, if there is one, carries it on."""
        outgoing, self.outgoing = self.outgoing, None
        self.link = None if outgoing is None else outgoing.link
        self.whole_since = None if outgoing is None else outgoing.whole_since

    def doubted(self, link: int) -> None:
        """A connection has ended or lost something: if it is the outgoing one, it proves nothing any more."""
        if self.outgoing is not None and self.outgoing.link == link:
            self.outgoing = None

    def vouched(self, link: int, told_until: Millis) -> None:
        """A connection has told all up to `told_until`: as the outgoing one, it may make the feed whole across both."""
        outgoing = self.outgoing
        if outgoing is None or outgoing.link != link or told_until < outgoing.until:
            return
        if self.whole_since == outgoing.until:
            self.whole_since = min(outgoing.whole_since, outgoing.until)

    def overheard(self, link: int, sighting: Sighting) -> None:
        """Take in what the outgoing connection still says of the bucket in progress; it closes nothing.

        When it speaks of a newer bucket it is ahead of the present one, and not relied on any longer.
        """
        outgoing, next_opened_at = self.outgoing, self.next_opened_at
        if outgoing is None or outgoing.link != link or next_opened_at is None:
            return
        opened_at = sighting.candle.opened_at
        if opened_at > next_opened_at:
            self.outgoing = None
        elif opened_at == next_opened_at and (self.forming is None or sighting.supersedes(self.forming)):
            self.forming = sighting

    def traded(self, at: Millis) -> None:
        """A ticker says that somebody traded by `at`."""
        self.heard_at = at
        opened_at = BASE.opening(at)
        if not self.has_closed(opened_at):
            self.traded_in[opened_at] = max(at, self.traded_in.get(opened_at, 0))

    def has_closed(self, opened_at: Millis) -> bool:
        """Whether the bucket that opened then has closed."""
        return self.next_opened_at is not None and opened_at < self.next_opened_at

    def seen(self, sighting: Sighting) -> tuple[Bucket, ...]:
        """The buckets that news of a bucket closes; news of a bucket that has closed before changes nothing here."""
        self.heard_at = sighting.at
        opened_at = sighting.candle.opened_at
        if self.next_opened_at is None or opened_at < self.next_opened_at:
            return ()
        closed = self._close_up_to(opened_at, Evidence.NEWER)
        if self.forming is None or sighting.supersedes(self.forming):
            self.forming = sighting
        if not self.forming.is_final:
            return closed
        return (*closed, *self._close_up_to(opened_at + BASE.millis, Evidence.FLAG))

    def passed(self, boundary: Millis) -> tuple[Bucket, ...]:
        """The buckets that close because the watermark has passed `boundary` by the grace."""
        return self._close_up_to(boundary, Evidence.WATERMARK)

    def _close_up_to(self, boundary: Millis, evidence: Evidence) -> tuple[Bucket, ...]:
        opened_at = self.next_opened_at
        if opened_at is None or opened_at >= boundary:
            return ()
        closed: list[Bucket] = []
        while opened_at < boundary:
            closed.append(self._close(opened_at, evidence))
            opened_at += BASE.millis
        self.next_opened_at = opened_at
        return tuple(closed)

    def _close(self, opened_at: Millis, evidence: Evidence) -> Bucket:
        forming = self.forming
        traded_at = self.traded_in.pop(opened_at, None)
        if forming is not None and forming.candle.opened_at == opened_at:
            self.forming = None
            is_outrun = self.proves_silence and _is_outrun(forming.at, traded_at)
            if forming.is_final or (self._is_whole_since(forming.at) and not is_outrun):
                return Closed(forming.candle, evidence)
            return Hole(opened_at)
        # A price that moved while the candles said nothing: their channel is dead, not the market.
        if self.proves_silence and self._is_whole_since(opened_at) and traded_at is None:
            return Silent(opened_at)
        return Hole(opened_at)

    def _is_whole_since(self, instant: Millis) -> bool:
        return self.whole_since is not None and self.whole_since <= instant


def _is_outrun(seen_at: Millis, traded_at: Millis | None) -> bool:
    """Whether prices went on moving long after the candles fell silent."""
    return traded_at is not None and traded_at - seen_at > CANDLES_BEHIND
