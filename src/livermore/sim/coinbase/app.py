"""The simulated Coinbase as one web application: REST and WebSocket on one port."""

import asyncio

from aiohttp import web

from livermore.core.market.timeframe import SECOND, Millis
from livermore.sim.coinbase.feed import CoinbaseFeed
from livermore.sim.coinbase.private import CoinbasePrivate
from livermore.sim.coinbase.rest import CoinbaseRest
from livermore.sim.coinbase.socket import CoinbaseSocket
from livermore.sim.faults.links import Connections
from livermore.sim.faults.replay import Replays
from livermore.sim.faults.routes import fault_routes
from livermore.sim.simulation import Simulation, run_feed


class CoinbaseSim:
    """One simulated Coinbase: its application, and the activity that moves its feed."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._feed = CoinbaseFeed(simulation.market, simulation.faults, simulation.seed, simulation.push_every)
        self._replays = Replays(simulation.faults, simulation.market.listed)
        self.connections = Connections(simulation.faults)

    def application(self) -> web.Application:
        """Every path of the exchange, and ``/_sim``."""
        application = web.Application()
        application.add_routes(CoinbaseRest(self._simulation).routes())
        application.add_routes(CoinbasePrivate(self._simulation).routes())
        application.router.add_get("/", CoinbaseSocket(self._simulation, self._feed, self.connections).serve)
        application.router.add_get("/_sim", self._simulation.about)
        application.add_routes(fault_routes(self._simulation.faults.board))
        return application

    async def run(self) -> None:
        """Keep the feed flowing until cancelled; updates come about each second."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.connections.run(), name="coinbase connections")
            await run_feed(self._simulation, self._simulation.step_every(SECOND), self._step)

    def _step(self, now: Millis) -> None:
        self._feed.step(now)
        for listed, age in self._replays.due():
            self._feed.replay(listed, age)
        # Coinbase never tells of a revision: REST does.
        self._simulation.truth.step(now)
