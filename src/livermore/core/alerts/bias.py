"""Which side the market is on, all timeframes weighed together."""

from collections.abc import Iterable
from typing import Final

from livermore.core.alerts.alert import Bias, TimeframeView
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import Timeframe

WEIGHTS: Final = {Timeframe.M5: 2, Timeframe.M15: 3, Timeframe.H1: 4, Timeframe.H4: 5, Timeframe.D1: 6}
BULLISH: Final = frozenset({Stage.OVERSOLD, Stage.REBOUNDING, Stage.RALLYING})
BEARISH: Final = frozenset({Stage.OVERBOUGHT, Stage.RETRACING, Stage.REVERSING})
MARGIN: Final = 1.5


def bias_of(views: Iterable[TimeframeView]) -> Bias:
    """The side whose timeframes weigh more than 1.5 times the other's, or neutral."""
    bullish = bearish = 0
    for view in views:
        if view.stage in BULLISH:
            bullish += WEIGHTS[view.timeframe]
        elif view.stage in BEARISH:
            bearish += WEIGHTS[view.timeframe]
    if bullish > MARGIN * bearish:
        return Bias.BULLISH
    if bearish > MARGIN * bullish:
        return Bias.BEARISH
    return Bias.NEUTRAL
