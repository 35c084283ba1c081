"""Each fault of the list, on both exchanges at once: nothing is missed, false or twice, and the fault really hit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from faults.harness import AFTERMATH, BOTH, LOOK_EVERY_SECONDS, Watching, a_fire, check_clean, figures, tell
from livermore.core.instance.status import FeedState
from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE, ExchangeIdentity
from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.sim.faults import fault as kinds
from livermore.sim.faults.fault import Fault

pytestmark = pytest.mark.timeout(300)

BURNS: Millis = 25 * MINUTE
THROUGHOUT = BURNS / SECOND
OFTEN = (130.0, 410.0, 760.0, 1_190.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A fault of the list: what is posted, its starts counting from when the exchanges are watched, in seconds.

    `reported` names what the sessions must have said of it, by exchange and kind.
    """

    number: int
    name: str
    faults: tuple[Fault, ...]
    reported: tuple[tuple[ExchangeIdentity, str], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.number}-{self.name}"


def often(fault: Fault) -> tuple[Fault, ...]:
    return tuple(replace(fault, start=start) for start in OFTEN)


def lost(*exchanges: ExchangeIdentity) -> tuple[tuple[ExchangeIdentity, str], ...]:
    return tuple((exchange, "feed_lost") for exchange in exchanges)


def closed(code: int, *, reset: bool = False) -> Case:
    fault = kinds.Disconnect(code=code, reset=reset, duration=20.0)
    return Case(1, "tcp-reset" if reset else f"close-{code}", often(fault), lost(*BOTH))


def subscribed_by_half(*, acknowledged: bool) -> Case:
    name = "acknowledged-but-dead" if acknowledged else "fewer-than-asked"
    partial = kinds.PartialSubscription(start=60.0, duration=900.0, probability=0.5, acknowledged=acknowledged)
    return Case(4, name, (partial, kinds.Disconnect(start=90.0, duration=0.0)), lost(*BOTH))


def rest_answers(status: int, *, html: bool = False, exchange: str | None = None) -> Case:
    """REST is out of order when feeds break, so that what is lost cannot be filled at once."""
    errors = kinds.RestError(status=status, html=html, exchange=exchange, start=100.0, duration=700.0)
    cut = tuple(kinds.Disconnect(exchange=exchange, start=start, duration=0.0) for start in (120.0, 480.0))
    return Case(10, f"rest-{status}{'-html' if html else ''}", (errors, *cut))


def throughout(fault: Fault) -> tuple[Fault, ...]:
    return (replace(fault, duration=THROUGHOUT),)


