"""The simulated Coinbase as one web application: REST and WebSocket on one port."""

from aiohttp import web

from livermore.core.market.timeframe import SECOND
from livermore.sim.coinbase.feed import CoinbaseFeed
from livermore.sim.coinbase.rest import CoinbaseRest
from livermore.sim.coinbase.socket import CoinbaseSocket
from livermore.sim.connection import Connections
from livermore.sim.simulation import Simulation, run_feed


class CoinbaseSim:
    """One simulated Coinbase: its application, and the activity that moves its feed."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._feed = CoinbaseFeed(simulation.market, simulation.seed, simulation.clock.now())
        self.connections = Connections()

    def application(self) -> web.Application:
        """Every path of the exchange, and ``/_sim``."""
        application = web.Application()
        application.add_routes(CoinbaseRest(self._simulation).routes())
        application.router.add_get("/", CoinbaseSocket(self._simulation, self._feed, self.connections).serve)
        application.router.add_get("/_sim", self._simulation.about)
        return application

    async def run(self) -> None:
        """Keep the feed flowing until cancelled; updates come about each second."""
        await run_feed(self._simulation, self._simulation.push_every(SECOND), self._feed.step)
