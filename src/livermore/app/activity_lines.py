"""What happened on the network, as lines for people and as JSON for programs."""

from typing import Any, Final

from rich.text import Text

from livermore.app.status_words import STATE_COLOURS, to_the_second
from livermore.cache.activity_stream import StreamedActivity
from livermore.cache.readers import Unreadable
from livermore.core.instance.activity import Actor, ErrorSeen, PauseChanged, StateChanged
from livermore.core.market.exchange import exchange_named
from livermore.errors import UnknownExchange

NAME_WIDTH: Final = 11
WHAT_WIDTH: Final = 22


def activity_line(streamed: StreamedActivity) -> Text:
    """One entry as one line."""
    entry = streamed.entry
    name = _display_name(streamed.exchange_name)
    if isinstance(entry, Unreadable):
        return Text.assemble((f"{name:<{NAME_WIDTH}} ", "bold"), (f"unreadable entry: {entry.reason}", "red"))
    line = Text.assemble((f"{to_the_second(entry.at)} ", "grey62"), (f"{name:<{NAME_WIDTH}} ", "bold"))
    match entry:
        case StateChanged():
            what = f"{entry.from_state} → {entry.to_state}"
            line.append(f"{what:<{WHAT_WIDTH}} ", style=STATE_COLOURS[entry.to_state])
        case PauseChanged():
            line.append(f"{_paused(entry)} by {entry.by}".ljust(WHAT_WIDTH) + " ", style="yellow")
        case ErrorSeen():
            line.append(f"while {entry.state}: {' '.join(entry.error.split())}  ", style="red")
    return line.append(_who(entry.actor), style="grey62")


def activity_fields(streamed: StreamedActivity) -> dict[str, Any]:
    """One entry as a JSON object, its fields as in the stream, with its cursor."""
    entry = streamed.entry
    found: dict[str, Any] = {"cursor": streamed.cursor, "exchangeName": streamed.exchange_name}
    if isinstance(entry, Unreadable):
        return {**found, "event": "unreadable", "error": entry.reason}
    actor = entry.actor
    found |= {
        "timestamp": entry.at,
        "exchangeId": actor.exchange_id,
        "instanceId": actor.instance_id,
        "epoch": actor.epoch,
        "hostname": actor.hostname,
        "ip": actor.ip_address,
        "adminEmail": actor.admin_email,
    }
    match entry:
        case StateChanged():
            return {**found, "event": "state_transition", "fromState": entry.from_state, "toState": entry.to_state}
        case PauseChanged():
            return {**found, "event": _paused(entry), "by": entry.by, "state": entry.state}
        case ErrorSeen():
            return {**found, "event": "error", "error": entry.error, "state": entry.state}


def _paused(entry: PauseChanged) -> str:
    return "paused" if entry.is_paused else "resumed"


def _who(actor: Actor) -> str:
    address = f" ({actor.ip_address})" if actor.ip_address else ""
    admin = f", {actor.admin_email}" if actor.admin_email else ""
    return f"{actor.hostname}{address}, epoch {actor.epoch}{admin}"


def _display_name(name: str) -> str:
    try:
        return exchange_named(name).display_name
    except UnknownExchange:
        return name
