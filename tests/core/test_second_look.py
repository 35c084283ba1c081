"""What REST has confirmed is compared with it again: it may have been behind, or have changed its mind."""

from dataclasses import replace

from core.builders import a_candle
from core.test_corrections import final_candles, verify, watch
from core.venue import STEP
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import SECOND, Timeframe
from livermore.core.messages import FetchRefused
from livermore.core.symbol import REFUSED_RETRY_AFTER, VERIFY_AFTER
from livermore.core.watched import LOOKS_BACK


def day(count: int) -> list[Candle]:
    return [a_candle(number, 100.0 + number) for number in range(count)]


def test_a_candle_revised_after_it_was_confirmed_is_corrected_with_the_next_ones() -> None:
    for late in range(1, LOOKS_BACK + 1):
        candles = day(LOOKS_BACK + 2)
        venue = watch(candles[:1], {})
        verify(venue, candles[:1])
        assert final_candles(venue, Timeframe.M5)[candles[0].opened_at].is_confirmed
        revised = replace(candles[0], high=150.0, volume=candles[0].volume + 1)

        for number in range(1, late + 1):
            venue.see(candles[number], final=True)
            venue.hear(candles[number].closes_at + VERIFY_AFTER)
            verify(venue, [revised if number == late else candles[0], *candles[1 : number + 1]])

        ours = final_candles(venue, Timeframe.M5)[candles[0].opened_at]
        assert (ours.high, ours.revision, ours.is_confirmed) == (150.0, 1, True)


def test_a_second_look_is_one_request_with_the_first_look_at_what_came_after() -> None:
    candles = day(LOOKS_BACK + 4)
    venue = watch(candles[:1], {})
    verify(venue, candles[:1])
    asked = []
    for candle in candles[1:]:
        venue.see(candle, final=True)
        venue.hear(candle.closes_at + VERIFY_AFTER)
        asked += [order for order in venue.verifications if order.timeframe is Timeframe.M5]
        verify(venue, candles)

    assert len(asked) == len(candles) - 1
    assert [(order.until - order.since) // STEP for order in asked[LOOKS_BACK:]] == [LOOKS_BACK + 1] * (
        len(asked) - LOOKS_BACK
    )


def test_nothing_is_asked_while_nothing_has_closed() -> None:
    candles = day(2)
    venue = watch(candles, {})
    verify(venue, candles)
    venue.hear(candles[-1].closes_at + VERIFY_AFTER + 60 * SECOND)

    assert not venue.verifications


def test_a_refused_comparison_is_asked_again_for_all_that_it_was_to_compare() -> None:
    candles = day(2 * LOOKS_BACK)
    venue = watch(candles, {})
    verify(venue, candles)
    venue.see(replace(candles[0], high=150.0), candles[-1].closes_at + VERIFY_AFTER, final=True)
    doubted = venue.verifications.pop()
    assert doubted.since <= candles[0].opened_at

    venue.tell(FetchRefused(doubted, "no such product"))
    venue.hear(candles[-1].closes_at + VERIFY_AFTER + REFUSED_RETRY_AFTER)

    assert doubted.since in [order.since for order in venue.verifications]
