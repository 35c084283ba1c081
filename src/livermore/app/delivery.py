"""From the outbox to people: each channel on its own, many alerts as few messages, tried again until it is hopeless.

What is told is recorded first: the outbox is written in the transaction that enters the alert. A worker that dies
leaves its deliveries to the others when its lease ends, so people are told at least once; a message that was taken by a
channel which then did not answer may come twice.
"""

import asyncio
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

import structlog
from redis.asyncio import Redis

from livermore.app.belated import LOST_FOR, messages_in_turn
from livermore.app.channels import Channels
from livermore.app.errand import LEASE, Errand, claim_errand
from livermore.app.traces import Traces
from livermore.app.worker_metrics import WorkerMetrics
from livermore.cache.keys import Keys
from livermore.cache.window import candles_with_readings
from livermore.core.account.routing import is_stale
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.grouping import Message, Telling
from livermore.core.market.timeframe import HOUR, MINUTE, SECOND, Millis
from livermore.database.connect import Pool, transaction
from livermore.database.deliveries import (
    DueChannel,
    due_channels,
    mark_delivered,
    mark_failed,
    put_back,
    renew_deliveries,
)
from livermore.database.told import lost_since_heard
from livermore.errors import (
    ChannelRefused,
    ChannelUnavailable,
    LivermoreError,
    NotifyError,
    StoreError,
    StoreUnavailable,
)
from livermore.notify.outgoing import Notifier, Outgoing
from livermore.notify.picture import picture_of
from livermore.notify.renderer import Renderer
from livermore.runtime.ports import Clock

CHANNELS_AT_ONCE: Final = 16
LOOK_SECONDS: Final = 1.0
MOST_ATTEMPTS: Final = 10
FIRST_RETRY: Final[Millis] = 2 * SECOND
LONGEST_RETRY: Final[Millis] = 5 * MINUTE
LONGEST_ASKED: Final[Millis] = HOUR
CANDLES_READ: Final = 300
FAREWELL_SECONDS: Final = 2.0
ENDED: Final = "the server that was about to tell it has ended"


