"""What faults change of the truth, by a clock that the test moves."""

from livermore.core.market.timeframe import BASE, HOUR, MINUTE, SECOND, Millis
from livermore.sim.clock import SimClock
from livermore.sim.faults.board import FaultBoard
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import ClockOffset, Revision
from livermore.sim.faults.truth import Truth
from livermore.sim.server import market_of
from livermore.sim.settings import SimSettings

START: Millis = 1_795_392_000_000
AFTER = 60.0


class Hand:
    """A clock that stands still until it is moved, and the truth of an exchange that goes by it."""

    def __init__(self) -> None:
        self.passed = 0.0
        clock = SimClock(START, 1.0, monotonic=lambda: self.passed)
        market = market_of(SimSettings(symbols=3), "coinbase", ())
        symbols = {one.product: one.symbol for one in market.listed}
        self.board = FaultBoard(clock, {"coinbase": frozenset(symbols.values())})
        self.faults = ExchangeFaults(self.board, "coinbase", symbols)
        self.truth = Truth(self.faults, market)

    def revisions(self, duration: Millis, every: Millis = 15 * SECOND) -> list[tuple[Millis, Millis]]:
        """The openings of the rows that are revised while so much time passes, and how long after their close."""
        found: set[tuple[Millis, Millis]] = set()
        for _ in range(duration // every):
            self.passed += every / SECOND
            now = self.faults.now()
            found |= {(one.opened_at, now - one.opened_at - BASE.millis) for one in self.truth.step(now)}
        return sorted(found)


def test_each_row_that_closes_in_the_window_is_revised_soon_after_its_close() -> None:
    hand = Hand()
    hand.board.post((Revision(after=AFTER, duration=17 * MINUTE / SECOND),))
    revised = hand.revisions(HOUR)

    assert [opened_at for opened_at, _ in revised] == [START + number * BASE.millis for number in range(-1, 3)]
    assert all(AFTER * SECOND <= delay <= AFTER * SECOND + 15 * SECOND for _, delay in revised)


def test_a_clock_that_is_put_forward_later_brings_no_row_into_a_window_that_is_over() -> None:
    """Else a row would be revised hours after its close, which no exchange does and nobody looks for."""
    hand = Hand()
    hand.board.post((Revision(after=AFTER, duration=17 * MINUTE / SECOND),))
    hand.revisions(HOUR)
    hand.board.post((ClockOffset(offset=300.0, duration=1_500.0),))

    assert hand.revisions(HOUR) == []
