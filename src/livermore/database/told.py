"""What people were told already, and the alerts they are to be told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.timeframe import Millis
from livermore.database.alert_rows import AlertRow, entry_of
from livermore.database.connect import Connection
from livermore.database.deliveries import DeliveryStatus
from livermore.database.queries import Query, Statement


@dataclass(frozen=True, slots=True)
class ToldRow:
    """What became of one piece of news of an alert on a channel."""

    alert_id: str
    status_told: AlertStatus
    status: DeliveryStatus


@dataclass(frozen=True, slots=True)
class EnteredCount:
    """How many alerts there are."""

    count: int


@dataclass(frozen=True, slots=True)
class Lost:
    """How many alerts were given up, and when the first and the last of them were entered; None for none."""

    count: int
    first_at: Millis | None
    last_at: Millis | None


_LOST: Final = Query("told.lost_since_heard", Lost)
_TOLD: Final = Query("told.told_before", ToldRow)
_ALERTS: Final = Query("told.alerts_by_ids", AlertRow)
_RETRY: Final = Statement("told.retry_delivery")
_ENTERED: Final = Query("told.count_entered", EnteredCount)


async def told_before(
    connection: Connection, alert_ids: Sequence[str], user_id: int, channel: str
) -> Mapping[str, Mapping[AlertStatus, DeliveryStatus]]:
    """For each alert, what became of each piece of its news on a channel, the last time it was told."""
    told: dict[str, dict[AlertStatus, DeliveryStatus]] = {}
    for row in await _TOLD.all(connection, alert_ids=list(alert_ids), user_id=user_id, channel=channel):
        told.setdefault(row.alert_id, {})[row.status_told] = row.status
    return told


async def alerts_by_ids(connection: Connection, alert_ids: Sequence[str]) -> dict[str, Alert]:
    """These alerts as they stand, by their ids."""
    rows = await _ALERTS.all(connection, alert_ids=list(alert_ids))
    return {row.id: entry_of(row).alert for row in rows}


async def lost_since_heard(connection: Connection, user_id: int, channel: str, since: Millis) -> Lost:
    """What was given up on a channel since anything was last taken there, of what was entered since an instant."""
    return await _LOST.only(connection, user_id=user_id, channel=channel, since=since)


async def count_entered(connection: Connection, since: Millis) -> int:
    """How many alerts came into the ledger since then."""
    return (await _ENTERED.only(connection, since=since)).count


async def retry_delivery(connection: Connection, delivery_id: int, user_id: int | None, due_at: Millis) -> bool:
    """Let a delivery that was given up be tried again, of that user or of anybody; False where there is none.

    One whose news was told, or is to be told, in a later turn is none.
    """
    return bool(await _RETRY.run(connection, id=delivery_id, user_id=user_id, due_at=due_at))
