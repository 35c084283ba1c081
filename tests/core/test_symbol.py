from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle, examples, markets
from core.venue import GRACE, Venue, check_commits, numbers, orders_in, quiet
from livermore.core.market.candle import Candle, is_same_market
from livermore.core.market.series import folded
from livermore.core.market.timeframe import HIGHER, SECOND, Timeframe
from livermore.core.messages import CandlesFetched, Commit, FetchCandles, FetchReason, LinkDown
from livermore.core.restored import RestoredSeries

NOW = DAWN + 10 * SECOND


def restored_from(commits: list[Commit], kept: int = 400) -> list[RestoredSeries]:
    """What a store would give back: the newest candles of each series and its last snapshot."""
    restored = []
    for timeframe in Timeframe:
        changes = [change for commit in commits for change in commit.series if change.timeframe is timeframe]
        if changes:
            candles = [candle for change in changes for candle in change.candles]
            restored.append(RestoredSeries(SYMBOL, timeframe, tuple(candles[-kept:]), changes[-1].snapshot))
    return restored


def drive(venue: Venue, candles: list[Candle], first: int = 0, link: int = 1) -> None:
    """Tell of candles as a numbered feed would, and let its clock run."""
    for number, candle in enumerate(candles, start=first):
        if not candle.is_empty:
            venue.see(candle, link=link)
        venue.hear(DAWN + (number + 1) * STEP + GRACE, link=link)


@given(candles=markets(most=60))
@examples(25)
def test_a_feed_that_proves_silence_gives_the_market_itself(candles: list[Candle]) -> None:
    """The committed series is the market, and each longer one its fold."""
    venue = Venue()
    venue.up(DAWN)
    venue.has_no_history(DAWN)
    drive(venue, candles)
    started = next((index for index, candle in enumerate(candles) if not candle.is_empty), len(candles))

    assert venue.candles() == candles[started:]
    for timeframe in HIGHER:
        assert venue.candles(timeframe) == folded(candles[started:], timeframe)
    assert venue.pending == []
    check_commits(venue.commits())


@pytest.mark.parametrize(("rows", "lists_silence"), [(300, False), (1_000, True)])
def test_history_takes_one_request_for_each_series(rows: int, lists_silence: bool) -> None:
    """All that an exchange gives at once is taken in at once: what did not fit would be asked for a second time."""
    venue = Venue(rows=rows, lists_silence=lists_silence)
    venue.up(NOW)
    asked = list(venue.pending)
    venue.answer()

    assert {order.timeframe for order in asked} == set(Timeframe)
    assert [effect for effect in venue.effects if isinstance(effect, FetchCandles)] == asked
    assert [len(venue.candles(timeframe)) for timeframe in Timeframe] == [rows] * len(Timeframe)


