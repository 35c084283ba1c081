"""What people change while the engine runs: symbols come and go, rules change, history is fetched anew."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle
from core.venue import GRACE, Venue, check_commits, quiet, warmed
from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import SECOND, Timeframe
from livermore.core.messages import (
    BackfillAsked,
    CacheCleared,
    CandlesFetched,
    FetchCandles,
    FetchReason,
    Forget,
    LinkUp,
    SymbolsAdded,
    SymbolsRemoved,
    WatchChanged,
)
from livermore.core.restored import RestoredSeries
from livermore.core.watch import ERAS_KEPT, AlertsOn, Era, Watch
from livermore.core.watched import WatchedSeries

OTHER = "ETH-USD"
LOWER = Rules(first_level=60, level_step=10)


def fall(venue: Venue, numbers: range, symbol: str = SYMBOL, start: float = 100.0, step: float = -1.5) -> float:
    """A market that falls candle by candle; each closes by the watermark."""
    close = start
    for number in numbers:
        before, close = close, close + step
        venue.see(a_candle(number, close, open=before, symbol=symbol))
        venue.hear(DAWN + (number + 1) * STEP + GRACE)
    return close


def test_a_symbol_added_while_another_warms_has_its_own_history_and_takes_nothing_of_the_other() -> None:
    venue = Venue()
    venue.up(DAWN + 10 * SECOND)
    venue.tell(SymbolsAdded((OTHER,)))
    assert [order for order in venue.pending if order.symbol == OTHER] == [], "nothing is asked before it is confirmed"
    venue.up(DAWN + 12 * SECOND, OTHER)
    venue.answer()
    for number in range(3):
        for symbol in (SYMBOL, OTHER):
            venue.see(a_candle(number, 100.0 + number, symbol=symbol))
        venue.hear(DAWN + (number + 1) * STEP + GRACE)

    for symbol in (SYMBOL, OTHER):
        check_commits(venue.commits(symbol))
        assert {candle.symbol for candle in venue.candles(M5, symbol)} == {symbol}
        assert venue.candles(M5, symbol)[-1].opened_at == DAWN + 2 * STEP
    assert len(venue.candles(M5, SYMBOL)) == len(venue.candles(M5, OTHER))


def test_a_symbol_that_joins_an_open_connection_leaves_the_others_whole() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    venue.hear(DAWN + STEP + GRACE)
    venue.tell(SymbolsAdded((OTHER,)))
    venue.up(DAWN + STEP + 100 * SECOND, OTHER)
    venue.answer()
    asked = len(venue.effects)
    venue.hear(DAWN + 2 * STEP + GRACE)

    # Nobody traded: of the one it is proven by its connection, of the other only since it has joined.
    assert venue.candles()[-1].opened_at == DAWN + STEP
    gaps = [one for one in venue.effects[asked:] if isinstance(one, FetchCandles) and one.symbol == SYMBOL]
    assert gaps == []


def test_a_removed_symbol_is_neither_committed_nor_asked_for_again_whatever_still_comes_of_it() -> None:
    venue = Venue((SYMBOL, OTHER))
    venue.up(DAWN + SECOND, SYMBOL, OTHER)
    waiting = [order for order in venue.pending if order.symbol == OTHER]
    venue.tell(SymbolsRemoved((OTHER,)))
    before = len(venue.effects)
    for order in waiting:
        venue.tell(CandlesFetched(order, quiet(order)))
    venue.see(a_candle(0, symbol=OTHER), final=True)
    fall(venue, range(3))

    assert venue.commits(OTHER) == []
    assert all(getattr(effect, "symbol", SYMBOL) == SYMBOL for effect in venue.effects[before:])
    assert venue.engine.symbols.keys() == {SYMBOL}


def test_a_symbol_removed_and_added_again_is_not_begun_by_an_answer_to_what_was_asked_before() -> None:
    venue = warmed(symbols=(SYMBOL,))
    venue.hear(DAWN + 3 * STEP + GRACE)
    stale = FetchCandles(SYMBOL, M5, DAWN, DAWN + STEP, FetchReason.GAP)
    venue.tell(SymbolsRemoved((SYMBOL,)), SymbolsAdded((SYMBOL,)))
    venue.up(DAWN + 3 * STEP + 10 * SECOND)
    venue.tell(CandlesFetched(stale, quiet(stale)))
    series = venue.engine.symbols[SYMBOL].series[M5]
    assert series.next_opened_at is None

    venue.answer()
    assert series.next_opened_at == DAWN + 3 * STEP
    assert len(series.series) == 300


def test_rules_changed_between_two_batches_hold_for_what_closes_later_and_raise_nothing_twice() -> None:
    venue = Venue((SYMBOL, OTHER))
    venue.up(DAWN + 10 * SECOND, SYMBOL, OTHER)
    venue.answer()
    low = 99.0
    for number in range(6):
        for symbol in (SYMBOL, OTHER):
            venue.see(a_candle(number, low, symbol=symbol))
        venue.hear(DAWN + (number + 1) * STEP + GRACE)
    # One symbol has closed the bucket, the other is about to: both are judged by the rules of before.
    boundary = DAWN + 7 * STEP
    venue.see(a_candle(6, low - 30.0, open=low))
    venue.see(a_candle(6, low - 30.0, open=low, symbol=OTHER))
    venue.see(a_candle(7, low - 30.0), boundary + SECOND)
    venue.tell(WatchChanged(replace(venue.watch, rules=LOWER)))
    venue.hear(boundary + GRACE)

    versions = {alert.rule_version for symbol in (SYMBOL, OTHER) for alert in venue.alerts(symbol)}
    assert versions == {Rules().version}
    assert {alert.symbol for alert in (*venue.alerts(), *venue.alerts(OTHER)) if alert.closes_at == boundary} == {
        SYMBOL,
        OTHER,
    }

    fall(venue, range(7, 30), start=low - 30.0, step=0.0)
    fall(venue, range(30, 36), start=low - 30.0, step=-8.0)
    later = [alert for alert in venue.alerts() if alert.closes_at > boundary]
    assert later, "the new rules raise alerts too"
    assert {alert.rule_version for alert in later} == {LOWER.version}
    crossings = [(alert.opened_at, alert.timeframe, alert.label) for alert in venue.alerts()]
    assert len(crossings) == len(set(crossings))
    check_commits(venue.commits())


def test_a_correction_of_a_candle_of_before_is_judged_by_the_rules_of_before() -> None:
    venue = warmed()
    low = fall(venue, range(5))
    venue.see(a_candle(5, low - 30.0, open=low))
    venue.hear(DAWN + 6 * STEP + GRACE)
    fired = [alert for alert in venue.alerts() if alert.timeframe is M5]
    assert fired
    venue.tell(WatchChanged(replace(venue.watch, rules=LOWER)))

    order = FetchCandles(SYMBOL, M5, DAWN, DAWN + 6 * STEP, FetchReason.VERIFY)

    def truth(one: FetchCandles) -> tuple[Candle, ...]:
        flat = [candle.close for candle in (quiet(one))]
        return tuple(a_candle(number, close) for number, close in enumerate(flat))

    told = len(venue.alerts())
    venue.hear(DAWN + 6 * STEP + 20 * SECOND)
    venue.tell(CandlesFetched(order, truth(order)))

    taken_back = [alert for alert in venue.alerts()[told:] if alert.timeframe is M5]
    assert {alert.id for alert in taken_back} == {alert.id for alert in fired}
    assert {alert.status for alert in taken_back} == {"retracted"}


def test_alerts_on_confirmed_candles_begin_with_those_that_close_later() -> None:
    venue = warmed()
    low = fall(venue, range(5), step=0.0)
    venue.tell(WatchChanged(replace(venue.watch, alerts_on=AlertsOn.CONFIRMED)))
    venue.see(a_candle(5, low - 30.0, open=low))
    before = len(venue.alerts())
    venue.hear(DAWN + 6 * STEP + GRACE)
    assert len(venue.alerts()) == before, "it has to be confirmed first"

    order = FetchCandles(SYMBOL, M5, DAWN + 5 * STEP, DAWN + 6 * STEP, FetchReason.VERIFY)
    venue.hear(DAWN + 6 * STEP + 20 * SECOND)
    venue.tell(CandlesFetched(order, (a_candle(5, low - 30.0, open=low),)))
    assert len(venue.alerts()) > before


RULES = st.sampled_from((Rules(), LOWER, Rules(hysteresis=3.0)))


@given(st.lists(st.tuples(RULES, st.integers(0, 40)), min_size=1, max_size=3 * ERAS_KEPT))
def test_the_eras_of_a_series_follow_each_other_and_are_bounded(changes: list[tuple[Rules, int]]) -> None:
    series = WatchedSeries(SYMBOL, M5)
    watch = warmed().watch
    number = 0
    for rules, more in changes:
        for _ in range(more):
            series.append(a_candle(number), rules)
            number += 1
        series.go_by(replace(watch, rules=rules))
        untils = [era.until for era in series.eras[:-1]]
        assert untils == sorted(set(untils), key=lambda until: until or 0)
        assert len(series.eras) <= ERAS_KEPT
        assert not series.eras or (series.eras[-1].until is None and series.eras[-1].rules == rules)


def test_a_series_restored_under_other_rules_goes_by_them_from_its_next_candle_on() -> None:
    venue = warmed()
    fall(venue, range(3))
    changes = [change for commit in venue.commits() for change in commit.series if change.timeframe is M5]
    restored = RestoredSeries(SYMBOL, M5, tuple(venue.candles()), changes[-1].snapshot, changes[-1].eras)
    again = Venue(restored=[restored])
    again.engine.symbols[SYMBOL].go_by(replace(again.watch, rules=LOWER))

    assert again.engine.symbols[SYMBOL].series[M5].eras == (
        Era(Rules(), AlertsOn.CLOSED, DAWN + 3 * STEP),
        Era(LOWER, AlertsOn.CLOSED),
    )
    assert changes[-1].eras == (), "the original rules need no word"


def test_a_backfill_compares_what_is_at_hand_with_rest_and_corrects_it() -> None:
    venue = warmed()
    fall(venue, range(3))
    orders = venue.tell(BackfillAsked((SYMBOL, "GONE-USD"), (M5, Timeframe.H1), 2))
    asked = [order for order in orders if isinstance(order, FetchCandles)]
    assert [(order.timeframe, order.reason) for order in asked] == [(M5, "repair"), (Timeframe.H1, "repair")]
    assert (asked[0].since, asked[0].until) == (DAWN + STEP, DAWN + 3 * STEP)

    venue.hear(DAWN + 3 * STEP + 30 * SECOND)
    venue.tell(CandlesFetched(asked[0], (a_candle(1, 90.0), a_candle(2, 91.0))))
    assert [candle.close for candle in venue.candles()[-2:]] == [90.0, 91.0]
    assert [candle.revision for candle in venue.candles()[-2:]] == [1, 1]
    check_commits(venue.commits())


def test_a_cleared_symbol_is_forgotten_and_warmed_anew_and_raises_nothing_of_its_past() -> None:
    venue = warmed()
    low = fall(venue, range(5))
    venue.see(a_candle(5, low - 30.0, open=low))
    venue.hear(DAWN + 6 * STEP + GRACE)
    told = len(venue.alerts())
    assert told
    venue.pending.clear()
    effects = venue.tell(CacheCleared((SYMBOL, "GONE-USD")))
    assert effects[0] == Forget((SYMBOL, "GONE-USD"))
    assert {order.reason for order in effects[1:] if isinstance(order, FetchCandles)} == {FetchReason.WARMUP}
    assert len(effects) == 1 + len(Timeframe)
    cleared = len(venue.commits())

    venue.answer(lambda order: tuple(replace(one, close=99.0, low=10.0) for one in quiet(order)))
    fall(venue, range(6, 9), start=99.0, step=0.0)
    check_commits(venue.commits()[cleared:])
    assert len(venue.alerts()) == told
    assert venue.candles()[-1].opened_at == DAWN + 8 * STEP


def test_a_link_that_confirms_more_keeps_its_clock() -> None:
    venue = warmed()
    venue.hear(DAWN + 2 * STEP + GRACE)
    before = venue.engine.links[1].closes_when
    venue.tell(SymbolsAdded((OTHER,)), LinkUp(1, DAWN + 2 * STEP + 10 * SECOND, frozenset({OTHER}), True))

    assert venue.engine.links[1].symbols == (SYMBOL, OTHER)
    assert venue.engine.links[1].closes_when == before


def test_the_present_watch_is_part_of_what_is_replayed() -> None:
    watch = Watch(venue_watch().exchange, venue_watch().traits, LOWER, True)
    venue = warmed()
    venue.tell(WatchChanged(watch))
    assert venue.engine.watch == watch


def venue_watch() -> Watch:
    return warmed().watch
