import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import fsum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle, an_empty, markets
from livermore.core.market.candle import Candle
from livermore.core.market.series import Series, folded
from livermore.core.market.timeframe import HIGHER, Timeframe


def naive_fold(candles: list[Candle], timeframe: Timeframe, opened_at: int) -> Candle | None:
    """A longer candle by its definition: candles without trades are skipped for open, high and low."""
    inside = [candle for candle in candles if opened_at <= candle.opened_at < opened_at + timeframe.millis]
    if len(inside) != timeframe.millis // inside[0].timeframe.millis if inside else True:
        return None
    traded = [candle for candle in inside if not candle.is_empty]
    close = inside[-1].close
    if not traded:
        return Candle(SYMBOL, timeframe, opened_at, close, close, close, close, 0.0, is_empty=True)
    high, low = max(candle.high for candle in traded), min(candle.low for candle in traded)
    volume = fsum(candle.volume for candle in traded)
    return Candle(SYMBOL, timeframe, opened_at, traded[0].open, high, low, close, volume)


def filled(candles: list[Candle], kept: int = 10_000) -> Series:
    series = Series(SYMBOL, M5, kept)
    for candle in candles:
        series.append(candle)
    return series


@given(candles=markets(), kept=st.integers(1, 250))
def test_a_series_is_the_list_of_its_newest_candles(candles: list[Candle], kept: int) -> None:
    series, newest = filled(candles, kept), candles[-kept:]

    assert list(series) == newest
    assert len(series) == len(newest)
    assert series.newest == newest[-1]
    assert series.last_close == newest[-1].close
    assert series.first_opened_at == newest[0].opened_at
    assert series.next_opened_at == newest[-1].closes_at


@given(candles=markets(most=60), kept=st.integers(1, 70), number=st.integers(-5, 65), off=st.sampled_from([0, 1, -1]))
def test_looking_up_finds_what_a_list_would(candles: list[Candle], kept: int, number: int, off: int) -> None:
    series, newest = filled(candles, kept), candles[-kept:]
    instant = DAWN + number * STEP + off

    assert series.at(instant) == next((candle for candle in newest if candle.opened_at == instant), None)
    assert list(series.since(instant)) == [candle for candle in newest if candle.opened_at >= instant]


@given(candles=markets(most=60), number=st.integers(-2, 62).filter(lambda number: number))
def test_nothing_but_the_next_candle_is_appended(candles: list[Candle], number: int) -> None:
    series = filled(candles)
    with pytest.raises(ValueError, match="does not follow"):
        series.append(a_candle(len(candles) - 1 + number if number != 1 else len(candles) + 1))
    assert list(series) == candles


@given(candles=markets(most=40), kept=st.integers(1, 50), number=st.integers(0, 39))
def test_replacing_changes_one_candle_at_hand_and_no_other(candles: list[Candle], kept: int, number: int) -> None:
    series = filled(candles, kept)
    newest = candles[-kept:]
    other = replace(a_candle(number, 55.0, volume=9.0), is_confirmed=True, revision=2)
    if any(candle.opened_at == other.opened_at for candle in newest):
        series.replace(other)
        assert list(series) == [other if candle.opened_at == other.opened_at else candle for candle in newest]
    else:
        with pytest.raises(KeyError):
            series.replace(other)
        assert list(series) == newest


@given(
    candles=markets(most=120, start=7),
    timeframe=st.sampled_from([Timeframe.M15, Timeframe.H1]),
    bucket=st.integers(-1, 41),
)
def test_a_longer_candle_is_what_its_definition_says(candles: list[Candle], timeframe: Timeframe, bucket: int) -> None:
    opened_at = DAWN + bucket * timeframe.millis

    assert filled(candles).folded(timeframe, opened_at) == naive_fold(candles, timeframe, opened_at)


