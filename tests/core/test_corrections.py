"""Corrections: whatever was closed wrongly, store and ledger end as if it had been right at once."""

import random
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle, an_empty, examples, markets
from core.venue import Venue, check_commits, quiet, warmed
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.candle import Candle
from livermore.core.market.series import folded
from livermore.core.market.timeframe import HIGHER, SECOND, Timeframe
from livermore.core.messages import CandlesFetched, FetchCandles, FetchReason, FramesLost, LinkDown
from livermore.core.symbol import VERIFY_AFTER, VERIFY_RETRY_AFTER
from livermore.core.watch import AlertsOn
from livermore.core.watched import LOOKS_BACK


def standing(alerts: list[Alert]) -> dict[str, tuple[float, float]]:
    """The alerts that hold in the end, as a reader of the stream finds them."""
    found: dict[str, tuple[float, float]] = {}
    for alert in alerts:
        if alert.status is AlertStatus.RETRACTED:
            del found[alert.id]
        else:
            assert (alert.id in found) == (alert.status is AlertStatus.AMENDED)
            found[alert.id] = (round(alert.value, 4), round(alert.previous_value, 4))
    return found


def final_candles(venue: Venue, timeframe: Timeframe) -> dict[int, Candle]:
    return {candle.opened_at: candle for candle in venue.candles(timeframe)}


def unnumbered(candles: dict[int, Candle]) -> list[Candle]:
    return [replace(candles[opened_at], revision=0) for opened_at in sorted(candles)]


def watch(candles: list[Candle], wrong: dict[int, Candle | None], **options: Any) -> Venue:
    """A venue that was shown `candles`, some of them wrongly or not at all."""
    venue = warmed(DAWN, **options)
    venue.hear(DAWN + 3 * SECOND)
    venue.answer()
    for candle in candles:
        shown = wrong.get(candle.opened_at, candle)
        if shown is not None and not shown.is_empty:
            venue.see(shown, final=True)
        venue.hear(candle.closes_at + SECOND)
    venue.hear(candles[-1].closes_at + VERIFY_AFTER)
    return venue


def verify(venue: Venue, truth: list[Candle]) -> None:
    """Answer each wish to verify with the truth, until there is none left."""
    by_timeframe = {M5: truth, **{timeframe: folded(truth, timeframe) for timeframe in HIGHER}}
    while venue.verifications:
        order = venue.verifications.pop(0)
        # The one that was folded from what we have is the same at the exchange.
        history = tuple(
            replace(row, volume=row.timeframe.millis / STEP) if row.closes_at == DAWN else row
            for row in quiet(replace(order, until=min(order.until, DAWN)))
        )
        told = tuple(
            replace(candle, is_confirmed=True)
            for candle in by_timeframe[order.timeframe]
            if order.since <= candle.opened_at < order.until and not candle.is_empty
        )
        rows = history + told
        venue.tell(CandlesFetched(order, rows))


Drawn = tuple[list[Candle], dict[int, Candle | None]]


@st.composite
def mistakes(draw: st.DrawFn) -> Drawn:
    """A market, and wrong words on some of its traded candles: other prices, or silence."""
    candles = draw(markets(most=90))
    traded = [candle for candle in candles if not candle.is_empty]
    wrong: dict[int, Candle | None] = {}
    for candle in draw(st.lists(st.sampled_from(traded), max_size=6)) if traded else ():
        if draw(st.booleans()):
            wrong[candle.opened_at] = None
            continue
        close = min(max(candle.close * draw(st.floats(0.9, 1.1)), candle.low), candle.high)
        high = candle.high * draw(st.sampled_from([1.0, 1.05]))
        wrong[candle.opened_at] = Candle(
            SYMBOL, M5, candle.opened_at, candle.open, high, candle.low, close, candle.volume / 2
        )
    return candles, wrong


@examples(15)
@given(mistakes())
def test_after_verification_the_ledger_is_that_of_a_feed_that_was_right_at_once(drawn: Drawn) -> None:
    candles, wrong = drawn
    venue, right = watch(candles, wrong), watch(candles, {})

    verify(venue, candles)
    verify(right, candles)

    assert standing(venue.alerts()) == standing(right.alerts())
    for timeframe in Timeframe:
        ours, theirs = final_candles(venue, timeframe), final_candles(right, timeframe)
        assert unnumbered(ours) == unnumbered(theirs)
    ours, theirs = venue.engine.symbols[SYMBOL], right.engine.symbols[SYMBOL]
    assert all(ours.series[timeframe].snapshot() == theirs.series[timeframe].snapshot() for timeframe in Timeframe)
    check_commits(venue.commits())


