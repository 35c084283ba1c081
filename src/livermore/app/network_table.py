"""The network as a table: a row for each exchange, and below it what an operator should know, in the room there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from livermore.app.status_words import FEED_COLOURS, STATE_COLOURS, state_text, why_not_heard
from livermore.core.instance.lifecycle import State
from livermore.core.instance.overview import NetworkRow, Presence
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.timeframe import DAY, HOUR, MINUTE, SECOND, Millis

NOTHING: Final = "·"
ADMIN_WIDTH: Final = 28
HOST_WIDTH: Final = 18


def ago(duration: Millis) -> str:
    """A duration in its two largest units, as in ``"3m 20s"``."""
    seconds = duration // SECOND
    for unit, letter, smaller, smaller_letter in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "m"),
        (MINUTE, "m", SECOND, "s"),
    ):
        if duration >= unit:
            rest = duration % unit // smaller
            return f"{duration // unit}{letter}" + (f" {rest}{smaller_letter}" if rest else "")
    return f"{seconds}s"


def state_words(row: NetworkRow) -> str:
    """What is to be thought of an instance, in words."""
    gone = "" if row.seen_ago is None else f" {ago(row.seen_ago)} ago"
    match row.presence:
        case Presence.ALIVE | Presence.SILENT:
            if row.presence is Presence.ALIVE:
                return "" if row.status is None else state_text(row.status)
            return f"silent, was {'' if row.status is None else row.status.connection_state.value}"
        case Presence.DEAD:
            return f"DEAD{gone}"
        case Presence.OFFLINE:
            return f"offline{gone}"
        case Presence.NEVER:
            return "never seen"
        case Presence.UNREADABLE:
            return "unreadable"


def notes(row: NetworkRow) -> tuple[str, ...]:
    """What does not fit into a row: the last error, what stands beside it, what is wrong; one sentence each."""
    said: list[str] = []
    status = row.status
    why = None if status is None else why_not_heard(status)
    if why is not None:
        said.append(why)
    if row.problem is not None:
        said.append(row.problem if row.presence is not Presence.ALIVE else f"last error: {row.problem}")
    said.extend(
        f"one more process: {one.connection_state} on {one.hostname}, process {one.pid}"
        + (f", {one.admin_email}" if one.admin_email else "")
        for one in row.spares
    )
    return tuple(said)


def network_table(rows: Sequence[NetworkRow], width: int, now: Millis) -> RenderableType:
    """All rows, in `width` columns: what is least needed is left out first."""
    columns = _fitting(rows, width, now)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="grey62")
    for column in columns:
        table.add_column(column.heading, justify="right" if column.is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(column.cell(row, now) for column in columns))
    lines = [_note(row, note, now) for row in rows for note in notes(row)]
    return Group(table, *([Text()] if lines else []), *lines)


def _note(row: NetworkRow, note: str, now: Millis) -> Text:
    status = row.status
    at = None if status is None or row.problem is None or row.problem not in note else status.last_error_at
    when = "" if at is None else f" ({ago(max(0, now - at))} ago)"
    colour = "red" if row.presence in (Presence.DEAD, Presence.SILENT, Presence.UNREADABLE) else "grey62"
    return Text(f"{row.exchange.display_name}: {note}{when}", style=colour)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column, the larger its `rank` the sooner left out."""

    heading: str
    rank: int
    cell: Callable[[NetworkRow, Millis], Text]
    is_number: bool = False


def _fitting(rows: Sequence[NetworkRow], width: int, now: Millis) -> list[_Column]:
    chosen = list(_COLUMNS)
    while len(chosen) > 1 and sum(_width(column, rows, now) for column in chosen) > width:
        chosen.remove(max(chosen, key=lambda column: column.rank))
    return chosen


def _width(column: _Column, rows: Sequence[NetworkRow], now: Millis) -> int:
    return 2 + max(len(column.heading), *(column.cell(row, now).cell_len for row in rows))


def _of_status(text: Callable[[Status], str | None]) -> Callable[[NetworkRow, Millis], Text]:
    def cell(row: NetworkRow, _now: Millis) -> Text:
        found = None if row.status is None else text(row.status)
        return Text(NOTHING, style="grey50") if found is None else Text(found)

    return cell


def _exchange(row: NetworkRow, _now: Millis) -> Text:
    return Text(row.exchange.display_name, style="bold")


def _state(row: NetworkRow, _now: Millis) -> Text:
    match row.presence:
        case Presence.ALIVE:
            style = "" if row.status is None else f"bold {STATE_COLOURS[row.status.connection_state]}"
        case Presence.SILENT | Presence.UNREADABLE:
            style = "bold red"
        case Presence.DEAD:
            style = "bold white on red"
        case Presence.OFFLINE:
            style = "grey62"
        case Presence.NEVER:
            style = "grey42"
    return Text(state_words(row), style=style)


def _feed(row: NetworkRow, _now: Millis) -> Text:
    if row.status is None or row.status.connection_state in (State.IDLE, State.STOPPED):
        return Text(NOTHING, style="grey50")
    feed = FeedState.DOWN if row.presence is Presence.SILENT else row.status.feed_state
    return Text(feed.value, style=FEED_COLOURS[feed])


def _uptime(row: NetworkRow, _now: Millis) -> Text:
    return Text(NOTHING, style="grey50") if row.uptime is None else Text(ago(row.uptime))


def _heartbeat(row: NetworkRow, _now: Millis) -> Text:
    if row.heartbeat_age is None:
        return Text(NOTHING, style="grey50")
    return Text(ago(row.heartbeat_age), style="bold red" if row.presence is Presence.SILENT else "")


def _host(row: NetworkRow, _now: Millis) -> Text:
    name = row.last_host if row.status is None else row.status.hostname
    if name is None:
        return Text(NOTHING, style="grey50")
    return Text(_cut(name, HOST_WIDTH), style="grey62" if row.status is None else "")


def _warmup(status: Status) -> str | None:
    warmup = status.warmup
    if warmup is None or status.connection_state is not State.WARMING or not warmup.total:
        return None
    eta = "" if warmup.eta is None else f", {ago(warmup.eta)} left"
    return f"{100 * warmup.done // warmup.total} %{eta}"


def _lag(status: Status) -> str | None:
    return None if status.lag is None else f"{status.lag.exchange_ms}/{status.lag.own_ms} ms"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


_COLUMNS: Final = (
    _Column("exchange", 0, _exchange),
    _Column("state", 1, _state),
    _Column("feed", 2, _feed),
    _Column("symbols", 5, _of_status(lambda status: str(status.symbol_count)), is_number=True),
    _Column("warm-up", 6, _of_status(_warmup), is_number=True),
    _Column("uptime", 4, _uptime, is_number=True),
    _Column("heartbeat", 3, _heartbeat, is_number=True),
    _Column("mode", 8, _of_status(lambda status: status.mode.value)),
    _Column("lag", 10, _of_status(_lag), is_number=True),
    _Column("epoch", 9, _of_status(lambda status: str(status.epoch)), is_number=True),
    _Column("host", 7, _host),
    _Column("IP", 12, _of_status(lambda status: status.ip_address)),
    _Column(
        "admin",
        11,
        _of_status(lambda status: None if not status.admin_email else _cut(status.admin_email, ADMIN_WIDTH)),
    ),
    _Column("version", 13, _of_status(lambda status: status.version)),
)
