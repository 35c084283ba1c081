"""From the outbox to people: each channel on its own, many alerts as few messages, tried again until it is hopeless.

What is told is recorded first: the outbox is written in the transaction that enters the alert. A worker that dies
leaves its deliveries to the others when its lease ends, so people are told at least once; a message that was taken by a
channel which then did not answer may come twice.
"""

import asyncio
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from redis.asyncio import Redis

from livermore.app.channels import Channels
from livermore.cache.keys import Keys
from livermore.cache.window import candles_with_readings
from livermore.core.account.routing import fate_of_notice
from livermore.core.account.settings import Channel, NotificationSettings
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.grouping import Message, messages_of
from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.deliveries import (
    Delivery,
    DueChannel,
    claim_deliveries,
    due_channels,
    mark_delivered,
    mark_failed,
    mark_suppressed,
    put_back,
)
from livermore.database.settings import settings_of
from livermore.database.told import alerts_by_ids, told_before
from livermore.errors import ChannelRefused, ChannelUnavailable, NotFound, NotifyError, StoreError, StoreUnavailable
from livermore.notify.outgoing import Notifier, Outgoing
from livermore.notify.picture import picture_of
from livermore.notify.renderer import Renderer
from livermore.runtime.ports import Clock

CHANNELS_AT_ONCE: Final = 16
DELIVERIES_AT_ONCE: Final = 1_000
LEASE: Final[Millis] = 3 * MINUTE
LOOK_SECONDS: Final = 1.0
MOST_ATTEMPTS: Final = 10
FIRST_RETRY: Final[Millis] = 2 * SECOND
LONGEST_RETRY: Final[Millis] = 5 * MINUTE
CANDLES_READ: Final = 300
REMOVED: Final = "the channel was removed or switched off"
TAKEN_BACK: Final = "it was taken back before it was told"


@dataclass(frozen=True, slots=True)
class DeliveryPlaces:
    """What a worker works with; `say` is told what an operator should know, by kind and words."""

    redis: Redis
    keys_of: Callable[[int], Keys]
    pool: Pool
    clock: Clock
    channels: Channels
    renderer: Renderer
    worker: str
    say: Callable[[str, str], None]
    has_news: asyncio.Event


@dataclass(frozen=True, slots=True)
class Errand:
    """What one channel is to be told now."""

    due: DueChannel
    channel: Channel
    settings: NotificationSettings
    deliveries: Mapping[str, Delivery]
    alerts: Sequence[Alert]