@examples(15)
@given(mistakes(), st.randoms(use_true_random=False))
def test_late_final_words_correct_what_was_closed_without_them(drawn: Drawn, order: random.Random) -> None:
    candles, wrong = drawn
    venue, right = watch(candles, wrong), watch(candles, {})
    late = [candle for candle in candles if candle.opened_at in wrong]
    order.shuffle(late)
    for candle in late:
        venue.see(candle, candles[-1].closes_at + VERIFY_AFTER, final=True)

    assert standing(venue.alerts()) == standing(right.alerts())
    check_commits(venue.commits())


@examples(15)
@given(mistakes())
def test_alerts_on_confirmed_candles_are_those_of_a_feed_that_was_right_and_never_change(drawn: Drawn) -> None:
    candles, wrong = drawn
    careful, right = watch(candles, wrong, alerts_on=AlertsOn.CONFIRMED), watch(candles, {})
    unsure = {candle.opened_at for candle in final_candles(careful, M5).values() if not candle.is_confirmed}
    assert not {alert.opened_at for alert in careful.alerts() if alert.timeframe is M5} & unsure

    verify(careful, candles)
    verify(right, candles)

    assert standing(careful.alerts()).keys() == standing(right.alerts()).keys()


def test_without_repairs_a_hole_stays_and_nothing_is_compared() -> None:
    venue = warmed(repairs=False)
    venue.see(a_candle(0))
    venue.tell(LinkDown(1, "closed"))
    venue.up(DAWN + 3 * STEP + SECOND, link=2)
    venue.see(a_candle(3, 103.0), link=2)
    venue.see(a_candle(4, 104.0), link=2)
    venue.hear(DAWN + 6 * STEP, link=2)

    assert not venue.pending
    assert not venue.verifications
    assert max(final_candles(venue, M5)) < DAWN


def test_a_correction_is_numbered_and_a_confirmation_is_not() -> None:
    venue = watch([a_candle(0), a_candle(1, 101.0)], {})
    verify(venue, [a_candle(0), a_candle(1, 102.0)])

    ours = final_candles(venue, M5)
    assert (ours[DAWN].revision, ours[DAWN].is_confirmed) == (0, True)
    assert (ours[DAWN + STEP].revision, ours[DAWN + STEP].is_confirmed) == (1, True)
    assert ours[DAWN + STEP].close == 102.0


def test_verification_waits_until_rest_may_have_the_candle_and_asks_once() -> None:
    venue = warmed()
    venue.see(a_candle(0), final=True)
    venue.hear(DAWN + STEP + VERIFY_AFTER - 1)
    assert venue.verifications == []

    venue.hear(DAWN + STEP + VERIFY_AFTER)
    venue.hear(DAWN + STEP + VERIFY_AFTER + SECOND)

    looked_at = FetchCandles(SYMBOL, M5, DAWN - LOOKS_BACK * STEP, DAWN + STEP, FetchReason.VERIFY)
    assert venue.verifications == [looked_at]


def test_a_traded_candle_that_rest_has_not_heard_of_is_kept_and_asked_for_again() -> None:
    venue = warmed()
    venue.see(a_candle(0), final=True)
    venue.hear(DAWN + STEP + VERIFY_AFTER)
    (order,) = venue.verifications
    venue.verifications.clear()
    venue.tell(CandlesFetched(order, ()))
    assert not final_candles(venue, M5)[DAWN].is_confirmed
    venue.hear(DAWN + STEP + VERIFY_AFTER + VERIFY_RETRY_AFTER - 1)
    assert not venue.verifications

    venue.hear(DAWN + STEP + VERIFY_AFTER + VERIFY_RETRY_AFTER)

    assert venue.verifications == [order]


def test_a_final_word_against_a_confirmed_candle_has_rest_asked_at_once() -> None:
    venue = watch([a_candle(0)], {})
    verify(venue, [a_candle(0)])
    venue.see(a_candle(0, 104.0, volume=7.0), DAWN + STEP + VERIFY_AFTER + SECOND, final=True)
    verify(venue, [a_candle(0, 104.0, volume=7.0)])

    assert final_candles(venue, M5)[DAWN].close == 104.0


