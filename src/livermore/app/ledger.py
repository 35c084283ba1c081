"""From the stream into the ledger: every alert once, with the deliveries that it asks for, in one transaction.

Workers of several servers share the streams. While PostgreSQL is away the alerts wait in Redis, and are entered in
order afterwards; one that comes twice changes nothing. What cannot be read, or is refused for good, is set aside in a
table of its own where it can be seen, so that it holds nobody up.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from redis.asyncio import Redis

from livermore.app.traces import Traces
from livermore.app.worker_metrics import NAMES, WorkerMetrics
from livermore.cache.alert_group import (
    ABANDONED_AFTER,
    Entry,
    backlog,
    finish,
    join_group,
    take_new,
    take_unfinished,
)
from livermore.cache.keys import Keys
from livermore.core.account.routing import STALE, Route, is_stale, routes_of
from livermore.core.account.settings import Settings
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.timeframe import SECOND, Millis
from livermore.database.alert_rows import Place
from livermore.database.alerts import Outcome, Said, record_alerts, reject_entry
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.deliveries import NewDelivery, enqueue_deliveries
from livermore.database.settings import PersonSettings, all_settings
from livermore.errors import Conflict, CorruptRecord, LivermoreError, StoreError
from livermore.runtime.ports import Clock

ENTRIES_PER_TRANSACTION: Final = 250
BLOCK: Final[Millis] = 2 * SECOND
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0
CONFLICTS_BORNE: Final = 4
AMENDMENT: Final = "a change of an alert is shown, not pushed"


@dataclass(frozen=True, slots=True)
class LedgerPlaces:
    """What a worker works with; `say` is told what an operator should know, by kind and words."""

    redis: Redis
    pool: Pool
    clock: Clock
    worker: str
    say: Callable[[str, str], None]
    has_news: asyncio.Event
    metrics: WorkerMetrics
    traces: Traces | None


async def run_ledger(places: LedgerPlaces, keys: Keys) -> None:
    """Drain the alert stream of one exchange into the ledger until cancelled."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await join_group(places.redis, keys)
            await _say_what_was_cut(places, keys)
            while True:
                batch = await _batch(places, keys)
                if batch:
                    await _entered_for_sure(places, keys, batch)
                pause = FIRST_PAUSE_SECONDS
        except LivermoreError as error:
            # Whatever a store has: to end the server over it would take the API and all other exchanges along.
            places.say("ledger_waits", str(error))
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


async def _say_what_was_cut(places: LedgerPlaces, keys: Keys) -> None:
    if (await backlog(places.redis, keys)).is_cut:
        places.say(
            "alerts_lost", f"{keys.alerts} was cut before all of it was in the ledger; livermore audit tells what"
        )


async def _batch(places: LedgerPlaces, keys: Keys) -> tuple[Entry, ...]:
    """What a worker that died has left behind, or else what is new."""
    abandoned = await take_unfinished(places.redis, keys, places.worker, ENTRIES_PER_TRANSACTION, ABANDONED_AFTER)
    if abandoned:
        return abandoned
    return await take_new(places.redis, keys, places.worker, ENTRIES_PER_TRANSACTION, BLOCK)


