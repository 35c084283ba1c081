"""Noticing what changes on the network, for those who listen to it."""

import asyncio
from typing import Final

import structlog

from livermore.api.live.topics import Kind, Topic
from livermore.api.models.network import InstanceShown
from livermore.api.network_shape import as_readers_see_it
from livermore.api.routes.network import network_of
from livermore.api.window import Window
from livermore.errors import StoreError

log = structlog.get_logger("livermore.api")

LOOK_SECONDS: Final = 1.0
TICKING: Final = frozenset({"heartbeat_age", "uptime", "seen_ago"})
"""What changes by itself, and needs no telling."""


async def run_network_watch(window: Window) -> None:
    """Tell of each instance that has changed, until cancelled: at once by its activity, else within a second."""
    shown: dict[int, object] = {}
    asked = window.hub.network_asked
    while True:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await asked.wait()
        except TimeoutError:
            pass
        asked.clear()
        if not window.hub.is_wanted(Kind.NETWORK):
            shown.clear()
            continue
        try:
            network = await network_of(window)
        except StoreError as exc:
            log.warning("live.network_unknown", reason=str(exc))
            continue
        for item in network.items:
            seen = item.model_dump(exclude=set(TICKING))
            if shown.get(item.exchange_id) != seen:
                shown[item.exchange_id] = seen
                _tell(window, item)


def _tell(window: Window, item: InstanceShown) -> None:
    less = as_readers_see_it(item).model_dump_json().encode()
    window.hub.offer(Topic(Kind.NETWORK), item.exchange_name, item.model_dump_json().encode(), to_readers=less)
