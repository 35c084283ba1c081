from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle
from livermore.core.market.candle import Candle
from livermore.core.market.closing import Bucket, Closed, Evidence, Hole, Sighting, Silent, SymbolFeed

MINUTE = 60_000


def seen(
    number: int, close: float = 100.0, volume: float = 1.0, *, at: int | None = None, final: bool = False
) -> Sighting:
    """News of bucket `number`, one minute into it unless told otherwise."""
    candle = a_candle(number, close, volume=volume)
    return Sighting(candle, candle.opened_at + MINUTE if at is None else at, final)


def a_feed(at: int = DAWN, *, proves_silence: bool = True) -> SymbolFeed:
    feed = SymbolFeed(SYMBOL)
    feed.connected(1, at, proves_silence=proves_silence)
    return feed


def candles_in(buckets: tuple[Bucket, ...]) -> list[Candle]:
    return [bucket.candle for bucket in buckets if isinstance(bucket, Closed)]


# ------------------------------------------------------------------------------------------------ order of arrival

FRAMES = st.lists(st.integers(1, 5), max_size=6)


@st.composite
def traffic(draw: st.DrawFn) -> list[list[Sighting]]:
    """What an exchange says of ten buckets: cumulative news, volume growing; nothing of a bucket without trades."""
    buckets: list[list[Sighting]] = []
    for number in range(10):
        at, volume, news = DAWN + number * STEP, 0.0, []
        for step in draw(FRAMES):
            at, volume = at + step * 1_000, volume + step
            news.append(seen(number, 100.0 + volume, volume, at=at))
        buckets.append(news)
    return buckets


def play(feed: SymbolFeed, buckets: list[list[Sighting]]) -> list[Bucket]:
    closed: list[Bucket] = []
    for news in buckets:
        for sighting in news:
            closed.extend(feed.seen(sighting))
    return [*closed, *feed.passed(DAWN + len(buckets) * STEP)]


@given(buckets=traffic())
def test_in_order_each_bucket_closes_once_with_its_last_news(buckets: list[list[Sighting]]) -> None:
    closed = play(a_feed(), buckets)

    assert [bucket.opened_at for bucket in closed] == [DAWN + number * STEP for number in range(10)]
    for bucket, news in zip(closed, buckets, strict=True):
        assert bucket == (Closed(news[-1].candle, bucket.evidence) if news else Silent(bucket.opened_at))


@given(buckets=traffic(), data=st.data())
def test_shuffled_and_doubled_news_close_the_same_candles(buckets: list[list[Sighting]], data: st.DataObject) -> None:
    """Within a bucket any order will do, for its volume tells what is newest; and old news comes back any time."""
    mixed, past = [], []
    for news in buckets:
        again = data.draw(st.lists(st.sampled_from(news), max_size=3)) if news else []
        late = data.draw(st.lists(st.sampled_from(past), max_size=3)) if past else []
        mixed.append([*late, *data.draw(st.permutations([*news, *again])), *late])
        past.extend(news)

    assert candles_in(tuple(play(a_feed(), mixed))) == candles_in(tuple(play(a_feed(), buckets)))


@given(buckets=traffic())
def test_where_silence_proves_nothing_it_is_a_hole_and_trades_are_trades(buckets: list[list[Sighting]]) -> None:
    closed = play(a_feed(proves_silence=False), buckets)

    for bucket, news in zip(closed, buckets, strict=True):
        assert isinstance(bucket, Closed if news else Hole)


# ------------------------------------------------------------------------------------------------ evidence


def test_news_of_a_newer_bucket_closes_the_older() -> None:
    feed = a_feed()
    assert feed.seen(seen(0)) == ()
    assert feed.seen(seen(1)) == (Closed(a_candle(0), Evidence.NEWER),)


def test_the_close_flag_closes_its_own_bucket() -> None:
    feed = a_feed()
    feed.seen(seen(0, 100.0))
    final = seen(0, 101.0, 2.0, final=True)
    assert feed.seen(final) == (Closed(final.candle, Evidence.FLAG),)
    assert feed.next_opened_at == DAWN + STEP
    assert feed.passed(DAWN + STEP) == ()


