"""What one channel is to be told now: claimed from the outbox, and judged by the settings as they are at this moment.

Between the entry of an alert and the message about it people change their minds, channels are away, and alerts are
taken back. What is not to be told after all gets its reason here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from livermore.app.ledger import local_hour, zone_of
from livermore.core.account.routing import STALE, fate_of_notice, is_stale, routes_of
from livermore.core.account.settings import Channel, NotificationSettings, Settings
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.database.connect import Connection
from livermore.database.deliveries import Delivery, DueChannel, claim_deliveries, mark_suppressed
from livermore.database.settings import settings_of
from livermore.database.told import alerts_by_ids, told_before
from livermore.errors import NotFound

DELIVERIES_AT_ONCE: Final = 1_000
LEASE: Final[Millis] = 3 * MINUTE
REMOVED: Final = "the channel was removed or switched off"
NOT_MEANT: Final = "the channel is not meant for it any more"
TAKEN_BACK: Final = "it was taken back before it was told"
RAISED_AGAIN: Final = "it was raised again before that was told"


@dataclass(frozen=True, slots=True)
class Errand:
    """What one channel is to be told now, and the timezone of its reader.

    `silent` are the ids of the alerts that are to make no sound.
    """

    due: DueChannel
    channel: Channel
    settings: NotificationSettings
    zone: tzinfo
    deliveries: Mapping[str, Delivery]
    alerts: Sequence[Alert]
    silent: frozenset[str]

    def ids(self, alerts: Sequence[Alert]) -> list[int]:
        """The deliveries of these alerts."""
        return [self.deliveries[alert.id].id for alert in alerts]


async def claim_errand(connection: Connection, due: DueChannel, worker: str, now: Millis) -> tuple[Errand | None, int]:
    """Claim what waits for the channel, and settle what is not to be told after all.

    Answers with what is left, None where that is nothing, and how many were settled. Belongs into a transaction.
    """
    try:
        settings = (await settings_of(connection, due.user_id)).settings
    except NotFound:
        return None, 0
    claimed = await claim_deliveries(
        connection,
        due.user_id,
        due.channel,
        by=worker,
        now=now,
        until=now + LEASE,
        limit=DELIVERIES_AT_ONCE,
        ahead=round(settings.notifications.group_after_seconds * SECOND),
    )
    channel = next((one for one in settings.notifications.channels if one.id == due.channel and one.is_enabled), None)
    if channel is None:
        ids = [delivery.id for delivery in claimed]
        return None, await mark_suppressed(connection, ids, by=worker, at=now, reason=REMOVED)
    alerts = await alerts_by_ids(connection, [delivery.alert_id for delivery in claimed])
    judged = await _judged(connection, due, settings, claimed, alerts, now)
    worth = [one for one in claimed if judged[one.id].reason is None]
    for reason in {verdict.reason for verdict in judged.values() if verdict.reason is not None}:
        ids = [number for number, verdict in judged.items() if verdict.reason == reason]
        await mark_suppressed(connection, ids, by=worker, at=now, reason=reason)
    suppressed = len(claimed) - len(worth)
    if not worth:
        return None, suppressed
    silent = frozenset(one.alert_id for one in worth if judged[one.id].is_silent)
    deliveries = {one.alert_id: one for one in worth}
    wanted = [alerts[id_] for id_ in deliveries]
    return Errand(due, channel, settings.notifications, zone_of(settings), deliveries, wanted, silent), suppressed


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Why a delivery is not to be told any more, if so, and whether it is to make no sound."""

    reason: str | None
    is_silent: bool


async def _judged(
    connection: Connection,
    due: DueChannel,
    settings: Settings,
    claimed: Sequence[Delivery],
    alerts: Mapping[str, Alert],
    now: Millis,
) -> dict[int, _Verdict]:
    told = await told_before(connection, list(alerts), due.user_id, due.channel)
    hour = local_hour(settings, now)
    judged: dict[int, _Verdict] = {}
    for one in claimed:
        alert = alerts[one.alert_id]
        route = next((route for route in routes_of(settings, alert, hour) if route.channel == due.channel), None)
        if route is None:
            judged[one.id] = _Verdict(NOT_MEANT, is_silent=False)
        else:
            reason = route.suppressed or _why_not(one, alert, told.get(one.alert_id, {}), now)
            judged[one.id] = _Verdict(reason, route.is_silent)
    return judged


def _why_not(delivery: Delivery, alert: Alert, told: Mapping[AlertStatus, str], now: Millis) -> str | None:
    """Why this news is not told any more, or None where it is."""
    if delivery.status_told is AlertStatus.RETRACTED and alert.status is not AlertStatus.RETRACTED:
        return RAISED_AGAIN
    if delivery.status_told in (AlertStatus.AMENDED, AlertStatus.RETRACTED):
        earlier = {status: fate for status, fate in told.items() if status is not delivery.status_told}
        return fate_of_notice(earlier)
    if alert.status is AlertStatus.RETRACTED:
        return TAKEN_BACK
    return STALE if is_stale(alert, now - delivery.created_at) else None
