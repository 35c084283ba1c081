import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle
from core.venue import GRACE, ROWS, Venue, check_commits, confirmed, numbers, orders_in, quiet, quiet_candle, warmed
from livermore.core.alerts.alert import AlertStatus
from livermore.core.engine import FeedState
from livermore.core.market.candle import Candle
from livermore.core.market.series import folded
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import HIGHER, MINUTE, SECOND, Timeframe
from livermore.core.messages import (
    CandleSeen,
    CandlesFetched,
    Commit,
    DatumDropped,
    FetchCandles,
    FetchReason,
    FetchRefused,
    FramesLost,
    Heard,
    LinkDown,
    PublishTicker,
    Report,
    SymbolsRefused,
    TickerSeen,
    WatchedBefore,
)
from livermore.core.plan import WARMUP_ORDER
from livermore.core.restored import RestoredSeries
from livermore.core.symbol import LONGEST_RETRY_AFTER, REFUSED_RETRY_AFTER, RETRY_AFTER

START = DAWN + 10 * SECOND
GAP, WARMUP = FetchReason.GAP, FetchReason.WARMUP
HERE = Path(__file__).resolve()


# ------------------------------------------------------------------------------------------------ warm-up


def test_the_first_connection_asks_for_the_history_of_every_timeframe() -> None:
    """As many candles as one request gives, up to the newest that had closed, those of least use to the others last."""
    asked = [order for order in Venue().up(START) if isinstance(order, FetchCandles)]

    assert [order.timeframe for order in asked] == list(WARMUP_ORDER)
    for order in asked:
        assert order.reason is WARMUP
        assert order.until == order.timeframe.opening(START - GRACE)
        assert order.until - order.since == 300 * order.timeframe.millis


def test_history_is_spliced_under_the_feed() -> None:
    """What the feed closes before the answer waits; nothing is lost, comes twice, or is committed early."""
    venue = Venue()
    venue.up(START)
    for number in range(4):
        venue.see(a_candle(number, 100.0 + number))
    assert venue.commits() == []

    venue.answer()

    assert numbers(venue.candles()) == list(range(-300, 3))
    assert venue.candles()[-3:] == [a_candle(number, 100.0 + number) for number in range(3)]
    check_commits(venue.commits())


def test_an_answer_that_overlaps_the_feed_is_not_taken_twice_and_is_believed() -> None:
    """REST is the truth about a bucket that still waits."""
    venue = Venue()
    venue.up(START)
    order = next(order for order in venue.pending if order.timeframe is M5)
    for number in range(3):
        venue.see(a_candle(number, 100.0 + number))
    longer = FetchCandles(SYMBOL, M5, order.since, DAWN + 2 * STEP, WARMUP)
    truth = (*quiet(order), confirmed(a_candle(0, 50.0)), confirmed(a_candle(1, 51.0)))
    venue.tell(CandlesFetched(longer, truth))

    assert venue.candles() == list(truth)
    assert venue.see(a_candle(3)) != []
    assert numbers(venue.candles()) == list(range(-300, 3))


