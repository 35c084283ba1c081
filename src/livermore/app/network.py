"""`livermore network`: who serves which exchange, once or again and again, and what happens meanwhile."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from redis.asyncio import Redis
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from livermore.app.activity_lines import activity_fields, activity_line
from livermore.app.network_json import network_document
from livermore.app.network_table import network_table, notes, state_words
from livermore.app.network_view import look, newest_of_all
from livermore.app.redis_settings import store_of
from livermore.cache.activity_stream import StreamedActivity, follow_activity
from livermore.cache.connect import open_redis
from livermore.config import Environment
from livermore.core.instance.overview import NetworkRow
from livermore.core.market.exchange import WATCHED, ExchangeIdentity
from livermore.errors import StoreUnavailable
from livermore.runtime.clock import SystemClock

LOOK_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 1.0
NEWEST: Final = 20
PIPE_WIDTH: Final = 1_000
ENTRIES_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What `livermore network` is told; no exchanges stand for all of them."""

    exchanges: tuple[ExchangeIdentity, ...]
    is_watching: bool
    with_activity: bool
    as_json: bool


async def run_network(settings: NetworkSettings, environment: Environment, home: Path, console: Console) -> None:
    """Show the network: once, or until interrupted where it is watched or its activity followed.

    Raises:
        ConfigError: when there is no store to look at.
        StoreUnavailable: when it cannot be reached at the start.
    """
    async with open_redis(store_of(environment, home)) as redis:
        shown = _Network(redis, settings.exchanges or WATCHED, console, as_json=settings.as_json)
        in_terminal = console.is_terminal and not console.is_dumb_terminal and not settings.as_json
        if settings.is_watching and in_terminal:
            await shown.run_screen(with_activity=settings.with_activity)
            return
        async with asyncio.TaskGroup() as tasks:
            if settings.with_activity:
                tasks.create_task(shown.run_activity(shown.tell), name="activity")
            if settings.is_watching:
                tasks.create_task(shown.run_watching(), name="watching")
            elif not settings.with_activity:
                await shown.show_once()


class _Network:
    """The network as it is shown on one console."""

    def __init__(self, redis: Redis, exchanges: Sequence[ExchangeIdentity], console: Console, *, as_json: bool) -> None:
        self._redis = redis
        self._exchanges = exchanges
        self._console = console
        self._as_json = as_json
        if not console.is_terminal:
            # A pipe has no width; whoever reads there wants all columns.
            console.width = PIPE_WIDTH
        self._clock = SystemClock()
        self._entries: deque[StreamedActivity] = deque(maxlen=ENTRIES_KEPT)
        self._trouble: str | None = None

    async def show_once(self) -> None:
        """One document, or one table."""
        now = self._clock.now()
        rows = await look(self._redis, self._exchanges, now)
        if self._as_json:
            self._json(network_document(rows, now))
        else:
            self._console.print(network_table(rows, self._console.width, now))

    async def run_watching(self) -> None:
        """Write what changes, a line for each exchange, or as JSON one document for each look."""
        told: dict[int, tuple[str, ...]] = {}

        async def write(rows: tuple[NetworkRow, ...]) -> None:
            if self._as_json:
                self._json(network_document(rows, self._clock.now()))
                return
            for row in rows:
                said = (row.presence.value, _feed_words(row), *notes(row))
                if told.get(row.exchange.id) != said:
                    told[row.exchange.id] = said
                    self._line(Text(f"{row.exchange.display_name}: {_sentence(row)}"))

        await self._run_looking(write)

    async def run_screen(self, *, with_activity: bool) -> None:
        """Draw the table again and again, and the newest activity below it."""
        with Live(console=self._console, screen=True, auto_refresh=False) as live:

            async def draw(rows: tuple[NetworkRow, ...]) -> None:
                live.update(self._screen(rows, with_activity=with_activity), refresh=True)

            async with asyncio.TaskGroup() as tasks:
                if with_activity:
                    tasks.create_task(self.run_activity(self._entries.append), name="activity")
                tasks.create_task(self._run_looking(draw), name="watching")

    async def run_activity(self, tell: Callable[[StreamedActivity], None]) -> None:
        """Tell the newest entries, then each as it is written; also after an outage."""
        names = [exchange.name for exchange in self._exchanges]
        cursors: dict[str, str] | None = None
        while True:
            try:
                if cursors is None:
                    newest = await newest_of_all(self._redis, self._exchanges, NEWEST, self._clock.now())
                    cursors = {entry.exchange_name: entry.cursor for entry in newest}
                    for entry in newest:
                        tell(entry)
                async for entry in follow_activity(self._redis, names, cursors):
                    cursors[entry.exchange_name] = entry.cursor
                    tell(entry)
            except StoreUnavailable as error:
                self._lament(str(error))
                await asyncio.sleep(RETRY_SECONDS)

    def tell(self, entry: StreamedActivity) -> None:
        """Write one entry as a line."""
        if self._as_json:
            self._json(msgspec.json.encode(activity_fields(entry)))
        else:
            self._line(activity_line(entry))

    async def _run_looking(self, show: Callable[[tuple[NetworkRow, ...]], Awaitable[None]]) -> None:
        rows: tuple[NetworkRow, ...] = ()
        while True:
            try:
                rows = await look(self._redis, self._exchanges, self._clock.now())
                self._trouble = None
            except StoreUnavailable as error:
                self._lament(str(error))
            if rows:
                await show(rows)
            await asyncio.sleep(LOOK_SECONDS)

    def _lament(self, trouble: str) -> None:
        if self._trouble != trouble and not self._console.is_terminal and not self._as_json:
            self._line(Text(trouble))
        self._trouble = trouble

    def _screen(self, rows: tuple[NetworkRow, ...], *, with_activity: bool) -> RenderableType:
        now = self._clock.now()
        parts: list[RenderableType] = [network_table(rows, self._console.width, now)]
        if self._trouble is not None:
            parts.append(Text(f"as of the last answer: {self._trouble}", style="bold red"))
        if with_activity:
            room = max(1, self._console.height - 2 * len(rows) - 6)
            lines = [activity_line(entry) for entry in list(self._entries)[-room:]]
            for line in lines:
                line.truncate(self._console.width, overflow="ellipsis")
            parts += [Text(), *lines]
        parts += [Text(), Text("Ctrl-C ends this view; the instances go on", style="grey62")]
        return Group(*parts)

    def _line(self, text: Text) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)

    def _json(self, document: bytes) -> None:
        self._console.out(document.decode(), highlight=False)


def _feed_words(row: NetworkRow) -> str:
    status = row.status
    return "" if status is None else f"{status.connection_state}, feed {status.feed_state}"


def _sentence(row: NetworkRow) -> str:
    status = row.status
    words = [state_words(row)]
    if status is not None:
        words[-1] += f", feed {status.feed_state}, {status.symbol_count} symbols, on {status.hostname}"
    elif row.last_host is not None:
        words[-1] += f", last on {row.last_host}"
    return "; ".join([*words, *notes(row)])