CASES = (
    *(closed(code) for code in (1000, 1001, 1006, 1012)),
    closed(1006, reset=True),
    Case(2, "silent-stall", tuple(kinds.Stall(start=start, duration=400.0) for start in (130.0, 850.0)), ()),
    Case(3, "symbol-silent", throughout(kinds.SilentSymbol(probability=0.5))),
    subscribed_by_half(acknowledged=True),
    subscribed_by_half(acknowledged=False),
    Case(5, "duplicates", throughout(kinds.Duplicate(probability=0.5))),
    Case(5, "out-of-order", throughout(kinds.Reorder(probability=0.3, behind=3))),
    Case(5, "snapshots-replayed", often(kinds.SnapshotReplay(age=900.0))),
    Case(6, "revised-at-once", throughout(kinds.Revision(probability=0.3, after=5.0, by=0.01))),
    Case(6, "revised-later", throughout(kinds.Revision(probability=0.3, after=400.0, by=0.01))),
    Case(7, "sequence-gaps", throughout(kinds.SequenceGap(probability=0.05)), ((COINBASE, "frames_lost"),)),
    Case(8, "close-late", throughout(kinds.LateClose(exchange="binance", delay=30.0))),
    Case(8, "close-missing", throughout(kinds.MissingClose(exchange="binance"))),
    Case(9, "malformed", throughout(kinds.Malformed(probability=0.05)), tuple((one, "datum_dropped") for one in BOTH)),
    rest_answers(429),
    rest_answers(418, exchange="binance"),
    rest_answers(401, exchange="coinbase"),
    rest_answers(503, html=True),
    Case(10, "truncated", (*throughout(kinds.TruncatedBody(probability=0.3)), *often(kinds.Disconnect(duration=0.0)))),
    Case(10, "slow", (*throughout(kinds.SlowBody(probability=0.1)), *often(kinds.Disconnect(duration=0.0)))),
    Case(11, "stale-rows", (*throughout(kinds.StaleRows(lag=180.0)), *often(kinds.Disconnect(duration=0.0)))),
    Case(11, "late-rows", (*throughout(kinds.LateRows(lag=120.0)), *often(kinds.Disconnect(duration=0.0)))),
    Case(12, "rotation", (kinds.Rotation(lifetime=600.0, notice=60.0),)),
    Case(13, "halted", (kinds.HaltedSymbol(start=200.0, duration=1_100.0, probability=0.5),)),
    Case(18, "clock-ahead", (kinds.ClockOffset(start=200.0, duration=1_100.0, offset=300.0),)),
    Case(18, "clock-behind", (kinds.ClockOffset(start=200.0, duration=1_100.0, offset=-300.0),)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_nothing_is_missed_false_or_twice(case: Case, tmp_path: Path) -> None:
    async with a_fire(tmp_path) as fire:
        async with fire.watching(COINBASE) as coinbase, fire.watching(BINANCE) as binance:
            watched = {COINBASE: coinbase, BINANCE: binance}
            began = fire.now
            posted = fire.post(*(replace(fault, start=began + (fault.start or 0.0) * SECOND) for fault in case.faults))
            await fire.until(began + BURNS // 2)
            # Only then is it looked at: other faults may be refusing to tell the time.
            strayed = abs(await fire.exchange_time(COINBASE) - fire.now) if case.number == 18 else 0
            await fire.until(began + BURNS)
            hits = {one.fault: one.hits for one in posted}
            fire.sim.faults.clear()
            ends = fire.now + AFTERMATH
            await fire.settled(watched, ends)
        audit = await fire.audit(ends)

    tell(figures(audit))
    tell(f"reported: { {exchange.name: dict(seen.totals) for exchange, seen in watched.items()} }")
    check_clean(audit)
    assert all(hit for fault, hit in hits.items() if not isinstance(fault, kinds.ClockOffset)), "it has not hit"
    if case.number == 18:
        assert strayed > MINUTE, "the exchange's clock was right"
    assert all(watched[exchange].totals[kind] for exchange, kind in case.reported)


NOTICED_WITHIN_SECONDS = 60.0
SILENCE_ALLOWED_SECONDS = 6 * 3_600.0
# Not much longer than it takes to be found out, a second of ours: whoever connects meanwhile waits for answers in vain.
STALLED_SECONDS = 1_500.0


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(NOTICED_WITHIN_SECONDS):
        while not is_so():
            await asyncio.sleep(LOOK_EVERY_SECONDS)


def found_out(seen: Watching) -> int:
    """How often a connection was given up that did not answer."""
    return sum("even when asked for a sign of life" in text for text in seen.samples.get("feed_lost", ()))


async def test_a_dead_socket_of_binance_us_is_replaced_though_its_market_may_be_silent(tmp_path: Path) -> None:
    """Here the market may say nothing for hours, so that nothing but asking can tell a dead socket from a quiet one."""
    async with a_fire(tmp_path) as fire:
        async with fire.watching(BINANCE_US, stale_after_seconds=SILENCE_ALLOWED_SECONDS) as seen:
            await fire.passes(BURNS)
            assert not seen.totals["feed_lost"]
            fire.post(kinds.Stall(exchange=BINANCE_US.name, duration=STALLED_SECONDS))
            await until(lambda: found_out(seen) > 0)
            await until(lambda: seen.session.feed_state is FeedState.LIVE)
            await fire.passes(BURNS)
            ends = fire.now + AFTERMATH
            await fire.settled({BINANCE_US: seen}, ends)
        audit = await fire.audit(ends, [BINANCE_US])

    tell(figures(audit))
    tell(f"reported: {dict(seen.totals)}")
    check_clean(audit, [BINANCE_US])