def test_the_watermark_closes_what_lies_before_it_and_nothing_else() -> None:
    feed = a_feed()
    feed.seen(seen(0))
    assert feed.passed(DAWN) == ()
    assert feed.passed(DAWN + STEP) == (Closed(a_candle(0), Evidence.WATERMARK),)
    assert feed.passed(DAWN + STEP) == ()
    assert feed.passed(DAWN + 3 * STEP) == (Silent(DAWN + STEP), Silent(DAWN + 2 * STEP))


def test_a_final_word_beats_later_and_larger_news() -> None:
    """And a bucket that has closed stays closed, whatever is still said of it."""
    feed = a_feed()
    final = seen(0, 101.0, 2.0, final=True)
    assert candles_in(feed.seen(final)) == [final.candle]
    assert feed.seen(seen(0, 102.0, 9.0)) == ()
    assert feed.passed(DAWN + STEP) == ()
    assert not seen(0, volume=9.0).supersedes(final)
    assert final.supersedes(seen(0, volume=9.0))


def test_of_equal_volumes_the_later_instant_wins() -> None:
    early, late = seen(0, 1.0, at=DAWN + 1), seen(0, 2.0, at=DAWN + 2)
    assert late.supersedes(early)
    assert not early.supersedes(late)
    assert not early.supersedes(early)


def test_a_flag_after_a_hole_closes_its_bucket_and_leaves_the_hole() -> None:
    feed = a_feed(proves_silence=False)
    assert feed.seen(seen(2, final=True)) == (Hole(DAWN), Hole(DAWN + STEP), Closed(a_candle(2), Evidence.FLAG))


# ------------------------------------------------------------------------------------------------ wholeness


def test_nothing_is_known_before_the_first_connection() -> None:
    feed = SymbolFeed(SYMBOL)
    assert feed.seen(seen(0)) == ()
    assert feed.passed(DAWN + 10 * STEP) == ()
    assert feed.next_opened_at is None


def test_the_bucket_in_which_watching_begins_is_known_by_later_news_only() -> None:
    """News is cumulative, so one word after the connection tells all of the bucket; silence does not."""
    spoken, silent = a_feed(DAWN + MINUTE), a_feed(DAWN + MINUTE)
    spoken.seen(seen(0, at=DAWN + 2 * MINUTE))
    assert spoken.passed(DAWN + STEP) == (Closed(a_candle(0), Evidence.WATERMARK),)
    assert silent.passed(DAWN + STEP) == (Hole(DAWN),)


@pytest.mark.parametrize(
    ("lost_at", "whole"), [(DAWN + 59_999, True), (DAWN + MINUTE, False), (DAWN + 2 * MINUTE, False)]
)
def test_after_a_loss_a_bucket_is_whole_only_by_news_from_after_it(lost_at: int, whole: bool) -> None:
    """What was lost at the very instant of the last news may have been later news."""
    feed = a_feed()
    feed.seen(seen(0, at=DAWN + MINUTE))
    feed.broken(lost_at)
    assert isinstance(feed.passed(DAWN + STEP)[0], Closed if whole else Hole)


@pytest.mark.parametrize(("lost_at", "whole"), [(DAWN - 1, True), (DAWN, False), (DAWN + 1, False)])
def test_after_a_loss_only_buckets_that_open_later_are_silent(lost_at: int, whole: bool) -> None:
    """What was lost at the very opening may have been a trade in the bucket."""
    feed = a_feed(DAWN - STEP)
    feed.broken(lost_at)
    assert isinstance(feed.passed(DAWN + STEP)[-1], Silent if whole else Hole)


def test_a_loss_of_long_ago_does_not_make_the_feed_whole_since_then() -> None:
    feed = a_feed(DAWN + MINUTE)
    feed.broken(DAWN - STEP)
    assert feed.passed(DAWN + STEP) == (Hole(DAWN),)


def test_a_loss_without_a_connection_makes_nothing_whole() -> None:
    feed = a_feed()
    feed.disconnected()
    feed.broken(DAWN - 1)
    assert feed.passed(DAWN + STEP) == (Hole(DAWN),)


def test_a_final_word_needs_no_whole_feed() -> None:
    feed = a_feed()
    feed.seen(seen(0))
    feed.broken(DAWN + 2 * MINUTE)
    assert candles_in(feed.seen(seen(0, 101.0, 5.0, at=DAWN + STEP, final=True))) == [a_candle(0, 101.0, volume=5.0)]


