"""Alerts: from the ledger, or from the stream where the ledger cannot be read or has not caught up."""

import uuid
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response

from livermore.api.access import READERS, need
from livermore.api.alert_lines import alert_page
from livermore.api.models.alerts import (
    AlertCountShown,
    AlertPage,
    AlertRevisionShown,
    AlertShown,
    AlertSummary,
    TimesShown,
)
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE, Page
from livermore.api.routes.alert_shape import alert_shown
from livermore.api.routes.alert_stream import streamed_alert, streamed_page
from livermore.api.scopes import Scope
from livermore.api.window import EXCHANGES, ExchangeName, TheWindow, Window
from livermore.cache.connect import keys_on
from livermore.cache.readers import newest_alerts
from livermore.core.alerts.alert import AlertStatus, Direction
from livermore.core.market.exchange import exchange_named
from livermore.core.market.timeframe import DAY, SECOND, Millis, Timeframe
from livermore.database.alert_rows import LedgerEntry
from livermore.database.alert_summary import AlertCount, count_alerts
from livermore.database.alerts import (
    AlertCursor,
    AlertFilter,
    alert_by_id,
    list_alerts,
    newest_place,
    revisions_of,
)
from livermore.database.connect import transaction
from livermore.errors import InvalidRequest, NotFound, StoreUnavailable

_PLACE: Final = r"\d{1,3}_\d{1,16}-\d{1,12}"
CURSOR: Final = rf"^(l\d{{1,16}}_[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|s{_PLACE}(\.{_PLACE}){{0,9}})$"
NAMES: Final = {exchange.id: exchange.name for exchange in EXCHANGES}
BEHIND_AFTER: Final[Millis] = 5 * SECOND
"""A ledger that misses what the stream has had for so long has not caught up."""

router = APIRouter(tags=["alerts", "partner"], dependencies=[Depends(need(READERS, Scope.ALERTS))])
AlertId = Annotated[uuid.UUID, Path(examples=["5b0c2a9e-0000-5000-8000-000000000000"])]


def _wanted(
    exchange: ExchangeName | None = None,
    symbol: Annotated[str | None, Query(max_length=40, examples=["BTC-USD"])] = None,
    timeframe: Timeframe | None = None,
    label: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z0-9_-]+$", examples=["level_150"])] = None,
    direction: Direction | None = None,
    status: AlertStatus | None = None,
    since: Annotated[int, Query(ge=0, le=2**52, description="closes at or after it, ms UTC")] = 0,
    until: Annotated[int, Query(ge=0, le=2**52, description="closes before it, ms UTC")] = 2**52,
) -> AlertFilter:
    if symbol is not None and not symbol.isprintable():
        raise InvalidRequest("a symbol has no such characters")
    _check_stretch(since, until)
    exchange_id = None if exchange is None else exchange_named(exchange).id
    return AlertFilter(exchange_id, symbol, timeframe, label, direction, status, since, until)


def _check_stretch(since: int, until: int) -> None:
    if until <= since:
        raise InvalidRequest(f"until ({until}) is not after since ({since}): no candle closes in between")


