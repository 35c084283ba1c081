"""The live view: the picture of the market, drawn again twice a second in the alternate screen of a terminal."""

import asyncio

from rich.console import Console
from rich.live import Live

from livermore.app.market_view import MarketWatch
from livermore.app.screen import screen


async def run_live_view(watch: MarketWatch, console: Console) -> None:
    """Draw until cancelled."""
    with Live(console=console, screen=True, auto_refresh=False) as live:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch.run_following(), name="alerts")
            async for view in watch.views():
                live.update(screen(view, console.width, console.height), refresh=True)
