"""A process of our own that answers one request after the other, each within a deadline, or is replaced.

What may hang or crash (drawing, other people's protocols) runs in one, so that a call that never returns can be ended.
A request is one line; the answer is its length in four bytes and then the answer. The process ends with its input.
Its first word, four zero bytes, says that it has loaded what it needs. Until then a deadline that passes does not end
it, or a machine too busy to load it in time would begin anew for ever.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from typing import Final

from livermore.errors import NotifyError

LONGEST_ANSWER: Final = 4_000_000
START_SECONDS: Final = 60.0
READY: Final = bytes(4)


class ProcessFailed(NotifyError):
    """The process did not answer."""


class LineProcess:
    """Runs `command` when it is first needed and again after it failed; one request at a time."""

    def __init__(
        self, command: Sequence[str], deadline_seconds: float, *, start_seconds: float = START_SECONDS
    ) -> None:
        self._command = tuple(command)
        self._deadline_seconds = deadline_seconds
        self._start_seconds = start_seconds
        self._process: Process | None = None
        self._is_ready = False
        self._started_at = 0.0
        self._turn = asyncio.Lock()

    async def ask(self, request: bytes) -> bytes:
        """The answer to `request`, which holds no newline.

        Raises:
            ProcessFailed: when it was not there within the deadline, waiting for earlier requests included.
        """
        try:
            async with asyncio.timeout(self._deadline_seconds), self._turn:
                return await self._asked(request + b"\n")
        except TimeoutError as error:
            raise ProcessFailed(f"no answer within {self._deadline_seconds:g} s") from error

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def _asked(self, request: bytes) -> bytes:
        is_whole = False
        try:
            process = await self._ready()
            answer = await _answer(process, request)
            is_whole = True
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ProcessFailed("its process has ended") from error
        else:
            return answer
        finally:
            if not is_whole and not self._is_loading():
                await self.close()

    async def _ready(self) -> Process:
        process = self._process
        if process is None or process.returncode is not None:
            self._is_ready, self._started_at = False, asyncio.get_running_loop().time()
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
            )
        if not self._is_ready and process.stdout is not None:
            if await process.stdout.readexactly(len(READY)) != READY:
                raise ProcessFailed("its process speaks another language")
            self._is_ready = True
        return process

    def _is_loading(self) -> bool:
        """Whether the process is alive, and not yet expected to be ready."""
        process = self._process
        if process is None or process.returncode is not None or self._is_ready:
            return False
        return asyncio.get_running_loop().time() - self._started_at < self._start_seconds


async def _answer(process: Process, request: bytes) -> bytes:
    asking, answering = process.stdin, process.stdout
    if asking is None or answering is None:
        raise ProcessFailed("its process has no pipes")
    asking.write(request)
    await asking.drain()
    length = int.from_bytes(await answering.readexactly(4))
    if not 0 < length <= LONGEST_ANSWER:
        raise ProcessFailed(f"its process answered with {length} bytes")
    return await answering.readexactly(length)


def serve_lines(answer: Callable[[bytes], bytes]) -> None:
    """The other end: answer each line of standard input until it ends."""
    # What a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    answers.write(READY)
    answers.flush()
    for line in sys.stdin.buffer:
        said = answer(line)
        answers.write(len(said).to_bytes(4) + said)
        answers.flush()
