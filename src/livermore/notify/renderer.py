"""Pictures drawn in a process of their own, with a deadline: whatever becomes of a picture, its alert is not held up.

The process reads a picture as one line of JSON and answers with the length of the PNG in four bytes and the PNG. One
that does not answer in time is killed, and the next picture gets a new one. It ends with its input.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from livermore.errors import PictureFailed
from livermore.notify.picture import Picture

DEADLINE_SECONDS: Final = 3.0
LONGEST_PNG: Final = 4_000_000
COMMAND: Final = (sys.executable, "-m", "livermore.notify.renderer")


class Renderer:
    """Draws one picture at a time; `command` is what runs the drawing process."""

    def __init__(self, command: Sequence[str] = COMMAND, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._command = tuple(command)
        self._deadline_seconds = deadline_seconds
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def draw(self, picture: Picture) -> bytes:
        """The PNG of `picture`.

        Raises:
            PictureFailed: when it was not there within the deadline, waiting for earlier pictures included.
        """
        try:
            async with asyncio.timeout(self._deadline_seconds):
                async with self._turn:
                    return await self._drawn(picture)
        except TimeoutError as error:
            raise PictureFailed(f"it was not drawn within {self._deadline_seconds:g} s") from error

    async def warm_up(self) -> None:
        """Start the process, which takes a second to load what it draws with."""
        async with self._turn:
            await self._running()

    async def _drawn(self, picture: Picture) -> bytes:
        process = await self._running()
        is_whole = False
        try:
            png = await _answer(process, msgspec.json.encode(picture) + b"\n")
            is_whole = True
        except (asyncio.IncompleteReadError, OSError) as error:
            raise PictureFailed("the process that draws has ended") from error
        else:
            return png
        finally:
            if not is_whole:
                await self._end()

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def close(self) -> None:
        """End the process."""
        await self._end()


async def _answer(process: Process, request: bytes) -> bytes:
    asking, answering = process.stdin, process.stdout
    if asking is None or answering is None:
        raise PictureFailed("the process that draws has no pipes")
    asking.write(request)
    await asking.drain()
    length = int.from_bytes(await answering.readexactly(4))
    if not 0 < length <= LONGEST_PNG:
        raise PictureFailed(f"its process answered with {length} bytes")
    return await answering.readexactly(length)


@asynccontextmanager
async def open_renderer() -> AsyncIterator[Renderer]:
    """A renderer whose process ends with the context."""
    renderer = Renderer()
    try:
        yield renderer
    finally:
        await renderer.close()


def main() -> None:
    """Draw what standard input asks for until it ends."""
    from livermore.notify.chart import draw  # what it needs is loaded only in the process that draws

    decoder = msgspec.json.Decoder(Picture)
    for line in sys.stdin.buffer:
        png = draw(decoder.decode(line))
        sys.stdout.buffer.write(len(png).to_bytes(4) + png)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
