"""Trying out: a test message on a channel of one's own, and thresholds over the candles of the last seven days."""

import asyncio
from collections import Counter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Path

from livermore.api.access import PEOPLE, READERS, need
from livermore.api.auth.person import Person
from livermore.api.models.notifications import CoverageShown, FiredShown, PreviewShown, TestShown
from livermore.api.routes.settings import checked
from livermore.api.window import EXCHANGES, TheWindow, Window
from livermore.cache.keys import Keys
from livermore.cache.window import stored_series
from livermore.core.account.settings import parse_settings, rules_of
from livermore.core.alerts.rules import Rules
from livermore.core.market.timeframe import DAY, Millis, Timeframe
from livermore.core.preview import preview
from livermore.database.connect import transaction
from livermore.database.settings import settings_of
from livermore.errors import CorruptRecord, NotFound, TooManyRequests

SPAN: Final[Millis] = 7 * DAY
MOST_SYMBOLS: Final = 100
MOST_SECONDS: Final = 8.0
BUSY_SECONDS: Final = 5.0
CHANNEL: Final = r"^[a-z0-9][a-z0-9-]{0,49}$"

router = APIRouter(tags=["settings"])


@router.post("/notifications/channels/{channel_id}/test", summary="Send a test message on one's own channel")
async def try_channel(
    channel_id: Annotated[str, Path(pattern=CHANNEL, examples=["my-phone"])],
    window: TheWindow,
    person: Annotated[Person, Depends(need(PEOPLE))],
) -> TestShown:
    """It is marked as a test, and sent even where the channel is switched off. The answer says what became of it."""
    async with transaction(window.pool) as connection:
        settings = (await settings_of(connection, person.user_id)).settings
    channel = next((one for one in settings.notifications.channels if one.id == channel_id), None)
    if channel is None:
        raise NotFound(f"your settings have no channel {channel_id}")
    if window.messenger is None:
        return TestShown(delivered=False, reason="this server sends no messages")
    reason = await window.messenger.try_out(person.user_id, channel)
    return TestShown(delivered=reason is None, reason=reason)


@router.post(
    "/settings/alerts/preview",
    dependencies=[Depends(need(READERS))],
    summary="How often alerts would have fired in the last seven days",
)
async def preview_alerts(
    window: TheWindow, alerts: Annotated[dict[str, Any], Body(examples=[{"firstLevel": 150}])]
) -> PreviewShown:
    """For the `alerts` part of settings, over the stored candles of what is watched; one preview at a time."""
    rules = rules_of(parse_settings({"alerts": checked(alerts)}))
    if window.previewing.locked():
        raise TooManyRequests("somebody else's preview is being computed", retry_after_seconds=BUSY_SECONDS)
    async with window.previewing:
        return await _previewed(window, rules)


async def _previewed(window: Window, rules: Rules) -> PreviewShown:
    deadline = asyncio.get_running_loop().time() + MOST_SECONDS
    watched = [(window.keys(one), symbol) for one in EXCHANGES for symbol in await window.symbols.of(one.id)]
    fired: Counter[tuple[Timeframe, str]] = Counter()
    covered: dict[Timeframe, Millis] = {}
    looked_at = 0
    for keys, symbol in watched[:MOST_SYMBOLS]:
        if asyncio.get_running_loop().time() > deadline:
            break
        for timeframe in Timeframe:
            counts, reach = await _series(window, keys, symbol, timeframe, rules)
            fired.update({(timeframe, label): count for label, count in counts.items()})
            covered[timeframe] = min(reach, covered.get(timeframe, SPAN))
        looked_at += 1
    left_out = len(watched) - looked_at
    return PreviewShown(
        rule_version=rules.version,
        total=fired.total(),
        fired=[
            FiredShown(timeframe=timeframe, label=label, count=count)
            for (timeframe, label), count in sorted(fired.items(), key=lambda one: (one[0][0].millis, one[0][1]))
        ],
        coverage=[CoverageShown(timeframe=one, days=round(reach / DAY, 2)) for one, reach in covered.items()],
        symbols=looked_at,
        symbols_left_out=left_out,
        is_approximate=left_out > 0 or any(reach < SPAN for reach in covered.values()),
    )


async def _series(
    window: Window, keys: Keys, symbol: str, timeframe: Timeframe, rules: Rules
) -> tuple[dict[str, int], Millis]:
    try:
        series = await stored_series(window.redis, keys, symbol, timeframe)
    except CorruptRecord:
        return {}, 0
    # A thousand candles are milliseconds of computing, which are not the event loop's.
    found = await asyncio.to_thread(preview, series.candles, series.snapshot, rules, SPAN)
    return dict(found.counts), found.covered
