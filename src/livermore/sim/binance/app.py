"""The simulated Binance as one web application: REST and WebSocket on one port."""

from aiohttp import web

from livermore.core.market.timeframe import SECOND
from livermore.sim.binance.feed import BinanceFeed
from livermore.sim.binance.profile import Profile
from livermore.sim.binance.rest import BinanceRest
from livermore.sim.binance.socket import BinanceSocket
from livermore.sim.connection import Connections
from livermore.sim.simulation import Simulation, run_feed


class BinanceSim:
    """One simulated Binance: its application, and the activity that moves its feed."""

    def __init__(self, simulation: Simulation, profile: Profile) -> None:
        self._simulation = simulation
        self._profile = profile
        now = simulation.clock.now()
        self._feed = BinanceFeed(simulation.market, simulation.seed, now, simulation.push_every)
        self.connections = Connections()

    def application(self) -> web.Application:
        """Every path of the exchange, and ``/_sim``."""
        application = web.Application()
        application.add_routes(BinanceRest(self._simulation, self._profile).routes())
        application.add_routes(BinanceSocket(self._simulation, self._profile, self._feed, self.connections).routes())
        application.router.add_get("/_sim", self._simulation.about)
        return application

    async def run(self) -> None:
        """Keep the streams flowing until cancelled."""
        # Half a second is how exactly a real closing frame is placed; the streams themselves are slower.
        await run_feed(self._simulation, self._simulation.push_every(SECOND // 2), self._feed.step)
