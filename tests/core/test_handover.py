"""A connection is replaced by another without a hole, a request or a false candle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, STEP, SYMBOL, a_candle, examples
from core.venue import GRACE, Venue, numbers, orders_in, warmed
from livermore.core.engine import NAMES_REPORTED, FeedState
from livermore.core.market.candle import Candle, is_same_market
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import MINUTE, SECOND
from livermore.core.messages import (
    CandleSeen,
    CandlesFetched,
    DatumDropped,
    Event,
    FetchCandles,
    FramesLost,
    Heard,
    LinkDown,
    LinkUp,
    Report,
    SymbolsAdded,
    SymbolsRefused,
    SymbolsUnheard,
    TickerSeen,
)

TURN = DAWN + 2 * MINUTE


def begun(*, proves_silence: bool = True) -> Venue:
    """A venue that has watched from the beginning of bucket 0 on and knows all before it."""
    venue = warmed(DAWN, proves_silence=proves_silence, rows=3)
    venue.hear(DAWN + GRACE)
    venue.answer()
    return venue


def handed_over(*, told_until: int = TURN + GRACE, seen: bool = True) -> Venue:
    """A venue in which link 2 has replaced link 1 in the middle of a bucket, after its only news."""
    venue = begun()
    if seen:
        venue.see(a_candle(0), DAWN + MINUTE)
    venue.up(TURN, link=2)
    venue.hear(told_until)
    return venue


# ------------------------------------------------------------------------------------------------ continuity


@pytest.mark.parametrize("seen", [False, True])
def test_a_bucket_without_news_after_the_handover_needs_no_request(seen: bool) -> None:
    venue = handed_over(seen=seen)
    venue.tell(LinkDown(1, "replaced"))
    venue.hear(DAWN + STEP + GRACE, link=2)

    assert venue.pending == []
    assert (numbers(venue.candles())[-1], venue.candles()[-1].is_empty) == (0, not seen)


def test_before_the_old_connection_has_told_all_of_its_time_the_bucket_is_a_hole() -> None:
    venue = handed_over(told_until=TURN + GRACE - 1)
    venue.tell(LinkDown(1, "replaced"))

    assert [order[1:3] for order in orders_in(venue.hear(DAWN + STEP + GRACE, link=2))] == [(0, 1)]


def test_news_of_the_old_connection_that_comes_after_the_new_one_is_up_still_counts() -> None:
    venue = begun()
    venue.see(a_candle(0), DAWN + MINUTE)
    venue.up(TURN, link=2)
    venue.see(a_candle(0, 101.0, volume=2.0), TURN - SECOND)
    venue.hear(TURN + GRACE)
    venue.tell(LinkDown(1, "replaced"))
    venue.hear(DAWN + STEP + GRACE, link=2)

    assert venue.candles()[-1] == a_candle(0, 101.0, volume=2.0)
    assert venue.pending == []


@pytest.mark.parametrize(
    "trouble", [LinkDown(1, "reset"), FramesLost(1, TURN, "4 after 2"), DatumDropped(1, TURN, None, "?", "{")], ids=str
)
def test_an_old_connection_that_loses_something_proves_nothing(trouble: Event) -> None:
    venue = begun()
    venue.see(a_candle(0), DAWN + MINUTE)
    venue.up(TURN, link=2)
    venue.tell(trouble)
    venue.hear(TURN + GRACE)

    assert orders_in(venue.hear(DAWN + STEP + GRACE, link=2)) != []


def test_what_the_new_connection_loses_is_not_made_good_by_the_old_one() -> None:
    venue = begun()
    venue.see(a_candle(0), DAWN + MINUTE)
    venue.up(TURN, link=2)
    venue.tell(FramesLost(2, TURN + SECOND, "4 after 2"))
    venue.hear(TURN + GRACE)

    assert orders_in(venue.hear(DAWN + STEP + GRACE, link=2)) != []


def test_when_the_new_connection_ends_first_the_old_one_carries_on() -> None:
    """Also what it had passed meanwhile is closed then."""
    venue = handed_over()
    venue.hear(DAWN + STEP + GRACE)
    assert numbers(venue.candles())[-1] == -1
    venue.tell(LinkDown(2, "reset"))

    assert venue.engine.feed_state is FeedState.LIVE
    venue.hear(DAWN + STEP + GRACE + SECOND)
    assert numbers(venue.candles())[-1] == 0
    assert venue.pending == []


def test_a_handover_is_no_trouble_and_a_loss_is() -> None:
    venue = handed_over()
    assert [effect.kind for effect in venue.tell(LinkDown(1, "replaced"))] == ["link_ended"]
    assert [effect.kind for effect in venue.tell(LinkDown(2, "reset"))] == ["feed_lost"]
    assert [effect.kind for effect in venue.tell(LinkDown(3, "cannot connect"))] == ["feed_lost"]


TURNS = st.one_of(
    st.integers(SECOND, 3 * STEP), st.builds(lambda n, off: n * STEP + off * 500, st.integers(1, 3), st.integers(-8, 8))
)
AWAY = st.lists(st.integers(-8, 8), max_size=5)


def market(trades: list[int]) -> tuple[dict[int, Candle], list[tuple[int, Candle]]]:
    """The true candle of each bucket with trades, and what a feed says after each of the trades."""
    truth: dict[int, Candle] = {}
    frames: list[tuple[int, Candle]] = []
    for count, offset in enumerate(sorted(set(trades)), start=1):
        number = offset // STEP
        before = truth.get(number)
        candle = a_candle(number, 100.0 + count / 100, volume=1.0 if before is None else before.volume + 1.0)
        truth[number] = candle
        frames.append((DAWN + offset, candle))
    return truth, frames


@examples(60)
@given(TURNS, AWAY, st.integers(0, 12), st.booleans(), st.data())
def test_however_two_connections_interleave_no_candle_is_false(
    turn: int, away: list[int], overlap: int, proves_silence: bool, data: st.DataObject
) -> None:
    """Each connection is in order; which of the two is ahead is anybody's guess, and REST tells the truth."""
    truth, frames = market([turn + off * 500 for off in away if turn + off * 500 >= 0])
    at, until = DAWN + turn, DAWN + turn + overlap * SECOND
    ends = DAWN + 4 * STEP + 2 * GRACE
    old = [event for event in told_by(1, frames, ends) if event.at <= until]
    # What happens at the very instant from which a connection carries a symbol is told by both.
    new = [event for event in told_by(2, frames, ends) if event.at >= at]
    streams: list[list[Event]] = [
        [*old, LinkDown(1, "replaced")],
        [LinkUp(2, at, frozenset({SYMBOL}), proves_silence), *new, Heard(2, ends), Heard(2, ends + MINUTE)],
    ]
    venue = begun(proves_silence=proves_silence)
    while any(streams):
        venue.tell(data.draw(st.sampled_from([stream for stream in streams if stream])).pop(0))
        tell_the_truth(venue, truth)

    candles = {candle.opened_at: candle for candle in venue.candles() if candle.opened_at >= DAWN}
    assert list(candles) == [DAWN + number * STEP for number in range(4)]
    for number in range(4):
        candle = candles[DAWN + number * STEP]
        assert candle.is_empty if number not in truth else is_same_market(candle, truth[number])