@router.get("/alerts", response_model=AlertPage, summary="Alerts, the newest first")
async def list_all_alerts(
    window: TheWindow,
    wanted: Annotated[AlertFilter, Depends(_wanted)],
    cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> Response:
    """As they stand, amended and retracted ones too; `source` says whether the ledger could be read."""
    if cursor is not None and cursor.startswith("s"):
        return _json(await streamed_page(window, wanted, cursor[1:], limit))
    try:
        if cursor is None and await _is_behind(window):
            return _json(await streamed_page(window, wanted, None, limit))
        return _json(await _ledger_page(window, wanted, cursor, limit))
    except StoreUnavailable:
        if cursor is not None:
            raise
        return _json(await streamed_page(window, wanted, None, limit))


async def _ledger_page(window: Window, wanted: AlertFilter, cursor: str | None, limit: int) -> bytes:
    after = None
    if cursor is not None:
        close, _, alert_id = cursor[1:].partition("_")
        after = AlertCursor(int(close), alert_id)
    async with transaction(window.pool) as connection:
        page = await list_alerts(connection, wanted, limit=limit, after=after)
    following = None if page.next is None else f"l{page.next.close_time}_{page.next.id}"
    return alert_page([entry.alert for entry in page.entries], following, "ledger", page.unreadable)


def _json(page: bytes) -> Response:
    return Response(page, media_type="application/json")


async def _is_behind(window: Window) -> bool:
    """Whether the ledger of an exchange lacks what its stream has had for a while."""
    now = window.now()
    said: dict[int, int] = {}
    for exchange in EXCHANGES:
        for newest in await newest_alerts(window.redis, keys_on(window.redis, exchange.id), 1):
            said[exchange.id] = int(newest.cursor.partition("-")[0])
    waited = {exchange_id: at for exchange_id, at in said.items() if now - at > BEHIND_AFTER}
    if not waited:
        return False
    async with transaction(window.pool) as connection:
        known = {exchange_id: await newest_place(connection, exchange_id) for exchange_id in waited}
    places = ((known[exchange_id], at) for exchange_id, at in waited.items())
    return any(place is None or place.stream_ms < at for place, at in places)


@router.get("/alerts/summary", summary="How many alerts there are of what")
async def summarise_alerts(
    window: TheWindow,
    since: Annotated[
        int | None, Query(ge=0, le=2**52, description="closes at or after it, ms UTC; else since midnight UTC")
    ] = None,
    until: Annotated[int, Query(ge=0, le=2**52, description="closes before it, ms UTC")] = 2**52,
) -> AlertSummary:
    """Of the ledger alone, by exchange, timeframe, kind, direction and status; a day begins where the viewer says."""
    now = window.now()
    begin = now - now % DAY if since is None else since
    _check_stretch(begin, until)
    async with transaction(window.pool) as connection:
        counts = await count_alerts(connection, begin, until)
    items = [_count_shown(count) for count in counts]
    return AlertSummary(
        since=begin,
        until=until,
        total=sum(item.count for item in items),
        standing=sum(item.count for item in items if item.status != AlertStatus.RETRACTED),
        items=items,
    )


def _count_shown(count: AlertCount) -> AlertCountShown:
    return AlertCountShown(
        exchange_id=count.exchange_id,
        exchange_name=NAMES.get(count.exchange_id, str(count.exchange_id)),
        timeframe=count.timeframe,
        kind=count.kind,
        direction=count.direction,
        status=count.status,
        count=count.alerts,
    )


@router.get("/alerts/{alert_id}", summary="One alert as it stands")
async def show_alert(alert_id: AlertId, window: TheWindow) -> AlertShown:
    """From the ledger, or else from the newest of the stream."""
    try:
        async with transaction(window.pool) as connection:
            entry = await alert_by_id(connection, str(alert_id))
    except StoreUnavailable:
        entry = None
    alert = await streamed_alert(window, str(alert_id)) if entry is None else entry.alert
    if alert is None:
        raise NotFound("there is no such alert")
    return alert_shown(alert)


@router.get("/alerts/{alert_id}/revisions", summary="All that was said of an alert")
async def list_alert_revisions(alert_id: AlertId, window: TheWindow) -> Page[AlertRevisionShown]:
    """In the order of the stream; kept by the ledger alone."""
    async with transaction(window.pool) as connection:
        found = await revisions_of(connection, str(alert_id))
    if not found:
        raise NotFound("the ledger knows no such alert")
    return Page(items=[revision_shown(entry) for entry in found], next=None)


def revision_shown(entry: LedgerEntry) -> AlertRevisionShown:
    """What was said of an alert, in the API's shape."""
    alert = entry.alert
    return AlertRevisionShown(
        cursor=entry.place.stream_id,
        epoch=entry.place.epoch,
        status=alert.status,
        value=alert.value,
        previous_value=alert.previous_value,
        signal=alert.signal,
        histogram=alert.histogram,
        price=alert.price,
        stage=alert.stage,
        bias=alert.bias,
        times=TimesShown.model_validate(alert.times),
        ledgered_at=entry.ledgered_at,
    )