def restless(order: FetchCandles) -> tuple[Candle, ...]:
    """A history that leaps up and down, as no history may raise an alert of."""
    closes = {0: 100.0, 1: 130.0, 2: 160.0, 3: 130.0}
    return tuple(
        replace(candle, open=close, high=close + 1, low=close - 1, close=close)
        for candle in quiet(order)
        for close in [closes[candle.opened_at // (20 * order.timeframe.millis) % 4]]
    )


def test_history_is_taken_in_without_a_feed_and_nothing_is_held_back() -> None:
    """While a feed flaps the answers for a thousand symbols would otherwise pile up."""
    venue = Venue(rows=1_000, lists_silence=True)
    venue.up(NOW)
    venue.tell(LinkDown(1, "closed"))
    venue.answer(restless)

    assert [len(venue.candles(timeframe)) for timeframe in Timeframe] == [1_000] * len(Timeframe)
    assert venue.alerts() == []
    venue.up(NOW + SECOND, link=2)
    assert venue.pending == []
    check_commits(venue.commits())


def test_what_closed_while_watched_waits_for_a_feed_that_tells_how_late_it_is() -> None:
    venue = Venue()
    venue.up(NOW)
    venue.answer()
    venue.tell(LinkDown(1, "closed"))
    venue.up(NOW + 3 * STEP, link=2)
    venue.tell(LinkDown(2, "closed"))

    venue.answer()
    assert numbers(venue.candles())[-1] == -1
    venue.up(NOW + 3 * STEP + SECOND, link=3)
    assert numbers(venue.candles())[-3:] == [0, 1, 2]


@given(candles=markets(most=60), data=st.data())
@examples(25)
def test_with_breaks_and_rest_behind_it_the_market_is_the_same(candles: list[Candle], data: st.DataObject) -> None:
    """Whatever a broken feed leaves out, REST fills in; nothing is lost, invented, or taken twice."""
    truth = {candle.opened_at: candle for candle in [a_candle(-1, candles[0].open), *candles]}
    venue, link, up = Venue(), 1, True
    venue.up(NOW)

    def rest(order: object) -> tuple[Candle, ...]:
        base = [truth[at] for at in sorted(truth)]
        rows = base if order.timeframe is M5 else folded(base, order.timeframe)
        return tuple(one for one in rows if order.since <= one.opened_at < order.until and not one.is_empty)

    for number, candle in enumerate(candles):
        fate = data.draw(st.sampled_from(["flow", "flow", "flow", "break", "answer"]))
        if fate == "break" and up:
            venue.tell(LinkDown(link, "drawn"))
            up = False
        elif not up:
            link += 1
            up = True
            venue.up(candle.opened_at + SECOND, link=link, proves_silence=data.draw(st.booleans()))
        elif fate == "answer":
            venue.answer(rest)
        drive(venue, [candle], number, link)
    venue.up(DAWN + len(candles) * STEP + GRACE, link=link + 1)
    for _ in range(5):
        venue.answer(rest)
    # What was asked within seconds of a close is asked once more before its absence is believed.
    for later in (20, 40):
        venue.hear(DAWN + len(candles) * STEP + later * SECOND, link=link + 1)
        venue.answer(rest)

    whole = [a_candle(-1, candles[0].open), *candles]
    found = venue.candles()
    assert numbers(found) == list(range(-1, len(candles))), "no bucket is missing once REST has answered"
    assert all(is_same_market(ours, theirs) for ours, theirs in zip(found, whole, strict=True))
    check_commits(venue.commits())


@given(candles=markets(most=50, start=1), cut=st.integers(1, 49))
@examples(20)
def test_a_restart_goes_on_where_the_last_commit_stood(candles: list[Candle], cut: int) -> None:
    """Nothing is asked again but what was missed, and the effects are those of a process that never stopped."""
    candles = [a_candle(0, candles[0].open), *candles]
    cut = min(cut, len(candles))
    whole = Venue()
    whole.up(NOW)
    whole.answer()
    drive(whole, candles[:cut])
    stored = list(whole.commits())
    drive(whole, candles[cut:], cut)

    again = Venue(restored=restored_from(stored))
    assert orders_in(again.up(DAWN + cut * STEP, link=2)) == []
    drive(again, candles[cut:], cut, link=2)

    assert [commit.alerts for commit in again.commits()] == [commit.alerts for commit in whole.commits()[len(stored) :]]
    assert again.commits() == whole.commits()[len(stored) :]


def test_after_downtime_only_what_is_missing_is_asked_for() -> None:
    venue = Venue()
    venue.up(NOW)
    venue.answer()
    drive(venue, [a_candle(number) for number in range(12)])

    again = Venue(restored=restored_from(venue.commits()))
    asked = orders_in(again.up(DAWN + 24 * STEP + 10 * SECOND, link=1))

    assert asked == [(M5, 12, 24, FetchReason.GAP)]
    again.answer()
    assert numbers(again.candles()) == list(range(12, 24))
    assert numbers(again.candles(Timeframe.H1), Timeframe.H1.millis) == [1]


def test_a_series_the_store_has_lost_is_warmed_up_again() -> None:
    venue = Venue()
    venue.up(NOW)
    venue.answer()
    stored = [one for one in restored_from(venue.commits()) if one.timeframe is not Timeframe.H4]

    asked = orders_in(Venue(restored=stored).up(NOW))

    assert [(timeframe, reason) for timeframe, _, _, reason in asked] == [(Timeframe.H4, FetchReason.WARMUP)]


@pytest.mark.parametrize("timeframe", Timeframe)
def test_a_downtime_longer_than_what_can_wait_is_filled_in_all_series(timeframe: Timeframe) -> None:
    venue = Venue()
    venue.up(NOW)
    venue.answer()
    days = 3 * Timeframe.D1.millis

    again = Venue(restored=restored_from(venue.commits(), kept=1), rows=1_000)
    again.up(NOW + days)
    again.answer()

    check_commits([*venue.commits(), *again.commits()])
    assert again.candles(timeframe)[-1].closes_at == timeframe.opening(NOW + days - GRACE)
    assert again.pending == []


def test_a_longer_candle_that_cannot_be_folded_is_asked_for_as_such() -> None:
    """After a restart in the middle of an hour of which the 5m candles are not at hand."""
    venue = Venue()
    venue.up(NOW)
    venue.answer()
    drive(venue, [a_candle(number) for number in range(6)])

    again = Venue(restored=restored_from(venue.commits(), kept=1))
    again.up(DAWN + 6 * STEP, link=2)
    drive(again, [a_candle(number) for number in range(6, 11)], 6, link=2)
    assert again.pending == []
    again.see(a_candle(11), link=2)

    assert orders_in(again.hear(DAWN + 12 * STEP + GRACE, link=2)) == [(Timeframe.H1, 0, 1, FetchReason.GAP)]
    again.answer()
    assert numbers(again.candles(Timeframe.H1), Timeframe.H1.millis) == [0]
    check_commits([*venue.commits(), *again.commits()])


def test_an_answer_to_an_older_question_leaves_the_newer_one_open() -> None:
    venue = Venue()
    venue.up(NOW)
    order = venue.pending[0]
    other = type(order)(SYMBOL, order.timeframe, order.since + STEP, order.until, order.reason)
    venue.tell(CandlesFetched(other, quiet(other)))

    assert venue.engine.symbols[SYMBOL].series[M5].order == order
    venue.tell(CandlesFetched(order, quiet(order)))
    assert venue.engine.symbols[SYMBOL].series[M5].order is None
    check_commits(venue.commits())


def test_what_the_store_holds_of_other_symbols_is_left_alone() -> None:
    venue = Venue()
    venue.up(NOW)
    venue.answer()

    other = Venue(["ETH-USD"], restored=restored_from(venue.commits()))

    assert set(other.engine.symbols) == {"ETH-USD"}
    assert len(orders_in(other.up(NOW, "ETH-USD"))) == len(Timeframe)
