"""The live view: the picture of the market, drawn again twice a second in the alternate screen of a terminal."""

import asyncio
from typing import Final

from rich.console import Console
from rich.live import Live

from livermore.app.market_view import MarketWatch
from livermore.app.screen import screen
from livermore.errors import StoreUnavailable

REDRAW_SECONDS: Final = 0.5


async def run_live_view(watch: MarketWatch, console: Console) -> None:
    """Draw until cancelled."""
    cursors = await watch.read_alerts()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch.run_following(cursors), name="alerts")
            while True:
                try:
                    view = await watch.view()
                except StoreUnavailable as error:
                    watch.notice("Valkey", str(error))
                else:
                    live.update(screen(view, console.width, console.height), refresh=True)
                await asyncio.sleep(REDRAW_SECONDS)