def told_by(link: int, frames: list[tuple[int, Candle]], ends: int) -> list[CandleSeen | Heard]:
    """What a connection says that is there all the time: every frame, and its clock every ten seconds."""
    seen = [CandleSeen(link, at, candle, is_final=False) for at, candle in frames]
    return sorted([*seen, *(Heard(link, at) for at in range(DAWN, ends, 5 * SECOND))], key=lambda event: event.at)


def tell_the_truth(venue: Venue, truth: dict[int, Candle]) -> None:
    waiting, venue.pending = venue.pending, []
    for order in waiting:
        if order.timeframe.millis == STEP:
            found = (truth.get((at - DAWN) // STEP) for at in range(order.since, order.until, STEP))
            venue.tell(CandlesFetched(order, tuple(candle for candle in found if candle is not None)))


# ------------------------------------------------------------------------------------------------ joining meanwhile

JOINED = "ETH-USD"
NEXT = CandleSeen(2, DAWN + STEP + SECOND, a_candle(1, symbol=JOINED), is_final=False)
GARBLED = DatumDropped(2, TURN + 4 * SECOND, None, "cannot be read", "{")
GAP = FramesLost(2, TURN + 4 * SECOND, "4 after 2")


@pytest.mark.parametrize("news", [None, NEXT, GARBLED, GAP], ids=["nothing", "next", "garbled", "gap"])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=str)
def test_a_symbol_that_joins_meanwhile_is_carried_on_when_the_old_connection_ends(
    order: tuple[int, int], news: Event | None
) -> None:
    """Both are asked for it, and either may be the first to confirm it."""
    venue = begun()
    venue.up(TURN, link=2)
    venue.tell(SymbolsAdded((JOINED,)))
    for seconds, link in enumerate(order, start=1):
        venue.up(TURN + seconds * SECOND, JOINED, link=link)
    venue.answer()
    venue.tell(*([] if news is None else [news]), LinkDown(1, "replaced"))
    for number in range(1, 4):
        venue.tell(CandleSeen(2, DAWN + number * STEP + MINUTE, a_candle(number, symbol=JOINED), is_final=False))
        venue.hear(DAWN + (number + 1) * STEP + GRACE, link=2)
        venue.answer()

    assert (venue.engine.symbols[JOINED].feed.link, venue.engine.feed_state) == (2, FeedState.LIVE)
    assert numbers(venue.candles(symbol=JOINED))[-4:] == [0, 1, 2, 3]


def test_a_symbol_that_joins_meanwhile_loses_nothing_when_the_new_connection_ends_first() -> None:
    venue = begun()
    venue.up(TURN, link=2)
    venue.tell(SymbolsAdded((JOINED,)))
    venue.up(TURN + SECOND, JOINED, link=2)
    venue.up(TURN + 2 * SECOND, JOINED, link=1)
    venue.answer()
    venue.tell(LinkDown(2, "reset"))
    venue.up(DAWN + 2 * STEP + MINUTE, SYMBOL, JOINED, link=3)
    venue.hear(DAWN + 3 * STEP + GRACE, link=3)
    venue.answer()

    assert numbers(venue.candles(symbol=JOINED))[-3:] == [0, 1, 2]


# ------------------------------------------------------------------------------------------------ unheard, refused


def test_unheard_symbols_are_one_report_and_do_not_degrade_the_feed() -> None:
    names = [f"S{number:02d}-USD" for number in range(NAMES_REPORTED + 5)]
    venue = Venue(names)
    venue.up(DAWN, *names)
    (report,) = venue.tell(SymbolsUnheard(1, frozenset({*names, "X-Y"}), "nothing was sent"))

    assert isinstance(report, Report)
    assert report.kind == "symbols_unheard"
    assert report.message.startswith("nothing was sent: S00-USD, S01-USD")
    assert report.message.endswith(f"{names[NAMES_REPORTED - 1]} and 5 more")
    assert venue.engine.feed_state is FeedState.LIVE
    assert venue.tell(SymbolsUnheard(1, frozenset({"X-Y"}), "nothing was sent")) == []


@pytest.mark.parametrize(
    "news",
    [CandleSeen(1, DAWN + MINUTE, a_candle(0), is_final=False), TickerSeen(1, Ticker(SYMBOL, DAWN + MINUTE, 1.0))],
    ids=["candle", "ticker"],
)
def test_a_refused_symbol_that_is_seen_is_refused_no_longer(news: Event) -> None:
    venue = begun()
    venue.tell(SymbolsRefused(1, frozenset({SYMBOL}), "not confirmed"))
    assert venue.engine.feed_state is FeedState.DEGRADED
    venue.tell(news)

    assert venue.engine.feed_state is FeedState.LIVE


def test_orders_of_a_handover_name_only_what_is_missing() -> None:
    """Nothing at all, when the old connection was whole until the new one came up and has said so."""
    venue = Venue([SYMBOL, "ETH-USD"])
    venue.up(DAWN, SYMBOL, "ETH-USD")
    venue.hear(DAWN + GRACE)
    venue.answer()
    venue.up(TURN, SYMBOL, "ETH-USD", link=2)
    venue.hear(TURN + 5 * GRACE)
    venue.tell(LinkDown(1, "replaced"))
    effects = venue.hear(DAWN + STEP + GRACE, link=2)

    assert [effect for effect in effects if isinstance(effect, FetchCandles)] == []
    assert len([candle for candle in venue.candles(symbol="ETH-USD") if candle.is_empty]) == 1