def test_history_raises_no_alert_and_is_remembered() -> None:
    """A level crossed before we watched is not news, and not armed either."""
    venue = Venue()
    venue.up(START)
    high = 130.0

    def risen(order: FetchCandles) -> tuple:
        return tuple(
            a_candle(number, high, open=100.0, high=high) if number == -1 else candle
            for candle in quiet(order)
            for number in [(candle.opened_at - DAWN) // STEP]
        ) if order.timeframe is M5 else quiet(order)  # fmt: skip

    venue.answer(risen)

    assert venue.alerts() == []
    memory = next(change for change in venue.commits()[0].series if change.timeframe is M5).snapshot.memory
    assert {fired.label for fired in memory} == {"level_150"}
    check_commits(venue.commits())


def test_a_symbol_without_history_begins_with_its_first_candle() -> None:
    venue = Venue()
    venue.up(START)
    venue.has_no_history(START)
    venue.hear(DAWN + 2 * STEP + GRACE)
    assert venue.commits() == [], "silence before the first candle is no candle"
    venue.see(a_candle(3))
    venue.hear(DAWN + 4 * STEP + GRACE)

    assert venue.candles() == [a_candle(3)]


def test_that_there_is_no_history_is_asked_once_more() -> None:
    """An empty answer may be a failing one: a series that began with its next candle would never get its past."""
    venue = Venue()
    venue.up(START)
    venue.answer(lambda order: ())
    venue.see(a_candle(0))
    assert venue.commits() == []
    venue.hear(START + RETRY_AFTER)
    assert {order.reason for order in venue.pending} == {FetchReason.WARMUP}
    venue.answer()
    venue.hear(DAWN + STEP + GRACE)

    assert len(venue.candles()) == ROWS + 1


def test_a_hole_that_rest_cannot_fill_is_asked_for_ever_more_seldom_until_the_symbol_trades_again() -> None:
    """A halted symbol would cost a request every ten seconds for days."""
    venue = warmed(proves_silence=False, lists_silence=True)
    asked = []
    for second in range(0, 3_600):
        venue.hear(DAWN + STEP + second * SECOND)
        if venue.pending:
            asked.append(second)
            venue.answer(lambda order: ())
    first, rests = asked[1] - asked[0], [after - before for before, after in pairwise(asked)]
    assert first == RETRY_AFTER // SECOND
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_RETRY_AFTER // SECOND

    number = 3_600 * SECOND // STEP + 1
    venue.see(a_candle(number), final=True)
    assert [order.reason for order in venue.pending] == [FetchReason.GAP]


def test_no_longer_candle_begins_before_the_base_does() -> None:
    """The first 15m candle is the first that is complete."""
    venue = Venue()
    venue.up(START)
    venue.has_no_history(START)
    for number in range(1, 8):
        venue.see(a_candle(number))
    venue.hear(DAWN + 8 * STEP + GRACE)

    assert numbers(venue.candles(Timeframe.M15), Timeframe.M15.millis) == [1]


# ------------------------------------------------------------------------------------------------ closing and silence


def test_a_forming_candle_brings_about_nothing() -> None:
    venue = warmed()
    assert venue.see(a_candle(0), DAWN + MINUTE) == []
    assert venue.see(a_candle(0, 101.0, volume=2.0), DAWN + 2 * MINUTE) == []


@pytest.mark.parametrize(
    ("at", "closed"), [(DAWN + STEP + GRACE - 1, False), (DAWN + STEP + GRACE, True), (DAWN + STEP + GRACE + 1, True)]
)
def test_a_bucket_closes_when_the_watermark_has_passed_it_by_the_grace(at: int, closed: bool) -> None:
    venue = warmed()
    venue.see(a_candle(0))
    assert bool([one for one in venue.hear(at) if isinstance(one, Commit)]) == closed


def test_a_close_flag_commits_at_once() -> None:
    venue = warmed()
    effects = venue.see(a_candle(0), DAWN + STEP + 100, final=True)
    assert [type(effect) for effect in effects] == [Commit]


def test_proven_silence_is_an_empty_candle_at_once() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    venue.hear(DAWN + 3 * STEP + GRACE)

    empties = venue.candles()[-2:]
    assert numbers(empties) == [1, 2]
    assert all(candle.is_empty and not candle.is_confirmed and candle.close == 100.0 for candle in empties)
    assert venue.pending == []


def test_unproven_silence_is_asked_of_rest_and_blocks_the_series() -> None:
    venue = warmed(proves_silence=False)
    venue.see(a_candle(0))
    effects = venue.hear(DAWN + 2 * STEP + GRACE)
    assert orders_in(effects) == [(M5, 1, 2, GAP)]
    venue.see(a_candle(2, 102.0))
    venue.hear(DAWN + 3 * STEP + GRACE)
    assert numbers(venue.candles())[-1] == 0, "nothing is published across a hole"

    venue.answer(lambda order: ())

    assert numbers(venue.candles())[-3:] == [0, 1, 2]
    assert [(one.is_empty, one.is_confirmed) for one in venue.candles()[-2:]] == [(True, True), (False, False)]


def test_where_silence_is_listed_a_missing_newest_row_is_only_not_written_yet() -> None:
    """It is asked for again, when the exchange's clock has gone on."""
    venue = warmed(proves_silence=False, lists_silence=True)
    venue.see(a_candle(0))
    at = DAWN + 2 * STEP + GRACE
    venue.hear(at)
    venue.answer(lambda order: ())
    assert numbers(venue.candles())[-1] == 0

    assert orders_in(venue.hear(at + RETRY_AFTER - 1)) == []
    assert orders_in(venue.hear(at + RETRY_AFTER)) == [(M5, 1, 2, GAP)]
    venue.answer()
    assert numbers(venue.candles())[-1] == 1


def test_a_candle_from_the_future_is_dropped_and_its_symbol_is_not_whole() -> None:
    venue = warmed()
    venue.see(a_candle(0), DAWN + MINUTE)
    effects = venue.see(a_candle(5), DAWN + 2 * MINUTE)
    assert [effect.kind for effect in effects if isinstance(effect, Report)] == ["datum_dropped"]
    assert orders_in(venue.hear(DAWN + STEP + GRACE)) == [(M5, 0, 1, GAP)]


def test_repeated_and_older_news_of_a_closed_bucket_changes_nothing() -> None:
    venue = warmed()
    venue.see(a_candle(0, volume=9.0))
    venue.see(a_candle(1))
    before = list(venue.effects)
    for at in (DAWN + STEP - SECOND, DAWN + 2 * STEP):
        assert venue.see(a_candle(0, volume=9.0), at, final=True) == []
        assert venue.see(a_candle(0, 105.0, volume=3.0), at) == []
    assert venue.effects == before


# ------------------------------------------------------------------------------------------------ links


def test_after_a_break_the_hole_is_asked_for_and_then_all_goes_on_in_order() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    venue.tell(LinkDown(1, "closed"))
    assert venue.engine.feed_state is FeedState.DOWN
    effects = venue.up(DAWN + 3 * STEP + MINUTE, link=2)
    assert orders_in(effects) == [(M5, 0, 3, GAP)]
    venue.see(a_candle(3, 103.0), link=2)
    venue.see(a_candle(4, 104.0), link=2)
    assert numbers(venue.candles())[-1] == -1

    venue.answer()

    assert numbers(venue.candles()) == list(range(-300, 4))
    assert venue.candles()[-1] == a_candle(3, 103.0)
    assert [one.is_confirmed for one in venue.candles()[-4:]] == [True, True, True, False]
    check_commits(venue.commits())


def test_a_short_break_with_later_news_leaves_no_hole() -> None:
    venue = warmed()
    venue.see(a_candle(0), DAWN + MINUTE)
    venue.tell(LinkDown(1, "closed"))
    venue.up(DAWN + 2 * MINUTE, link=2)
    venue.see(a_candle(0, 101.0, volume=3.0), DAWN + 3 * MINUTE, link=2)
    venue.hear(DAWN + STEP + GRACE, link=2)

    assert venue.candles()[-1] == a_candle(0, 101.0, volume=3.0)
    assert venue.pending == []


def test_lost_frames_make_a_hole_of_the_bucket_unless_news_follows() -> None:
    told, untold = warmed(), warmed()
    for venue in (told, untold):
        venue.see(a_candle(0), DAWN + MINUTE)
        venue.tell(FramesLost(1, DAWN + 2 * MINUTE, "4 after 2"))
    told.see(a_candle(0, 101.0, volume=3.0), DAWN + 3 * MINUTE)

    assert orders_in(told.hear(DAWN + STEP + GRACE)) == []
    assert told.candles()[-1].close == 101.0
    assert orders_in(untold.hear(DAWN + STEP + GRACE)) == [(M5, 0, 1, GAP)]
    assert untold.reports() == ["frames_lost"]


@pytest.mark.parametrize(
    ("symbol", "asked"), [(SYMBOL, {SYMBOL}), (None, {SYMBOL, "ETH-USD"}), ("ETH-USD", {"ETH-USD"})]
)
def test_a_dropped_datum_casts_doubt_on_its_symbol_or_on_all(symbol: str | None, asked: set[str]) -> None:
    venue = Venue([SYMBOL, "ETH-USD"])
    venue.up(START, SYMBOL, "ETH-USD")
    venue.answer()
    for name in (SYMBOL, "ETH-USD"):
        venue.see(a_candle(0, symbol=name))
    venue.tell(DatumDropped(1, DAWN + STEP + MINUTE, symbol, "high below low", "{"))
    effects = venue.hear(DAWN + 2 * STEP + GRACE)

    assert {effect.symbol for effect in effects if isinstance(effect, FetchCandles)} == asked
    assert Report("datum_dropped", "high below low", symbol, "{") in venue.effects


def test_each_link_closes_what_it_carries_and_nothing_else() -> None:
    venue = Venue([SYMBOL, "ETH-USD"])
    venue.up(START, SYMBOL, link=1)
    venue.up(START, "ETH-USD", link=2)
    venue.answer()
    venue.see(a_candle(0), link=1)
    venue.see(a_candle(0, symbol="ETH-USD"), link=2)
    venue.hear(DAWN + STEP + GRACE, link=2)

    assert numbers(venue.candles(symbol="ETH-USD"))[-1] == 0
    assert numbers(venue.candles())[-1] == -1
    assert venue.engine.feed_state is FeedState.LIVE
    venue.tell(LinkDown(2, "closed"))
    assert venue.engine.feed_state is FeedState.DEGRADED
    venue.hear(DAWN + STEP + GRACE, link=1)
    assert numbers(venue.candles())[-1] == 0


def test_a_link_that_no_longer_carries_a_symbol_closes_nothing_of_it() -> None:
    """When a connection is renewed, the old one may be ahead of the new one: the new one still has news to tell."""
    venue = warmed()
    venue.up(DAWN + MINUTE, link=2)
    venue.see(a_candle(0), DAWN + 2 * MINUTE, link=2)
    venue.see(a_candle(1), DAWN + STEP + MINUTE, link=1)
    venue.see(a_candle(0, 105.0, volume=5.0), DAWN + 3 * MINUTE, link=2)
    venue.hear(DAWN + STEP + GRACE, link=2)

    assert venue.candles()[-1] == a_candle(0, 105.0, volume=5.0)


def test_the_end_of_a_link_that_has_been_replaced_changes_nothing() -> None:
    venue = warmed()
    venue.up(DAWN + MINUTE, link=2)
    venue.tell(LinkDown(1, "renewed"))
    venue.see(a_candle(0), link=2)
    venue.hear(DAWN + STEP + GRACE, link=2)

    assert venue.engine.feed_state is FeedState.LIVE
    assert venue.candles()[-1] == a_candle(0)


def test_the_feed_is_down_before_it_is_up_and_degraded_while_a_symbol_is_missing() -> None:
    venue = Venue([SYMBOL, "ETH-USD"])
    assert venue.engine.feed_state is FeedState.DOWN
    venue.up(START, SYMBOL)
    assert venue.engine.feed_state is FeedState.DEGRADED
    venue.up(START, "ETH-USD", link=2)
    assert venue.engine.feed_state is FeedState.LIVE


def test_an_unknown_link_says_nothing() -> None:
    venue = warmed()
    assert venue.see(a_candle(1), link=9) == []
    assert venue.hear(DAWN + 9 * STEP, link=9) == []
    assert venue.tell(CandleSeen(1, DAWN + MINUTE, a_candle(0, symbol="DOGE-USD"), is_final=True)) == []


def test_refused_symbols_are_told_and_degrade_the_feed_until_they_come() -> None:
    venue = warmed()
    effects = venue.tell(SymbolsRefused(1, frozenset({SYMBOL, "X-Y"}), "not confirmed"))
    assert effects == [Report("symbol_refused", "not confirmed", SYMBOL)]
    assert venue.engine.feed_state is FeedState.DEGRADED
    venue.up(DAWN + MINUTE)
    assert venue.engine.feed_state is FeedState.LIVE


def test_tickers_are_passed_on_and_move_the_watermark() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    ticker = Ticker(SYMBOL, DAWN + STEP + GRACE, 100.0)
    effects = venue.tell(TickerSeen(1, ticker), TickerSeen(1, Ticker("X-Y", DAWN, 1.0)))

    assert effects[0] == PublishTicker(ticker)
    assert [type(effect) for effect in effects] == [PublishTicker, Commit]


# ------------------------------------------------------------------------------------------------ asking again


def test_an_order_is_out_once_at_a_time() -> None:
    venue = warmed(proves_silence=False)
    venue.hear(DAWN + STEP + GRACE)
    assert len(venue.pending) == 1
    assert orders_in(venue.hear(DAWN + 2 * STEP + GRACE)) == []


def test_a_refused_order_is_asked_again_but_not_soon() -> None:
    """Also when something else has rested before: the next instant counts, not the first that ever was."""
    venue = Venue()
    venue.up(START)
    hourly = next(order for order in venue.pending if order.timeframe is Timeframe.H1)
    venue.pending.remove(hourly)
    venue.answer(lambda order: ())
    at = START + MINUTE
    venue.hear(at)
    assert venue.tell(FetchRefused(hourly, "no such product")) == [
        Report("fetch_refused", "1h: no such product", SYMBOL)
    ]
    venue.hear(DAWN + STEP + GRACE)
    assert orders_in(venue.hear(at + REFUSED_RETRY_AFTER - 1)) == []
    assert [order[0] for order in orders_in(venue.hear(at + REFUSED_RETRY_AFTER))] == [Timeframe.H1]


def test_answers_to_what_nobody_asked_are_harmless() -> None:
    """Before the first connection as well: there is nothing yet that they could continue."""
    order = FetchCandles(SYMBOL, M5, DAWN, DAWN + STEP, FetchReason.REPAIR)
    other = FetchCandles("X-Y", M5, DAWN, DAWN + STEP, FetchReason.REPAIR)
    for event in (CandlesFetched(order, quiet(order)), FetchRefused(order, "no")):
        assert [one for one in Venue().tell(event) if isinstance(one, FetchCandles | Commit)] == []
    assert warmed().tell(CandlesFetched(other, ()), FetchRefused(other, "no")) == []


# ------------------------------------------------------------------------------------------------ longer timeframes


def test_longer_candles_are_folded_at_their_boundaries_and_equal_the_fold() -> None:
    venue = warmed()
    for number in range(48):
        venue.see(a_candle(number, 100.0 + number % 5, high=110.0, low=90.0))
        if number in (7, 8, 20):
            continue
        boundary = DAWN + (number + 1) * STEP
        (commit,) = [effect for effect in venue.hear(boundary + GRACE) if isinstance(effect, Commit)]
        closing = [timeframe for timeframe in Timeframe if boundary % timeframe.millis == 0]
        assert [change.timeframe for change in commit.series] == closing

    base = venue.candles()
    for timeframe in HIGHER[:3]:
        live = [candle for candle in venue.candles(timeframe) if candle.opened_at >= DAWN]
        assert live == [candle for candle in folded(base, timeframe) if candle.opened_at >= DAWN]
        assert live
    check_commits(venue.commits())


def at_midnight(close: float) -> Venue:
    """Up since ten minutes before midnight; the last candle of the day leaps."""
    venue = Venue()
    venue.up(DAWN - 2 * STEP + 10 * SECOND)
    venue.answer()
    venue.see(quiet_candle(SYMBOL, M5, DAWN - 2 * STEP))
    venue.see(a_candle(-1, close, open=100.0, volume=2.0))
    return venue


@pytest.mark.parametrize(("close", "label"), [(130.0, "level_150"), (50.0, "level_-150")])
def test_at_midnight_all_timeframes_fire_in_one_commit_from_the_shortest(close: float, label: str) -> None:
    venue = at_midnight(close)
    (commit,) = [effect for effect in venue.hear(DAWN + GRACE) if isinstance(effect, Commit)]

    assert [change.timeframe for change in commit.series] == list(Timeframe)
    assert [(alert.timeframe, alert.label) for alert in commit.alerts] == [(one, label) for one in Timeframe]
    check_commits(venue.commits())


def test_every_alert_shows_all_timeframes_as_of_its_own_instant() -> None:
    """Those that close with it included, also the longer ones that are evaluated after it."""
    (commit,) = [effect for effect in at_midnight(130.0).hear(DAWN + GRACE) if isinstance(effect, Commit)]
    readings = [(one.timeframe, one.reading.value, one.reading.stage) for one in commit.series if one.reading]

    assert len(readings) == 5
    for alert in commit.alerts:
        assert [(view.timeframe, view.value, view.stage) for view in alert.timeframes] == readings


# ------------------------------------------------------------------------------------------------ alerts


def test_an_alert_carries_its_candle_and_the_instants_of_its_making() -> None:
    venue = warmed()
    candle = a_candle(0, 130.0, open=100.0, volume=2.0)
    venue.see(candle)
    (commit,) = venue.tell(Heard(1, DAWN + STEP + GRACE), now=7)
    assert isinstance(commit, Commit)
    (alert,) = commit.alerts

    assert (alert.symbol, alert.timeframe, alert.opened_at, alert.label) == (SYMBOL, M5, DAWN, "level_150")
    assert (alert.price, alert.times.close, alert.times.received) == (130.0, DAWN + STEP, 7)
    assert alert.previous_value <= 150 < alert.value < 200
    assert (alert.quality.candles, alert.quality.empty_ratio, alert.quality.is_confirmed) == (301, 0.0, False)
    assert alert.is_simulated
    assert alert.status is AlertStatus.FIRED


@pytest.mark.parametrize(("missed", "status"), [(1, AlertStatus.FIRED), (2, AlertStatus.LATE), (9, AlertStatus.LATE)])
def test_what_was_missed_fires_in_order_and_is_declared_late(missed: int, status: AlertStatus) -> None:
    """Late is what closed more than one timeframe before the watermark at which it was computed."""
    venue = warmed()
    venue.tell(LinkDown(1, "closed"))
    venue.up(DAWN + missed * STEP + GRACE, link=2)

    def leapt(order: FetchCandles) -> tuple:
        return tuple(
            a_candle(0, 130.0, open=100.0) if candle.opened_at == DAWN else a_candle(number, 130.0, high=130.2)
            for number, candle in enumerate(quiet(order))
        )

    venue.answer(leapt)

    (alert,) = [alert for alert in venue.alerts() if alert.timeframe is M5][:1]
    assert (alert.opened_at, alert.label, alert.status) == (DAWN, "level_150", status)
    check_commits(venue.commits())


def test_late_alerts_of_one_answer_each_show_their_own_reading() -> None:
    """A long timeframe whose history comes a day late catches up in one commit, candle by candle."""
    venue = Venue()
    venue.up(START)
    hourly = next(order for order in venue.pending if order.timeframe is Timeframe.H1)
    venue.pending.remove(hourly)
    venue.answer()
    for number in range(285):
        close = 100.0 if number < 60 else 130.0 if number < 180 else 60.0
        before = 100.0 if number <= 60 else 130.0 if number <= 180 else 60.0
        venue.see(a_candle(number, close, open=before))
    (commit,) = venue.tell(CandlesFetched(hourly, quiet(hourly)))

    assert isinstance(commit, Commit)
    assert len({alert.opened_at for alert in commit.alerts}) > 3
    assert commit.alerts[0].status is AlertStatus.LATE
    check_commits(venue.commits())


def test_alerts_need_sixty_candles_and_empty_ones_count() -> None:
    """The 59th candle of a series raises nothing, the 60th does."""
    for before, fires in ((58, False), (59, True)):
        venue = Venue()
        venue.up(START)
        venue.has_no_history(START)
        for number in range(before):
            if number % 3 or number == 0:
                venue.see(a_candle(number, 100.0 + number % 2 / 10, high=100.2, low=99.8))
        venue.see(a_candle(before, 130.0, open=100.0))
        venue.hear(DAWN + (before + 1) * STEP + GRACE)
        assert len(venue.candles()) == before + 1
        assert bool([alert for alert in venue.alerts() if alert.timeframe is M5]) == fires


def test_the_same_events_give_the_same_effects_in_any_process() -> None:
    """However names are hashed: the transcript of a wild session, taken in processes with other hash seeds."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE.parents[2] / "src")])}
    code = "from core.session import transcript; print(transcript(1))"
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=50,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_a_garbled_instant_closes_nothing_and_is_reported() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    year_9999 = 253_370_764_800_000
    venue.see(a_candle(1), year_9999)
    venue.hear(year_9999)
    venue.see(a_candle(1))

    assert venue.reports() == ["clock_leaped", "clock_leaped"]
    assert numbers(venue.candles())[-1] == 0


def test_a_connection_that_begins_in_another_age_is_reported_and_carries_nothing() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    venue.tell(LinkDown(1, "closed"))
    venue.up(253_370_764_800_000, link=2)
    venue.see(a_candle(1), link=2)
    assert venue.reports() == ["feed_lost", "clock_leaped"]
    assert venue.engine.feed_state is FeedState.DOWN
    assert numbers(venue.candles())[-1] < 0

    venue.tell(LinkDown(2, "silent"))
    venue.up(DAWN + STEP + SECOND, link=3)
    venue.hear(DAWN + STEP + 3 * SECOND, link=3)
    venue.answer()
    assert numbers(venue.candles())[-1] == 0
    assert venue.engine.feed_state is FeedState.LIVE


@pytest.mark.parametrize("behind", [1, SECOND, STEP, 3 * STEP])
def test_a_connection_whose_clock_is_behind_what_is_restored_hides_no_later_hole(behind: int) -> None:
    """The newest candle was closed by a flag, or by a server that was ahead; the next session begins before its end."""
    first = warmed(START)
    for number in range(4):
        first.see(a_candle(number, 100.0 + number), final=True)
    end = DAWN + 4 * STEP
    restored = [
        RestoredSeries(SYMBOL, timeframe, tuple(series.series), series.snapshot(), series.eras)
        for timeframe, series in first.engine.symbols[SYMBOL].series.items()
    ]
    venue = Venue(restored=restored)
    venue.up(end - behind, proves_silence=False)
    venue.see(a_candle(3, 103.0), end - 1)
    venue.see(a_candle(5, 105.0), final=True)

    assert orders_in(venue.pending) == [(M5, 4, 5, GAP)]
    venue.answer()
    assert numbers(venue.candles()) == [4, 5]


def test_what_a_late_connection_says_of_a_restored_candle_corrects_it() -> None:
    first = warmed(START)
    for number in range(4):
        first.see(a_candle(number, 100.0 + number), final=True)
    restored = [
        RestoredSeries(SYMBOL, timeframe, tuple(series.series), series.snapshot(), series.eras)
        for timeframe, series in first.engine.symbols[SYMBOL].series.items()
    ]
    venue = Venue(restored=restored)
    venue.up(DAWN + 4 * STEP - SECOND)
    better = replace(a_candle(3, 104.0), volume=a_candle(3).volume + 1.0)
    venue.see(better, final=True)

    (corrected,) = venue.candles()
    assert (corrected.close, corrected.revision) == (104.0, 1)


def crossing_at(*crossed: int) -> Callable[[FetchCandles], tuple[Candle, ...]]:
    """History in which 5m candles leap at these numbers, and fall back to where they were after each."""

    def made(order: FetchCandles) -> tuple[Candle, ...]:
        if order.timeframe is not M5:
            return quiet(order)
        leaps = {DAWN + number * STEP for number in crossed}
        return tuple(
            confirmed(a_candle((one.opened_at - DAWN) // STEP, 130.0, open=100.0, high=130.0))
            if one.opened_at in leaps
            else one
            for one in quiet(order)
        )

    return made


@pytest.mark.parametrize(
    ("number", "status"),
    [(-1, AlertStatus.FIRED), (-2, AlertStatus.LATE), (-17, AlertStatus.LATE), (-18, None), (-100, None)],
)
def test_what_closed_while_a_lost_store_was_out_of_reach_is_no_history(number: int, status: AlertStatus | None) -> None:
    """An earlier session of the process had watched the symbol until 5 candles ago; an hour before that counts too."""
    venue = Venue()
    venue.tell(WatchedBefore({SYMBOL: DAWN - 5 * STEP, "GONE-USD": DAWN}))
    venue.up(START)
    venue.answer(crossing_at(number))

    levels = [alert.status for alert in venue.alerts() if alert.label == "level_150"]
    assert levels == ([] if status is None else [status])


def test_what_the_store_remembers_counts_more_than_that_it_was_watched_before() -> None:
    first = warmed(START)
    first.see(a_candle(0, 100.0), final=True)
    restored = [
        RestoredSeries(SYMBOL, timeframe, tuple(series.series), series.snapshot(), series.eras)
        for timeframe, series in first.engine.symbols[SYMBOL].series.items()
    ]
    venue = Venue(restored=restored)
    venue.tell(WatchedBefore({SYMBOL: DAWN - 100 * STEP}))

    assert {series.watched_since for series in venue.engine.symbols[SYMBOL].series.values()} == {START}
