"""What Binance pushes in one stream: klines with their late closing frame, and tickers.

Each speaks only when something was traded, and knows how far it has told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.sim.binance.numbers import price, size, takers, turnover
from livermore.sim.binance.tickers import day_ticker_event, mini_ticker_event
from livermore.sim.instruments import Listed
from livermore.sim.market import Market
from livermore.sim.noise import chance_of, key_of, uniform_at
from livermore.sim.rows import Row
from livermore.sim.simulation import next_turn

KLINE_EVERY: Millis = 2 * SECOND
TICKER_EVERY: Millis = SECOND
EARLIEST_CLOSE: Millis = 200
_LATENESS: Millis = 1_800
_KLINE = re.compile(r"([^@]+)@kline_(\w+)")
_TICKER = re.compile(r"([^@]+)@(miniTicker|ticker)")
ALL_MINI_TICKERS = "!miniTicker@arr"
_Write = Callable[[Market, Listed, Millis], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Closing:
    """A row that is over, and when its stream tells so as a rule."""

    stream: str
    product: str
    opened_at: Millis
    at: Millis


class Stream(Protocol):
    """One stream, whoever listens to it."""

    def closings(self, now: Millis) -> list[Closing]:
        """The rows whose closing frame is due; they go out before anything else of that instant."""

    def updates(self, now: Millis) -> list[object]:
        """What else is due."""


def stream_named(market: Market, seed: int, name: str, now: Millis, push_every: Callable[[Millis], Millis]) -> Stream:
    """The stream of that name; one that nobody has heard of is as good as any, but silent."""
    if name == ALL_MINI_TICKERS:
        tickers = [TickerStream(market, one, mini_ticker_event, now, 0) for one in market.listed if one.is_trading]
        return ArrayStream(tickers, now, push_every(TICKER_EVERY))
    kline = _KLINE.fullmatch(name)
    if kline:
        listed = _listed(market, kline[1])
        timeframe = next((one for one in Timeframe if one.value == kline[2]), None)
        if listed is not None and timeframe is not None:
            return KlineStream(market, seed, listed, timeframe, now, push_every(KLINE_EVERY))
    ticker = _TICKER.fullmatch(name)
    if ticker:
        listed = _listed(market, ticker[1])
        write = mini_ticker_event if ticker[2] == "miniTicker" else day_ticker_event
        if listed is not None:
            return TickerStream(market, listed, write, now, push_every(TICKER_EVERY))
    return SilentStream()


def _listed(market: Market, lowered: str) -> Listed | None:
    # Stream names are in lower case; a name in upper case is not an error, it never speaks.
    listed = market.by_product.get(lowered.upper()) if lowered == lowered.lower() else None
    return listed if listed is not None and listed.is_trading else None


class SilentStream:
    """A stream that was accepted and never speaks."""

    def closings(self, now: Millis) -> list[Closing]:  # noqa: ARG002
        """Nothing."""
        return []

    def updates(self, now: Millis) -> list[object]:  # noqa: ARG002
        """Nothing."""
        return []


class KlineStream:
    """The klines of one symbol and interval."""

    def __init__(
        self, market: Market, seed: int, listed: Listed, timeframe: Timeframe, now: Millis, every: Millis
    ) -> None:
        self._market = market
        self._listed = listed
        self._name = f"{listed.product.lower()}@kline_{timeframe}"
        self._timeframe = timeframe
        self._every = every
        self._key = key_of(seed, "lateness", market.exchange, listed.symbol, timeframe.value)
        # A bucket that is over still gets its closing frame, if that is not out yet.
        self._opened_at = timeframe.opening(now - EARLIEST_CLOSE - _LATENESS)
        self._closes_at = self._closing_at()
        while now >= self._closes_at:
            self._next_bucket()
        self._told = market.row_at(listed, timeframe, now).trades if now >= self._opened_at else 0
        self._phase = uniform_at(self._key, -1)
        self._next_at = now

    def closings(self, now: Millis) -> list[Closing]:
        """Each bucket that is over, 0.2 to 2 s after its end; none without trades."""
        closings = []
        while now >= self._closes_at:
            row = self._market.closed_row(self._listed, self._timeframe, self._opened_at)
            if row.trades:
                closings.append(self._closing(self._closes_at))
            self._next_bucket()
            self._told = 0
        return closings

    def closing_event(self, opened_at: Millis, at: Millis) -> dict[str, object]:
        """The closing frame of the row that opened then, told at that instant."""
        return self._event(self._market.closed_row(self._listed, self._timeframe, opened_at), at, is_closed=True)

    def told_closing(self, instant: Millis, now: Millis) -> Closing | None:
        """The row that holds an instant, to be told again now, if its closing frame was due before."""
        opened_at = self._timeframe.opening(instant)
        if opened_at >= self._opened_at:
            return None
        return Closing(self._name, self._listed.product, opened_at, now)

    def told_at(self, instant: Millis) -> list[dict[str, object]]:
        """The frames as they were about that instant: the last closing one, and the kline that was forming."""
        opened_at = self._timeframe.opening(instant)
        row = self._market.row_at(self._listed, self._timeframe, instant)
        before = self._market.closed_row(self._listed, self._timeframe, opened_at - self._timeframe.millis)
        events = [self._event(before, opened_at + EARLIEST_CLOSE, is_closed=True)] if before.trades else []
        return [*events, self._event(row, instant, is_closed=False)] if row.trades else events

    def updates(self, now: Millis) -> list[object]:
        """The forming kline, if it has traded since it was told last."""
        if now < self._next_at or self._timeframe.opening(now) != self._opened_at:
            return []
        row = self._market.row_at(self._listed, self._timeframe, now)
        if row.trades == self._told:
            return []
        self._told = row.trades
        self._next_at = next_turn(self._phase, self._every, now)
        return [self._event(row, now, is_closed=False)]

    def _next_bucket(self) -> None:
        self._opened_at += self._timeframe.millis
        self._closes_at = self._closing_at()

    def _closing_at(self) -> Millis:
        bucket = self._opened_at // self._timeframe.millis
        lateness = EARLIEST_CLOSE + int(_LATENESS * uniform_at(self._key, bucket))
        return self._opened_at + self._timeframe.millis + lateness

    def _closing(self, at: Millis) -> Closing:
        return Closing(self._name, self._listed.product, self._opened_at, at)

    def _event(self, row: Row, at: Millis, *, is_closed: bool) -> dict[str, object]:
        """``{"e":"kline","E":1633998288469,"s":"OMGBUSD","k":{"t":1633998240000,…,"x":false,…,"B":"0"}}``."""
        listed = self._listed
        taken, taken_worth = takers(row)
        kline = {
            "t": row.opened_at,
            "T": row.opened_at + self._timeframe.millis - 1,
            "s": listed.product,
            "i": self._timeframe.value,
            "f": row.first_trade,
            "L": row.first_trade + row.trades - 1,
            "o": price(listed, row.open),
            "c": price(listed, row.close),
            "h": price(listed, row.high),
            "l": price(listed, row.low),
            "v": size(listed, row.volume),
            "n": row.trades,
            "x": is_closed,
            "q": turnover(listed, row.turnover),
            "V": size(listed, taken),
            "Q": turnover(listed, taken_worth),
            "B": "0",
        }
        return {"e": "kline", "E": at, "s": listed.product, "k": kline}


class TickerStream:
    """A ticker of one symbol, told when it has traded since."""

    def __init__(self, market: Market, listed: Listed, write: _Write, now: Millis, every: Millis) -> None:
        self._market = market
        self._listed = listed
        self._write = write
        self._every = every
        self._phase = chance_of(0, "ticker", listed.symbol)
        self._told = self._newest_id(now)
        self._next_at = now

    def closings(self, now: Millis) -> list[Closing]:  # noqa: ARG002
        """A ticker never closes."""
        return []

    def updates(self, now: Millis) -> list[object]:
        """The ticker, if there were trades."""
        if now < self._next_at:
            return []
        newest = self._newest_id(now)
        if newest == self._told:
            return []
        self._told = newest
        self._next_at = next_turn(self._phase, self._every, now) if self._every else now
        return [self._write(self._market, self._listed, now)]

    def _newest_id(self, now: Millis) -> int:
        trades = self._market.trades(self._listed, now)
        return trades.row.first_trade + trades.count_at(now)


class ArrayStream:
    """The tickers of all symbols that have traded, in one frame."""

    def __init__(self, tickers: list[TickerStream], now: Millis, every: Millis) -> None:
        self._tickers = tickers
        self._every = every
        self._next_at = now

    def closings(self, now: Millis) -> list[Closing]:  # noqa: ARG002
        """Tickers never close."""
        return []

    def updates(self, now: Millis) -> list[object]:
        """One array of what has changed."""
        if now < self._next_at:
            return []
        self._next_at = now + self._every
        changed = [event for ticker in self._tickers for event in ticker.updates(now)]
        return [changed] if changed else []
