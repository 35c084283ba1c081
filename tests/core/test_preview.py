"""A preview counts what the rules would have raised, as far back as it is asked and as candles reach."""

from dataclasses import replace

import pytest

from audit.markets import a_market, replayed
from livermore.audit.rows import contiguous
from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import BASE, DAY, MINUTE
from livermore.core.preview import preview
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.walk import Walk


def a_series(seed: int) -> tuple[tuple[Candle, ...], SeriesSnapshot]:
    fed = a_market(seed, 700)
    candles = tuple(contiguous(fed, fed[-1].closes_at))
    tail = Walk().state()
    first, last = candles[0].opened_at, candles[-1].opened_at
    return candles, SeriesSnapshot(first, last, 0, tail.indicator, (), first, tail)


@pytest.mark.parametrize("seed", range(5))
def test_it_counts_what_was_raised(seed: int) -> None:
    fed = a_market(seed, 700)
    raised = [alert for alert in replayed(fed) if alert.timeframe is BASE]
    candles, snapshot = a_series(seed)

    found = preview(candles, snapshot, Rules(), 365 * DAY)

    assert sum(found.counts.values()) == len(raised)
    assert set(found.counts) == {alert.label for alert in raised}
    assert found.covered == candles[-1].closes_at - candles[0].opened_at


def test_it_looks_only_as_far_back_as_it_is_asked() -> None:
    for seed in range(20):
        candles, snapshot = a_series(seed)
        whole = sum(preview(candles, snapshot, Rules(), 365 * DAY).counts.values())
        if whole > 1:
            break
    spans = [number * 100 * MINUTE for number in range(1, 40)]

    totals = [sum(preview(candles, snapshot, Rules(), span).counts.values()) for span in spans]

    assert totals == sorted(totals)
    assert totals[0] < totals[-1] == whole
    assert preview(candles, snapshot, Rules(), 100 * MINUTE).covered == 100 * MINUTE


def test_nearer_levels_fire_more_often() -> None:
    candles, snapshot = a_series(3)

    near = preview(candles, snapshot, replace(Rules(), first_level=20, level_step=20), 365 * DAY)
    far = preview(candles, snapshot, replace(Rules(), first_level=1_900), 365 * DAY)

    assert sum(near.counts.values()) > 0
    assert not any(label.startswith("level_") for label in far.counts)


def test_what_is_not_stored_says_nothing() -> None:
    candles, snapshot = a_series(0)

    assert preview(candles, None, Rules(), DAY).covered == 0
    assert preview((), snapshot, Rules(), DAY).covered == 0
