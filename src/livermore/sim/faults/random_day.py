"""A random day: a mixed script of faults of all kinds, always the same for the same seed."""

import random
from collections.abc import Sequence

from livermore.sim.faults import fault as kinds
from livermore.sim.faults.fault import Fault

_COINBASE = "coinbase"
_CODES = (1000, 1001, 1006, 1012)
_STATUSES = (401, 429, 500, 502, 503)
_SHORTEST, _LONGEST = 120.0, 1_500.0


def random_faults(seed: int, duration: float, exchanges: Sequence[str]) -> tuple[Fault, ...]:
    """Faults that begin within so many simulated seconds, in the order of their starts; some overlap.

    Every kind comes up before any comes again, on each exchange that it is possible on. All have ended, clocks
    apart, 1,500 s after the last start.
    """
    found = []
    for exchange in exchanges:
        dice = random.Random(f"{seed}/{exchange}")
        start = dice.uniform(_SHORTEST, 2 * _SHORTEST)
        deck: list[type[Fault]] = []
        while start < duration:
            if not deck:
                deck = [kind for kind in kinds.KINDS.values() if _is_possible(kind, exchange)]
                dice.shuffle(deck)
            found.append(_drawn(deck.pop(), exchange, round(start, 3), dice))
            start += dice.uniform(_SHORTEST, _LONGEST)
    return tuple(sorted(found, key=lambda fault: (fault.start or 0.0, fault.exchange or "")))


def _is_possible(kind: type[Fault], exchange: str) -> bool:
    return exchange != _COINBASE or kind not in (kinds.LateClose, kinds.MissingClose)


def _drawn(kind: type[Fault], exchange: str, start: float, dice: random.Random) -> Fault:
    settings: dict[str, object] = {
        "exchange": exchange,
        "start": start,
        "duration": round(dice.uniform(20.0, _LONGEST), 3),
        "probability": 1.0,
        "seed": dice.randrange(1 << 32),
    }
    return kind(**{**settings, **_own(kind, exchange, dice)})  # type: ignore[arg-type]


def _own(kind: type[Fault], exchange: str, dice: random.Random) -> dict[str, object]:
    """What a kind has of its own, and how often it acts where always would be more than a bad day."""
    some: dict[str, object] = {"probability": round(dice.uniform(0.02, 0.3), 3)}
    if kind is kinds.Disconnect:
        return {"duration": 0.0, "code": dice.choice(_CODES), "reset": dice.random() < 0.3}
    if kind is kinds.Rotation:
        return {"lifetime": round(dice.uniform(300.0, 3_600.0)), "notice": round(dice.uniform(10.0, 120.0))}
    if kind is kinds.Stall:
        return {"duration": round(dice.uniform(10.0, 240.0))}
    if kind is kinds.SnapshotReplay:
        return {"duration": None, "age": round(dice.uniform(60.0, 1_800.0))}
    if kind is kinds.RestError:
        status = dice.choice(_STATUSES if exchange == _COINBASE else (*_STATUSES, 418))
        return {"status": status, "html": status >= 500 and dice.random() < 0.5, "duration": dice.uniform(20.0, 180.0)}
    if kind is kinds.ClockOffset:
        return {"offset": dice.choice((-300.0, -20.0, 20.0, 300.0))}
    if kind in (kinds.TruncatedBody, kinds.SlowBody):
        return {**some, "duration": round(dice.uniform(20.0, 300.0))}
    rare = (kinds.SilentSymbol, kinds.HaltedSymbol, kinds.PartialSubscription, kinds.SequenceGap, kinds.Revision)
    return some if kind in (*rare, kinds.Malformed, kinds.Reorder, kinds.Duplicate, kinds.StaleRows) else {}
