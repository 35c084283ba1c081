"""One simulated exchange: its market, the clock, and the way everything it says goes out."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from livermore.core.market.timeframe import BASE, SECOND, Millis
from livermore.sim.clock import SimClock
from livermore.sim.faults.answers import answered
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.truth import Truth
from livermore.sim.market import Market
from livermore.sim.tap import Answer, json_answer

# No symbol is pushed more often than this, however fast simulated time runs.
PUSHES_PER_REAL_SECOND = 20
# All symbols together are pushed this often at most, so that a market of a thousand leaves the machine to its watchers.
FRAMES_PER_REAL_SECOND = 5_000
# What a watcher of all symbols listens to: candles and tickers of each.
_STREAMS_PER_SYMBOL = 2
# By then whatever belongs to a bucket has been pushed, as it has on the real exchanges in their good hours.
LATEST_CLOSE: Millis = 2 * SECOND


@dataclass(frozen=True, slots=True)
class Simulation:
    """All that one exchange's REST and WebSocket sides share.

    `clock` is the simulator's own time, which limits and deadlines are measured with; `now` is what the exchange takes
    for the time, in all that it says.
    """

    market: Market
    clock: SimClock
    faults: ExchangeFaults
    truth: Truth
    seed: int

    def now(self) -> Millis:
        """The present instant by the exchange's clock."""
        return self.faults.now()

    def step_every(self, simulated: Millis) -> Millis:
        """The interval of the feed's steps, where the real exchange would look so often."""
        return self.clock.at_least(simulated, 1 / PUSHES_PER_REAL_SECOND)

    def push_every(self, simulated: Millis) -> Millis:
        """The interval between pushes of one symbol that the real exchange makes so often.

        It is longer in a large market; what closes a bucket, and heartbeats, go by the steps and are never held back.
        """
        frames = _STREAMS_PER_SYMBOL * len(self.market.listed)
        return self.clock.at_least(self.step_every(simulated), frames / FRAMES_PER_REAL_SECOND)

    async def respond(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """Send an answer, as the faults let it."""
        product = request.match_info.get("product") or request.query.get("symbol")
        listed = self.market.by_product.get(product or "")
        sent = answered(self.faults, listed.product if listed else None, answer)
        headers = {**sent.headers, "Content-Type": sent.content_type}
        if sent.sent is None and not sent.pause:
            return web.Response(status=sent.status, body=sent.body, headers=headers)
        return await self._respond_in_parts(request, sent, headers)

    async def _respond_in_parts(
        self, request: web.Request, sent: Answer, headers: dict[str, str]
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=sent.status, headers=headers)
        response.content_length = len(sent.body)
        await response.prepare(request)
        body = sent.body if sent.sent is None else sent.body[: sent.sent]
        middle = len(body) // 2
        try:
            await response.write(body[:middle])
            if sent.pause:
                await self.clock.wait_until(self.clock.now() + sent.pause)
            await response.write(body[middle:])
        except ConnectionError:
            # The client did not wait for the rest.
            return response
        if sent.sent is not None and request.transport is not None:
            request.transport.close()
        return response

    async def about(self, _: web.Request) -> web.Response:
        """``GET /_sim``: that this is not the real exchange, and what it is."""
        body = {
            "simulated": True,
            "exchange": self.market.exchange,
            "now": self.clock.now(),
            "speed": self.clock.speed,
            "seed": self.seed,
            "symbols": [listed.symbol for listed in self.market.listed if listed.is_trading],
        }
        return web.Response(body=json_answer(body).body, content_type="application/json")


async def run_feed(simulation: Simulation, every: Millis, step: Callable[[Millis], None]) -> None:
    """Step a feed through the exchange's time until cancelled.

    The feed sees every end of a 5m bucket as an instant of its own, and so speaks in the order of time however large
    the steps are.
    """
    clock = simulation.clock
    last, woke = simulation.now(), clock.now()
    while True:
        await clock.wait_until(woke + every)
        woke, now = clock.now(), simulation.now()
        for instant in stops_between(last, now):
            step(instant)
        simulation.market.prepare(now)
        last = now


def next_turn(phase: float, every: Millis, now: Millis) -> Millis:
    """The next instant after `now` at which something is due that comes `every` so often; `phase`, in [0, 1), says
    where in each interval, so that not all of a market comes at once.
    """
    offset = int(phase * every)
    return (now - offset) // every * every + every + offset


def stops_between(last: Millis, now: Millis) -> list[Millis]:
    """The instants after `last` up to `now` at which a feed must look: ends of buckets, when their news is out, now."""
    first = last - last % BASE.millis
    ends = range(first, now + 1, BASE.millis)
    stops = {instant for end in ends for instant in (end, end + LATEST_CLOSE) if last < instant <= now}
    return sorted(stops | {now})
