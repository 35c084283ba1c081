from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle, an_empty, markets
from livermore.core.alerts.rules import Rules
from livermore.core.indicators.macdv import MacdV
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Timeframe
from livermore.core.restored import RestoredSeries
from livermore.core.watched import KEPT_BASE, WAITING_LIMIT, Silence, Step, WatchedSeries

RULES = Rules()


def a_series(*, watched_since: int = 0) -> WatchedSeries:
    watched = WatchedSeries(SYMBOL, M5)
    watched.watched_since = watched_since
    watched.may_begin = True
    return watched


def drained(watched: WatchedSeries) -> list[Candle]:
    """Everything that is due, appended."""
    candles = []
    while (candle := watched.due()) is not None:
        watched.append(candle, RULES)
        candles.append(candle)
    return candles


@given(candles=markets(most=80), data=st.data())
def test_in_whatever_order_buckets_become_known_the_series_is_the_same(
    candles: list[Candle], data: st.DataObject
) -> None:
    watched = a_series()
    order = data.draw(st.permutations(range(len(candles))))
    watched.may_begin = False
    for index in order:
        candle = candles[index]
        watched.wait(candle.opened_at, Silence.PROVEN if candle.is_empty else candle)
        assert watched.due() is None
    watched.may_begin = True
    started = next((index for index, candle in enumerate(candles) if not candle.is_empty), len(candles))

    assert drained(watched) == candles[started:]


@given(candles=markets(most=100), cut=st.integers(0, 99))
def test_restored_it_goes_on_as_if_never_stopped(candles: list[Candle], cut: int) -> None:
    cut = min(cut, len(candles) - 1)
    whole, stopped = a_series(), a_series()
    for candle in candles:
        whole.append(candle, RULES)
    for candle in candles[: cut + 1]:
        stopped.append(candle, RULES)
    commit = stopped.changes()
    assert commit is not None
    resumed = WatchedSeries.resumed(RestoredSeries(SYMBOL, M5, tuple(candles[: cut + 1]), commit.snapshot))
    for candle in candles[cut + 1 :]:
        resumed.append(candle, RULES)

    assert resumed.snapshot().indicator == whole.snapshot().indicator
    assert resumed.snapshot().memory == whole.snapshot().memory
    assert resumed.reading == whole.reading


@given(candles=markets(most=200), watched_since=st.integers(0, 200))
def test_a_step_is_told_of_signals_after_watching_began_and_memory_is_the_same(
    candles: list[Candle], watched_since: int
) -> None:
    early, late = a_series(), a_series(watched_since=DAWN + watched_since * STEP)
    for candle in candles:
        seen, unseen = early.append(candle, RULES), late.append(candle, RULES)
        assert unseen == (seen if candle.closes_at > DAWN + watched_since * STEP else None)
        assert early.snapshot().memory == late.snapshot().memory
        assert seen is None or (seen.candle == candle and seen.signals and seen.reading == early.reading)


def test_changes_are_told_once() -> None:
    watched = a_series()
    assert watched.changes() is None
    watched.append(a_candle(0), RULES)
    watched.append(a_candle(1), RULES)
    commit = watched.changes()
    assert commit is not None
    assert commit.candles == (a_candle(0), a_candle(1))
    assert (commit.snapshot.started_at, commit.snapshot.last_opened_at) == (DAWN, DAWN + STEP)
    assert watched.changes() is None


def test_a_series_begins_with_a_trade() -> None:
    """Silence before the first candle is no candle, for it would have no price."""
    watched = a_series()
    watched.wait(DAWN, Silence.CONFIRMED)
    assert watched.due() is None
    watched.wait(DAWN + STEP, a_candle(1))
    assert drained(watched) == [a_candle(1)]


def test_silence_becomes_a_candle_at_the_close_before_it() -> None:
    watched = a_series()
    watched.append(a_candle(0, 105.0), RULES)
    watched.wait(DAWN + STEP, Silence.PROVEN)
    watched.wait(DAWN + 2 * STEP, Silence.CONFIRMED)
    assert drained(watched) == [an_empty(1, 105.0), an_empty(2, 105.0, is_confirmed=True)]


def test_what_the_exchange_confirmed_is_not_replaced_by_what_the_feed_says() -> None:
    watched = a_series()
    watched.append(a_candle(0), RULES)
    confirmed = replace(a_candle(1), is_confirmed=True)
    watched.wait(DAWN + STEP, a_candle(1, 50.0))
    watched.wait(DAWN + STEP, confirmed)
    watched.wait(DAWN + STEP, a_candle(1, 60.0))
    watched.wait(DAWN + 2 * STEP, Silence.CONFIRMED)
    watched.wait(DAWN + 2 * STEP, Silence.PROVEN)
    assert drained(watched) == [confirmed, an_empty(2, confirmed.close, is_confirmed=True)]


@pytest.mark.parametrize(
    ("waiting", "ended", "hole"),
    [
        ([], 1, (1, 1)),
        ([], 4, (1, 4)),
        ([1], 4, (4, 4)),
        ([2], 4, (1, 2)),
        ([3, 5], 9, (1, 3)),
        ([7], 4, (1, 4)),
    ],
)
def test_the_first_hole_ends_where_something_is_known(waiting: list[int], ended: int, hole: tuple[int, int]) -> None:
    watched = a_series()
    watched.append(a_candle(0), RULES)
    for number in waiting:
        watched.wait(DAWN + number * STEP, a_candle(number))

    since, until = watched.hole(DAWN + ended * STEP)

    assert (since, until) == (DAWN + hole[0] * STEP, DAWN + hole[1] * STEP)


def test_of_too_many_that_wait_the_newest_are_let_go_and_are_a_hole_again() -> None:
    """What is next must stay, or a hole longer than the limit would never be filled."""
    watched = a_series()
    watched.append(a_candle(0), RULES)
    for number in range(2, WAITING_LIMIT + 50):
        watched.wait(DAWN + number * STEP, a_candle(number))
    ended = DAWN + (WAITING_LIMIT + 50) * STEP
    assert watched.hole(ended) == (DAWN + STEP, DAWN + 2 * STEP)
    watched.wait(DAWN + STEP, a_candle(1))
    assert len(drained(watched)) == WAITING_LIMIT
    assert watched.hole(ended) == (DAWN + (WAITING_LIMIT + 1) * STEP, ended)


def test_a_series_keeps_what_a_day_is_folded_from() -> None:
    watched = a_series()
    for number in range(KEPT_BASE + 40):
        watched.append(a_candle(number), RULES)
    assert len(watched.series) == KEPT_BASE >= Timeframe.D1.millis // M5.millis
    assert watched.snapshot().indicator.candles == KEPT_BASE + 40
    assert watched.started_at == DAWN


def test_there_is_no_snapshot_of_a_series_that_has_not_begun() -> None:
    with pytest.raises(ValueError, match="has not begun"):
        a_series().snapshot()
    assert a_series().reading is None


def test_a_signal_carries_the_value_before_it() -> None:
    watched, fold = a_series(), MacdV()
    for number in range(100):
        candle = a_candle(number, 100.0 + number % 2 / 10, high=100.2, low=99.8)
        watched.append(candle, RULES)
        fold.step(candle.high, candle.low, candle.close)
    before = fold.value
    step = watched.append(a_candle(100, 150.0, open=100.0), RULES)

    assert isinstance(step, Step)
    assert step.previous == before
    assert [one.label for one in step.signals] == ["level_150"]
