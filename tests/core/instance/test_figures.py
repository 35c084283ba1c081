"""What an instance has done today: each candle once, each correction once, and nothing of yesterday."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cache.examples import a_snapshot, an_alert
from core.builders import DAWN, M5, SYMBOL, a_candle
from livermore.core.alerts.alert import AlertStatus
from livermore.core.instance.figures import DayBook, Figures
from livermore.core.instance.status import LagSpread
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import DAY, MINUTE, Timeframe
from livermore.core.messages import Commit, FetchCandles, FetchReason, SeriesCommit


def a_commit(*candles: Candle, symbol: str = SYMBOL) -> Commit:
    last = candles[-1]
    return Commit(symbol, (SeriesCommit(last.timeframe, candles, None, a_snapshot(last.opened_at)),), ())


def wrote(book: DayBook, candles: Sequence[Candle], symbol: str = SYMBOL) -> None:
    book.wrote([a_commit(*candles, symbol=symbol)], candles[-1].closes_at + 1)


def an_order(reason: FetchReason) -> FetchCandles:
    return FetchCandles(SYMBOL, M5, DAWN, DAWN + M5.millis, reason)


@given(st.integers(0, 200), st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), min_size=1, max_size=30))
def test_every_candle_that_has_closed_since_is_counted_once_however_often_it_is_written(
    began: int, steps: list[tuple[int, int]]
) -> None:
    """A series that goes on: each commit brings some new candles, and some of those before them again."""
    book, newest, since = DayBook(), 0, DAWN + began * M5.millis
    book.today(since)
    for fresh, again in steps:
        first = max(0, newest - again)
        newest = min(newest + fresh, 287)
        if newest > first:
            candles = [a_candle(number) for number in range(first, newest)]
            book.wrote([a_commit(*candles)], max(since, candles[-1].closes_at))

    assert book.today(DAWN + DAY - 1).candles.get("5m", 0) == max(0, newest - began)


def test_candles_are_counted_by_timeframe_and_those_of_another_symbol_too() -> None:
    book = DayBook()
    book.today(DAWN)
    for symbol in ("BTC-USD", "ETH-USD"):
        wrote(book, [a_candle(number, symbol=symbol) for number in range(12)], symbol)
        wrote(book, [a_candle(0, timeframe=Timeframe.H1, symbol=symbol)], symbol)

    assert book.today(DAWN + DAY - 1).candles == {"5m": 24, "1h": 2}


def test_what_had_closed_before_it_began_is_not_of_today() -> None:
    book = DayBook()
    book.wrote([a_commit(*(a_candle(number) for number in range(100)))], DAWN + 100 * M5.millis)

    assert book.today(DAWN + 100 * M5.millis).candles == {}


def test_a_correction_is_counted_once_and_the_next_one_of_the_same_candle_too() -> None:
    book = DayBook()
    book.today(DAWN)
    candle = a_candle(3)
    wrote(book, [candle])
    for revision in (1, 1, 2):
        wrote(book, [replace(candle, revision=revision)])

    found = book.today(DAWN + DAY - 1)
    assert (found.corrections, found.candles) == (2, {"5m": 1})


def test_alerts_and_requests_are_counted_by_what_they_are() -> None:
    book = DayBook()
    book.today(DAWN)
    alerts = tuple(an_alert(a_candle(n), status=AlertStatus.AMENDED if n else AlertStatus.FIRED) for n in range(3))
    book.wrote([Commit(SYMBOL, (), alerts)], DAWN + MINUTE)
    for reason in (FetchReason.GAP, FetchReason.GAP, FetchReason.REPAIR, FetchReason.VERIFY):
        book.asked(an_order(reason), DAWN + MINUTE)

    found = book.today(DAWN + DAY - 1)
    assert found.alerts == {"fired": 1, "amended": 2}
    assert (found.gaps, found.repairs) == (2, 1)


def test_midnight_turns_the_page_though_nothing_happens() -> None:
    book = DayBook()
    book.today(DAWN + MINUTE)
    wrote(book, [a_candle(3)])
    book.asked(an_order(FetchReason.GAP), DAWN + DAY - 1)

    found = book.today(DAWN + DAY + 5)
    assert (found.since, found.candles, found.gaps) == (DAWN + DAY, {}, 0)


def test_a_clock_that_was_set_back_begins_anew() -> None:
    book = DayBook()
    wrote(book, [a_candle(3)])

    assert book.today(DAWN + MINUTE).since == DAWN + MINUTE


def test_lags_are_those_of_the_exchange_and_our_own() -> None:
    figures = Figures(0)
    figures.exchange_lag.add(12)

    assert figures.lags(1).exchange == LagSpread(1, 12, 12, 12)
    assert figures.lags(1).own is None


def test_our_own_lag_is_from_arrival_to_the_answer_of_the_store_in_our_milliseconds() -> None:
    figures, commit, stamped = Figures(0), a_commit(a_candle(0)), a_commit(a_candle(0))
    other = a_commit(a_candle(1))
    figures.brought([commit, other], DAWN)
    figures.stands_for(commit, stamped)
    figures.wrote([stamped, a_commit(a_candle(2))], DAWN + 600, 60.0, counts_lags=True)
    figures.wrote([other], DAWN + 60_000, 60.0, counts_lags=False)

    assert figures.lags(1).own == LagSpread(1, 10, 10, 10)


def test_what_a_session_left_unwritten_is_forgotten_with_the_next() -> None:
    figures, commit = Figures(0), a_commit(a_candle(0))
    figures.brought([commit], DAWN)
    figures.begin()
    figures.wrote([commit], DAWN + 600, 1.0, counts_lags=True)

    assert figures.lags(1).own is None
