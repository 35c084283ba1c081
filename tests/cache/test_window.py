"""The readings beside stored candles: what was published where that can be told, else near to it, or none."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.markets import a_market
from livermore.audit.rows import contiguous
from livermore.cache.window import SETTLED, StoredSeries, folded_series
from livermore.core.indicators.macdv import MacdV
from livermore.core.market.candle import Candle
from livermore.core.snapshot import SeriesSnapshot, Tail

STORED, KEPT = 600, 200


def stored(candles: list[Candle]) -> tuple[StoredSeries, list[float | None]]:
    """What the store has of a series that began long before, and the values that were published."""
    fold, tail, published = MacdV(), MacdV().state(), list[float | None]()
    for index, candle in enumerate(candles):
        if index == len(candles) - KEPT:
            tail = fold.state()
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        found = fold.reading(candle)
        published.append(None if found is None else found.value)
    kept_since, last = candles[-KEPT].opened_at, candles[-1].opened_at
    snapshot = SeriesSnapshot(candles[0].opened_at, last, 0, fold.state(), (), kept_since, Tail(tail, ()))
    return StoredSeries(tuple(candles[-STORED:]), snapshot), published[-STORED:]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_kept_readings_are_those_published_and_older_ones_are_near(seed: int) -> None:
    market = a_market(seed, 900)
    series, published = stored(list(contiguous(market, market[-1].closes_at)))
    shown = folded_series(series)

    assert [one.candle for one in shown] == list(series.candles)
    values = [None if one.reading is None else one.reading.value for one in shown]
    assert values[-KEPT:] == published[-KEPT:]
    for one, was in zip(shown[:-KEPT], published[:-KEPT], strict=True):
        if one.reading is not None and was is not None:
            assert one.reading.quality.convergence <= SETTLED
            # What is left of the seed weighs in the ATR by as much, and may be of ranges ten times as large.
            assert abs(one.reading.value - was) <= 1.0 + 0.2 * abs(was)


def test_readings_settle_anew_after_a_hole_and_there_are_none_without_the_state() -> None:
    market = a_market(3, 900, absent=0.0)
    series, _ = stored(list(contiguous(market, market[-1].closes_at)))
    holed = replace(series, candles=(*series.candles[:200], *series.candles[201:]))

    def settled(one: StoredSeries) -> list[int]:
        return [index for index, shown in enumerate(folded_series(one)[:-KEPT]) if shown.reading is not None]

    first = settled(series)[0]
    assert settled(series) == list(range(first, STORED - KEPT))
    assert settled(holed) == [*range(first, 200), *range(200 + first, STORED - KEPT - 1)]
    assert not any(one.reading for one in folded_series(replace(series, snapshot=None)))
