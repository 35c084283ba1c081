"""Who is told of an alert, on which channel and how loudly, by the settings of each person.

Every channel that an alert is meant for gets a decision that can be shown afterwards: told, told without a sound, or
kept quiet for a reason. A channel that is switched off, or whose lists leave the alert out, is not meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from livermore.core.account.settings import Channel, Noise, QuietHours, Settings, alert_type_of, noise_of
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.timeframe import MINUTE, Millis

NOISE_OFF: Final = "noise is off for this alert"
LATE: Final = "the alert was late"
NEVER_TOLD: Final = "its alert was never told here"
STALE: Final = "it waited too long to be news"
NEWS_FOR_AT_LEAST: Final[Millis] = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Route:
    """A channel that an alert is meant for; with a reason in `suppressed` it is not told there."""

    channel: str
    is_silent: bool
    suppressed: str | None


def routes_of(settings: Settings, alert: Alert, hour: int) -> tuple[Route, ...]:
    """The channels of one person that `alert` is meant for; `hour` is the present one where that person lives."""
    noise = noise_of(settings, alert.label, alert.symbol)
    quiet = settings.notifications.quiet_hours
    is_silent = noise is Noise.SILENT or (quiet is not None and _is_quiet(quiet, hour))
    reason = LATE if alert.status is AlertStatus.LATE else NOISE_OFF if noise is Noise.OFF else None
    return tuple(
        Route(channel.id, is_silent, reason)
        for channel in settings.notifications.channels
        if channel.is_enabled and _is_meant(channel, alert)
    )


def is_stale(alert: Alert, waited: Millis) -> bool:
    """Whether what is said of `alert` has waited so long on our way to people that it is no news any more.

    That is one timeframe, as for an alert that comes late from the market, but not less than a quarter of an hour, in
    which a server is started again and a channel that was away is tried once more.
    """
    return waited > max(alert.timeframe.millis, NEWS_FOR_AT_LEAST)


def fate_of_notice(originals: Mapping[AlertStatus, str]) -> str | None:
    """Why the notice that an alert was amended or retracted is not told, or None where it is.

    `originals` are the deliveries of the same alert on the same channel before it, as the status that they tell of and
    the words pending, delivered, failed or suppressed.
    """
    was_told = any(fate == "delivered" for fate in originals.values())
    return None if was_told else NEVER_TOLD


def _is_meant(channel: Channel, alert: Alert) -> bool:
    return (
        (not channel.types or alert_type_of(alert.label) in channel.types)
        and (not channel.symbols or alert.symbol in channel.symbols)
        and (not channel.exchanges or alert.exchange.name in channel.exchanges)
        and (not channel.timeframes or alert.timeframe in channel.timeframes)
    )


def _is_quiet(quiet: QuietHours, hour: int) -> bool:
    if quiet.from_hour <= quiet.to_hour:
        return quiet.from_hour <= hour < quiet.to_hour
    return hour >= quiet.from_hour or hour < quiet.to_hour
