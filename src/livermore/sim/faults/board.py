"""All faults that were asked for, and how often each of them has acted; the exchanges of a simulator share it."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TypeVar

from livermore.core.market.timeframe import Millis
from livermore.errors import InvalidRequest
from livermore.sim.clock import SimClock
from livermore.sim.faults.fault import ClockOffset, Fault
from livermore.sim.faults.plan import FOREVER, Shift, Window, concerns, falls, millis, window_of
from livermore.sim.faults.script import MOST_FAULTS, written

F = TypeVar("F", bound=Fault)


class Posted:
    """A fault with its number, its window and its hits."""

    def __init__(self, number: int, fault: Fault, window: Window) -> None:
        self.id = number
        self.fault = fault
        self.window = window
        self.hits = 0
        self._draws = 0

    def strikes(self, *labels: object) -> bool:
        """Whether it acts this time, counted if it does; without a name by how often it was asked."""
        if not labels:
            self._draws += 1
            labels = (self._draws,)
        hit = falls(self.fault, *labels)
        self.hits += hit
        return hit


class FaultBoard:
    """The faults on demand."""

    def __init__(self, clock: SimClock, symbols_by_exchange: Mapping[str, Set[str]]) -> None:
        self.symbols_by_exchange = symbols_by_exchange
        self.clock = clock
        self.posted: list[Posted] = []
        self._shifts: list[tuple[Posted, Shift]] = []
        self._listeners: list[Callable[[], None]] = []
        self._last = 0

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have this called whenever faults were posted or cleared."""
        self._listeners.append(listener)

    def post(self, faults: Sequence[Fault]) -> list[Posted]:
        """Ask for faults.

        Raises:
            InvalidRequest: when they would be too many.
        """
        if len(self.posted) + len(faults) > MOST_FAULTS:
            raise InvalidRequest(f"more than {MOST_FAULTS} faults at a time; clear some first")
        now = self.clock.now()
        added = []
        for fault in faults:
            self._last += 1
            window = window_of(fault, self.clock.started_at, now)
            added.append(Posted(self._last, fault, window))
            if isinstance(fault, ClockOffset):
                self._shifts.append((added[-1], Shift(window, millis(fault.offset))))
        self.posted += added
        self._tell()
        return added

    def clear(self) -> None:
        """End all faults; what has happened has happened."""
        now = self.clock.now()
        # A clock that was put forward must find its way back.
        self._shifts = [(one, _ended(shift, now)) for one, shift in self._shifts if shift.window.starts_at < now]
        self.posted.clear()
        self._tell()

    def about(self, kind: type[F], exchange: str, symbol: str | None = None) -> Iterator[tuple[Posted, F]]:
        """The faults of a kind that are about that exchange and symbol, whenever they act."""
        for one in self.posted:
            if isinstance(one.fault, kind) and concerns(one.fault, exchange, symbol):
                yield one, one.fault

    def shifts(self, exchange: str) -> tuple[Shift, ...]:
        """What the exchange's clock has been through."""
        return tuple(shift for one, shift in self._shifts if concerns(one.fault, exchange, None))

    def listing(self) -> list[dict[str, object]]:
        """All faults with their windows and hits."""
        now = self.clock.now()
        return [_listed(one, now) for one in self.posted]

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _ended(shift: Shift, now: Millis) -> Shift:
    return Shift(Window(shift.window.starts_at, min(shift.window.ends_at, now)), shift.offset)


def _listed(one: Posted, now: Millis) -> dict[str, object]:
    window = one.window
    state = "waiting" if now < window.starts_at else "acting" if window.holds(now) else "over"
    return {
        "id": one.id,
        **written(one.fault),
        "startsAt": window.starts_at,
        "endsAt": window.ends_at if window.ends_at < FOREVER else None,
        "state": state,
        "hits": one.hits,
    }
