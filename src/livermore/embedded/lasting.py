"""A server process of our own that can be told to last: started again whenever it ends."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from livermore.embedded.place import log_tail
from livermore.errors import ConfigError, StoreUnavailable

FIRST_REVIVAL_SECONDS: Final = 0.5
LONGEST_REVIVAL_SECONDS: Final = 30.0
HEALTHY_SECONDS: Final = 60.0


@dataclass(slots=True, kw_only=True)
class LastingServer:
    """A running server and how to reach it, which stays the same when it is started again."""

    name: str
    host: str
    port: int
    log: Path
    process: Process = field(repr=False)
    started_again: Callable[[], Awaitable[Process]] = field(repr=False)
    ended: Callable[[Process], Awaitable[None]] = field(repr=False)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.process.pid

    async def run_revived(self, say: Callable[[str], None]) -> None:
        """Start the server again whenever it ends, with the same data, port and secret, until cancelled.

        `say` is told each time. Between two starts lies half a second at first, half a minute at most; one that has
        served for a minute is started again as soon as the first time.
        """
        loop = asyncio.get_running_loop()
        pause = FIRST_REVIVAL_SECONDS
        while True:
            began = loop.time()
            code = await self.process.wait()
            if loop.time() - began > HEALTHY_SECONDS:
                pause = FIRST_REVIVAL_SECONDS
            say(f"ended with code {code} and is started again in {pause:g} s (log: {self.log})")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_REVIVAL_SECONDS)
            try:
                self.process = await self.started_again()
            except (ConfigError, StoreUnavailable) as error:
                say(f"cannot be started again: {' '.join(str(error).split())}")
            else:
                say("is back")

    async def stop(self) -> None:
        """End the server in order."""
        await self.ended(self.process)

    async def run_until_ended(self) -> None:
        """Watch the server until cancelled.

        Raises:
            StoreUnavailable: when the server ends before us; the message has the end of its log.
        """
        code = await self.process.wait()
        raise StoreUnavailable(f"the embedded {self.name} ended with code {code}: {log_tail(self.log)}")