class DeliveryWorker:
    """Tells people what waits in the outbox; several workers share it."""

    def __init__(self, places: DeliveryPlaces) -> None:
        self._places = places
        self._busy: set[tuple[int, str]] = set()
        self._free_at: dict[tuple[int, str], Millis] = {}
        self._log = structlog.get_logger("livermore")

    async def run(self) -> None:
        """Tell until cancelled."""
        has_news = self._places.has_news
        async with asyncio.TaskGroup() as tasks:
            while True:
                has_news.clear()
                try:
                    for due in await self._due():
                        self._busy.add((due.user_id, due.channel))
                        tasks.create_task(self._serve(due), name=f"deliver to {due.channel}")
                except StoreUnavailable as error:
                    self._places.say("delivery_waits", str(error))
                # Other servers fill the outbox too, and what was put back becomes due by itself.
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await has_news.wait()
                except TimeoutError:
                    continue

    async def _due(self) -> list[DueChannel]:
        now = self._places.clock.now()
        room = CHANNELS_AT_ONCE - len(self._busy)
        if room <= 0:
            return []
        async with transaction(self._places.pool) as connection:
            due = await due_channels(connection, now)
        free = [one for one in due if self._is_free((one.user_id, one.channel), now)]
        return free[:room]

    def _is_free(self, key: tuple[int, str], now: Millis) -> bool:
        return key not in self._busy and self._free_at.get(key, 0) <= now

    async def _serve(self, due: DueChannel) -> None:
        """Tell one channel what waits for it; whatever goes wrong is this channel's alone."""
        try:
            errand = await self._errand(due)
            if errand is not None:
                await self._tell(errand)
        except StoreUnavailable as error:
            self._places.say("delivery_waits", str(error))
        except Exception as error:  # noqa: BLE001
            # The leases end by themselves, and then it is tried again; until then the reason can be seen.
            self._places.say("delivery_failed", f"{due.channel} of user {due.user_id}: {type(error).__name__}: {error}")
            self._log.exception("delivery.failed", channel=due.channel, user=due.user_id)
            self._free_at[due.user_id, due.channel] = self._places.clock.now() + LEASE
        finally:
            self._busy.discard((due.user_id, due.channel))

    async def _errand(self, due: DueChannel) -> Errand | None:
        """Claim what waits for the channel, and settle what is not to be told after all."""
        places = self._places
        now = places.clock.now()
        async with transaction(places.pool) as connection:
            try:
                notifications = (await settings_of(connection, due.user_id)).settings.notifications
            except NotFound:
                return None
            window = round(notifications.group_after_seconds * SECOND)
            claimed = await claim_deliveries(
                connection,
                due.user_id,
                due.channel,
                by=places.worker,
                now=now + window,
                until=now + LEASE,
                limit=DELIVERIES_AT_ONCE,
            )
            channel = next((one for one in notifications.channels if one.id == due.channel and one.is_enabled), None)
            if channel is None:
                ids = [delivery.id for delivery in claimed]
                await mark_suppressed(connection, ids, by=places.worker, at=now, reason=REMOVED)
                return None
            alerts = await self._worth_telling(connection, due, claimed)
        return Errand(due, channel, notifications, {one.alert_id: one for one in claimed}, alerts) if alerts else None

    async def _worth_telling(self, connection: Connection, due: DueChannel, claimed: Sequence[Delivery]) -> list[Alert]:
        ids = [delivery.alert_id for delivery in claimed]
        alerts = await alerts_by_ids(connection, ids)
        told = await told_before(connection, ids, due.user_id, due.channel)
        worth: list[Alert] = []
        for delivery in claimed:
            alert = alerts[delivery.alert_id]
            reason = _why_not(delivery, alert, told.get(delivery.alert_id, {}))
            if reason is None:
                worth.append(alert)
                continue
            now = self._places.clock.now()
            await mark_suppressed(connection, [delivery.id], by=self._places.worker, at=now, reason=reason)
        return worth

    async def _tell(self, errand: Errand) -> None:
        messages = list(messages_of(errand.alerts, errand.settings.most_alerts_per_message))
        while messages:
            ids = [errand.deliveries[alert.id].id for alert in messages[0].alerts]
            try:
                notifier = await self._places.channels.notifier(errand.channel)
                await self._send(notifier, errand, messages[0])
            except ChannelUnavailable as error:
                waiting = [errand.deliveries[alert.id] for message in messages for alert in message.alerts]
                await self._put_back(errand.due, waiting, error)
                return
            except ChannelRefused as error:
                await self._note(ids, refusal=str(error))
            else:
                await self._note(ids)
            messages.pop(0)

    async def _send(self, notifier: Notifier, errand: Errand, message: Message) -> None:
        picture = None
        if errand.channel.has_chart and len(message.alerts) == 1:
            picture = await self._picture(message.alerts[0])
        is_silent = all(errand.deliveries[alert.id].is_silent for alert in message.alerts)
        await notifier.send(Outgoing(message, picture, is_silent))

    async def _picture(self, alert: Alert) -> bytes | None:
        """The picture of an alert, or None when it cannot be had in time: the alert goes without it."""
        try:
            series = await candles_with_readings(
                self._places.redis,
                self._places.keys_of(alert.exchange.id),
                alert.symbol,
                alert.timeframe,
                CANDLES_READ,
                alert.closes_at,
            )
            return await self._places.renderer.draw(picture_of(alert, [(one.candle, one.reading) for one in series]))
        except (NotifyError, StoreError) as error:
            self._places.say("picture_missing", f"{alert.symbol} {alert.timeframe}: {error}")
            return None

    async def _note(self, ids: Sequence[int], refusal: str | None = None) -> None:
        """Record that these were told, or why they never will be; a database that blinks must not make us repeat it."""
        places, message_id = self._places, str(uuid.uuid4())
        while True:
            now = places.clock.now()
            try:
                async with transaction(places.pool) as connection:
                    if refusal is None:
                        await mark_delivered(connection, ids, by=places.worker, at=now, message_id=message_id)
                    else:
                        await mark_failed(connection, ids, by=places.worker, at=now, reason=refusal)
            except StoreUnavailable as error:
                places.say("delivery_waits", str(error))
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _put_back(self, due: DueChannel, waiting: Sequence[Delivery], error: ChannelUnavailable) -> None:
        """Try again later, or give up on those that were tried often enough."""
        places, now = self._places, self._places.clock.now()
        hopeless = [one.id for one in waiting if one.attempts >= MOST_ATTEMPTS]
        others = [one for one in waiting if one.attempts < MOST_ATTEMPTS]
        pause = pause_after(
            max((one.attempts for one in others), default=1), error.retry_after_seconds, random.random()
        )
        self._free_at[due.user_id, due.channel] = now + pause
        reason = f"failed after {MOST_ATTEMPTS} attempts: {error}"
        async with transaction(places.pool) as connection:
            await mark_failed(connection, hopeless, by=places.worker, at=now, reason=reason)
            ids = [one.id for one in others]
            await put_back(connection, ids, by=places.worker, due_at=now + pause, reason=str(error))
        if hopeless:
            places.say("delivery_gave_up", f"{due.channel} of user {due.user_id}, {len(hopeless)} alerts: {error}")


def pause_after(attempts: int, retry_after_seconds: float | None, chance: float) -> Millis:
    """How long to wait after so many attempts: what the channel asks for, or full jitter that doubles (`chance` < 1).

    >>> pause_after(1, None, 0.5), pause_after(3, None, 0.5), pause_after(20, None, 0.5), pause_after(1, 0.42, 0.5)
    (1000, 4000, 150000, 420)
    """
    if retry_after_seconds is not None:
        return round(retry_after_seconds * SECOND)
    longest: Millis = min(LONGEST_RETRY, FIRST_RETRY << min(attempts - 1, 30))
    return round(longest * chance)


def _why_not(delivery: Delivery, alert: Alert, told: Mapping[AlertStatus, str]) -> str | None:
    """Why this news is not told any more, or None where it is."""
    if delivery.status_told in (AlertStatus.AMENDED, AlertStatus.RETRACTED):
        earlier = {status: fate for status, fate in told.items() if status is not delivery.status_told}
        return fate_of_notice(earlier)
    return TAKEN_BACK if alert.status is AlertStatus.RETRACTED else None