@dataclass(frozen=True, slots=True)
class DeliveryPlaces:
    """What a worker works with; `say` is told what an operator should know, by kind and words.

    `site` is where people find the screens, None where nobody has said.
    """

    redis: Redis
    keys_of: Callable[[int], Keys]
    pool: Pool
    clock: Clock
    channels: Channels
    renderer: Renderer
    worker: str
    say: Callable[[str, str], None]
    has_news: asyncio.Event
    metrics: WorkerMetrics
    traces: Traces | None
    site: str | None = None


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
                except LivermoreError as error:
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
        self._free_at = {key: free_at for key, free_at in self._free_at.items() if free_at > now}
        free = [one for one in due if self._is_free((one.user_id, one.channel), now)]
        return free[:room]

    def _is_free(self, key: tuple[int, str], now: Millis) -> bool:
        return key not in self._busy and self._free_at.get(key, 0) <= now

    async def _serve(self, due: DueChannel) -> None:
        """Tell one channel what waits for it; whatever goes wrong is this channel's alone."""
        errand: Errand | None = None
        try:
            async with transaction(self._places.pool) as connection:
                now = self._places.clock.now()
                errand, suppressed = await claim_errand(connection, due, self._places.worker, now)
                lost = await lost_since_heard(connection, due.user_id, due.channel, now - LOST_FOR)
            self._count("suppressed", suppressed)
            if errand is not None:
                await self._tell(errand, messages_in_turn(errand, Telling(errand.zone, now, self._places.site), lost))
        except StoreUnavailable as error:
            self._places.say("delivery_waits", str(error))
        except Exception as error:  # noqa: BLE001
            self._log.exception("delivery.failed", channel=due.channel, user=due.user_id)
            await self._survive(due, errand, f"{type(error).__name__}: {error}")
        finally:
            self._busy.discard((due.user_id, due.channel))

    async def _tell(self, errand: Errand, messages: Sequence[Message]) -> None:
        waiting = list(messages)
        try:
            while waiting:
                message = waiting[0]
                if not await self._is_ours(errand, message):
                    waiting.pop(0)
                    continue
                try:
                    notifier, outgoing = await self._prepared(errand, message)
                    # From here on the channel may have it: whoever ends us must not have others tell it at once.
                    waiting.pop(0)
                    await self._send(errand, notifier, outgoing)
                except ChannelUnavailable as error:
                    # What comes after it would only be refused too.
                    left = [message, *(one for one in waiting if one is not message)]
                    await self._put_back(errand, [alert for one in left for alert in one.alerts], error)
                    return
                except ChannelRefused as error:
                    waiting = [one for one in waiting if one is not message]
                    await self._note(errand.ids(message.alerts), refusal=str(error))
                else:
                    await self._note(errand.ids(message.alerts))
        except asyncio.CancelledError:
            await self._hand_back(errand, waiting)
            raise

    async def _is_ours(self, errand: Errand, message: Message) -> bool:
        """Whether we still have all that the message tells of, and for long enough to send it.

        What we lost meanwhile is another worker's to tell; what we kept of such a message is told by whoever is next.
        """
        ids = errand.ids(message.alerts)
        async with transaction(self._places.pool) as connection:
            until = self._places.clock.now() + LEASE
            return await renew_deliveries(connection, ids, by=self._places.worker, until=until) == frozenset(ids)

    async def _survive(self, due: DueChannel, errand: Errand | None, words: str) -> None:
        """What nobody has thought of is one more failed attempt of all that was not told, so that it ends visibly."""
        self._places.say("delivery_failed", f"{due.channel} of user {due.user_id}: {words}")
        self._free_at[due.user_id, due.channel] = self._places.clock.now() + LEASE
        if errand is not None:
            try:
                await self._put_back(errand, errand.alerts, ChannelUnavailable(words), most_attempts=MOST_ATTEMPTS)
            except StoreError as error:
                self._places.say("delivery_waits", str(error))

    async def _hand_back(self, errand: Errand, messages: Sequence[Message]) -> None:
        """Let others have at once what we shall not tell, since we are to end."""
        ids = [id_ for message in messages for id_ in errand.ids(message.alerts)]
        try:
            async with asyncio.timeout(FAREWELL_SECONDS), transaction(self._places.pool) as connection:
                now = self._places.clock.now()
                await put_back(connection, ids, by=self._places.worker, due_at=now, reason=ENDED)
        except (StoreError, TimeoutError) as error:
            self._places.say("delivery_waits", f"what was not told yet waits for its lease to end: {error}")

    async def _prepared(self, errand: Errand, message: Message) -> tuple[Notifier, Outgoing]:
        """All that comes before the message is handed over."""
        notifier = await self._places.channels.notifier(errand.channel)
        picture = None
        if errand.channel.has_chart and len(message.alerts) == 1:
            picture = await self._picture(message.alerts[0])
        is_silent = all(alert.id in errand.silent for alert in message.alerts)
        return notifier, Outgoing(message, picture, is_silent)

    async def _send(self, errand: Errand, notifier: Notifier, outgoing: Outgoing) -> None:
        began = self._places.clock.now()
        await notifier.send(outgoing)
        if self._places.traces is not None:
            for alert in outgoing.message.alerts:
                self._places.traces.delivered(alert, errand.channel.id, began, self._places.clock.now())

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
        message_id = str(uuid.uuid4())
        try:
            while True:
                try:
                    await self._noted(ids, message_id, refusal)
                except StoreError as error:
                    self._places.say("delivery_waits", str(error))
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    return
        except asyncio.CancelledError:
            # It was handed over: whoever ends us has that much patience, or people are told again.
            try:
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._noted(ids, message_id, refusal)
            except (StoreError, TimeoutError) as error:
                self._places.say("delivery_waits", f"what was told just now may be told again: {error}")
            raise

    async def _noted(self, ids: Sequence[int], message_id: str, refusal: str | None) -> None:
        worker, now = self._places.worker, self._places.clock.now()
        async with transaction(self._places.pool) as connection:
            if refusal is None:
                count = await mark_delivered(connection, ids, by=worker, at=now, message_id=message_id)
            else:
                count = await mark_failed(connection, ids, by=worker, at=now, reason=refusal)
        self._count("delivered" if refusal is None else "failed", count)

    def _count(self, fate: str, count: int) -> None:
        self._places.metrics.deliveries.labels(fate).inc(count)

    async def _put_back(
        self, errand: Errand, alerts: Sequence[Alert], error: ChannelUnavailable, most_attempts: int | None = None
    ) -> None:
        """Try again later; what would be no news any more by then, or was tried as often as is allowed, is given up."""
        places, now, due = self._places, self._places.clock.now(), errand.due
        attempts = max((errand.deliveries[alert.id].attempts for alert in alerts), default=1)
        pause = pause_after(attempts, error.retry_after_seconds, random.random())
        self._free_at[due.user_id, due.channel] = now + pause
        hopeless: list[int] = []
        others: list[int] = []
        for alert in alerts:
            one = errand.deliveries[alert.id]
            is_spent = most_attempts is not None and one.attempts >= most_attempts
            is_over = is_spent or is_stale(alert, now + pause - one.created_at)
            (hopeless if is_over else others).append(one.id)
        reason = f"given up, tried {attempts} times: {error}"
        async with transaction(places.pool) as connection:
            await mark_failed(connection, hopeless, by=places.worker, at=now, reason=reason)
            await put_back(connection, others, by=places.worker, due_at=now + pause, reason=str(error))
        self._count("failed", len(hopeless))
        self._count("put_back", len(others))
        if hopeless:
            places.say("delivery_gave_up", f"{due.channel} of user {due.user_id}, {len(hopeless)} alerts: {error}")


def pause_after(attempts: int, retry_after_seconds: float | None, chance: float) -> Millis:
    """How long to wait after so many attempts: full jitter that doubles (`chance` < 1), or more if the channel asks.

    What it asks for is believed up to an hour; a channel that asks for less than we would wait does not get the next
    attempt sooner, or it would use them all up at once.

    >>> pause_after(1, None, 0.5), pause_after(3, None, 0.5), pause_after(20, None, 0.5), pause_after(1, 2.42, 0.5)
    (1000, 4000, 150000, 2420)
    """
    longest: Millis = min(LONGEST_RETRY, FIRST_RETRY << min(attempts - 1, 30))
    ours = round(longest * chance)
    asked = 0.0 if retry_after_seconds is None or isnan(retry_after_seconds) else retry_after_seconds * SECOND
    return max(ours, round(min(asked, float(LONGEST_ASKED))))
