"""When and upon what a fault acts: pure, and always the same for the same seed."""

from dataclasses import dataclass

from livermore.core.market.timeframe import SECOND, Millis
from livermore.sim.faults.fault import ONCE, Fault, SymbolFault, kind_of
from livermore.sim.noise import chance_of

FOREVER: Millis = 1 << 62
_ABSOLUTE_FROM = 1e11


@dataclass(frozen=True, slots=True)
class Window:
    """From `starts_at` up to, not including, `ends_at`, by the simulator's own clock."""

    starts_at: Millis
    ends_at: Millis

    def holds(self, instant: Millis) -> bool:
        """Whether the instant lies within."""
        return self.starts_at <= instant < self.ends_at


def window_of(fault: Fault, began: Millis, now: Millis) -> Window:
    """When a fault posted at `now` acts in a simulator that began then."""
    if fault.start is None:
        starts_at = now
    elif fault.start >= _ABSOLUTE_FROM:
        starts_at = int(fault.start)
    else:
        starts_at = began + millis(fault.start)
    if fault.duration is None:
        return Window(starts_at, starts_at if isinstance(fault, ONCE) else FOREVER)
    return Window(starts_at, starts_at + millis(fault.duration))


def concerns(fault: Fault, exchange: str, symbol: str | None) -> bool:
    """Whether a fault is about that exchange and symbol; what is about no symbol is hit only by faults about all."""
    if fault.exchange not in (None, exchange):
        return False
    return not isinstance(fault, SymbolFault) or not fault.symbols or symbol in fault.symbols


def falls(fault: Fault, *labels: object) -> bool:
    """Whether the die of that name falls on the fault's side."""
    return fault.probability >= 1.0 or chance(fault, *labels) < fault.probability


def chance(fault: Fault, *labels: object) -> float:
    """A number in [0, 1) for that name."""
    return chance_of(fault.seed, "fault", kind_of(fault), *(str(label) for label in labels))


def millis(seconds: float) -> Millis:
    """Simulated seconds as milliseconds."""
    return round(seconds * SECOND)


@dataclass(frozen=True, slots=True)
class Shift:
    """A clock is meant to be wrong by `offset` within a window."""

    window: Window
    offset: Millis


def offset_at(shifts: tuple[Shift, ...], now: Millis) -> Millis:
    """By how much a clock is wrong that steps forwards at once, and backwards by running at half its speed."""
    changes = sorted({at for one in shifts for at in (one.window.starts_at, one.window.ends_at) if at <= now})
    offset = target = 0
    last = changes[0] if changes else now
    for at in (*changes, now):
        offset = max(target, offset - (at - last) // 2)
        target = sum(one.offset for one in shifts if one.window.holds(at))
        offset, last = max(offset, target), at
    return offset
