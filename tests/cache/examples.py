"""Market values to store, as examples and as Hypothesis strategies."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, Bias, Direction, TimeframeView, alert_id
from livermore.core.alerts.rules import Rules
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Quality, Reading, Stage
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.exchange import COINBASE, WATCHED
from livermore.core.market.timeframe import DAY, Millis, Timeframe
from livermore.core.messages import Commit, SeriesCommit
from livermore.core.snapshot import Fired, IndicatorState, SeriesSnapshot, Tail
from livermore.core.watch import AlertsOn, Era

NOON: Millis = 20_479 * DAY + DAY // 2
SYMBOL = "BTC-USD"


def a_candle(index: int, close: float = 100.0, timeframe: Timeframe = Timeframe.M5, **changes: object) -> Candle:
    """The candle that opens `index` buckets after a fixed midnight."""
    opened_at = 20_479 * DAY + index * timeframe.millis
    candle = Candle(SYMBOL, timeframe, opened_at, close, close + 1.0, close - 1.0, close, 2.5)
    return replace(candle, **changes)  # type: ignore[arg-type]


def a_snapshot(last_opened_at: Millis, candles: int = 60) -> SeriesSnapshot:
    fold = MacdV()
    for index in range(candles):
        fold.step(101.0 + index, 99.0 + index, 100.0 + index)
    started_at = 20_479 * DAY
    return SeriesSnapshot(
        started_at,
        last_opened_at,
        started_at,
        fold.state(),
        (Fired("level_150", started_at, False),),
        last_opened_at,
        Tail(MacdV().state(), ()),
    )


def a_commit(
    candles: Sequence[Candle],
    alerts: Sequence[Alert] = (),
    *,
    symbol: str = SYMBOL,
    seeded: int = 60,
    started_at: int | None = None,
) -> Commit:
    """A commit of one series."""
    newest = candles[-1]
    snapshot = a_snapshot(newest.opened_at, seeded)
    if started_at is not None:
        snapshot = replace(snapshot, started_at=started_at)
    reading = MacdV.resumed(snapshot.indicator).reading(newest)
    return Commit(symbol, (SeriesCommit(newest.timeframe, tuple(candles), reading, snapshot),), tuple(alerts))


def an_alert(candle: Candle, label: str = "level_150", status: AlertStatus = AlertStatus.FIRED) -> Alert:
    return Alert(
        id=alert_id(COINBASE, candle.symbol, candle.timeframe, candle.opened_at, label, "1"),
        exchange=COINBASE,
        is_simulated=False,
        symbol=candle.symbol,
        timeframe=candle.timeframe,
        opened_at=candle.opened_at,
        label=label,
        direction=Direction.UP,
        value=151.5,
        previous_value=149.25,
        signal=None,
        histogram=None,
        price=candle.close,
        stage=Stage.OVERBOUGHT,
        timeframes=(
            TimeframeView(Timeframe.M5, 151.5, Stage.OVERBOUGHT),
            TimeframeView(Timeframe.D1, None, Stage.UNKNOWN),
        ),
        bias=Bias.BEARISH,
        quality=Quality(300, 2e-5, 0.1, True),
        times=AlertTimes(candle.closes_at, candle.closes_at + 1_500, candle.closes_at + 1_501),
        rule_version="1",
        status=status,
    )


def a_status(instance: str = "one", state: State = State.STARTING, epoch: int = 0) -> Status:
    return Status(
        1, "coinbase", instance, epoch, state, FeedState.LIVE, NOON, NOON, NOON, f"host-{instance}", 4711, "0.1.0"
    )


# ------------------------------------------------------------------------------------------------ strategies

prices = st.floats(min_value=1e-12, max_value=1e12, allow_subnormal=False)
points = st.floats(allow_nan=False, allow_infinity=False)
instants = st.integers(min_value=0, max_value=2**45)
counts = st.integers(min_value=0, max_value=10_000)
rules = st.builds(Rules, st.integers(1, 900), st.integers(1, 300), st.floats(0, 99), st.floats(0, 1))
symbols = st.text(st.characters(codec="utf-8", exclude_characters=":{}"), min_size=1, max_size=12)


@st.composite
def candles(draw: st.DrawFn, symbol: str, timeframe: Timeframe, opened_at: Millis) -> Candle:
    """A candle of that series and opening, of any market."""
    is_confirmed = draw(st.booleans())
    if draw(st.booleans()):
        return empty_candle(symbol, timeframe, opened_at, draw(prices), is_confirmed=is_confirmed)
    low, one, other, high = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
    volume = draw(st.floats(min_value=0.0, max_value=1e15))
    revision = draw(st.integers(min_value=0, max_value=5))
    return Candle(symbol, timeframe, opened_at, one, high, low, other, volume, False, is_confirmed, revision)


@st.composite
def tails(draw: st.DrawFn) -> Tail:
    state = IndicatorState(
        draw(counts), draw(counts), draw(counts), draw(counts), draw(points), draw(points), draw(points),
        draw(points), draw(st.none() | points), draw(points), draw(st.booleans()),
    )  # fmt: skip
    memory = draw(st.lists(st.builds(Fired, st.text(max_size=20), instants, st.booleans()), max_size=4))
    return Tail(state, tuple(memory))


@st.composite
def snapshots(draw: st.DrawFn, last_opened_at: Millis) -> SeriesSnapshot:
    head, tail = draw(tails()), draw(tails())
    return SeriesSnapshot(
        draw(instants), last_opened_at, draw(instants), head.indicator, head.memory, last_opened_at, tail
    )


@st.composite
def series_commits(draw: st.DrawFn, symbol: str, timeframe: Timeframe) -> SeriesCommit:
    """Contiguous candles, and a reading or none."""
    first = draw(st.integers(min_value=0, max_value=20_000)) * timeframe.millis
    openings = [first + index * timeframe.millis for index in range(draw(st.integers(1, 5)))]
    series = tuple(draw(candles(symbol, timeframe, opened_at)) for opened_at in openings)
    newest = series[-1]
    reading = None
    if draw(st.booleans()):
        quality = Quality(draw(counts), draw(points), draw(points), draw(st.booleans()))
        reading = Reading(
            symbol, timeframe, newest.opened_at, newest.close, draw(points), draw(points), draw(points), draw(points),
            draw(st.none() | points), draw(st.none() | points), draw(st.sampled_from(Stage)), quality,
        )  # fmt: skip
    eras = tuple(draw(st.lists(st.builds(Era, rules, st.sampled_from(AlertsOn), st.none() | instants), max_size=3)))
    return SeriesCommit(timeframe, series, reading, draw(snapshots(newest.opened_at)), eras)


@st.composite
def commits(draw: st.DrawFn, symbol: str = SYMBOL) -> Commit:
    """A commit of one to five series, without alerts."""
    timeframes = draw(st.lists(st.sampled_from(Timeframe), min_size=1, max_size=5, unique=True))
    return Commit(symbol, tuple(draw(series_commits(symbol, timeframe)) for timeframe in timeframes), ())


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    timeframe = draw(st.sampled_from(Timeframe))
    views = st.builds(TimeframeView, st.sampled_from(Timeframe), st.none() | points, st.sampled_from(Stage))
    return Alert(
        id=draw(st.uuids().map(str)),
        exchange=draw(st.sampled_from(WATCHED)),
        is_simulated=draw(st.booleans()),
        symbol=draw(symbols),
        timeframe=timeframe,
        opened_at=draw(instants),
        label=draw(st.text(max_size=20)),
        direction=draw(st.sampled_from(Direction)),
        value=draw(points),
        previous_value=draw(points),
        signal=draw(st.none() | points),
        histogram=draw(st.none() | points),
        price=draw(points),
        stage=draw(st.sampled_from(Stage)),
        timeframes=tuple(draw(st.lists(views, max_size=5))),
        bias=draw(st.sampled_from(Bias)),
        quality=Quality(draw(counts), draw(points), draw(points), draw(st.booleans())),
        times=AlertTimes(draw(instants), draw(instants), draw(st.none() | instants), draw(st.none() | instants)),
        rule_version=draw(st.text(max_size=20)),
        status=draw(st.sampled_from(AlertStatus)),
    )
