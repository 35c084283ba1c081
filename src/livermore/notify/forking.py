"""A process of our own that has loaded what it needs, and answers each request in a copy of itself.

What is asked may hang or crash.

Loading is slow and takes tens of megabytes, so it is done once, whoever is spoken to; a copy shares what is loaded. A
copy that is not done within the deadline is ended by the kernel, and nobody else's request notices. A request is a line
on a connection of its own, the answer all that comes back on it. The process ends when its standard input does, which
is when we do.
"""

import asyncio
import contextlib
import os
import select
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from livermore.notify.process import LONGEST_ANSWER, START_SECONDS, ProcessFailed

REQUESTS_WAITING: Final = 64
LONGEST_REQUEST: Final = 16_000_000


class ForkingProcess:
    """Runs `command` when it is first needed and again after it has ended; the command is given two more words.

    They are the number of the socket to listen on, and the deadline in seconds.
    """

    def __init__(
        self, command: Sequence[str], deadline_seconds: float, *, start_seconds: float = START_SECONDS
    ) -> None:
        self._command = tuple(command)
        self._deadline_seconds = deadline_seconds
        self._start_seconds = start_seconds
        self._process: Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._has_answered = False
        self._started_at = 0.0
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The number of the process, None where it does not run."""
        return None if self._process is None else self._process.pid

    async def ask(self, request: bytes) -> bytes:
        """The answer to `request`, which holds no newline; others are answered meanwhile.

        Raises:
            ProcessFailed: when it was not there within the deadline, or the copy that was to answer has ended.
        """
        try:
            async with asyncio.timeout(self._deadline_seconds):
                answer = await _asked(await self._path(), request + b"\n")
        except TimeoutError as error:
            await self._give_up_if_stuck()
            raise ProcessFailed(f"no answer within {self._deadline_seconds:g} s") from error
        except OSError as error:
            raise ProcessFailed("its process has ended") from error
        if not answer:
            raise ProcessFailed("its process has ended")
        self._has_answered = True
        return answer

    async def close(self) -> None:
        """End the process and its copies."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def _path(self) -> str:
        async with self._turn:
            if self._process is None or self._process.returncode is not None or self._folder is None:
                await self.close()
                self._folder = tempfile.TemporaryDirectory(prefix="livermore-")
                await self._start(Path(self._folder.name) / "s")
            return str(Path(self._folder.name) / "s")

    async def _start(self, path: Path) -> None:
        self._has_answered, self._started_at = False, asyncio.get_running_loop().time()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(REQUESTS_WAITING)
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                str(listener.fileno()),
                str(self._deadline_seconds),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=DEVNULL,
                pass_fds=(listener.fileno(),),
                start_new_session=True,
            )

    async def _give_up_if_stuck(self) -> None:
        """A process that has not answered anybody is replaced once it had the time to load on the busiest machine."""
        lived = asyncio.get_running_loop().time() - self._started_at
        if not self._has_answered and lived > self._start_seconds:
            await self.close()


async def _asked(path: str, request: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.read(LONGEST_ANSWER)
    finally:
        writer.transport.abort()


def serve_forking(answer: Callable[[bytes], bytes]) -> None:
    """The other end: answer each connection in a copy of this process until standard input ends.

    Whatever is slow to load is to be loaded before.
    """
    number, deadline_seconds = int(sys.argv[-2]), float(sys.argv[-1])
    # Copies that have ended are nobody's business.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=number) as listener:
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    _answer_and_end(connection, answer, deadline_seconds)


def _answer_and_end(connection: socket.socket, answer: Callable[[bytes], bytes], deadline_seconds: float) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Its default is to end the process, whatever hangs in it.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, deadline_seconds)
        with connection.makefile("rb") as requests:
            request = requests.readline(LONGEST_REQUEST)
        if _is_there(connection):
            connection.sendall(answer(request))
            code = 0
    finally:
        os._exit(code)


def _is_there(connection: socket.socket) -> bool:
    """Whether the asker still waits: it says nothing more, and hangs up when it has waited too long."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
