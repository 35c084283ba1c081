"""Alerts as JSON in the API's shape, without detours, for pages of hundreds."""

from collections.abc import Mapping, Sequence

import msgspec

from livermore.api.lines import QualityLine
from livermore.core.alerts.alert import Alert


class _ViewLine(msgspec.Struct, gc=False):
    timeframe: str
    value: float | None
    stage: str


class _TimesLine(msgspec.Struct, gc=False):
    close: int
    received: int
    computed: int | None
    committed: int | None


class AlertLine(msgspec.Struct, rename="camel", gc=False):
    """An alert as `AlertShown` shapes it."""

    id: str
    exchange_id: int
    exchange_name: str
    symbol: str
    timeframe: str
    open_time: int
    close_time: int
    label: str
    direction: str
    value: float
    previous_value: float
    signal: float | None
    histogram: float | None
    price: float
    stage: str
    timeframes: list[_ViewLine]
    bias: str
    quality: QualityLine
    times: _TimesLine
    rule_version: str
    status: str
    simulated: bool


class AlertPageLine(msgspec.Struct, gc=False):
    """A page of alerts as `AlertPage` shapes it."""

    items: list[AlertLine]
    next: str | None
    source: str
    unreadable: list[dict[str, str]]


_encode = msgspec.json.Encoder().encode


def alert_line(alert: Alert) -> AlertLine:
    """An alert in the API's shape."""
    quality, times = alert.quality, alert.times
    return AlertLine(
        alert.id,
        alert.exchange.id,
        alert.exchange.name,
        alert.symbol,
        alert.timeframe,
        alert.opened_at,
        alert.closes_at,
        alert.label,
        alert.direction,
        alert.value,
        alert.previous_value,
        alert.signal,
        alert.histogram,
        alert.price,
        alert.stage,
        [_ViewLine(view.timeframe, view.value, view.stage) for view in alert.timeframes],
        alert.bias,
        QualityLine(quality.candles, quality.convergence, quality.empty_ratio, quality.is_confirmed),
        _TimesLine(times.close, times.received, times.computed, times.committed),
        alert.rule_version,
        alert.status,
        alert.is_simulated,
    )


def alert_page(
    alerts: Sequence[Alert], following: str | None, source: str, unreadable: Mapping[str, str] | None = None
) -> bytes:
    """A page of alerts as JSON; `unreadable` says by name which were left out, and why."""
    left_out = [{"name": name, "reason": reason} for name, reason in (unreadable or {}).items()]
    return _encode(AlertPageLine([alert_line(alert) for alert in alerts], following, source, left_out))
