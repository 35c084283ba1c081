"""Random markets that reach the levels, as the engine sees them and as the audit does."""

import math
import random
from functools import cache

from livermore.app.replay import Recording, alerts_of
from livermore.audit.finding import Expected, Scope, SeriesName
from livermore.audit.oracle import Recomputed, TruthSeries, recomputed
from livermore.audit.rows import contiguous, folded
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE, DAY, HIGHER, Millis, Timeframe

SYMBOL = "ANY-USD"
START: Millis = 1_700_006_400_000
RULES = Rules()


def a_market(seed: int, count: int, absent: float = 0.05) -> tuple[Candle, ...]:
    """So many buckets of trends, quiet and wild hours and silence; those without trades are left out."""
    dice = random.Random(seed)
    start = START + BASE.millis * dice.randrange(300)
    close, drift, spread, until = math.exp(dice.uniform(-9, 9)), 0.0, 0.001, 0
    candles: list[Candle] = []
    for index in range(count):
        if index >= until:
            until = index + int(10 ** dice.uniform(1, 2.5))
            spread = 10 ** dice.uniform(-4, -2)
            drift = spread * dice.choice((0, 0.3, 1, 2, -0.3, -1, -2))
        if index and dice.random() < absent:
            continue
        opened = close * math.exp(dice.gauss(0, spread / 10))
        close = opened * math.exp(dice.gauss(drift, spread))
        wick = abs(dice.gauss(0, spread))
        high, low = max(opened, close) * (1 + wick), min(opened, close) / (1 + wick)
        candles.append(Candle(SYMBOL, BASE, start + index * BASE.millis, opened, high, low, close, 1.0))
    return tuple(candles)


def replayed(candles: tuple[Candle, ...]) -> tuple[Alert, ...]:
    """What the engine raises."""
    return tuple(alerts_of(Recording(COINBASE, SYMBOL, candles)))


def truths(candles: tuple[Candle, ...]) -> dict[Timeframe, Recomputed]:
    """What the audit computes, timeframe by timeframe."""
    rows = contiguous(candles, candles[-1].closes_at)
    by_timeframe = {BASE: rows} | {timeframe: folded(rows, timeframe) for timeframe in HIGHER}
    return {
        timeframe: recomputed(TruthSeries(COINBASE, SYMBOL, timeframe, rows), RULES)
        for timeframe, rows in by_timeframe.items()
    }


def expected(candles: tuple[Candle, ...]) -> tuple[Expected, ...]:
    """All alerts that a market asks for, in the order of their closes, shorter timeframes first."""
    found = [alert for truth in truths(candles).values() for alert in truth.alerts]
    return tuple(sorted(found, key=lambda alert: (alert.closes_at, alert.timeframe.millis)))


def scopes(since: Millis = 0, until: Millis = START + 10_000 * DAY) -> dict[SeriesName, Scope]:
    """Everything was watched from `since` on and is committed."""
    return {(SYMBOL, timeframe): Scope(since, until, until, "it was history") for timeframe in Timeframe}


@cache
def perfect(seed: int) -> tuple[tuple[Expected, ...], tuple[Alert, ...]]:
    """A market's alerts by the audit and by the engine; there are at least three."""
    while True:
        candles = a_market(seed, 900)
        stream = replayed(candles)
        if len(stream) >= 3:
            return expected(candles), stream
        seed += 1_000
