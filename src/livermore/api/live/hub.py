"""The one reader of Redis that all clients of the live stream share."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from redis.asyncio import Redis

from livermore.api.live.channels import Channel, Heard, channels_of, heard_on
from livermore.api.live.cursor import START
from livermore.api.live.outbox import Outbox
from livermore.api.live.store_logs import ENTRIES_PER_READ, entry_of, extent_of, stream_of, told_progress
from livermore.api.live.topics import LOGS, Kind, Topic
from livermore.cache.codec.commands import decode_answer
from livermore.cache.connect import ANSWER_TIMEOUT_SECONDS, answered, keys_on
from livermore.core.instance.commands import Progress
from livermore.core.market.exchange import WATCHED, ExchangeIdentity
from livermore.errors import CorruptRecord, MalformedMessage, StoreError, StoreUnavailable

log = structlog.get_logger("livermore.api")

BLOCK_MILLIS: Final = 2_000
RETRY_SECONDS: Final = 1.0
POLL_SECONDS: Final = 5.0
PROGRESSES: Final = 1_000

NewSymbol = Callable[[int, str], None]


class Hub:
    """Reads every stream and channel once and hands what it reads to the outboxes that want it."""

    def __init__(self, redis: Redis, note_symbol: NewSymbol) -> None:
        self._redis = redis
        self._note_symbol = note_symbol
        self._outboxes: set[Outbox] = set()
        self._progress: OrderedDict[str, Progress] = OrderedDict()
        self._exchange_by_id = {exchange.id: exchange for exchange in WATCHED}
        self.is_streaming = False
        self.is_listening = False
        self._is_lost = False
        self.network_asked = asyncio.Event()

    @property
    def clients(self) -> int:
        """How many listen."""
        return len(self._outboxes)

    def join(self, outbox: Outbox) -> None:
        """Hand on to this client from now on; that the store is away is the first it is told."""
        self._outboxes.add(outbox)
        if self._is_lost:
            outbox.lose_store()

    def leave(self, outbox: Outbox) -> None:
        """Hand on no more."""
        self._outboxes.discard(outbox)

    def progress_of(self, correlation_id: str) -> Progress | None:
        """How far a command was when it was last heard of."""
        return self._progress.get(correlation_id)

    def is_wanted(self, kind: Kind) -> bool:
        """Whether somebody listens to a topic of that kind."""
        return any(topic.kind is kind for outbox in self._outboxes for topic in outbox.topics)

    def offer(
        self, topic: Topic, key: str, data: bytes, *, counts: bool = False, to_readers: bytes | None = None
    ) -> None:
        """Hand the latest value of something to all who listen to the topic; `to_readers` those who do not see all."""
        for outbox in self._outboxes:
            shown = data if outbox.sees_all or to_readers is None else to_readers
            outbox.offer_latest(topic, key, shown, counts=counts)

    async def run(self) -> None:
        """Read until cancelled; a store that is away is waited for."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._run_streams(), name="live-streams")
            tasks.create_task(self._run_channels(), name="live-channels")

    async def _run_streams(self) -> None:
        positions: dict[str, str] | None = None
        while True:
            try:
                if positions is None:
                    positions = await self._ends()
                    self._doubt(LOGS)
                self.is_streaming = True
                self._note_return()
                await self._read_streams(positions)
            except StoreError as exc:
                self.is_streaming, positions = False, None
                self._note_loss()
                log.warning("live.streams_lost", reason=str(exc))
                await asyncio.sleep(RETRY_SECONDS)

    def _sources(self) -> dict[str, tuple[Kind, ExchangeIdentity]]:
        return {stream_of(self._redis, kind, exchange): (kind, exchange) for kind in LOGS for exchange in WATCHED}

    async def _ends(self) -> dict[str, str]:
        """Where each stream ends now."""
        ends: dict[str, str] = {}
        for name in self._sources():
            extent = await extent_of(self._redis, name)
            ends[name] = START if extent is None else extent.last
        return ends

    async def _read_streams(self, positions: dict[str, str]) -> None:
        sources = self._sources()
        while True:
            async with answered(self._redis):
                found: Any = await self._redis.xread(positions, count=ENTRIES_PER_READ, block=BLOCK_MILLIS)  # type: ignore[arg-type]
            for raw_name, entries in found:
                name = raw_name.decode()
                kind, exchange = sources[name]
                for raw_id, fields in entries:
                    positions[name] = raw_id.decode()
                    self._hand_on(kind, exchange, raw_id, fields)

    def _hand_on(self, kind: Kind, exchange: ExchangeIdentity, raw_id: bytes, fields: Mapping[bytes, bytes]) -> None:
        if kind is Kind.ACTIVITY:
            self.network_asked.set()
        if not self._outboxes:
            return
        entry = entry_of(kind, exchange, raw_id, fields)
        for outbox in self._outboxes:
            outbox.offer_entry(Topic(kind), entry)
            outbox.offer_entry(Topic(kind, exchange), entry)

    async def _run_channels(self) -> None:
        while True:
            try:
                await self._listen()
            except StoreError as exc:
                self.is_listening = False
                self._note_loss()
                log.warning("live.channels_lost", reason=str(exc))
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        pubsub = self._redis.pubsub()
        patterns: dict[str, Channel] = {}
        for exchange in WATCHED:
            patterns |= channels_of(keys_on(self._redis, exchange.id), exchange)
        try:
            async with answered(self._redis):
                await pubsub.psubscribe(*patterns)
            # What was said while nobody listened is not said again.
            self._doubt(frozenset(Kind) - LOGS)
            self.is_listening = True
            self._note_return()
            is_asked = False
            while True:
                async with answered(self._redis, POLL_SECONDS + ANSWER_TIMEOUT_SECONDS):
                    message = await pubsub.get_message(timeout=POLL_SECONDS)
                    if message is None:
                        if is_asked:
                            raise StoreUnavailable("the channels are silent and do not answer a ping")
                        await pubsub.ping()
                is_asked = message is None
                if message is not None and message["type"] == "pmessage":
                    self._hear(patterns[message["pattern"].decode()], message["data"])
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _hear(self, channel: Channel, raw: bytes) -> None:
        if channel.kind is Kind.COMMANDS:
            self._hear_answer(channel.exchange, raw)
            return
        try:
            heard: Heard | None = heard_on(channel, raw)
        except CorruptRecord:
            # Somebody else's words on our channel are for nobody.
            return
        if heard is None:
            return
        if heard.symbol is not None:
            self._note_symbol(channel.exchange.id, heard.symbol)
        for topic in heard.topics:
            self.offer(topic, heard.key, heard.data, counts=channel.kind is not Kind.TICKERS)

    def _hear_answer(self, exchange: ExchangeIdentity, raw: bytes) -> None:
        try:
            answer = decode_answer(raw)
        except MalformedMessage:
            return
        if isinstance(answer, Progress):
            self._progress[answer.correlation_id] = answer
            self._progress.move_to_end(answer.correlation_id)
            while len(self._progress) > PROGRESSES:
                self._progress.popitem(last=False)
            told = told_progress(exchange, answer)
            for outbox in self._outboxes:
                outbox.offer_progress(Topic(Kind.COMMANDS, exchange), answer.correlation_id, told)

    def _note_loss(self) -> None:
        """Tell everybody, once, that what they see is not kept up to date any more."""
        if not self._is_lost:
            self._is_lost = True
            for outbox in self._outboxes:
                outbox.lose_store()

    def _note_return(self) -> None:
        if self.is_streaming and self.is_listening:
            self._is_lost = False

    def _doubt(self, kinds: frozenset[Kind]) -> None:
        for outbox in self._outboxes:
            for topic in [*outbox.topics, *outbox.followings]:
                if topic.kind in kinds:
                    outbox.doubt(topic)