def test_after_a_long_downtime_verification_does_not_lag_behind() -> None:
    venue = watch([a_candle(0)], {})
    verify(venue, [a_candle(0)])
    venue.tell(LinkDown(1, "closed"))
    venue.up(DAWN + 600 * STEP + 30 * SECOND, link=2)
    venue.answer()
    venue.see(a_candle(600), link=2, final=True)
    venue.see(a_candle(601), link=2, final=True)
    for number in range(602, 605):
        while venue.verifications:
            order = venue.verifications.pop(0)
            venue.tell(CandlesFetched(order, quiet(order)))
        venue.see(a_candle(number), link=2, final=True)
        venue.hear(DAWN + (number + 1) * STEP + VERIFY_AFTER, link=2)

    fives = [order for order in venue.verifications if order.timeframe is M5]
    assert fives[-1].until == DAWN + 605 * STEP


def test_a_row_that_may_not_be_final_yet_is_taken_and_verified_later() -> None:
    venue = warmed()
    venue.see(a_candle(0))
    venue.tell(FramesLost(1, DAWN + STEP - SECOND, "a gap"))
    venue.hear(DAWN + STEP + 3 * SECOND)
    (order,) = venue.pending
    venue.pending.clear()
    venue.tell(CandlesFetched(order, (replace(a_candle(0, 101.0), is_confirmed=True),)))
    assert not final_candles(venue, M5)[DAWN].is_confirmed

    venue.hear(DAWN + STEP + VERIFY_AFTER)
    verify(venue, [a_candle(0, 102.0)])

    assert final_candles(venue, M5)[DAWN].close == 102.0


def test_silence_that_rest_contradicts_becomes_a_candle() -> None:
    venue = warmed()
    venue.see(a_candle(0), final=True)
    venue.see(a_candle(2), final=True)
    assert final_candles(venue, M5)[DAWN + STEP].is_empty
    venue.hear(DAWN + 3 * STEP + VERIFY_AFTER)
    verify(venue, [a_candle(0), a_candle(1, 105.0), a_candle(2)])

    ours = final_candles(venue, M5)
    assert ours[DAWN + STEP] == replace(a_candle(1, 105.0), is_confirmed=True, revision=1)


def test_silence_after_a_corrected_candle_stands_at_its_new_close() -> None:
    """Found by the property: the empty candles went on at the close that had been wrong."""
    venue = watch([a_candle(0), a_candle(1), a_candle(5)], {DAWN + STEP: None})
    silent = [an_empty(number, 130.0) for number in (2, 3, 4)]
    verify(venue, [a_candle(0), a_candle(1, 130.0), *silent, a_candle(5)])

    fives = final_candles(venue, M5)
    assert [fives[DAWN + number * STEP].close for number in range(6)] == [100.0, 130.0, 130.0, 130.0, 130.0, 100.0]
    assert final_candles(venue, Timeframe.M15)[DAWN].close == 130.0


def test_a_corrected_5m_candle_is_folded_anew_into_the_longer_ones() -> None:
    candles = [a_candle(number) for number in range(3)]
    venue = watch(candles, {})
    venue.see(a_candle(1, 100.0, high=130.0, volume=9.0), DAWN + 4 * STEP, final=True)

    ours = final_candles(venue, Timeframe.M15)
    assert (ours[DAWN].high, ours[DAWN].volume, ours[DAWN].revision) == (130.0, 11.0, 1)


def test_what_rest_has_confirmed_is_not_changed_by_late_news_of_the_feed() -> None:
    venue = watch([a_candle(0), a_candle(1)], {})
    verify(venue, [a_candle(0), a_candle(1)])
    before = list(venue.effects)
    venue.see(a_candle(0, 130.0, volume=50.0), DAWN + 2 * STEP + VERIFY_AFTER, final=True)

    assert venue.effects == before


def test_a_venue_that_lists_silence_confirms_it_only_by_a_row() -> None:
    venue = warmed(proves_silence=True, lists_silence=True)
    venue.see(a_candle(0), final=True)
    venue.hear(DAWN + 2 * STEP + VERIFY_AFTER)
    (order,) = venue.verifications
    venue.tell(CandlesFetched(order, (replace(a_candle(0), is_confirmed=True),)))
    silent = final_candles(venue, M5)[DAWN + STEP]
    assert (silent.is_empty, silent.is_confirmed) == (True, False)

    venue.tell(CandlesFetched(order, (replace(silent, is_confirmed=True),)))

    assert final_candles(venue, M5)[DAWN + STEP].is_confirmed