@given(candles=markets(most=700, start=250), timeframe=st.sampled_from(HIGHER))
def test_folding_a_stretch_gives_every_complete_longer_candle(candles: list[Candle], timeframe: Timeframe) -> None:
    first, last = candles[0].opened_at, candles[-1].closes_at
    openings = range(-(-first // timeframe.millis) * timeframe.millis, last - timeframe.millis + 1, timeframe.millis)

    assert folded(candles, timeframe) == [naive_fold(candles, timeframe, opened_at) for opened_at in openings]


def test_no_longer_candle_is_made_of_less_than_all() -> None:
    """Neither before its last candle, nor after its first has been dropped."""
    series = Series(SYMBOL, M5, 3)
    for number in range(3):
        assert series.folded(Timeframe.M15, DAWN) is None
        series.append(a_candle(number))
    assert series.folded(Timeframe.M15, DAWN) is not None
    series.append(a_candle(3))
    assert series.folded(Timeframe.M15, DAWN) is None


def test_an_empty_start_gives_no_open_and_an_empty_end_keeps_the_close() -> None:
    series = filled([an_empty(0, 90.0), a_candle(1, 100.0, open=99.0), an_empty(2, 100.0)])

    longer = series.folded(Timeframe.M15, DAWN)

    assert longer == Candle(SYMBOL, Timeframe.M15, DAWN, 99.0, 100.0, 99.0, 100.0, 1.0)


def test_a_series_without_candles_knows_nothing() -> None:
    series = Series(SYMBOL, M5, 3)
    assert (series.newest, series.first_opened_at, series.next_opened_at) == (None, None, None)
    assert (series.at(DAWN), list(series.since(DAWN)), series.folded(Timeframe.M15, DAWN)) == (None, [], None)


# ------------------------------------------------------------------------------------------------ recorded markets


@dataclass(frozen=True)
class Length:
    """A length of candle that we do not keep, for reading what was recorded in it."""

    millis: int


def recorded(path: Path, timeframe: Timeframe | Length) -> list[Candle]:
    with gzip.open(path, "rt") as lines:
        return [
            Candle(
                SYMBOL,
                timeframe,  # type: ignore[arg-type]
                int(row["timestamp"]),
                *(float(row[name]) for name in ("open", "high", "low", "close", "volume")),
            )
            for row in csv.DictReader(lines)
        ]


def without_holes(candles: list[Candle]) -> list[Candle]:
    whole = candles[:1]
    for candle in candles[1:]:
        while whole[-1].closes_at < candle.opened_at:
            close = whole[-1].close
            whole.append(
                Candle(SYMBOL, candle.timeframe, whole[-1].closes_at, close, close, close, close, 0.0, is_empty=True)
            )
        whole.append(candle)
    return whole


def test_recorded_minutes_folded_are_the_five_minutes_of_the_exchange(shared_data: Callable[[str], Path]) -> None:
    """XRP-ETH, of whose minutes 31 % had no trade: our folding is the exchange's own, to the last bit of the prices."""
    minutes = without_holes(recorded(shared_data("candles/binance_XRP_ETH-1m.csv.gz"), Length(60_000)))
    native = {candle.opened_at: candle for candle in recorded(shared_data("candles/binance_XRP_ETH-5m.csv.gz"), M5)}

    compared = 0
    for ours in folded(minutes, M5):
        theirs = native.get(ours.opened_at)
        assert ours.is_empty == (theirs is None), ours
        if theirs is not None:
            assert (ours.open, ours.high, ours.low, ours.close) == (theirs.open, theirs.high, theirs.low, theirs.close)
            assert ours.volume == pytest.approx(theirs.volume, rel=1e-12)
            compared += 1
    assert compared > 600


@pytest.mark.parametrize("name", ["ETH_BTC", "LTC_BTC", "XLM_BTC"])
def test_recorded_candles_fold_alike_in_one_step_and_in_several(shared_data: Callable[[str], Path], name: str) -> None:
    """A day of hours of quarters is the day of 5m candles."""
    base = recorded(shared_data(f"candles/binance_{name}-5m.csv.gz"), M5)
    stepwise = base
    for timeframe in HIGHER:
        stepwise = folded(stepwise, timeframe)
        for ours, theirs in zip(stepwise, folded(base, timeframe), strict=True):
            assert replace(ours, volume=0.0) == replace(theirs, volume=0.0)
            assert ours.volume == pytest.approx(theirs.volume, rel=1e-12)
    assert len(stepwise) > 18
