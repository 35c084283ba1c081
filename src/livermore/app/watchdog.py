"""Once a day, at the hour that each person has chosen, a message on all channels that says how things are.

It comes whether or not anything happened. When it does not come, something has: silence is noticed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from redis.asyncio import Redis

from livermore.app.channels import Channels
from livermore.app.network_view import look
from livermore.cache.watchdog import claim_day, give_back_day, keep_day
from livermore.core.account.settings import Channel
from livermore.core.alerts.grouping import Message
from livermore.core.instance.daily import daily_lines, daily_title
from livermore.core.market.exchange import WATCHED
from livermore.core.market.timeframe import DAY, Millis
from livermore.database.connect import Pool, transaction
from livermore.database.deliveries import count_deliveries
from livermore.database.settings import PersonSettings, all_settings
from livermore.database.told import count_entered
from livermore.errors import LivermoreError, NotifyError
from livermore.notify.outgoing import Outgoing
from livermore.runtime.ports import Clock

LOOK_SECONDS: Final = 30.0

log = structlog.get_logger("livermore")


@dataclass(frozen=True, slots=True)
class WatchdogPlaces:
    """What it works with; `say` is told what an operator should know, by kind and words."""

    redis: Redis
    pool: Pool
    clock: Clock
    channels: Channels
    say: Callable[[str, str], None]


async def run_watchdog(places: WatchdogPlaces) -> None:
    """Send what is due until cancelled."""
    while True:
        try:
            await send_due(places)
        except LivermoreError as error:
            places.say("watchdog_waits", str(error))
        await asyncio.sleep(LOOK_SECONDS)


async def send_due(places: WatchdogPlaces) -> None:
    """Send the message of the day to everybody whose hour it is and who has not had it; what fails is tried again.

    Raises:
        StoreUnavailable: when Redis or PostgreSQL cannot be used.
    """
    now = places.clock.now()
    at = datetime.fromtimestamp(now / 1_000, UTC)
    day = f"{at:%Y-%m-%d}"
    async with transaction(places.pool) as connection:
        people = await all_settings(connection)
    for person in people:
        if person.settings.notifications.watchdog_hour_utc != at.hour or not _channels(person):
            continue
        if not await claim_day(places.redis, person.user_id, day):
            continue
        done = keep_day if await _sent(places, person, now) else give_back_day
        await done(places.redis, person.user_id, day)


async def message_of_the_day(redis: Redis, pool: Pool, now: Millis) -> Message:
    """How things are.

    Raises:
        StoreUnavailable: when Redis or PostgreSQL cannot be used.
    """
    rows = await look(redis, WATCHED, now)
    async with transaction(pool) as connection:
        alerts = await count_entered(connection, now - DAY)
        fates = await count_deliveries(connection, now - DAY)
    return Message(
        (), daily_title(rows), daily_lines(rows, alerts, {str(fate): count for fate, count in fates.items()})
    )


async def _sent(places: WatchdogPlaces, person: PersonSettings, now: Millis) -> bool:
    """Whether the message reached the person on at least one channel."""
    message = await message_of_the_day(places.redis, places.pool, now)
    has_reached = False
    for channel in _channels(person):
        try:
            notifier = await places.channels.notifier(channel)
            await notifier.send(Outgoing(message))
            has_reached = True
        except NotifyError as error:
            places.say("watchdog_failed", f"{channel.id} of user {person.user_id}: {error}")
        except Exception as error:
            log.exception("watchdog.failed", channel=channel.id, user=person.user_id)
            words = f"{type(error).__name__}: {error}"
            places.say("watchdog_failed", f"{channel.id} of user {person.user_id}: {words}")
    return has_reached


def _channels(person: PersonSettings) -> list[Channel]:
    return [channel for channel in person.settings.notifications.channels if channel.is_enabled]
