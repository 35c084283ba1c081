"""One client of the live stream: what it asks, what it is sent, and that it hurts nobody else."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from livermore.api.access import PEOPLE
from livermore.api.auth.person import Person
from livermore.api.errors import answer_to
from livermore.api.live.asked import Asked, asked_in
from livermore.api.live.cursor import START, cursor_of, is_complete_after, place_of
from livermore.api.live.outbox import Following, Outbox
from livermore.api.live.sendable import frame, told
from livermore.api.live.snapshots import check_allowed, snapshot_of
from livermore.api.live.store_logs import (
    ENTRIES_PER_READ,
    Entry,
    entries_after,
    extent_of,
    mark_of_store,
    newest_of,
    stream_of,
)
from livermore.api.live.topics import LOGS, Topic, topic_named
from livermore.api.window import EXCHANGES, Window
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import MINUTE, SECOND
from livermore.errors import InvalidRequest, LivermoreError, NotFound, StoreError, StoreUnavailable, Unauthenticated

HEARTBEAT_SECONDS: Final = 8.0
SEND_SECONDS: Final = 20.0
HELLO_SECONDS: Final = 10.0
TOPICS_LIMIT: Final = 200
SNAPSHOT_ENTRIES: Final = 100
TOKEN_GRACE: Final = MINUTE
RETRY_SECONDS: Final = 1.0
CHECK_SECONDS: Final = 60.0

CONNECTIONS_OF_KEY: Final = 20

CLOSE_TRY_LATER: Final = 1013
CLOSE_UNAUTHENTICATED: Final = 4401
CLOSE_FORBIDDEN: Final = 4403
CLOSE_TOO_SLOW: Final = 4408


class Ended(Exception):
    """The connection is to be closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class LiveClient:
    """A connection from its first message to its end."""

    def __init__(self, socket: WebSocket, window: Window) -> None:
        self._socket = socket
        self._window = window
        self._outbox = Outbox()
        self._person: Person | None = None
        self._turn = asyncio.Lock()
        self._has_lost_access = asyncio.Event()

    async def run(self) -> None:
        """Serve the client until it leaves, loses its access, or reads too slowly."""
        window = self._window
        try:
            async with asyncio.TaskGroup() as tasks:
                try:
                    async with asyncio.timeout(HELLO_SECONDS):
                        first = await self._heard()
                        await self._meet(first)
                except TimeoutError as exc:
                    raise Ended(CLOSE_UNAUTHENTICATED, "say your token first") from exc
                window.hub.join(self._outbox)
                tasks.create_task(self._send_all(), name="live-send")
                tasks.create_task(self._watch_access(), name="live-access")
                await self._obey(first)
                while True:
                    asked = await self._heard()
                    if asked is not None:
                        await self._obey(asked)
        except* Ended as group:
            await self._close(group)
        except* (WebSocketDisconnect, ConnectionError):
            pass
        finally:
            window.hub.leave(self._outbox)
            window.gate.leave(self)

    @property
    def person(self) -> Person | None:
        """Who this is."""
        return self._person

    def shut(self) -> None:
        """Have the connection end, for its access has."""
        self._has_lost_access.set()

    async def _close(self, group: BaseExceptionGroup[Ended]) -> None:
        ended = next(exc for exc in group.exceptions if isinstance(exc, Ended))
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.close(ended.code, str(ended)[:120])
        except (WebSocketDisconnect, ConnectionError, RuntimeError, TimeoutError):
            # It has gone by itself.
            return

    async def _heard(self) -> Asked | None:
        """What the client says next; None, and an answer to it, where that is nothing of ours."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        try:
            return asked_in(text if text is not None else message.get("bytes") or b"")
        except InvalidRequest as exc:
            await self._complain(None, exc)
            return None

    async def _meet(self, first: Asked | None) -> None:
        if first is None or first.token is None:
            raise Ended(CLOSE_UNAUTHENTICATED, "say your token first")
        await self._let_in(first.token)

    async def _let_in(self, token: str) -> None:
        try:
            person = await self._window.gate.person_of(token)
            await self._count(person)
        except Unauthenticated as exc:
            raise Ended(CLOSE_UNAUTHENTICATED, str(exc)) from exc
        except LivermoreError as exc:
            raise Ended(CLOSE_FORBIDDEN if answer_to(exc)[1] == "forbidden" else CLOSE_TRY_LATER, str(exc)) from exc
        self._check_access()
        if self._person is not None and person.user_id != self._person.user_id:
            raise Ended(CLOSE_FORBIDDEN, "the token is somebody else's")
        if self._person is None and person.key is not None:
            there = self._window.gate.connections_of(person.key)
            if there >= CONNECTIONS_OF_KEY:
                raise Ended(CLOSE_TRY_LATER, f"the key has {there} connections already")
        self._person = person
        self._outbox.sees_all = person.role in PEOPLE
        self._window.gate.join(self)

    async def _count(self, person: Person) -> None:
        """Count a request, where it is a partner's program that makes it.

        Raises:
            TooManyRequests: when its key was used too often in this minute.
        """
        if person.key is not None:
            (await self._window.gate.allowance(person.key)).check()

    def _check_access(self) -> None:
        if self._has_lost_access.is_set():
            raise Ended(CLOSE_UNAUTHENTICATED, "access has ended")

    async def _obey(self, asked: Asked | None) -> None:
        if asked is None:
            return
        self._check_access()
        if asked.token is not None and self._person is not None:
            await self._let_in(asked.token)
        for name in asked.unsubscribe:
            try:
                self._outbox.forget(topic_named(name))
            except InvalidRequest as exc:
                await self._complain(name, exc)
        for name in asked.subscribe:
            try:
                await self._subscribe(name, asked.cursors.get(name) or asked.cursor_alone)
            except LivermoreError as exc:
                await self._complain(name, exc)

    async def _subscribe(self, name: str, cursor: str | None) -> None:
        topic = topic_named(name)
        if self._person is None:
            raise Unauthenticated
        check_allowed(self._person, topic)
        followed = {*self._outbox.topics, *self._outbox.followings}
        if topic in followed:
            return
        if len(followed) >= TOPICS_LIMIT:
            raise InvalidRequest(f"a connection follows at most {TOPICS_LIMIT} topics")
        await self._count(self._person)
        if topic.kind in LOGS:
            await self._follow(topic, cursor)
        else:
            await self._begin(topic)

    async def _begin(self, topic: Topic) -> None:
        """Send what a topic is now; its changes from before that on gather, and are sent after it."""
        outbox = self._outbox
        outbox.topics.add(topic)
        outbox.hold(topic)
        try:
            await self._show(topic)
        except StoreError:
            # Shown as soon as the store is back.
            outbox.doubt(topic)
            raise
        except LivermoreError:
            outbox.forget(topic)
            raise
        finally:
            outbox.release(topic)

    async def _show(self, topic: Topic) -> None:
        await self._send(
            topic, "snapshot", None, await snapshot_of(self._window, topic, sees_all=self._outbox.sees_all)
        )

    async def _follow(self, topic: Topic, text: str | None) -> None:
        """Follow a topic that loses nothing: from the client's cursor on, or from a snapshot where that is no help."""
        redis = self._window.redis
        store = await mark_of_store(redis)
        places: dict[int, str] | None = None
        reason = None
        if text is not None:
            cursor = cursor_of(text)
            if cursor.store != store:
                reason = "the store is not the one that the cursor is of"
            elif not await self._is_complete(topic, cursor.places):
                reason = "some of what was missed is not kept any more"
            else:
                places = {exchange.id: cursor.places.get(exchange.id, START) for exchange in exchanges_of(topic)}
        if reason is not None:
            await self._send(topic, "dropped", None, told({"reason": reason, "count": None}))
        if places is None:
            places = await self._show_newest(topic, store)
        self._outbox.followings[topic] = Following(topic, store, places)
        self._outbox.news.set()

    async def _begin_anew(self, following: Following) -> None:
        """Where the store is not the one that was followed: say so, and go on from a snapshot of the one there is."""
        store = await mark_of_store(self._window.redis)
        if store == following.store:
            return
        topic = following.topic
        await self._send(topic, "dropped", None, told({"reason": "the store was replaced", "count": None}))
        following.places = await self._show_newest(topic, store)
        following.store = store

    async def _is_complete(self, topic: Topic, places: Mapping[int, str]) -> bool:
        for exchange in exchanges_of(topic):
            extent = await extent_of(self._window.redis, stream_of(self._window.redis, topic.kind, exchange))
            place = places.get(exchange.id, START)
            if not is_complete_after(place, extent):
                return False
        return True

    async def _show_newest(self, topic: Topic, store: str) -> dict[int, str]:
        """Send the newest entries of a topic, newest first; answers with where one stands after them."""
        redis = self._window.redis
        places: dict[int, str] = {}
        found: list[Entry] = []
        for exchange in exchanges_of(topic):
            extent = await extent_of(redis, stream_of(redis, topic.kind, exchange))
            newest = await newest_of(redis, topic.kind, exchange, SNAPSHOT_ENTRIES)
            last = START if extent is None else extent.last
            places[exchange.id] = newest[0].id if newest and place_of(newest[0].id) > place_of(last) else last
            found.extend(entry for entry in newest if entry.data is not None)
        found.sort(key=lambda entry: place_of(entry.id), reverse=True)
        items = b"[" + b",".join(entry.data or b"" for entry in found[:SNAPSHOT_ENTRIES]) + b"]"
        following = Following(topic, store, places)
        await self._send(topic, "snapshot", following.cursor, items)
        return places

    async def _send_all(self) -> None:
        """Send what gathers, and a heartbeat when nothing does."""
        outbox = self._outbox
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await outbox.news.wait()
            except TimeoutError:
                await self._send(None, "heartbeat", None, told({"time": self._window.now()}))
                continue
            outbox.news.clear()
            try:
                await self._send_news()
            except StoreError as exc:
                # What is followed is still behind, and is read when the store is back.
                await self._complain(None, exc)
                await asyncio.sleep(RETRY_SECONDS)
                outbox.news.set()

    async def _send_news(self) -> None:
        outbox = self._outbox
        if outbox.take_loss():
            await self._complain(None, StoreUnavailable("away"))
        # Before the entries, so that a command's progress does not come after its end.
        for (topic, _), data in outbox.take_progress().items():
            await self._send(topic, "change", None, data)
        for following in list(outbox.followings.values()):
            await self._send_following(following)
        for topic, count in list(outbox.dropped.items()):
            del outbox.dropped[topic]
            self._window.metrics.dropped.inc(count)
            await self._send(topic, "dropped", None, told({"reason": "read too slowly", "count": count}))
        for topic in list(outbox.stale):
            outbox.stale.discard(topic)
            try:
                snapshot = await snapshot_of(self._window, topic, sees_all=self._outbox.sees_all)
            except StoreError:
                outbox.stale.add(topic)
                raise
            except NotFound as exc:
                # A store that was emptied knows no symbol; what is fetched anew comes as changes.
                await self._complain(str(topic), exc)
                continue
            await self._send(topic, "dropped", None, told({"reason": "the store was away", "count": None}))
            await self._send(topic, "snapshot", None, snapshot)
        for (topic, _), data in outbox.take_latest().items():
            await self._send(topic, "change", None, data)

    async def _send_following(self, following: Following) -> None:
        if following.is_behind:
            await self._begin_anew(following)
        while following.is_behind:
            following.is_dirty = False
            is_end = True
            for exchange in exchanges_of(following.topic):
                place = following.places.get(exchange.id, START)
                entries = await entries_after(self._window.redis, following.topic.kind, exchange, place)
                is_end = is_end and len(entries) < ENTRIES_PER_READ
                for entry in entries:
                    await self._send_entry(following, entry)
            if is_end and not following.is_dirty:
                following.is_behind = False
        while following.waiting:
            await self._send_entry(following, following.waiting.popleft())

    async def _send_entry(self, following: Following, entry: Entry) -> None:
        if following.passes(entry) and entry.data is not None:
            await self._send(following.topic, "change", following.cursor, entry.data)

    async def _send(self, topic: Topic | None, kind: str, cursor: str | None, data: bytes) -> None:
        text = frame(topic, kind, cursor, data)
        # One frame at a time: answers to the client and what gathers for it come from different tasks.
        try:
            async with asyncio.timeout(SEND_SECONDS), self._turn:
                await self._socket.send_text(text)
        except TimeoutError as exc:
            raise Ended(CLOSE_TOO_SLOW, "read too slowly") from exc
        except RuntimeError as exc:
            raise WebSocketDisconnect(1006) from exc
        self._window.metrics.sent.inc()

    async def _complain(self, name: str | None, exc: LivermoreError) -> None:
        _, code = answer_to(exc)
        words = str(exc) if not isinstance(exc, StoreError) else "a store cannot be reached at the moment"
        data = told({"code": code, "detail": words, "topic": None if name is None else name[:100]})
        await self._send(None, "error", None, data)

    async def _watch_access(self) -> None:
        """End the connection when its person has lost access, or its token has run out and was not renewed."""
        while True:
            left = min(CHECK_SECONDS, self._seconds_left())
            if left <= 0:
                raise Ended(CLOSE_UNAUTHENTICATED, "the token has expired; say a new one")
            # The time runs out to look again: a token may have been renewed meanwhile.
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._has_lost_access.wait()
            self._check_access()

    def _seconds_left(self) -> float:
        person = self._person
        if person is None or person.until is None:
            return CHECK_SECONDS
        # Tokens are short-lived, and a browser renews them on the way; a key ends when its owner said it would.
        grace = TOKEN_GRACE if person.key is None else 0
        return (person.until + grace - self._window.now()) / SECOND


def exchanges_of(topic: Topic) -> tuple[ExchangeIdentity, ...]:
    """The exchanges that a topic is of."""
    return EXCHANGES if topic.exchange is None else (topic.exchange,)
