"""Pictures drawn in a process of their own, within a deadline: no alert is held up by its picture."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from livermore.errors import PictureFailed
from livermore.notify.picture import Picture
from livermore.notify.process import START_SECONDS, LineProcess, ProcessFailed, serve_lines

DEADLINE_SECONDS: Final = 3.0
COMMAND: Final = (sys.executable, "-m", "livermore.notify.renderer")


class Renderer:
    """Draws one picture at a time; `command` is what runs the drawing process."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self._process = LineProcess(command, deadline_seconds, start_seconds=start_seconds)

    async def draw(self, picture: Picture) -> bytes:
        """The PNG of `picture`.

        Raises:
            PictureFailed: when it was not there within the deadline, waiting for earlier pictures included.
        """
        try:
            return await self._process.ask(msgspec.json.encode(picture))
        except ProcessFailed as error:
            raise PictureFailed(str(error)) from error

    async def close(self) -> None:
        """End the process."""
        await self._process.close()


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
    # What it needs is loaded only in the process that draws.
    from livermore.notify.chart import draw

    decoder = msgspec.json.Decoder(Picture)
    serve_lines(lambda line: draw(decoder.decode(line)))


if __name__ == "__main__":
    main()
