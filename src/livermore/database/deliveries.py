"""The outbox: what is to be told to whom on which channel, claimed by one worker at a time, and what became of it.

A row is written in the transaction that enters the alert, so that nothing is told that is not recorded and nothing
recorded is forgotten. A worker has what it claimed until its lease ends; whoever lost the lease changes nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from livermore.core.alerts.alert import AlertStatus
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement

CHANNELS_PER_LOOK: Final = 100
END_OF_IDS: Final = 2**62


class DeliveryStatus(StrEnum):
    """What became of a delivery so far."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An alert to be told on a channel of a user; with a reason in `suppressed` it is recorded but never told.

    `status_told` says which news of the alert it is: that it fired, or was amended or retracted.
    """

    alert_id: str
    status_told: AlertStatus
    user_id: int
    channel: str
    due_at: Millis
    is_silent: bool = False
    suppressed: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert on its way to a channel, or there; `message_id` is shared by those that went out as one message."""

    id: int
    alert_id: str
    status_told: AlertStatus
    user_id: int
    channel: str
    status: DeliveryStatus
    reason: str | None
    is_silent: bool
    attempts: int
    due_at: Millis
    claimed_by: str | None
    claimed_until: Millis | None
    message_id: str | None
    created_at: Millis
    finished_at: Millis | None


@dataclass(frozen=True, slots=True)
class DueChannel:
    """A channel with something to tell."""

    user_id: int
    channel: str
    waiting: int
    oldest_due_at: Millis


@dataclass(frozen=True, slots=True)
class NextDue:
    """When the next delivery may be claimed, None where none waits."""

    due_at: Millis | None


@dataclass(frozen=True, slots=True)
class DeliveryId:
    """The number of a delivery."""

    id: int


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """How many deliveries are to be told."""

    count: int


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many deliveries have a status."""

    status: DeliveryStatus
    count: int


_ENQUEUE: Final = Statement("deliveries.enqueue_delivery")
_DUE_CHANNELS: Final = Query("deliveries.due_channels", DueChannel)
_NEXT_DUE: Final = Query("deliveries.next_due", NextDue)
_CLAIM: Final = Query("deliveries.claim_deliveries", Delivery)
_RENEW: Final = Query("deliveries.renew_deliveries", DeliveryId)
_WAITING: Final = Query("deliveries.count_waiting", WaitingCount)
_FINISH: Final = Statement("deliveries.finish_deliveries")
_PUT_BACK: Final = Statement("deliveries.put_back_deliveries")
_OF_ALERT: Final = Query("deliveries.deliveries_of_alert", Delivery)
_LIST: Final = Query("deliveries.list_deliveries", Delivery)
_COUNT: Final = Query("deliveries.count_deliveries", StatusCount)


async def enqueue_deliveries(connection: Connection, rows: Sequence[NewDelivery], at: Millis) -> int:
    """Let alerts be told; answers with how many of them were not to be told already.

    Raises:
        Conflict: when an alert is not in the ledger, or a user is gone.
    """
    return await _ENQUEUE.run_many(
        connection,
        [
            {
                "alert_id": row.alert_id,
                "status_told": row.status_told,
                "user_id": row.user_id,
                "channel": row.channel,
                "status": DeliveryStatus.PENDING if row.suppressed is None else DeliveryStatus.SUPPRESSED,
                "reason": row.suppressed,
                "is_silent": row.is_silent,
                "due_at": row.due_at,
                "created_at": at,
                "finished_at": None if row.suppressed is None else at,
            }
            for row in rows
        ],
    )


async def due_channels(connection: Connection, now: Millis) -> tuple[DueChannel, ...]:
    """The channels with something to tell that nobody has claimed, the one that waits longest first; at most 100."""
    return await _DUE_CHANNELS.all(connection, now=now, limit=CHANNELS_PER_LOOK)


async def next_due(connection: Connection) -> Millis | None:
    """When the next delivery may be claimed, None where none waits."""
    return (await _NEXT_DUE.only(connection)).due_at


async def claim_deliveries(
    connection: Connection,
    user_id: int,
    channel: str,
    *,
    by: str,
    now: Millis,
    until: Millis,
    limit: int,
    ahead: Millis = 0,
) -> tuple[Delivery, ...]:
    """Take the oldest deliveries of a channel that are due, or will be `ahead` of now, oldest first.

    No other worker gets them before `until`, and none that another one has is taken.
    """
    return await _CLAIM.all(
        connection, user_id=user_id, channel=channel, by=by, now=now, due_by=now + ahead, until=until, limit=limit
    )


async def renew_deliveries(connection: Connection, ids: Sequence[int], *, by: str, until: Millis) -> frozenset[int]:
    """Keep them until then; answers with those that are still ours."""
    return frozenset(row.id for row in await _RENEW.all(connection, ids=list(ids), by=by, until=until))


async def count_waiting(connection: Connection) -> int:
    """How many deliveries are to be told, whether somebody is about to or not."""
    return (await _WAITING.only(connection)).count


async def mark_delivered(
    connection: Connection, ids: Sequence[int], *, by: str, at: Millis, message_id: str | None = None
) -> int:
    """They were told; answers with how many were still ours."""
    return await _finish(connection, ids, DeliveryStatus.DELIVERED, by, at, None, message_id)


async def mark_failed(connection: Connection, ids: Sequence[int], *, by: str, at: Millis, reason: str) -> int:
    """They will never be told, and why; answers with how many were still ours."""
    return await _finish(connection, ids, DeliveryStatus.FAILED, by, at, reason, None)


async def mark_suppressed(connection: Connection, ids: Sequence[int], *, by: str, at: Millis, reason: str) -> int:
    """They are not to be told after all, and why; answers with how many were still ours."""
    return await _finish(connection, ids, DeliveryStatus.SUPPRESSED, by, at, reason, None)


async def put_back(connection: Connection, ids: Sequence[int], *, by: str, due_at: Millis, reason: str) -> int:
    """They are to be tried again at `due_at`; answers with how many were still ours."""
    return await _PUT_BACK.run(connection, ids=list(ids), by=by, due_at=due_at, reason=reason)


async def deliveries_of(connection: Connection, alert_id: str) -> tuple[Delivery, ...]:
    """What became of an alert on every channel."""
    return await _OF_ALERT.all(connection, alert_id=alert_id)


async def list_deliveries(
    connection: Connection,
    *,
    user_id: int | None = None,
    status: DeliveryStatus | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[Delivery, ...]:
    """Deliveries, newest first, those before one."""
    return await _LIST.all(
        connection, user_id=user_id, status=status, before=END_OF_IDS if before is None else before, limit=limit
    )


async def count_deliveries(connection: Connection, since: Millis) -> dict[DeliveryStatus, int]:
    """How many deliveries that were entered since then have which status."""
    return {row.status: row.count for row in await _COUNT.all(connection, since=since)}


async def _finish(
    connection: Connection,
    ids: Sequence[int],
    status: DeliveryStatus,
    by: str,
    at: Millis,
    reason: str | None,
    message_id: str | None,
) -> int:
    return await _FINISH.run(
        connection, ids=list(ids), status=status, by=by, at=at, reason=reason, message_id=message_id
    )