async def _entered_for_sure(places: LedgerPlaces, keys: Keys, batch: Sequence[Entry]) -> None:
    """Enter the batch, however long PostgreSQL is away; an entry that it refuses for good is set aside."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await _enter_or_set_aside(places, keys, batch)
            break
        except StoreError as error:
            places.say("ledger_waits", str(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    await finish(places.redis, keys, [entry.id for entry in batch])
    places.has_news.set()


async def _enter_or_set_aside(places: LedgerPlaces, keys: Keys, batch: Sequence[Entry]) -> None:
    try:
        outcomes = await _entered(places, keys, batch)
    except LivermoreError as error:
        if isinstance(error, StoreError) and not isinstance(error, CorruptRecord):
            # Away, or without our tables: that is no fault of an alert, and will be mended.
            raise
        if len(batch) == 1:
            await _set_aside(places, keys, batch[0], str(error))
            return
        for entry in batch:
            await _enter_or_set_aside(places, keys, [entry])
    else:
        now = places.clock.now()
        for alert, outcome in outcomes:
            places.metrics.ledgered.labels(NAMES[keys.exchange_id], outcome.value).inc()
            if outcome is Outcome.NEW and places.traces is not None:
                places.traces.ledgered(alert, now)


async def _entered(places: LedgerPlaces, keys: Keys, batch: Sequence[Entry]) -> tuple[tuple[Alert, Outcome], ...]:
    """Enter the batch; what meets a change of somebody else, as a user that is just removed, is done once more."""
    for _ in range(CONFLICTS_BORNE):
        try:
            async with transaction(places.pool) as connection:
                return await enter(connection, keys, batch, places.clock.now())
        except Conflict as error:
            places.say("ledger_conflict", str(error))
    async with transaction(places.pool) as connection:
        return await enter(connection, keys, batch, places.clock.now())


async def _set_aside(places: LedgerPlaces, keys: Keys, entry: Entry, reason: str) -> None:
    places.say("alert_set_aside", f"{keys.alerts} {entry.id}: {reason}")
    places.metrics.ledgered.labels(NAMES[keys.exchange_id], "set_aside").inc()
    async with transaction(places.pool) as connection:
        await reject_entry(connection, keys.exchange_id, entry.place, reason, entry.raw, places.clock.now())


async def enter(
    connection: Connection, keys: Keys, batch: Sequence[Entry], at: Millis
) -> tuple[tuple[Alert, Outcome], ...]:
    """Enter what was said, and let people be told what is news; answers with what each readable entry meant.

    Belongs into a transaction.
    """
    readable = [(entry, entry.alert) for entry in batch if entry.alert is not None]
    said = [Said(alert, Place(entry.epoch, *entry.place)) for entry, alert in readable]
    outcomes = await record_alerts(connection, said, at)
    news = [
        (alert, entry.place[0])
        for (entry, alert), outcome in zip(readable, outcomes, strict=True)
        if is_news(outcome, alert)
    ]
    if news:
        people = await all_settings(connection)
        await enqueue_deliveries(connection, deliveries_for(news, people, at), at)
    for entry in batch:
        if entry.alert is None:
            reason = entry.problem or "it cannot be read"
            await reject_entry(connection, keys.exchange_id, entry.place, reason, entry.raw, at)
    return tuple((alert, outcome) for (_, alert), outcome in zip(readable, outcomes, strict=True))


def is_news(outcome: Outcome, alert: Alert) -> bool:
    """Whether people have not heard of it; that an alert fired is news even if what became of it was entered before."""
    is_first = outcome is Outcome.OUTDATED and alert.status is AlertStatus.FIRED
    return is_first or outcome in (Outcome.NEW, Outcome.REVISED)


def deliveries_for(
    news: Sequence[tuple[Alert, Millis]], people: Sequence[PersonSettings], at: Millis
) -> list[NewDelivery]:
    """What is to be told of alerts, which were said at those instants, to whom; with a reason where it is not."""
    rows: list[NewDelivery] = []
    for person in people:
        if not person.settings.notifications.channels:
            continue
        hour = local_hour(person.settings, at)
        wait = round(person.settings.notifications.group_after_seconds * SECOND)
        for alert, said_at in news:
            waited = at - said_at
            routes = routes_of(person.settings, alert, hour)
            rows += [_delivery(alert, person.user_id, route, at + wait, waited) for route in routes]
    return rows


def _delivery(alert: Alert, user_id: int, route: Route, due_at: Millis, waited: Millis) -> NewDelivery:
    reason = route.suppressed
    if reason is None and alert.status is AlertStatus.AMENDED:
        reason = AMENDMENT
    if reason is None and is_stale(alert, waited):
        reason = STALE
    return NewDelivery(alert.id, alert.status, user_id, route.channel, due_at, route.is_silent, reason)


def zone_of(settings: Settings) -> tzinfo:
    """Where the person lives; a timezone that nobody knows is UTC."""
    try:
        return ZoneInfo(settings.profile.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def local_hour(settings: Settings, at: Millis) -> int:
    """The hour of the day where the person lives."""
    return datetime.fromtimestamp(at / 1_000, zone_of(settings)).hour
