"""The network: an instance for each exchange, how alive it is, and what happened to it."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response

from livermore.api.access import PEOPLE, READERS, need
from livermore.api.auth.person import Person
from livermore.api.models.network import ActivityShown, NetworkShown
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE, Page, said
from livermore.api.network_shape import activity_shown, as_readers_see_it, instance_shown
from livermore.api.window import EXCHANGES, ExchangeName, TheWindow, Window
from livermore.cache.activity_stream import StreamedActivity, newest_entries
from livermore.cache.connect import keys_on
from livermore.cache.readers import Unreadable, statuses
from livermore.core.instance.overview import Sighting, network_rows
from livermore.core.instance.status import Status
from livermore.core.market.exchange import ExchangeIdentity, exchange_named

CURSOR: Final = r"^\d{1,16}-\d{1,10}:\d{1,3}$"
router = APIRouter(tags=["network"])


@router.get("/network", summary="All instances, and how alive they are")
async def show_network(window: TheWindow, person: Annotated[Person, Depends(need(READERS))]) -> NetworkShown:
    """A row for each exchange that can be watched; to subscribers without hosts, addresses, people and errors."""
    return await network_of(window, sees_all=person.role in PEOPLE)


async def network_of(window: Window, *, sees_all: bool = True) -> NetworkShown:
    """The network as it is now; without `sees_all` as those see it who only read the market.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    found = await statuses(window.redis, [keys_on(window.redis, exchange.id) for exchange in EXCHANGES])
    now = window.now()
    sightings = [await _sighting(window, exchange, found.get(exchange.id), now) for exchange in EXCHANGES]
    items = (instance_shown(row) for row in network_rows(sightings, now))
    return NetworkShown(time=now, items=tuple(item if sees_all else as_readers_see_it(item) for item in items))


async def _sighting(
    window: Window, exchange: ExchangeIdentity, status: Status | Unreadable | None, now: int
) -> Sighting:
    if isinstance(status, Unreadable):
        return Sighting(exchange, unreadable=status.reason)
    if status is not None:
        return Sighting(exchange, status)
    entries = await newest_entries(window.redis, exchange.name, 1, now)
    latest = next((one.entry for one in entries if not isinstance(one.entry, Unreadable)), None)
    return Sighting(exchange, latest=latest)


@router.get(
    "/network/activity",
    response_model=Page[ActivityShown],
    dependencies=[Depends(need(PEOPLE))],
    summary="What happened to the instances",
)
async def list_activity(
    window: TheWindow,
    exchange: Annotated[ExchangeName | None, Query(description="of one exchange alone")] = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> Response:
    """Transitions and errors of the last 90 days, the newest first, over one exchange or all."""
    chosen = EXCHANGES if exchange is None else (exchange_named(exchange),)
    found: list[tuple[tuple[int, ...], StreamedActivity]] = []
    for one in chosen:
        until = None if cursor is None else _until(cursor, one)
        entries = await newest_entries(window.redis, one.name, limit + 1, window.now(), until)
        found.extend(((*entry.place, -one.id), entry) for entry in entries)
    found.sort(key=lambda item: item[0], reverse=True)
    page = found[:limit]
    following = _cursor(page[-1][1]) if len(found) > limit else None
    shown = [activity_shown(entry) for _, entry in page]
    return said(Page[ActivityShown](items=[one for one in shown if one is not None], next=following))


def _cursor(entry: StreamedActivity) -> str:
    return f"{entry.cursor}:{exchange_named(entry.exchange_name).id}"


def _until(before: str, exchange: ExchangeIdentity) -> str:
    """Up to where the stream of an exchange is still to be shown.

    Of entries with the same id in several streams, those of the exchange with the lower number come first.
    """
    place, _, number = before.partition(":")
    if exchange.id <= int(number):
        return place
    at, _, step = place.partition("-")
    return f"{at}-{int(step) + 1}"
