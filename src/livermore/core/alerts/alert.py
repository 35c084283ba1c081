"""The alert: a signal that passed the memory of its series, with its reasons and a name that never changes."""

import uuid
from dataclasses import dataclass, replace
from enum import StrEnum

from livermore.core.indicators.reading import Quality, Stage
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis, Timeframe

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "alerts.livermore")


class AlertStatus(StrEnum):
    """What became of an alert so far."""

    FIRED = "fired"
    LATE = "late"
    AMENDED = "amended"
    RETRACTED = "retracted"


class Direction(StrEnum):
    """Where the market is heading by this alert."""

    UP = "up"
    DOWN = "down"


class Bias(StrEnum):
    """Which side the timeframes are on, weighed together."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class TimeframeView:
    """One timeframe's latest reading at the instant of an alert; None and unknown where there is none."""

    timeframe: Timeframe
    value: float | None
    stage: Stage


@dataclass(frozen=True, slots=True)
class AlertTimes:
    """When the candle closed (exchange), its proof was received, the alert computed and handed to the store (ours).

    `committed` is the instant just before the write that commits it, since what is written cannot say when that is
    done; the id of its entry in the stream tells that, by the store's clock.
    """

    close: Millis
    received: Millis
    computed: Millis | None = None
    committed: Millis | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """What a trader is told; `value`, `signal` and `histogram` are MACD-V points, `price` is the candle's close."""

    id: str
    exchange: ExchangeIdentity
    is_simulated: bool
    symbol: str
    timeframe: Timeframe
    opened_at: Millis
    label: str
    direction: Direction
    value: float
    previous_value: float
    signal: float | None
    histogram: float | None
    price: float
    stage: Stage
    timeframes: tuple[TimeframeView, ...]
    bias: Bias
    quality: Quality
    times: AlertTimes
    rule_version: str
    status: AlertStatus

    @property
    def closes_at(self) -> Millis:
        """The close of the candle that raised this alert."""
        return self.opened_at + self.timeframe.millis

    def stamped(self, *, computed: Millis | None = None, committed: Millis | None = None) -> "Alert":
        """The same alert with the instants at which we computed or committed it."""
        times = self.times
        if computed is not None:
            times = replace(times, computed=computed)
        if committed is not None:
            times = replace(times, committed=committed)
        return replace(self, times=times)


def alert_id(
    exchange: ExchangeIdentity, symbol: str, timeframe: Timeframe, opened_at: Millis, label: str, rule_version: str
) -> str:
    """The name of an alert: the same crossing has the same one, whoever computes it and however often.

    >>> from livermore.core.market.exchange import COINBASE
    >>> alert_id(COINBASE, "BTC-USD", Timeframe.H1, 0, "level_150", "1") == alert_id(
    ...     COINBASE, "BTC-USD", Timeframe.H1, 0, "level_150", "1")
    True
    """
    return str(uuid.uuid5(_NAMESPACE, f"{exchange.id}:{symbol}:{timeframe}:{opened_at}:{label}:{rule_version}"))
