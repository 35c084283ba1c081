"""An instance of Coinbase on a simulated market that hears commands, and somebody who gives them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from faults.harness import Fire
from livermore.app.instance import Parts, People, put_together, run_parts
from livermore.cache.bus import send
from livermore.cache.connect import keys_on
from livermore.cache.instances import shown_status
from livermore.core.instance.commands import Ack, Payload, Progress, Result, a_command
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import MINUTE, Millis
from livermore.runtime.account_executors import AccountBook
from livermore.runtime.clock import SystemClock

ADA = "ada@example.org"
SPEED = 600.0
WITHIN_SECONDS = 60.0
numbers = itertools.count()


class Stage:
    """An instance of Coinbase that hears commands."""

    def __init__(self, fire: Fire, parts: Parts) -> None:
        self.fire = fire
        self.parts = parts
        self.keys = keys_on(fire.redis, COINBASE.id)
        self.progress: list[Progress] = []

    async def tell(self, payload: Payload, name: str | None = None, lives_for: Millis = MINUTE) -> Result:
        """Send a command and return its result, having been acknowledged."""
        name = name or f"c{next(numbers)}"
        command = a_command(1, name, payload, ADA, SystemClock().now(), lives_for=lives_for)
        self.progress = []
        async with asyncio.timeout(WITHIN_SECONDS), send(self.fire.redis, self.keys, command) as answers:
            said = [one async for one in answers]
        assert isinstance(said[0], Ack)
        assert all(one.correlation_id == name for one in said)
        self.progress = [one for one in said if isinstance(one, Progress)]
        last = said[-1]
        assert isinstance(last, Result)
        return last

    async def done(self, payload: Payload) -> dict[str, Any]:
        result = await self.tell(payload)
        assert result.is_success, result.error
        return dict(result.details)

    async def refused(self, payload: Payload) -> str:
        result = await self.tell(payload)
        assert result.error is not None
        return result.error.code

    @property
    def watched(self) -> tuple[str, ...]:
        session = self.parts.instance.session
        assert session is not None
        return session.symbols


@asynccontextmanager
async def a_stage(fire: Fire, people: People | None = None, book: AccountBook | None = None) -> AsyncIterator[Stage]:
    parts = put_together(COINBASE, fire.environment, fire.redis, people, book=book)
    keys = keys_on(fire.redis, COINBASE.id)
    async with asyncio.TaskGroup() as tasks:
        living = tasks.create_task(run_parts(parts, is_autostarted=False), name="instance")
        async with asyncio.timeout(WITHIN_SECONDS):
            while await shown_status(fire.redis, keys) is None or not await _is_heard(fire):
                await asyncio.sleep(0.01)
        yield Stage(fire, parts)
        living.cancel()


async def _is_heard(fire: Fire) -> bool:
    return bool((await fire.redis.pubsub_numsub(keys_on(fire.redis, COINBASE.id).command_channel))[0][1])
