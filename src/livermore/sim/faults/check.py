"""Which faults are impossible, and why."""

import math
from collections.abc import Iterator, Mapping, Set

from livermore.sim.faults.fault import (
    ONCE,
    ClockOffset,
    Disconnect,
    Fault,
    LateClose,
    LateRows,
    MissingClose,
    Reorder,
    RestError,
    Revision,
    Rotation,
    SilentSymbol,
    SlowBody,
    SnapshotReplay,
    StaleRows,
    SymbolFault,
    TruncatedBody,
)

STATUSES = (401, 403, 418, 429, 451, 500, 502, 503, 504, 520)
MOST_SECONDS = 400 * 86_400.0
_COINBASE = "coinbase"
_SENDABLE = {*range(1000, 1004), *range(1006, 1015), *range(3000, 5000)}


def reasons(fault: Fault, symbols_by_exchange: Mapping[str, Set[str]]) -> list[str]:
    """Everything that makes a fault impossible; nothing where it is possible."""
    return [*_common(fault, symbols_by_exchange), *_own(fault)]


def _common(fault: Fault, symbols_by_exchange: Mapping[str, Set[str]]) -> Iterator[str]:
    if fault.exchange is not None and fault.exchange not in symbols_by_exchange:
        yield f"unknown exchange {fault.exchange!r}; known are {', '.join(symbols_by_exchange)}"
    if fault.start is not None and not 0.0 <= fault.start < math.inf:
        yield f"start is {fault.start}, but nothing can begin before the simulator does"
    if fault.duration is not None and not _lasts(fault.duration, may_be_zero=isinstance(fault, ONCE)):
        yield f"duration is {fault.duration}, but must be more than 0 and at most {MOST_SECONDS:.0f} seconds"
    if not 0.0 < fault.probability <= 1.0:
        yield f"probability is {fault.probability}, but must be more than 0 and at most 1"
    if isinstance(fault, SymbolFault):
        yield from _unknown_symbols(fault, symbols_by_exchange)


def _lasts(seconds: float, *, may_be_zero: bool) -> bool:
    return 0.0 < seconds <= MOST_SECONDS or (may_be_zero and seconds == 0.0)


def _unknown_symbols(fault: SymbolFault, symbols_by_exchange: Mapping[str, Set[str]]) -> Iterator[str]:
    named = symbols_by_exchange.get(fault.exchange or "")
    known = named if named is not None else set().union(*symbols_by_exchange.values())
    unknown = [symbol for symbol in fault.symbols if symbol not in known]
    if unknown:
        yield f"not listed {'on ' + fault.exchange if fault.exchange else 'anywhere'}: {', '.join(unknown)}"


def _own(fault: Fault) -> Iterator[str]:
    match fault:
        case Disconnect(code=code) if code not in _SENDABLE:
            yield f"code is {code}, which no WebSocket is closed with"
        case Rotation(lifetime=lifetime, notice=notice) if not 0.0 <= notice < lifetime:
            yield f"notice is {notice}, but must be at least 0 and less than the lifetime, {lifetime}"
        case LateClose() | MissingClose() if fault.exchange == _COINBASE:
            yield "Coinbase never says that a candle has closed"
        case RestError(status=status) if status not in STATUSES:
            yield f"status is {status}; known are {', '.join(map(str, STATUSES))}"
        case RestError(status=418) if fault.exchange == _COINBASE:
            yield "Coinbase does not answer with 418"
        case RestError(status=status, html=True) if status < 500:
            yield f"only a 5xx comes as a page of HTML, not {status}"
        case TruncatedBody(part=part) if not 0.0 <= part < 1.0:
            yield f"part is {part}, but must be at least 0 and less than 1"
        case Reorder(behind=behind) if behind < 1:
            yield f"behind is {behind}, but a frame is overtaken by at least one"
        case Revision(by=by) if not 0.0 < abs(by) < 0.5:
            yield f"by is {by}, but a close moves by more than 0 and less than half of the price"
        case ClockOffset(offset=offset) if not 0.0 < abs(offset) <= 86_400.0:
            yield f"offset is {offset}, but must be at most a day and not 0"
        case SilentSymbol() if not fault.symbols and fault.probability == 1.0:
            yield "a silent symbol needs symbols, or a probability below 1: all of them are a stall"
    for name, seconds in _lengths(fault):
        if not 0.0 < seconds <= MOST_SECONDS:
            yield f"{name} is {seconds}, but must be more than 0 and at most {MOST_SECONDS:.0f} seconds"


def _lengths(fault: Fault) -> list[tuple[str, float]]:
    match fault:
        case LateClose(delay=delay) | SlowBody(delay=delay):
            return [("delay", delay)]
        case StaleRows(lag=lag) | LateRows(lag=lag):
            return [("lag", lag)]
        case Revision(after=after):
            return [("after", after)]
        case SnapshotReplay(age=age):
            return [("age", age)]
        case Reorder(within=within):
            return [("within", within)]
        case _:
            return []