def test_while_disconnected_every_bucket_is_a_hole() -> None:
    feed = a_feed()
    feed.seen(seen(0))
    feed.disconnected()
    assert feed.passed(DAWN + 2 * STEP) == (Hole(DAWN), Hole(DAWN + STEP))


def test_a_new_connection_does_not_vouch_for_what_came_before_it() -> None:
    feed = a_feed()
    feed.seen(seen(0))
    feed.disconnected()
    feed.connected(2, DAWN + 2 * MINUTE, proves_silence=True)
    assert feed.passed(DAWN + 2 * STEP) == (Hole(DAWN), Silent(DAWN + STEP))


# ------------------------------------------------------------------------------------------------ any order of events


@dataclass
class Frame:
    """A numbered frame of an exchange: news of a bucket, or a heartbeat."""

    at: int
    sighting: Sighting | None = None


@dataclass
class Tape:
    """What really happened: the last word on each bucket."""

    words: dict[int, Candle] = field(default_factory=dict)


class LossyFeed(RuleBasedStateMachine):
    """A numbered feed that loses frames and breaks; what is closed as known is always the truth.

    A loss is noticed with the next frame that arrives, as numbers tell; frames of one instant are common.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tape = Tape()
        self.feed = SymbolFeed(SYMBOL)
        self.now = DAWN
        self.link = 0
        self.lost = False
        self.closed: list[Bucket] = []
        self.first: int | None = None

    def deliver(self, frame: Frame) -> None:
        if self.feed.link is None:
            return
        if self.lost:
            self.feed.broken(frame.at)
            self.lost = False
        if frame.sighting is not None:
            self.closed.extend(self.feed.seen(frame.sighting))
        self.closed.extend(self.feed.passed(M5.opening(frame.at)))

    @rule(step=st.sampled_from([0, 0, 1, 1_000, MINUTE, STEP, 3 * STEP]))
    def time_goes_on(self, step: int) -> None:
        self.now += step

    @rule(size=st.integers(1, 3), fate=st.sampled_from(["heard", "heard", "lost"]))
    def somebody_trades(self, size: int, fate: str) -> None:
        opened_at = M5.opening(self.now)
        number = (opened_at - DAWN) // STEP
        before = self.tape.words.get(opened_at)
        volume = size + (before.volume if before else 0.0)
        word = self.tape.words[opened_at] = a_candle(number, 100.0 + volume, open=100.0, volume=volume)
        if fate == "lost":
            self.lost = True
        else:
            self.deliver(Frame(self.now, Sighting(word, self.now, is_final=False)))

    @rule()
    def a_heart_beats(self) -> None:
        self.deliver(Frame(self.now))

    @rule()
    def a_heartbeat_is_lost(self) -> None:
        self.lost = True

    @precondition(lambda self: self.feed.link is None)
    @rule()
    def the_link_comes_up(self) -> None:
        self.link += 1
        self.lost = False
        # The confirmation is stamped with the next instant: what was traded before it was not carried.
        self.now += 1
        self.feed.connected(self.link, self.now, proves_silence=True)
        self.first = M5.opening(self.now) if self.first is None else self.first

    @precondition(lambda self: self.feed.link is not None)
    @rule()
    def the_link_breaks(self) -> None:
        self.feed.disconnected()

    @invariant()
    def what_is_known_is_true(self) -> None:
        for bucket in self.closed:
            if isinstance(bucket, Closed):
                assert bucket.candle == self.tape.words[bucket.opened_at]
            elif isinstance(bucket, Silent):
                assert bucket.opened_at not in self.tape.words

    @invariant()
    def each_bucket_closes_once_and_in_order(self) -> None:
        openings = [bucket.opened_at for bucket in self.closed]
        if self.first is not None:
            assert openings == [self.first + index * STEP for index in range(len(openings))]
            assert self.feed.next_opened_at == self.first + len(openings) * STEP


TestLossyFeed = LossyFeed.TestCase


def test_silence_is_not_proven_while_the_price_moves() -> None:
    feed = SymbolFeed(SYMBOL)
    feed.connected(1, DAWN, proves_silence=True)
    feed.traded(DAWN + STEP - 1)

    assert feed.passed(DAWN + 2 * STEP) == (Hole(DAWN), Silent(DAWN + STEP))
