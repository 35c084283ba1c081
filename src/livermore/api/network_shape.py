"""Instances and what happened to them, in the API's shape."""

from collections.abc import Mapping
from typing import Final, Literal

from livermore.api.models.network import ActivityShown, InstanceShown, Liveness, StatusShown
from livermore.cache.activity_stream import StreamedActivity
from livermore.cache.readers import Unreadable
from livermore.core.instance.activity import Activity, ErrorSeen, PauseChanged, StateChanged
from livermore.core.instance.overview import NetworkRow, Presence
from livermore.core.instance.status import Status

SOMEBODY: Final = "an admin"

LIVENESS: Final[Mapping[Presence, Liveness]] = {
    Presence.ALIVE: Liveness.LIVE,
    Presence.SILENT: Liveness.STALE,
    Presence.DEAD: Liveness.DEAD,
    Presence.OFFLINE: Liveness.OFFLINE,
    Presence.NEVER: Liveness.NEVER,
    Presence.UNREADABLE: Liveness.UNREADABLE,
}


def instance_shown(row: NetworkRow) -> InstanceShown:
    """A row of the network in the API's shape."""
    return InstanceShown(
        exchange_id=row.exchange.id,
        exchange_name=row.exchange.name,
        display_name=row.exchange.display_name,
        liveness=LIVENESS[row.presence],
        heartbeat_age=row.heartbeat_age,
        uptime=row.uptime,
        seen_ago=row.seen_ago,
        last_host=row.last_host,
        status=None if row.status is None else status_shown(row.status),
        problem=row.problem,
    )


def status_shown(status: Status) -> StatusShown:
    """A status in the API's shape."""
    fields = {name: getattr(status, name) for name in StatusShown.model_fields if name != "simulated"}
    return StatusShown.model_validate({**fields, "simulated": status.is_simulated})


def as_readers_see_it(item: InstanceShown) -> InstanceShown:
    """An instance without where it runs, who runs it and what went wrong there: for those who only read the market."""
    status = item.status
    if status is not None:
        status = status.model_copy(
            update={
                "instance_id": "",
                "hostname": "",
                "pid": 0,
                "ip_address": None,
                "admin_email": None,
                "admin_display_name": None,
                "last_error": None,
                "last_error_at": None,
                "paused_by": None if status.paused_by is None else SOMEBODY,
                "feed_reasons": (),
                "budgets": None,
            }
        )
    return item.model_copy(update={"status": status, "last_host": None, "problem": None})


def activity_shown(streamed: StreamedActivity) -> ActivityShown | None:
    """An entry in the API's shape; None for one that is not ours."""
    entry = streamed.entry
    if isinstance(entry, Unreadable):
        return None
    actor = entry.actor
    return ActivityShown(
        cursor=streamed.cursor,
        time=entry.at,
        event=_event(entry),
        exchange_id=actor.exchange_id,
        exchange_name=actor.exchange_name,
        instance_id=actor.instance_id,
        epoch=actor.epoch,
        hostname=actor.hostname,
        ip_address=actor.ip_address,
        admin_email=actor.admin_email,
        from_state=entry.from_state if isinstance(entry, StateChanged) else None,
        to_state=entry.to_state if isinstance(entry, StateChanged) else None,
        state=None if isinstance(entry, StateChanged) else entry.state,
        error=entry.error if isinstance(entry, ErrorSeen) else None,
        by=entry.by if isinstance(entry, PauseChanged) else None,
    )


def _event(entry: Activity) -> Literal["state_transition", "paused", "resumed", "error"]:
    match entry:
        case StateChanged():
            return "state_transition"
        case PauseChanged():
            return "paused" if entry.is_paused else "resumed"
        case ErrorSeen():
            return "error"
