"""The simulated Binance as one web application: REST and WebSocket on one port."""

import asyncio

from aiohttp import web

from livermore.core.market.timeframe import SECOND, Millis
from livermore.sim.binance.feed import BinanceFeed
from livermore.sim.binance.profile import Profile
from livermore.sim.binance.rest import BinanceRest
from livermore.sim.binance.socket import BinanceSocket
from livermore.sim.faults.links import Connections
from livermore.sim.faults.replay import Replays
from livermore.sim.faults.routes import fault_routes
from livermore.sim.simulation import Simulation, run_feed


class BinanceSim:
    """One simulated Binance: its application, and the activity that moves its feed."""

    def __init__(self, simulation: Simulation, profile: Profile) -> None:
        self._simulation = simulation
        self._profile = profile
        self._feed = BinanceFeed(simulation.market, simulation.faults, simulation.seed, simulation.push_every)
        self._replays = Replays(simulation.faults, simulation.market.listed)
        self.connections = Connections(simulation.faults)

    def application(self) -> web.Application:
        """Every path of the exchange, and ``/_sim``."""
        application = web.Application()
        application.add_routes(BinanceRest(self._simulation, self._profile).routes())
        application.add_routes(BinanceSocket(self._simulation, self._profile, self._feed, self.connections).routes())
        application.router.add_get("/_sim", self._simulation.about)
        application.add_routes(fault_routes(self._simulation.faults.board))
        return application

    async def run(self) -> None:
        """Keep the streams flowing until cancelled."""
        # Half a second is how exactly a real closing frame is placed; the streams themselves are slower.
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.connections.run(), name="binance connections")
            await run_feed(self._simulation, self._simulation.step_every(SECOND // 2), self._step)

    def _step(self, now: Millis) -> None:
        self._feed.step(now)
        for listed, age in self._replays.due():
            self._feed.replay(listed, age)
        for revised in self._simulation.truth.step(now):
            self._feed.revised(revised.listed, revised.opened_at)
