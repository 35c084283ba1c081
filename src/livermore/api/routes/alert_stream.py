"""Alerts read from the streams of the exchanges, for as long as the ledger cannot be read."""

from typing import Final

from livermore.api.alert_lines import alert_page
from livermore.api.live.cursor import place_of
from livermore.api.window import EXCHANGES, Window
from livermore.cache.connect import keys_on
from livermore.cache.readers import StreamedAlert, newest_alerts
from livermore.core.alerts.alert import Alert
from livermore.database.alerts import AlertFilter

LOOKED_THROUGH: Final = 5_000
PER_READ: Final = 500
NOWHERE: Final = "0-1"
"""No entry is older."""


async def streamed_page(window: Window, wanted: AlertFilter, cursor: str | None, limit: int) -> bytes:
    """A page of what the streams hold as JSON, newest first; of an alert that was amended only what was said last.

    At most 5,000 entries of each stream are looked through; `next` leads on from there.
    """
    found = []
    places: dict[int, str | None] = {}
    before = _places(cursor)
    chosen = [one for one in EXCHANGES if wanted.exchange_id in (None, one.id)]
    for exchange in chosen:
        entries, place = await _entries(window, exchange.id, wanted, before.get(exchange.id), limit + 1)
        places[exchange.id] = place
        found.extend(entries)
    found.sort(key=lambda entry: (place_of(entry.cursor), -entry.exchange_id), reverse=True)
    page = found[:limit]
    has_more = len(found) > limit or any(place is not None for place in places.values())
    following = _after(page, found[limit:], places, before) if has_more else None
    return alert_page([entry.alert for entry in page if isinstance(entry.alert, Alert)], following, "stream")


def _after(
    page: list[StreamedAlert], left: list[StreamedAlert], places: dict[int, str | None], before: dict[int, str]
) -> str:
    """Where each stream is to be read on.

    That is behind its last entry on the page; or with its first one of those that are `left`, where it has none on the
    page; or, where nothing was found, behind all that was looked through, and at the end nowhere any more.
    """
    ends: list[str] = []
    for exchange_id, place in places.items():
        on_page = [entry.cursor for entry in page if entry.exchange_id == exchange_id]
        waiting = [entry.cursor for entry in left if entry.exchange_id == exchange_id]
        if on_page:
            end = on_page[-1]
        elif waiting:
            end = _just_after(waiting[0])
        else:
            end = place or before.get(exchange_id, NOWHERE)
        ends.append(f"{exchange_id}_{end}")
    return "s" + ".".join(ends)


def _just_after(cursor: str) -> str:
    """The place of which the entry is the next one that is older."""
    at, _, step = cursor.partition("-")
    return f"{at}-{int(step) + 1}"


def _places(cursor: str | None) -> dict[int, str]:
    if cursor is None:
        return {}
    parts = (part.split("_") for part in cursor.split(".") if part)
    return {int(exchange): place for exchange, place in parts}


async def _entries(
    window: Window, exchange_id: int, wanted: AlertFilter, before: str | None, limit: int
) -> tuple[list[StreamedAlert], str | None]:
    """The newest entries that are wanted, each alert once, and where reading ended; None at the end of the stream."""
    found: dict[str, StreamedAlert] = {}
    looked = 0
    place = before
    keys = keys_on(window.redis, exchange_id)
    seen: set[str] = set()
    while len(found) < limit and looked < LOOKED_THROUGH:
        entries = await newest_alerts(window.redis, keys, PER_READ, place)
        looked += len(entries)
        for entry in entries:
            place = entry.cursor
            alert = entry.alert
            if isinstance(alert, Alert) and alert.id not in seen:
                seen.add(alert.id)
                if takes(wanted, alert):
                    found[alert.id] = entry
            if len(found) == limit:
                break
        if len(entries) < PER_READ:
            return list(found.values()), None
    return list(found.values()), place


def takes(wanted: AlertFilter, alert: Alert) -> bool:
    """Whether an alert is wanted."""
    pairs = (
        (wanted.exchange_id, alert.exchange.id),
        (wanted.symbol, alert.symbol),
        (wanted.timeframe, alert.timeframe),
        (wanted.label, alert.label),
        (wanted.direction, alert.direction),
        (wanted.status, alert.status),
    )
    is_same = all(one is None or one == other for one, other in pairs)
    return is_same and wanted.since <= alert.closes_at < wanted.until


async def streamed_alert(window: Window, alert_id: str) -> Alert | None:
    """What was said last of an alert, if it is among the newest 5,000 entries of its stream."""
    for exchange in EXCHANGES:
        place: str | None = None
        for _ in range(LOOKED_THROUGH // PER_READ):
            entries = await newest_alerts(window.redis, keys_on(window.redis, exchange.id), PER_READ, place)
            for entry in entries:
                if isinstance(entry.alert, Alert) and entry.alert.id == alert_id:
                    return entry.alert
            if len(entries) < PER_READ:
                break
            place = entries[-1].cursor
    return None
