"""The stage of a MACD-V: a name for every value, with or without its signal line."""

from typing import Final

from livermore.core.indicators.reading import Stage

CALM_BELOW: Final = 50.0
CALM_CANDLES: Final = 20


def stage_of(value: float | None, signal: float | None, calm: int) -> Stage:
    """The stage at `value` with the signal line at `signal`, after `calm` values in a row under 50 in magnitude.

    The function is total: exactly one stage for every argument; unknown until both are seeded.

    >>> stage_of(-150.0, -140.0, 0).value, stage_of(150.0, 150.0, 0).value, stage_of(150.0, 151.0, 0).value
    ('oversold', 'overbought', 'retracing')
    """
    if value is None or signal is None:
        return Stage.UNKNOWN
    if calm >= CALM_CANDLES:
        return Stage.RANGING
    if value <= -150.0:
        return Stage.OVERSOLD
    if value < signal:
        return Stage.REVERSING if value <= -50.0 else Stage.RETRACING
    if value >= 150.0:
        return Stage.OVERBOUGHT
    return Stage.RALLYING if value >= 50.0 else Stage.REBOUNDING
