"""The alert in the API's shape."""

from livermore.api.models.alerts import AlertShown, TimesShown, ViewShown
from livermore.api.models.market import QualityShown
from livermore.core.alerts.alert import Alert


def alert_shown(alert: Alert) -> AlertShown:
    """An alert in the API's shape."""
    return AlertShown(
        id=alert.id,
        exchange_id=alert.exchange.id,
        exchange_name=alert.exchange.name,
        symbol=alert.symbol,
        timeframe=alert.timeframe,
        open_time=alert.opened_at,
        close_time=alert.closes_at,
        label=alert.label,
        direction=alert.direction,
        value=alert.value,
        previous_value=alert.previous_value,
        signal=alert.signal,
        histogram=alert.histogram,
        price=alert.price,
        stage=alert.stage,
        timeframes=[ViewShown.model_validate(view) for view in alert.timeframes],
        bias=alert.bias,
        quality=QualityShown.model_validate(alert.quality),
        times=TimesShown.model_validate(alert.times),
        rule_version=alert.rule_version,
        status=alert.status,
        simulated=alert.is_simulated,
    )
