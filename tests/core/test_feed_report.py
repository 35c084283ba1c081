"""The report on the feed: its state has reasons, and what is silent is named, within bounds."""

from core.builders import DAWN, STEP, SYMBOL, a_candle
from core.venue import GRACE, Venue, warmed
from livermore.core.feed_report import STALE_AFTER, STALLED_AFTER
from livermore.core.instance.status import NAMES_SHOWN, FeedState, StaleSymbol
from livermore.core.market.timeframe import SECOND
from livermore.core.messages import Heard, LinkDown, SymbolsRefused, SymbolsRemoved

MANY = tuple(f"S{number:02d}-USD" for number in range(30))


def test_a_feed_that_carries_all_is_live_and_has_nothing_to_say() -> None:
    venue = warmed()
    venue.see(a_candle(0))

    report = venue.engine.feed_report(0)

    assert (report.state, report.reasons, report.stale, report.stale_count) == (FeedState.LIVE, (), (), 0)


def test_without_a_connection_it_says_why_the_last_one_ended() -> None:
    venue = warmed()
    venue.tell(LinkDown(1, "silent for 5 s"))

    report = venue.engine.feed_report(0)

    assert (report.state, report.reasons) == (FeedState.DOWN, ("no connection: silent for 5 s",))


def test_symbols_that_no_connection_carries_are_counted_and_some_of_them_named() -> None:
    venue = Venue(MANY)
    venue.up(DAWN + SECOND, *MANY[:23])
    venue.tell(SymbolsRefused(1, frozenset({"S29-USD"}), "the exchange does not list it"))

    report = venue.engine.feed_report(0)

    assert report.state is FeedState.DEGRADED
    assert report.reasons == (
        "6 of 30 symbols unconfirmed: S23-USD, S24-USD, S25-USD, S26-USD, S27-USD and 1 more",
        "refused: S29-USD",
    )
    assert len(report.stale) == NAMES_SHOWN
    assert report.stale_count == 30


def test_a_symbol_is_stale_when_long_nothing_was_heard_of_it_and_the_longest_silent_come_first() -> None:
    venue = Venue((SYMBOL, "ETH-USD", "NEW-USD"))
    venue.up(DAWN + SECOND, SYMBOL, "ETH-USD", "NEW-USD")
    venue.see(a_candle(0))
    venue.see(a_candle(1, symbol="ETH-USD"))
    venue.hear(DAWN + STEP - SECOND + STALE_AFTER)

    report = venue.engine.feed_report(0)

    # It is no fault by itself: thin symbols are silent for good reason.
    assert report.state is FeedState.LIVE
    assert report.stale == (StaleSymbol("NEW-USD", None), StaleSymbol(SYMBOL, DAWN + STEP - SECOND))
    venue.tell(SymbolsRemoved(("NEW-USD",)))
    assert venue.engine.feed_report(0).stale_count == 1


def test_a_feed_that_says_nothing_any_more_is_not_shown_as_live() -> None:
    venue = warmed()
    venue.tell(Heard(1, DAWN + STEP + GRACE), now=1_000_000)

    assert venue.engine.feed_report(1_000_000 + STALLED_AFTER - 1).state is FeedState.LIVE
    report = venue.engine.feed_report(1_000_000 + STALLED_AFTER)
    assert (report.state, report.reasons) == (FeedState.DEGRADED, ("stalled 15 s",))
