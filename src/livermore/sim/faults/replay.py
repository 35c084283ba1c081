"""Faults that tell candles again: which of them are due, and about what."""

from collections.abc import Iterator, Sequence

from livermore.core.market.timeframe import Millis
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import SnapshotReplay
from livermore.sim.faults.plan import concerns, millis
from livermore.sim.instruments import Listed


class Replays:
    """The replays of one exchange, each of which happens once."""

    def __init__(self, faults: ExchangeFaults, listed: Sequence[Listed]) -> None:
        self._faults = faults
        self._listed = listed
        self._done: set[int] = set()

    def due(self) -> Iterator[tuple[Listed, Millis]]:
        """The products to tell again, and how old their candles are to be."""
        board = self._faults.board
        self._done &= {one.id for one in board.posted}
        now = self._faults.clock.now()
        for one in tuple(board.posted):
            fault = one.fault
            if not isinstance(fault, SnapshotReplay) or one.id in self._done or now < one.window.starts_at:
                continue
            self._done.add(one.id)
            for listed in self._listed:
                about_it = concerns(fault, self._faults.exchange, listed.symbol)
                if listed.is_trading and about_it and one.strikes(listed.symbol):
                    yield listed, millis(fault.age)
