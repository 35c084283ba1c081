"""One simulated exchange: its market, the clock, and the way everything it says goes out."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from livermore.core.market.timeframe import BASE, SECOND, Millis
from livermore.sim.clock import SimClock
from livermore.sim.market import Market
from livermore.sim.tap import Answer, WireTap

# No symbol is pushed more often than this, however fast simulated time runs.
PUSHES_PER_REAL_SECOND = 20
# By then whatever belongs to a bucket has been pushed, as it has on the real exchanges in their good hours.
LATEST_CLOSE: Millis = 2 * SECOND


@dataclass(frozen=True, slots=True)
class Simulation:
    """All that one exchange's REST and WebSocket sides share."""

    market: Market
    clock: SimClock
    tap: WireTap
    seed: int

    def push_every(self, simulated: Millis) -> Millis:
        """The interval of a push that the real exchange makes so often."""
        return max(simulated, int(1_000 * self.clock.speed / PUSHES_PER_REAL_SECOND))

    def respond(self, request: web.Request, answer: Answer) -> web.Response:
        """Send an answer, through the wire tap."""
        sent = self.tap.answer(self.market.exchange, request.path_qs, answer)
        headers = {**sent.headers, "Content-Type": sent.content_type}
        return web.Response(status=sent.status, body=sent.body, headers=headers)

    async def about(self, request: web.Request) -> web.Response:
        """``GET /_sim``: that this is not the real exchange, and what it is."""
        body = {
            "simulated": True,
            "exchange": self.market.exchange,
            "now": self.clock.now(),
            "speed": self.clock.speed,
            "seed": self.seed,
            "symbols": [listed.symbol for listed in self.market.listed if listed.is_trading],
        }
        return self.respond(request, json_answer(body))


def json_answer(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; underscores in the names of headers are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, msgspec.json.encode(body), headers=named)


async def run_feed(simulation: Simulation, every: Millis, step: Callable[[Millis], None]) -> None:
    """Step a feed through simulated time until cancelled.

    The feed sees every end of a 5m bucket as an instant of its own, and so speaks in the order of time however large
    the steps are.
    """
    clock = simulation.clock
    last = clock.now()
    while True:
        await clock.wait_until(last + every)
        now = clock.now()
        for instant in stops_between(last, now):
            step(instant)
        simulation.market.prepare(now)
        last = now


def stops_between(last: Millis, now: Millis) -> list[Millis]:
    """The instants after `last` up to `now` at which a feed must look: ends of buckets, when their news is out, now."""
    first = last - last % BASE.millis
    ends = range(first, now + 1, BASE.millis)
    stops = {instant for end in ends for instant in (end, end + LATEST_CLOSE) if last < instant <= now}
    return sorted(stops | {now})
