from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.builders import DAWN, M5, STEP, a_candle, examples
from core.venue import Venue, check_commits, quiet, quiet_candle
from livermore.core.engine import FeedState
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.messages import (
    CandleSeen,
    CandlesFetched,
    Commit,
    DatumDropped,
    Effect,
    Event,
    FetchCandles,
    FetchReason,
    FetchRefused,
    FramesLost,
    Heard,
    LinkDown,
    LinkUp,
    PublishTicker,
    Report,
    SymbolsRefused,
    TickerSeen,
)

WATCHED = ("BTC-USD", "ETH-USD", "SOL-USD")
NAMES = st.sampled_from([*WATCHED, "NOT-OURS"])
SETS = st.frozensets(NAMES, max_size=4)
LINKS = st.integers(1, 3)
# Mostly a little later, at times far ahead or back: what a confused network may deliver.
STEPS = st.sampled_from([0, 1, 1_000, 2_000, 60_000, STEP, STEP, 3 * STEP, -1_000, -STEP, 40 * STEP])
NUMBERS = st.integers(-3, 3)
PRICES = st.sampled_from([50.0, 99.0, 100.0, 101.0, 200.0])


class AnyOrder(RuleBasedStateMachine):
    """Whatever the alphabet spells, in whatever order: the engine never raises and what it says fits together."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = Venue(WATCHED)
        self.now = DAWN
        self.asked: list[FetchCandles] = []

    def tell(self, event: Event, step: int) -> None:
        self.now = max(DAWN - STEP, self.now + step)
        brought = self.venue.tell(event)
        for effect in brought:
            assert isinstance(effect, Effect.__args__)
            if isinstance(effect, FetchCandles):
                self.check_order(effect)
                self.asked.append(effect)

    def check_order(self, order: FetchCandles) -> None:
        """A question is well formed, about the past, and not asked while it is open."""
        millis = order.timeframe.millis
        assert order.symbol in WATCHED
        assert order.since < order.until
        assert order.since % millis == order.until % millis == 0
        assert order.reason in (FetchReason.WARMUP, FetchReason.GAP)
        assert not [one for one in self.asked if (one.symbol, one.timeframe) == (order.symbol, order.timeframe)]

    def instant(self, step: int) -> Millis:
        return max(DAWN - STEP, self.now + step)

    @initialize(is_warm=st.booleans())
    def begin(self, is_warm: bool) -> None:
        """Half of the sessions begin with all their history, so that a leap is news."""
        if is_warm:
            self.tell(LinkUp(1, DAWN, frozenset(WATCHED), True), 0)
            while self.asked:
                order = self.asked.pop()
                self.tell(CandlesFetched(order, quiet(order)), 0)

    @rule(link=LINKS, step=STEPS, symbols=SETS, proves=st.booleans())
    def link_up(self, link: int, step: int, symbols: frozenset[str], proves: bool) -> None:
        self.tell(LinkUp(link, self.instant(step), symbols, proves), step)

    @rule(link=LINKS)
    def link_down(self, link: int) -> None:
        self.tell(LinkDown(link, "drawn"), 0)

    @rule(link=LINKS, step=STEPS)
    def heard(self, link: int, step: int) -> None:
        self.tell(Heard(link, self.instant(step)), step)

    @rule(
        link=LINKS, step=STEPS, name=NAMES, ahead=NUMBERS, price=PRICES, volume=st.integers(0, 5), final=st.booleans()
    )
    def candle_seen(self, link: int, step: int, name: str, ahead: int, price: float, volume: int, final: bool) -> None:
        at = self.instant(step)
        number = (M5.opening(at) - DAWN) // STEP + ahead
        candle = a_candle(number, price, open=100.0, volume=float(volume), symbol=name)
        self.tell(CandleSeen(link, at, candle, final), step)

    @rule(link=LINKS, step=STEPS, name=NAMES)
    def ticker_seen(self, link: int, step: int, name: str) -> None:
        self.tell(TickerSeen(link, Ticker(name, self.instant(step), 1.0)), step)

    @rule(link=LINKS, step=STEPS)
    def frames_lost(self, link: int, step: int) -> None:
        self.tell(FramesLost(link, self.instant(step), "drawn"), step)

    @rule(link=LINKS, step=STEPS, name=st.one_of(st.none(), NAMES))
    def datum_dropped(self, link: int, step: int, name: str | None) -> None:
        self.tell(DatumDropped(link, self.instant(step), name, "drawn", "{"), step)

    @rule(link=LINKS, symbols=SETS)
    def symbols_refused(self, link: int, symbols: frozenset[str]) -> None:
        self.tell(SymbolsRefused(link, symbols, "drawn"), 0)

    @rule(index=st.integers(0, 50), kept=st.sampled_from([0.0, 0.5, 1.0]), dice=st.randoms(use_true_random=False))
    def answered(self, index: int, kept: float, dice: object) -> None:
        """Whole, with candles left out, or with none at all."""
        if self.asked:
            order = self.asked.pop(index % len(self.asked))
            openings = range(order.since, order.until, order.timeframe.millis)
            candles = [quiet_candle(order.symbol, order.timeframe, at) for at in openings if dice.random() < kept]
            self.tell(CandlesFetched(order, tuple(candles)), 0)

    @rule(index=st.integers(0, 50))
    def refused(self, index: int) -> None:
        if self.asked:
            self.tell(FetchRefused(self.asked.pop(index % len(self.asked)), "drawn"), 0)

    @rule(
        name=NAMES, timeframe=st.sampled_from(Timeframe), number=NUMBERS, count=st.integers(1, 4), refuse=st.booleans()
    )
    def answered_unasked(self, name: str, timeframe: Timeframe, number: int, count: int, refuse: bool) -> None:
        since = timeframe.opening(self.now) + number * timeframe.millis
        order = FetchCandles(name, timeframe, since, since + count * timeframe.millis, FetchReason.REPAIR)
        candles = tuple(quiet_candle(name, timeframe, at) for at in range(since, order.until, timeframe.millis))
        self.tell(FetchRefused(order, "drawn") if refuse else CandlesFetched(order, candles), 0)

    @invariant()
    def the_state_of_the_feed_is_told(self) -> None:
        assert self.venue.engine.feed_state in FeedState

    def teardown(self) -> None:
        for symbol in WATCHED:
            check_commits(self.venue.commits(symbol))
        symbols = {one.symbol for one in self.venue.effects if isinstance(one, Commit | FetchCandles)}
        assert symbols <= set(WATCHED)
        assert {one.ticker.symbol for one in self.venue.effects if isinstance(one, PublishTicker)} <= set(WATCHED)
        assert all(one.kind and one.message for one in self.venue.effects if isinstance(one, Report))


AnyOrder.TestCase.settings = settings(examples(50), stateful_step_count=60)
TestAnyOrder = AnyOrder.TestCase
