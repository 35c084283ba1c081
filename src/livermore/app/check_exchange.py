"""Whether an exchange answers, its clock agrees with ours, and its live feed takes a subscription."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from livermore.app.audit_places import exchange_settings
from livermore.app.checkup import Finding, Verdict
from livermore.config import Environment, urls_of
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.selection import most_traded
from livermore.core.market.timeframe import SECOND, Millis
from livermore.core.messages import Event, LinkUp
from livermore.errors import LivermoreError
from livermore.exchanges.registry import AnyExchange, open_exchange
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.clock import SystemClock

ANSWER_SECONDS: Final = 20.0
FEED_SECONDS: Final = 20.0
OFFSET_WORTH_A_WARNING: Final[Millis] = 2 * SECOND
REACH_CURE: Final = "check network, proxy and region; status pages: status.coinbase.com, binance.com, binance.us"
FEED_CURE: Final = "check that WebSockets pass the proxy and the firewall: port 443, for Binance 9443"
CLOCK_CURE: Final = "set this machine's clock by NTP: alerts do not depend on it, but what is late is told by it"


async def check_exchange(
    exchange: ExchangeIdentity, environment: Environment, home: Path, *, is_simulated: bool
) -> tuple[Finding, ...]:
    """What there is to say of one exchange, over REST and over its live feed."""
    name = exchange.display_name + (" (simulated)" if is_simulated else "")
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            settings = await _settings(exchange, environment, home, is_simulated=is_simulated)
        async with open_exchange(exchange.name, settings) as adapter:
            rest = await _rest(adapter, name, is_simulated=is_simulated)
            if any(finding.verdict is Verdict.FAILED for finding in rest):
                seen = "not tried, as REST does not answer"
                return (*rest, Finding(f"{name} feed", Verdict.SKIPPED, seen))
            return (*rest, await _feed(adapter, name))
    except TimeoutError:
        seen = f"no answer within {ANSWER_SECONDS:g} s"
        return (Finding(f"{name} REST", Verdict.FAILED, seen, REACH_CURE),)
    except LivermoreError as exc:
        return (Finding(f"{name} REST", Verdict.FAILED, str(exc), REACH_CURE),)


async def _settings(
    exchange: ExchangeIdentity, environment: Environment, home: Path, *, is_simulated: bool
) -> ExchangeSettings:
    if not is_simulated:
        urls = urls_of(environment, exchange)
        return ExchangeSettings(urls.rest, urls.ws)
    found = await exchange_settings(exchange, environment, home, is_simulated=True)
    # The simulator speaks both protocols on one port.
    feed = urls_of(environment, exchange).ws or (found.rest_url or "").replace("http", "ws", 1)
    return ExchangeSettings(found.rest_url, feed, found.speed)


async def _rest(adapter: AnyExchange, name: str, *, is_simulated: bool) -> tuple[Finding, ...]:
    clock, loop = SystemClock(), asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            # The first question opens the connection, the second one measures.
            await adapter.server_time()
            asked_at, began = clock.now(), loop.time()
            theirs = await adapter.server_time()
            took = loop.time() - began
    except TimeoutError:
        return (Finding(f"{name} REST", Verdict.FAILED, f"no answer within {ANSWER_SECONDS:g} s", REACH_CURE),)
    except LivermoreError as exc:
        return (Finding(f"{name} REST", Verdict.FAILED, str(exc), REACH_CURE),)
    reached = Finding(f"{name} REST", Verdict.OK, f"answers in {1_000 * took:.0f} ms")
    if is_simulated:
        return reached, Finding(f"{name} clock", Verdict.SKIPPED, "a simulated clock runs by itself")
    return reached, clock_finding(name, theirs - asked_at - int(500 * took))


def clock_finding(name: str, offset: Millis) -> Finding:
    """What to think of an exchange's clock that is `offset` ahead of ours."""
    side = "behind" if offset > 0 else "ahead of"
    seen = f"ours is {abs(offset) / SECOND:.1f} s {side} the exchange's"
    if abs(offset) >= OFFSET_WORTH_A_WARNING:
        return Finding(f"{name} clock", Verdict.WARNING, seen, CLOCK_CURE)
    return Finding(f"{name} clock", Verdict.OK, seen)


class _FirstWord:
    """An inbox that only waits for a connection to be up."""

    def __init__(self) -> None:
        self.is_up = asyncio.Event()

    async def put(self, events: Sequence[Event]) -> None:
        if any(isinstance(event, LinkUp) for event in events):
            self.is_up.set()


async def _feed(adapter: AnyExchange, name: str) -> Finding:
    inbox = _FirstWord()
    try:
        async with asyncio.timeout(FEED_SECONDS):
            symbols = most_traded(await adapter.instruments(), 1)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(adapter.run_feed(symbols, inbox), name="feed")
                await inbox.is_up.wait()
                running.cancel()
    except TimeoutError:
        return Finding(f"{name} feed", Verdict.FAILED, f"no connection is up within {FEED_SECONDS:g} s", FEED_CURE)
    except LivermoreError as exc:
        return Finding(f"{name} feed", Verdict.FAILED, str(exc), FEED_CURE)
    return Finding(f"{name} feed", Verdict.OK, f"takes a subscription to {', '.join(symbols)}")
