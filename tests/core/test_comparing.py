"""What REST's word is worth: where it leaves rows out, is behind, or comes while there is no feed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle
from core.venue import Venue, numbers, quiet, quiet_candle, warmed
from livermore.core.alerts.alert import AlertStatus
from livermore.core.market.candle import Candle
from livermore.core.market.series import folded
from livermore.core.market.timeframe import HOUR, SECOND, Timeframe
from livermore.core.messages import (
    BackfillAsked,
    CacheCleared,
    CandlesFetched,
    FetchCandles,
    FetchReason,
    FetchRefused,
    FramesLost,
    LinkDown,
)
from livermore.core.symbol import SAY_AGAIN_AFTER, VERIFY_AFTER
from livermore.core.watched import LEFT_OUT_ENOUGH

N = 20
JUMP = a_candle(N, 140.0, open=100.0)
"""A crossing far above +150 after a quiet market."""


def market(order: FetchCandles, *known: Candle) -> tuple[Candle, ...]:
    """What REST says of a quiet market in which these candles happened."""
    by_opening = {one.opened_at: replace(one, is_confirmed=True) for one in known if one.timeframe is order.timeframe}
    return tuple(by_opening.get(candle.opened_at, candle) for candle in quiet(order))


def verify(venue: Venue, *known: Candle) -> None:
    for order in list(venue.verifications):
        venue.verifications.remove(order)
        venue.tell(CandlesFetched(order, market(order, *known)))


def quiet_until(count: int) -> Venue:
    """So many quiet candles since dawn, all of them confirmed."""
    venue = warmed()
    for number in range(count):
        candle = quiet_candle(SYMBOL, M5, DAWN + number * STEP)
        venue.see(candle)
        venue.hear(candle.closes_at + VERIFY_AFTER + SECOND)
        venue.answer()
        verify(venue)
    return venue


def since_dawn() -> Venue:
    """A venue of an exchange that lists silence, connected as its day begins."""
    venue = warmed(DAWN, lists_silence=True, rows=1_000, proves_silence=False)
    venue.hear(DAWN + 3 * SECOND)
    venue.answer()
    return venue


def raised(venue: Venue) -> list[tuple[str, AlertStatus]]:
    return [(alert.label, alert.status) for alert in venue.alerts() if alert.timeframe is M5]


FIRED = [("level_150", AlertStatus.FIRED)]


# ------------------------------------------------------------------------------------------------ rows that never come


def without(gone: range) -> Callable[[FetchCandles], tuple[Candle, ...]]:
    def rest(order: FetchCandles) -> tuple[Candle, ...]:
        return tuple(
            row for row in quiet(order) if order.timeframe is not M5 or (row.opened_at - DAWN) // STEP not in gone
        )

    return rest


@pytest.mark.parametrize("is_cut", [True, False])
def test_an_outage_of_which_rest_has_no_rows_holds_up_nobody(is_cut: bool) -> None:
    """Binance writes no rows for buckets in which it stood still, and none for them afterwards."""
    rest = without(range(6, 12))
    venue = Venue(lists_silence=True, rows=1_000)
    venue.up(DAWN + 10 * SECOND, proves_silence=False)
    venue.answer(rest)
    for number in [*range(6), *range(12, 20)]:
        link = 2 if is_cut and number > 6 else 1
        if is_cut and number == 12:
            venue.tell(LinkDown(1, "the exchange stands still"))
            venue.up(DAWN + 12 * STEP + SECOND, link=2, proves_silence=False)
            venue.answer(rest)
        candle = quiet_candle(SYMBOL, M5, DAWN + number * STEP)
        venue.see(candle, link=link)
        venue.see(candle, candle.closes_at + SECOND, link=link, final=True)
        venue.hear(candle.closes_at + VERIFY_AFTER + 10 * SECOND, link=link)
        venue.answer(rest)

    committed = {candle.opened_at: candle for candle in venue.candles()}
    assert numbers(committed.values())[-20:] == list(range(20))
    assert [committed[DAWN + number * STEP].is_empty for number in range(5, 13)] == [False, *[True] * 6, False]


@pytest.mark.parametrize("buckets", [1_100, 3_500])
def test_a_symbol_that_was_halted_for_longer_than_a_request_reaches_goes_on(buckets: int) -> None:
    """For a token swap Binance halts a symbol for days; of 15m candles too there are more than one request gives."""
    since, until = DAWN + 6 * STEP, DAWN + (6 + buckets) * STEP

    def rest(order: FetchCandles) -> tuple[Candle, ...]:
        return tuple(row for row in quiet(order) if not (since <= row.opened_at and row.closes_at <= until))

    venue = since_dawn()
    for number in [*range(6), *range(6 + buckets, 16 + buckets)]:
        if number == 6 + buckets:
            # Others are traded meanwhile, and so the connection has a clock.
            for instant in range(since, until, 12 * HOUR):
                venue.hear(instant)
                venue.answer(rest)
        candle = quiet_candle(SYMBOL, M5, DAWN + number * STEP)
        venue.see(candle)
        venue.see(candle, candle.closes_at + SECOND, final=True)
        for seconds in (20, 40, 60, 100):
            venue.hear(candle.closes_at + seconds * SECOND)
            venue.answer(rest)

    committed = {candle.opened_at: candle for candle in venue.candles()}
    traded = numbers(candle for candle in committed.values() if not candle.is_empty)
    assert traded[-12:] == [4, 5, *range(6 + buckets, 16 + buckets)]
    for timeframe, series in venue.engine.symbols[SYMBOL].series.items():
        assert series.next_opened_at == timeframe.opening(until + 10 * STEP)


def test_what_proves_a_hole_empty_does_not_overrule_the_feed() -> None:
    """The row after it may be behind; what waits there was told by the feed."""
    venue = since_dawn()
    for number in (0, 2):
        candle = a_candle(number, 101.0, open=100.0)
        venue.see(candle)
        venue.see(candle, candle.closes_at + SECOND, final=True)
    behind = a_candle(2, 100.5, open=100.0)
    for seconds in (3, 30):
        # What was asked before the next bucket had closed cannot prove anything yet.
        venue.hear(DAWN + 3 * STEP + seconds * SECOND)
        venue.answer(lambda order: tuple(row for row in market(order, behind) if row.opened_at != DAWN + STEP))

    closes = {candle.opened_at: candle.close for candle in venue.candles()}
    assert (closes[DAWN + STEP], closes[DAWN + 2 * STEP]) == (101.0, 101.0)


# ------------------------------------------------------------------------------------------------ what is cleared


@pytest.mark.parametrize("has_hole", [True, False])
def test_what_was_not_judged_yet_may_raise_alerts_after_the_cache_was_cleared(has_hole: bool) -> None:
    venue = quiet_until(N)
    if has_hole:
        venue.tell(FramesLost(1, JUMP.closes_at - 100 * SECOND, "lost"))
        venue.hear(JUMP.closes_at + 3 * SECOND)
    else:
        venue.see(JUMP)
        venue.hear(JUMP.closes_at + SECOND)

    venue.tell(CacheCleared((SYMBOL,)))
    venue.hear(JUMP.closes_at + 4 * SECOND)
    venue.answer(lambda order: market(order, JUMP))
    venue.see(quiet_candle(SYMBOL, M5, JUMP.closes_at))
    venue.hear(JUMP.closes_at + STEP + 3 * SECOND)
    venue.answer(lambda order: market(order, JUMP))

    assert [label for label, _ in raised(venue)] == ["level_150"]


def test_what_was_judged_is_not_raised_again_after_the_cache_was_cleared() -> None:
    venue = quiet_until(N)
    venue.see(JUMP)
    venue.hear(JUMP.closes_at + 3 * SECOND)
    assert raised(venue) == FIRED

    venue.tell(CacheCleared((SYMBOL,)))
    venue.answer(lambda order: market(order, JUMP))

    assert raised(venue) == FIRED


# ------------------------------------------------------------------------------------------------ rows that are behind


@pytest.mark.parametrize("timeframe", [Timeframe.M15, Timeframe.H1, Timeframe.H4])
def test_a_longer_row_that_is_behind_is_asked_for_again_before_it_is_believed(timeframe: Timeframe) -> None:
    per = timeframe.millis // STEP
    candles = [a_candle(number, 100.0 + 0.05 * number) for number in range(per + 2)]
    right = folded(candles[:per], timeframe)[0]
    venue = since_dawn()
    asked = []
    for candle in candles:
        venue.see(candle, final=True)
        venue.hear(candle.closes_at + VERIFY_AFTER + SECOND)
        done = candles[: (candle.closes_at - DAWN) // STEP]
        longer = [one for each in Timeframe if each is not M5 for one in folded(done, each)]
        is_first = candle.closes_at == right.closes_at
        behind = replace(right, close=right.open, volume=right.volume / 2)
        for order in list(venue.verifications):
            asked += [candle.closes_at for _ in range(order.timeframe is timeframe and order.until > right.opened_at)]
        verify(venue, *done, *longer, *([behind] if is_first else []))
        assert {one.close for one in venue.candles(timeframe) if one.opened_at == DAWN} <= {right.close}

    held = [one for one in venue.candles(timeframe) if one.opened_at == DAWN][-1]
    assert (held.is_confirmed, held.revision) == (True, 0)
    assert asked[:2] == [right.closes_at, right.closes_at + SAY_AGAIN_AFTER]


def test_a_longer_row_that_is_right_is_asked_for_again_as_soon_as_its_5m_candles_are_right_too() -> None:
    """It has come before the row that corrects them: to rest would hold up alerts on confirmed candles."""
    candles = [a_candle(number, 100.0 + 0.05 * number) for number in range(3)]
    wrong = replace(candles[1], high=candles[1].high + 1)
    right = folded(candles, Timeframe.M15)[0]
    venue = since_dawn()
    for candle in (candles[0], wrong, candles[2]):
        venue.see(candle, final=True)
    venue.hear(candles[2].closes_at + VERIFY_AFTER + SECOND)
    venue.verifications.sort(key=lambda order: -order.timeframe.millis)
    while venue.verifications:
        verify(venue, *candles, right)

    held = [one for one in venue.candles(Timeframe.M15) if one.opened_at == DAWN][-1]
    assert (held.high, held.is_confirmed) == (right.high, True)


def test_what_rest_says_of_a_longer_candle_twice_is_believed() -> None:
    """An exchange may fold otherwise than we do."""
    candles = [a_candle(number, 100.0 + 0.05 * number) for number in range(5)]
    right = folded(candles[:3], Timeframe.M15)[0]
    theirs = replace(right, high=right.high + 1)
    venue = since_dawn()
    for candle in candles:
        venue.see(candle, final=True)
        venue.hear(candle.closes_at + VERIFY_AFTER + SECOND)
        verify(venue, *candles, theirs)

    held = [one for one in venue.candles(Timeframe.M15) if one.opened_at == DAWN][-1]
    assert (held.high, held.is_confirmed, held.revision) == (theirs.high, True, 1)


def test_a_backfill_right_after_a_close_leaves_alone_what_rest_has_not_finished() -> None:
    venue = quiet_until(N)
    venue.see(JUMP)
    venue.hear(JUMP.closes_at + 3 * SECOND)
    behind = replace(JUMP, close=100.0, high=100.2, low=99.8, volume=0.5)
    (order,) = (one for one in venue.tell(BackfillAsked((SYMBOL,), (M5,), 5)) if isinstance(one, FetchCandles))
    venue.tell(CandlesFetched(order, market(order, behind)))

    assert raised(venue) == FIRED
    assert [candle.close for candle in venue.candles() if candle.opened_at == JUMP.opened_at] == [JUMP.close]


# ------------------------------------------------------------------------------------------------ without a feed


@pytest.mark.parametrize("reason", [FetchReason.VERIFY, FetchReason.REPAIR])
def test_what_is_corrected_while_there_is_no_feed_waits_for_one(reason: FetchReason) -> None:
    """Without a feed nobody knows how late an alert is: it would be called fired an hour after its close."""
    venue = quiet_until(N)
    venue.see(quiet_candle(SYMBOL, M5, JUMP.opened_at))
    venue.hear(JUMP.closes_at + VERIFY_AFTER + SECOND)
    if reason is FetchReason.REPAIR:
        verify(venue)
        venue.tell(BackfillAsked((SYMBOL,), (M5,), 5))
    orders = [*venue.verifications, *venue.pending]
    venue.verifications.clear()
    venue.pending.clear()
    venue.tell(LinkDown(1, "the network is gone"))
    for order in orders:
        venue.tell(CandlesFetched(order, market(order, JUMP)))
    assert raised(venue) == []

    later = JUMP.closes_at + HOUR
    venue.up(later, link=2)
    venue.answer(lambda order: market(order, JUMP))
    venue.hear(later + STEP + VERIFY_AFTER + SECOND, link=2)
    venue.answer(lambda order: market(order, JUMP))
    verify(venue, JUMP)

    assert raised(venue) == [("level_150", AlertStatus.LATE)]


def test_what_rest_said_of_a_longer_series_without_a_feed_is_taken_in_with_the_next_connection() -> None:
    venue = Venue()
    venue.up(DAWN + 30 * SECOND)
    hours = [order for order in venue.pending if order.timeframe is Timeframe.H1]
    venue.pending = [order for order in venue.pending if order.timeframe is not Timeframe.H1]
    venue.tell(FetchRefused(hours[0], "an incident"))
    for number in range(13):
        venue.see(quiet_candle(SYMBOL, M5, DAWN + number * STEP))
        venue.hear(DAWN + (number + 1) * STEP + 11 * SECOND)
        waiting = [order for order in venue.pending if order.timeframe is Timeframe.H1]
        venue.pending = [order for order in venue.pending if order.timeframe is not Timeframe.H1]
        venue.answer()
        if number < 12:
            for order in waiting:
                venue.tell(FetchRefused(order, "an incident"))
        hours = waiting or hours
    venue.tell(LinkDown(1, "gone"))
    venue.tell(CandlesFetched(hours[-1], quiet(hours[-1])))

    venue.up(DAWN + 13 * STEP + 30 * SECOND, link=2)

    newest = max((candle.closes_at for candle in venue.candles(Timeframe.H1)), default=0)
    assert newest == DAWN + HOUR


# ------------------------------------------------------------------------------------------------ what REST never lists


def test_a_candle_that_rest_never_lists_is_given_up_and_holds_up_no_other() -> None:
    """Coinbase leaves out a bucket now and then; more requests would not bring it, and the newest must be compared."""
    venue = quiet_until(3)
    missing, asked = DAWN + 3 * STEP, 0
    for number in range(3, 323):
        candle = replace(quiet_candle(SYMBOL, M5, DAWN + number * STEP), is_confirmed=False)
        venue.see(candle)
        for seconds in range(15, 300, 40):
            venue.hear(candle.closes_at + seconds * SECOND)
            for order in list(venue.verifications):
                venue.verifications.remove(order)
                asked += order.timeframe is M5
                rows = (row for row in quiet(order) if (row.timeframe, row.opened_at) != (M5, missing))
                venue.tell(CandlesFetched(order, tuple(rows)))
        base = venue.engine.symbols[SYMBOL].series[M5].series
        assert {one.opened_at for one in base if not one.is_confirmed} <= {missing}

    assert asked <= 320 + 2 * LEFT_OUT_ENOUGH


def test_a_candle_that_rest_lists_late_is_confirmed_all_the_same() -> None:
    venue = quiet_until(3)
    candle = replace(quiet_candle(SYMBOL, M5, DAWN + 3 * STEP), is_confirmed=False)
    venue.see(candle)
    for turn in range(3 * LEFT_OUT_ENOUGH):
        venue.see(quiet_candle(SYMBOL, M5, DAWN + (4 + turn // LEFT_OUT_ENOUGH) * STEP))
        venue.hear(candle.closes_at + (turn + 1) * 40 * SECOND)
        is_listed = turn >= 2 * LEFT_OUT_ENOUGH
        for order in list(venue.verifications):
            venue.verifications.remove(order)
            rows = (row for row in quiet(order) if is_listed or row.opened_at != candle.opened_at)
            venue.tell(CandlesFetched(order, tuple(rows)))

    held = venue.engine.symbols[SYMBOL].series[M5].series.at(candle.opened_at)
    assert held is not None
    assert held.is_confirmed
