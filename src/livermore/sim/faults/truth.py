"""Faults that change what really happened: candles revised after their close, and symbols that stop trading."""

from dataclasses import dataclass

from livermore.core.market.timeframe import Millis
from livermore.sim.faults.board import Posted
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import HaltedSymbol, Revision
from livermore.sim.faults.plan import FOREVER, chance, concerns, falls, millis
from livermore.sim.instruments import Listed
from livermore.sim.market import Market
from livermore.sim.tape import BUCKET, LAST_BUCKET


@dataclass(frozen=True, slots=True)
class Revised:
    """A 5m row that is another one from now on."""

    listed: Listed
    opened_at: Millis


class Truth:
    """Brings what a market remembers in line with the faults, as its time goes by."""

    def __init__(self, faults: ExchangeFaults, market: Market) -> None:
        self._faults = faults
        self._market = market
        self._reached: dict[int, Millis] = {}
        self._last: dict[int, Millis] = {}
        self._halted: dict[str, int] = {}
        self._begun: set[int] = set()

    def step(self, now: Millis) -> list[Revised]:
        """Change what is due at this instant of the exchange's time; the rows that were revised, in their order."""
        board = self._faults.board
        if not board.posted and not self._halted and not self._reached:
            return []
        posted = {one.id for one in board.posted}
        self._resume(now, posted)
        self._reached = {number: at for number, at in self._reached.items() if number in posted}
        self._last = {number: at for number, at in self._last.items() if number in posted}
        self._begun &= posted
        revised = []
        for one in tuple(board.posted):
            if isinstance(one.fault, HaltedSymbol):
                self._halt(one, one.fault, now)
            elif isinstance(one.fault, Revision):
                revised += self._revise(one, one.fault, now)
        return revised

    def _concerned(self, one: Posted) -> list[Listed]:
        exchange = self._faults.exchange
        return [listed for listed in self._market.listed if concerns(one.fault, exchange, listed.symbol)]

    def _skew(self) -> Millis:
        """How far the exchange's time is ahead of that of the windows."""
        return self._faults.now() - self._faults.clock.now()

    def _halt(self, one: Posted, fault: HaltedSymbol, now: Millis) -> None:
        """Every row that has begun stays what it is: trading stops with the next."""
        if one.id in self._begun or not one.window.holds(self._faults.clock.now()):
            return
        self._begun.add(one.id)
        since = now - now % BUCKET + BUCKET
        until = one.window.ends_at + self._skew() if one.window.ends_at < FOREVER else LAST_BUCKET * BUCKET
        for listed in self._concerned(one):
            if (
                listed.is_trading
                and listed.product not in self._halted
                and until > since
                and one.strikes(listed.symbol)
            ):
                self._market.halt(listed, since, until, is_listed=not fault.unlisted)
                self._halted[listed.product] = one.id

    def _resume(self, now: Millis, posted: set[int]) -> None:
        """Let those trade again whose fault is over, by itself or because it was cleared."""
        over = {one.id for one in self._faults.board.posted if one.window.ends_at <= self._faults.clock.now()}
        for product, number in tuple(self._halted.items()):
            if number in posted and number not in over:
                continue
            del self._halted[product]
            if number not in posted:
                self._market.resume(self._market.by_product[product], now)

    def _revise(self, one: Posted, fault: Revision, now: Millis) -> list[Revised]:
        window, skew = one.window, self._skew()
        due = (now - millis(fault.after)) // BUCKET
        reached = self._reached.get(one.id, -(-(window.starts_at + skew) // BUCKET) - 1)
        end = self._last_boundary(one, skew)
        revised = []
        # A candle that closes at a boundary is the one that opened a bucket before it.
        for boundary in range(reached + 1, min(due, end) + 1):
            for listed in self._concerned(one):
                opened_at = (boundary - 1) * BUCKET
                if falls(fault, listed.symbol, opened_at):
                    up = chance(fault, "up", listed.symbol, opened_at) < 0.5
                    if self._market.revise(listed, opened_at, fault.by if up else -fault.by):
                        one.hits += 1
                        revised.append(Revised(listed, opened_at))
        self._reached[one.id] = max(reached, min(due, end))
        return revised

    def _last_boundary(self, one: Posted, skew: Millis) -> Millis:
        """The last bucket that a window reaches; once it is over, a clock that is put forward reaches no further."""
        if one.id not in self._last or self._faults.clock.now() < one.window.ends_at:
            self._last[one.id] = (one.window.ends_at + skew - 1) // BUCKET
        return self._last[one.id]
