"""A whole Livermore on the simulator as real processes, and what can be done to them from outside."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from urllib.parse import urlsplit

SOURCE = Path(__file__).resolve().parents[2] / "src"
SYMBOLS = 6
# A candle of 5 minutes takes four seconds: fast enough to see readings change, slow enough to read what is written.
SPEED = 75
ENDS_WITHIN_SECONDS = 20.0
PATIENCE_SECONDS = 90.0


@dataclass
class Stack:
    """`livermore up --sim` in a folder and at a port of its own."""

    process: subprocess.Popen[str]
    directory: Path
    lines: list[str] = field(default_factory=list)
    grown: Condition = field(default_factory=Condition)

    def read(self) -> None:
        """Take in what it says until it ends."""
        for line in self.process.stdout or ():
            with self.grown:
                self.lines.append(line)
                self.grown.notify_all()

    def said(self, pattern: str, *, times: int = 1) -> list[str]:
        """The matches of the pattern in what it has said, once there are so many of them."""

        def found() -> list[str]:
            return re.findall(pattern, "".join(self.lines))

        with self.grown:
            if not self.grown.wait_for(lambda: len(found()) >= times, PATIENCE_SECONDS):
                raise AssertionError(f"{pattern!r} not within {PATIENCE_SECONDS:g} s:\n{''.join(self.lines[-40:])}")
            return found()

    @property
    def link(self) -> str:
        """The first sign-in link that it printed."""
        return self.said(r"http://\S+/sign-in#token=\S+")[0]

    @property
    def url(self) -> str:
        """Where its screens are."""
        parts = urlsplit(self.link)
        return f"{parts.scheme}://{parts.netloc}"

    def child(self, part: str) -> int:
        """The process that it has started whose command line has this part."""
        (number,) = [one for one, command in children(self.process.pid).items() if part in command]
        return number

    def kill(self, part: str) -> None:
        """End a part of it as a crash would."""
        os.kill(self.child(part), signal.SIGKILL)

    @contextmanager
    def halted(self, part: str) -> Iterator[None]:
        """Have a part of it, or with no name its supervisor, stand still meanwhile."""
        number = self.process.pid if part == "" else self.child(part)
        os.kill(number, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(number, signal.SIGCONT)


def children(parent: int) -> dict[int, str]:
    """The processes that this one has started, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(") ")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if int(stat[1]) == parent and stat[0] != "Z":
            found[int(entry.name)] = command
    return found


def free_port() -> int:
    """A port that nobody listens at, which a server that is started again finds again."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(directory: Path, *, symbols: int = SYMBOLS, speed: float = SPEED) -> Iterator[Stack]:
    """A stack that runs until left."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    variables = {"LIVERMORE_HTTP_PORT": str(free_port()), "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}
    command = ["up", "--sim", "--symbols", str(symbols), "--speed", str(speed)]
    with subprocess.Popen(
        [sys.executable, "-m", "livermore", *command],
        cwd=directory,
        env={**bare, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        stack = Stack(process, directory)
        reader = Thread(target=stack.read, name="what the stack says")
        reader.start()
        try:
            yield stack
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(ENDS_WITHIN_SECONDS)
            reader.join(ENDS_WITHIN_SECONDS)
