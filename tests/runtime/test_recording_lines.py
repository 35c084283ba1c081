"""The spelling of a recording: every event comes back as it was, and a line that is none is refused."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.alerts.rules import Rules
from livermore.core.engine import Engine
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.exchange import COINBASE
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import (
    CandleSeen,
    CandlesFetched,
    Commit,
    Effect,
    Event,
    FetchCandles,
    FetchReason,
    LinkUp,
    PublishTicker,
    Report,
)
from livermore.core.restored import RestoredSeries
from livermore.core.snapshot import Fired, IndicatorState, SeriesSnapshot, Tail
from livermore.core.watch import AlertsOn, Era, Watch
from livermore.errors import MalformedMessage
from livermore.runtime.recording_lines import (
    FORMAT,
    Began,
    Continued,
    Ended,
    Opened,
    Taken,
    effect_line,
    line_of,
    record_of,
)

WATCH = Watch(COINBASE, ExchangeTraits(2_000, 300, False), Rules(), False)
MILLIS = st.integers(0, 2**43)
# Whatever an adapter may have read: any text that is Unicode, any price that a candle accepts.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PRICES = st.floats(5e-324, 1e100, allow_subnormal=True)


@st.composite
def candles(draw: st.DrawFn) -> Candle:
    timeframe = draw(st.sampled_from(Timeframe))
    opened_at = draw(st.integers(0, 40_000)) * timeframe.millis
    low, one, other, high = sorted(draw(st.lists(PRICES, min_size=4, max_size=4)))
    if draw(st.booleans()):
        return empty_candle(draw(TEXT), timeframe, opened_at, low, is_confirmed=draw(st.booleans()))
    volume = draw(st.floats(0.0, 1e100))
    return Candle(draw(TEXT), timeframe, opened_at, one, high, low, other, volume, False, True, draw(st.integers(0, 9)))


ORDERS = st.builds(FetchCandles, TEXT, st.sampled_from(Timeframe), MILLIS, MILLIS, st.sampled_from(FetchReason))
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
TICKERS = st.builds(Ticker, TEXT, MILLIS, PRICES, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
RULES = st.builds(Rules, st.integers(1, 900), st.integers(1, 300), st.floats(0.0, 99.0))


@st.composite
def restored_series(draw: st.DrawFn) -> RestoredSeries:
    """A series as it was stored, with the rules it went by."""
    candle = draw(candles())
    tail = Tail(IndicatorState(0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, None, 0.0, False), ())
    fired = draw(st.lists(st.builds(Fired, TEXT, MILLIS, st.booleans()), max_size=2).map(tuple))
    at = candle.opened_at
    snapshot = SeriesSnapshot(at, at, draw(MILLIS), tail.indicator, fired, at, tail)
    eras = st.builds(Era, RULES, st.sampled_from(AlertsOn), st.none() | MILLIS)
    return RestoredSeries(candle.symbol, candle.timeframe, (candle,), snapshot, tuple(draw(st.lists(eras, max_size=2))))


BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    int: MILLIS,
    bool: st.booleans(),
    str: TEXT,
    str | None: st.none() | TEXT,
    frozenset[str]: st.frozensets(TEXT),
    Mapping[str, int]: st.dictionaries(TEXT, MILLIS, max_size=3).map(lambda found: dict(sorted(found.items()))),
    Candle: candles(),
    tuple[Candle, ...]: st.lists(candles(), max_size=3).map(tuple),
    Ticker: TICKERS,
    FetchCandles: ORDERS,
    int | None: st.none() | MILLIS,
    tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
    tuple[Timeframe, ...]: st.lists(st.sampled_from(Timeframe), max_size=3).map(tuple),
    tuple[RestoredSeries, ...]: st.lists(restored_series(), max_size=2).map(tuple),
    Watch: st.builds(lambda rules, on: replace(WATCH, rules=rules, alerts_on=on), RULES, st.sampled_from(AlertsOn)),
}
EVENTS: list[st.SearchStrategy[Event]] = [
    st.builds(kind, *(BY_TYPE[hint] for hint in get_type_hints(kind).values())) for kind in get_args(Event)
]


@given(st.one_of(*EVENTS), MILLIS)
def test_an_event_comes_back_bit_for_bit_on_one_line(event: Event, now: int) -> None:
    line = line_of(Taken(event, now))
    found = record_of(line)

    assert found == Taken(event, now)
    # repr tells -0.0 from 0.0, an enumeration from its text, a tuple from a list.
    assert repr(found) == repr(Taken(event, now)) or "frozenset" in repr(found)
    assert line.count(b"\n") == 1
    assert line_of(found) == line


def a_commit() -> Commit:
    """What an engine really commits once it has the history of a symbol, alerts and all."""
    engine = Engine(WATCH, ["A-B"])
    at = 1_000 * Timeframe.D1.millis
    orders = engine.handle(LinkUp(1, at, frozenset({"A-B"}), True), at)
    order = next(order for order in orders if isinstance(order, FetchCandles) and order.timeframe is Timeframe.M5)
    opened = range(order.since, order.until, Timeframe.M5.millis)
    history = tuple(Candle("A-B", Timeframe.M5, one, 1.1, 1.3 + one % 7e6 / 1e8, 0.9, 1.2, 0.1) for one in opened)
    effects = engine.handle(CandlesFetched(order, history), at)
    return next(effect for effect in effects if isinstance(effect, Commit))


def a_series() -> RestoredSeries:
    commit = a_commit()
    series = commit.series[0]
    assert series.reading is not None
    return RestoredSeries(commit.symbol, series.timeframe, series.candles, series.snapshot)


@pytest.mark.parametrize(
    "record",
    [
        Opened("id", 3, "1.2"),
        Began(WATCH, WATCH.rules.version, ("A-B",), 1, 5),
        a_series(),
        Continued(1),
        Ended("enough"),
    ],
    ids=lambda record: type(record).__name__,
)
def test_what_is_not_an_event_comes_back_too(record: Opened | Began | RestoredSeries | Continued | Ended) -> None:
    assert record_of(line_of(record)) == record


def test_rules_that_are_not_the_usual_ones_are_kept_with_their_version() -> None:
    rules = Rules(first_level=100, hysteresis=math.pi)
    began = Began(replace(WATCH, rules=rules), rules.version, (), 0, 5)

    found = record_of(line_of(began))

    assert isinstance(found, Began)
    assert (found.watch.rules, found.watch.rules.version) == (rules, rules.version)
    assert rules.version != Rules().version


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"t":"Heard","e":{"link":1,"at":2}}',
        b'{"t":"Ended","now":1,"e":{"reason":"x"}}',
        b'{"t":"Heard","now":1,"e":{"link":1}}',
        b'{"t":"Heard","now":1,"e":{"link":"1","at":2}}',
        b'{"t":"Nonsense","now":1,"e":{}}',
        b'{"t":"Heard","now":1,"e":{"link":1,"at":2},"more":1}',
        line_of(Taken(CandleSeen(1, 1, a_series().candles[0], False), 1)).replace(b'"low":0.9', b'"low":9.9', 1),
    ],
)
def test_a_line_that_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(MalformedMessage):
        record_of(line)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(line: bytes) -> None:
    with pytest.raises(MalformedMessage):
        record_of(line)


def test_the_format_is_the_one_that_old_recordings_are_in() -> None:
    """Whoever changes what a line means counts the format up, and old recordings are refused by their number."""
    assert FORMAT == 1


def test_each_kind_of_effect_is_a_line_of_its_own() -> None:
    order = FetchCandles("A-B", Timeframe.H1, 0, 1, FetchReason.GAP)
    effects: list[Effect] = [a_commit(), order, PublishTicker(Ticker("A-B", 1, 2.0)), Report("kind", "two\nlines")]

    lines = [effect_line(effect) for effect in effects]

    assert [line[:12] for line in lines] == [b'{"t":"Commit', b'{"t":"FetchC', b'{"t":"Publis', b'{"t":"Report']
    assert all(line.endswith(b"}\n") and line.count(b"\n") == 1 for line in lines)
