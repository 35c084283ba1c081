"""The seeded market is worth watching: MACD-V goes beyond ±150 on every timeframe, both ways, wherever it starts."""

import numpy as np
import pytest
from numpy.typing import NDArray

from livermore.core.market.timeframe import HOUR, Millis, Timeframe
from livermore.sim.server import market_of
from livermore.sim.settings import SimSettings

Floats = NDArray[np.float64]
NIGHT, NOON, DUSK = 1_795_305_600_000, 1_795_521_600_000 + 12 * HOUR, 1_800_000_000_000
WATCHED_FOR = 6 * HOUR


def ema(values: Floats, length: int) -> Floats:
    """SMA-seeded exponential average; NaN before the seed."""
    out = np.full(len(values), np.nan)
    out[length - 1] = values[:length].mean()
    for number in range(length, len(values)):
        out[number] = out[number - 1] + (values[number] - out[number - 1]) * 2 / (length + 1)
    return out


def macd_v(high: Floats, low: Floats, close: Floats) -> Floats:
    """EMA12 - EMA26 in percent of Wilder's ATR26."""
    before = np.r_[close[0], close[:-1]]
    ranges = np.maximum(high, before) - np.minimum(low, before)
    ranges[0] = high[0] - low[0]
    atr = np.full(len(close), np.nan)
    atr[25] = ranges[:26].mean()
    for number in range(26, len(close)):
        atr[number] = (atr[number - 1] * 25 + ranges[number]) / 26
    # Without any range there is no reading.
    atr[atr == 0.0] = np.nan
    return np.asarray((ema(close, 12) - ema(close, 26)) / atr * 100)


def readings(exchange: str, start: Millis, timeframe: Timeframe) -> dict[str, Floats]:
    """By symbol, the MACD-V at the closes of the watched hours, after 300 candles of history."""
    market = market_of(SimSettings(), exchange, ())
    end = start + WATCHED_FOR
    found = {}
    for listed in market.listed:
        since = timeframe.opening(start) - 300 * timeframe.millis
        rows = [row for row in market.rows(listed, timeframe, since, end - 1, end - 1) if row.trades]
        rows = [row for row in rows if row.opened_at + timeframe.millis <= end]
        if len(rows) < 60:
            continue
        columns = ([row.high for row in rows], [row.low for row in rows], [row.close for row in rows])
        values = macd_v(*(np.array(column, dtype=float) for column in columns))
        watched = values[[row.opened_at + timeframe.millis > start for row in rows]]
        found[listed.symbol] = watched[~np.isnan(watched)]
    return found


@pytest.mark.parametrize("start", [NIGHT, NOON, DUSK])
@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4])
@pytest.mark.parametrize("exchange", ["coinbase", "binance", "binance_us"])
def test_several_symbols_go_beyond_150_within_six_hours(exchange: str, timeframe: Timeframe, start: Millis) -> None:
    by_symbol = readings(exchange, start, timeframe)

    extremes = [value for values in by_symbol.values() if len(values) for value in (values.max(), values.min())]
    assert sum(value > 150 for value in extremes) >= 2
    assert sum(value < -150 for value in extremes) >= 2


@pytest.mark.parametrize("exchange", ["coinbase", "binance"])
def test_extremes_are_crossed_and_come_back_on_5m(exchange: str) -> None:
    by_symbol = readings(exchange, NIGHT, Timeframe.M5)

    crossings = [np.abs(values) > 150 for values in by_symbol.values()]
    assert sum((~beyond[:-1] & beyond[1:]).any() for beyond in crossings if len(beyond)) >= 3
    assert sum((beyond[:-1] & ~beyond[1:]).any() for beyond in crossings if len(beyond)) >= 3
