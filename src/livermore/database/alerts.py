"""The ledger: every alert once, as it stands, and all that was ever said of it.

Entries of the stream may come twice, in any order, from several workers at once: what stands is what was said last by
the order of epoch and stream, and what was said is kept once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, Direction
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.database.alert_rows import AlertRow, LedgerEntry, Place, entry_of, parameters_of
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.errors import CorruptRecord

END_OF_TIME: Final = 2**62
LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
LONGEST_RAW: Final = 20_000
SAME_NUMBER: Final = 1e-6
"""How far two numbers may lie apart that are one: relative to them or, near nought, in points of MACD-V."""


class Outcome(StrEnum):
    """What an entry of the stream meant to the ledger."""

    NEW = "new"
    REVISED = "revised"
    REPEATED = "repeated"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of the stream: an alert, and where it was said."""

    alert: Alert
    place: Place


@dataclass(frozen=True, slots=True)
class AlertId:
    """The id of an alert that was entered."""

    id: str


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts of a list are wanted; None means any. Closes lie in ``[since, until)``."""

    exchange_id: int | None = None
    symbol: str | None = None
    timeframe: Timeframe | None = None
    label: str | None = None
    direction: Direction | None = None
    status: AlertStatus | None = None
    since: Millis = 0
    until: Millis = END_OF_TIME


@dataclass(frozen=True, slots=True)
class AlertCursor:
    """Behind which alert a list goes on: its close and its id."""

    close_time: Millis = END_OF_TIME
    id: str = LAST_ID


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Some of the ledger; `unreadable` says by id which of its alerts are not ours, `next` is None at the end."""

    entries: tuple[LedgerEntry, ...]
    unreadable: Mapping[str, str]
    next: AlertCursor | None


@dataclass(frozen=True, slots=True)
class Reject:
    """An entry of the stream that could not be read."""

    exchange_id: int
    stream_ms: Millis
    stream_seq: int
    reason: str
    raw: bytes
    rejected_at: Millis


_INSERT: Final = Query("alerts.insert_alert", AlertId)
_REVISION: Final = Statement("alerts.insert_revision")
_LOCK: Final = Query("alerts.lock_alert", AlertRow)
_AMEND: Final = Statement("alerts.amend_alert")
_COUNT: Final = Statement("alerts.count_revision")
_BY_ID: Final = Query("alerts.alert_by_id", AlertRow)
_LIST: Final = Query("alerts.list_alerts", AlertRow)
_REVISIONS: Final = Query("alerts.revisions_of_alert", AlertRow)
_NEWEST: Final = Query("alerts.newest_place", Place)
_REJECT: Final = Statement("alerts.reject_entry")
_REJECTS: Final = Query("alerts.list_rejects", Reject)


async def record_alerts(connection: Connection, entries: Sequence[Said], at: Millis) -> tuple[Outcome, ...]:
    """Enter what was said, in order; answers with what each entry meant. Belongs into a transaction.

    Raises:
        Conflict: when an alert is of an exchange that the database does not know.
    """
    rows = [parameters_of(entry.alert, entry.place, at) for entry in entries]
    inserted = await _INSERT.each(connection, rows)
    await _REVISION.run_many(connection, [row for row, new in zip(rows, inserted, strict=True) if new])
    return tuple(
        [
            Outcome.NEW if new else await _revise(connection, entry, row)
            for entry, row, new in zip(entries, rows, inserted, strict=True)
        ]
    )


async def _revise(connection: Connection, entry: Said, row: Mapping[str, object]) -> Outcome:
    """Enter what was said of an alert that is there."""
    present = entry_of(await _LOCK.only(connection, id=entry.alert.id))
    if _substance(present.alert) == _substance(entry.alert) or _is_only_late(entry.alert, present.alert):
        return Outcome.REPEATED
    if not await _REVISION.run(connection, **row):
        return Outcome.REPEATED
    if entry.place < present.place:
        await _COUNT.run(connection, id=entry.alert.id)
        return Outcome.OUTDATED
    await _AMEND.run(connection, **row)
    return Outcome.REVISED


def _substance(alert: Alert) -> Alert:
    """What an alert says, whenever it was said."""
    return replace(alert, times=AlertTimes(alert.times.close, 0))


def _is_only_late(said: Alert, known: Alert) -> bool:
    """Whether it is raised late for a store that has lost it, with the numbers that it was told with in time."""
    if said.status is not AlertStatus.LATE or known.status not in (AlertStatus.FIRED, AlertStatus.AMENDED):
        return False
    pairs = zip(_numbers(said), _numbers(known), strict=True)
    return said.stage is known.stage and all(_are_equal(one, other) for one, other in pairs)


def _numbers(alert: Alert) -> tuple[float | None, ...]:
    return alert.value, alert.previous_value, alert.signal, alert.histogram, alert.price


def _are_equal(one: float | None, other: float | None) -> bool:
    # History that was fetched anew begins elsewhere, which shows in the last digits.
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SAME_NUMBER, abs_tol=SAME_NUMBER)


async def alert_by_id(connection: Connection, alert_id: str) -> LedgerEntry | None:
    """The alert of that id as it stands.

    Raises:
        InvalidRequest: when that cannot be an id.
    """
    row = await _BY_ID.one(connection, id=alert_id)
    return None if row is None else entry_of(row)


async def list_alerts(
    connection: Connection,
    wanted: AlertFilter,
    *,
    limit: int = 50,
    after: AlertCursor | None = None,
) -> LedgerPage:
    """At most `limit` alerts as they stand, newest close first, those behind the cursor."""
    cursor = after or AlertCursor()
    rows = await _LIST.all(
        connection,
        exchange_id=wanted.exchange_id,
        symbol=wanted.symbol,
        timeframe=wanted.timeframe,
        label=wanted.label,
        direction=wanted.direction,
        status=wanted.status,
        since=wanted.since,
        until=wanted.until,
        before_close=cursor.close_time,
        before_id=cursor.id,
        limit=limit + 1,
    )
    entries: list[LedgerEntry] = []
    unreadable: dict[str, str] = {}
    for row in rows[:limit]:
        try:
            entries.append(entry_of(row))
        except CorruptRecord as exc:
            unreadable[row.id] = str(exc)
    last = rows[limit - 1] if len(rows) > limit else None
    return LedgerPage(tuple(entries), unreadable, None if last is None else AlertCursor(last.close_time, last.id))


async def revisions_of(connection: Connection, alert_id: str) -> tuple[LedgerEntry, ...]:
    """All that was said of an alert, in the order of the stream."""
    return tuple(entry_of(row) for row in await _REVISIONS.all(connection, id=alert_id))


async def newest_place(connection: Connection, exchange_id: int) -> Place | None:
    """The last place of the stream among the newest alerts of an exchange, or None where there are none."""
    return await _NEWEST.one(connection, exchange_id=exchange_id)


async def reject_entry(
    connection: Connection, exchange_id: int, stream_id: tuple[Millis, int], reason: str, raw: bytes, at: Millis
) -> None:
    """Set an entry that cannot be read aside, where it can be seen; its first 20,000 bytes are kept."""
    await _REJECT.run(
        connection,
        exchange_id=exchange_id,
        stream_ms=stream_id[0],
        stream_seq=stream_id[1],
        reason=reason,
        raw=raw[:LONGEST_RAW],
        rejected_at=at,
    )


async def list_rejects(connection: Connection, limit: int = 50) -> tuple[Reject, ...]:
    """What was set aside, newest first."""
    return await _REJECTS.all(connection, limit=limit)
