"""Noticing what changes between exchanges, for those who listen to it."""

import asyncio
from typing import Final

import structlog

from livermore.api.live.topics import Kind, Topic
from livermore.api.models.cross import CrossSignals
from livermore.api.routes.cross import cross_signals
from livermore.api.window import Window
from livermore.errors import StoreError

log = structlog.get_logger("livermore.api")

LOOK_SECONDS: Final = 1.0
DIGITS: Final = 2
"""A spread that differs by less than a hundredth of a per cent is the same."""

Substance = tuple[object, ...]


async def run_cross_watch(window: Window) -> None:
    """Tell all signals across exchanges anew when one is new, gone or different, once a second, until cancelled."""
    told: Substance | None = None
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not window.hub.is_wanted(Kind.CROSS):
            told = None
            continue
        try:
            signals = await cross_signals(window)
        except StoreError as exc:
            log.warning("live.cross_unknown", reason=str(exc))
            continue
        substance = substance_of(signals)
        if substance != told:
            told = substance
            window.hub.offer(Topic(Kind.CROSS), "signals", signals.model_dump_json().encode())


def substance_of(signals: CrossSignals) -> Substance:
    """What must differ for signals to be told anew: which there are, and how much each spread leaves."""
    spreads = (
        (
            one.base,
            one.buy.exchange_id,
            one.buy.symbol,
            one.sell.exchange_id,
            one.sell.symbol,
            round(one.net_percent, DIGITS),
        )
        for one in signals.spreads
    )
    leads = ((one.leader_alert_id, one.follower_alert_id) for one in signals.leads)
    return (*sorted(spreads), *sorted(leads))
