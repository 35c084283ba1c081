"""The faults of one exchange, as the parts of it ask: what is pushed, subscribed, closed and looked up just now."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeVar

from livermore.core.market.timeframe import Millis, Timeframe
from livermore.sim.faults.board import FaultBoard, Posted
from livermore.sim.faults.fault import (
    Fault,
    LateClose,
    LateRows,
    MissingClose,
    PartialSubscription,
    SilentSymbol,
    StaleRows,
    Stall,
)
from livermore.sim.faults.plan import chance, millis, offset_at

F = TypeVar("F", bound=Fault)


class Admission(Enum):
    """What becomes of a subscription."""

    GRANTED = "granted"
    DEAD = "dead"
    IGNORED = "ignored"


class ExchangeFaults:
    """The faults that act on one exchange, and its own idea of time.

    `symbol_by_product` spells the exchange's products as the faults do.
    """

    def __init__(self, board: FaultBoard, exchange: str, symbol_by_product: Mapping[str, str]) -> None:
        self.board = board
        self.exchange = exchange
        self.clock = board.clock
        self._symbol_by_product = symbol_by_product

    def now(self) -> Millis:
        """The instant that the exchange's own clock shows; it never goes back."""
        now = self.clock.now()
        shifts = self.board.shifts(self.exchange)
        return now + offset_at(shifts, now) if shifts else now

    def acting(self, kind: type[F], product: str | None = None) -> Iterator[tuple[Posted, F]]:
        """The faults of a kind that act now on that product."""
        if not self.board.posted:
            return
        now = self.clock.now()
        symbol = self._symbol_by_product.get(product) if product else None
        for one, fault in self.board.about(kind, self.exchange, symbol):
            if one.window.holds(now):
                yield one, fault

    def is_stalled(self) -> bool:
        """Whether sockets stay open and say nothing."""
        return any(True for _ in self.acting(Stall))

    def withholds(self, product: str) -> bool:
        """Whether the exchange does not even mean to push what it has about the product."""
        return bool(product) and any(one.strikes(product) for one, _ in self.acting(SilentSymbol, product))

    def admission(self, product: str) -> Admission:
        """What becomes of a subscription to the product."""
        for one, fault in self.acting(PartialSubscription, product):
            if one.strikes(product):
                return Admission.DEAD if fault.acknowledged else Admission.IGNORED
        return Admission.GRANTED

    def close_delay(self, product: str, opened_at: Millis) -> Millis | None:
        """How much later than usual the closing frame of a row comes; None is never."""
        if any(one.strikes(product, opened_at) for one, _ in self.acting(MissingClose, product)):
            return None
        late = 0
        for one, fault in self.acting(LateClose, product):
            if one.strikes(product, opened_at):
                late = max(late, int(millis(fault.delay) * (0.2 + 0.8 * chance(fault, "late", product, opened_at))))
        return late

    def rows_seen(self, product: str, timeframe: Timeframe, now: Millis) -> tuple[Millis, Millis]:
        """The instant as of which rows are told, and the last opening that is told, each `now` as a rule."""
        seen = until = now
        for one, stale in self.acting(StaleRows, product):
            if one.strikes():
                seen = min(seen, now - millis(stale.lag))
        for one, late in self.acting(LateRows, product):
            known = now - millis(late.lag)
            # A row that closed since then hides itself and what comes after it.
            if timeframe.opening(now) > known and one.strikes():
                until = min(until, timeframe.opening(known) - 1)
        return seen, until
