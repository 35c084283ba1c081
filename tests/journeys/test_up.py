"""`livermore up` as a person meets it: in a terminal and without one, interrupted, run again, and told no."""

import asyncio
import os
import pty
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
CANDLES_WITHIN_SECONDS = 15.0
# Of what a person waits for; the machine may be busy with other tests meanwhile.
PATIENCE = 3.0
ALERTS_WITHIN_SECONDS = 180.0
ENDS_WITHIN_SECONDS = 3.0
UP = ("up", "--sim", "--symbols", "6", "--speed", "300")

pytestmark = [pytest.mark.timeout(280), pytest.mark.xdist_group("journeys")]


def environment() -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    return {
        **bare,
        "LIVERMORE_HTTP_PORT": "0",
        "PYTHONPATH": str(SOURCE),
        "PYTHONUNBUFFERED": "1",
        "TERM": "xterm-256color",
        "COLUMNS": "160",
    }


class Screen:
    """A process and all that it has written so far."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.text = ""
        self._grown = asyncio.Event()

    def feed(self, data: bytes) -> None:
        self.text += data.decode(errors="replace")
        self._grown.set()

    async def until(self, shown: Callable[[str], bool], seconds: float, what: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not shown(self.text):
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError as exc:
            raise AssertionError(f"{what} not within {seconds:g} s:\n{self.text[-3000:]}") from exc


async def until_gone(directory: Path) -> None:
    """Return once no process works in the directory any more."""
    while processes_in(directory):
        await asyncio.sleep(0.02)


def processes_in(directory: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                inside = (entry / "cwd").readlink().is_relative_to(directory)
            except OSError:
                continue
            if inside:
                found.append(int(entry.name))
    return found


@asynccontextmanager
async def up(directory: Path, *arguments: str) -> AsyncIterator[Screen]:
    """`livermore up` without a terminal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livermore",
        *(arguments or UP),
        cwd=directory,
        env=environment(),
        stdout=PIPE,
        stderr=PIPE,
    )
    screen = Screen(process)

    async def read() -> None:
        assert process.stdout is not None
        while data := await process.stdout.read(4096):
            screen.feed(data)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read(), name="screen")
        try:
            yield screen
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


@asynccontextmanager
async def up_in_a_terminal(directory: Path) -> AsyncIterator[Screen]:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livermore",
        *UP,
        cwd=directory,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    screen = Screen(process)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            screen.feed(os.read(ours, 65_536))
        except OSError:
            loop.remove_reader(ours)

    loop.add_reader(ours, read)
    try:
        yield screen
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        loop.remove_reader(ours)
        os.close(ours)


async def interrupt(screen: Screen, directory: Path) -> None:
    """Ctrl-C ends all of it, leaving no process behind."""
    screen.process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE * ENDS_WITHIN_SECONDS):
        await screen.process.wait()
        await until_gone(directory)


def requests(text: str) -> int:
    """How many requests for history the exchanges were asked, as the lines tell it."""
    totals: dict[str, int] = {}
    for exchange, total in re.findall(r"SIMULATED (\S.*?)  +history \d+ % \(\d+/(\d+) requests\)", text):
        totals[exchange] = max(int(total), totals.get(exchange, 0))
    return sum(totals.values())


def both_alert(text: str) -> bool:
    return all(re.search(rf"SIMULATED {name} +ALERT ", text) for name in ("Coinbase", "Binance"))


async def check_signing_in(text: str) -> None:
    """The printed link works once, and its bearer sees what the instances tell."""
    address, token = re.findall(r"(http://\S+)/sign-in#token=(\S+)", text)[-1]
    async with httpx.AsyncClient(base_url=address) as http:
        granted = await http.post("/api/v1/auth/sign-in", json={"token": token})
        assert granted.status_code == 200, granted.text
        assert (await http.post("/api/v1/auth/sign-in", json={"token": token})).status_code == 401
        headers = {"authorization": f"Bearer {granted.json()['accessToken']}"}
        network = (await http.get("/api/v1/network", headers=headers)).json()
        served = {one["exchangeName"]: one["status"] for one in network["items"] if one["status"]}
        assert set(served) >= {"coinbase", "binance"}
        assert {one["adminEmail"] for one in served.values()} == {"admin@localhost"}, "theirs are the settings"


def children(parent: int) -> dict[int, str]:
    """The processes that this one has started, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                number = int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if number == parent:
                found[int(entry.name)] = command
    return found


async def check_revivals(screen: Screen) -> None:
    """Whatever is killed comes back and says so, and the market goes on."""
    killed = {
        "bin/postgres": "PostgreSQL: is back",
        "valkey-server": "Valkey: is back",
        "livermore sim": "simulator: ended with code -9 and is started again",
        "livermore server": "server: ended with code -9 and is started again",
        "instance binance ": "Binance: ended with code -9 and is started again",
    }
    for part, said in killed.items():
        (number,) = [one for one, command in children(screen.process.pid).items() if part in command]
        os.kill(number, signal.SIGKILL)
        await screen.until(lambda text, said=said: said in text, PATIENCE * CANDLES_WITHIN_SECONDS, said)  # type: ignore[misc]
    told = len(screen.text)
    await screen.until(
        lambda text: all(
            re.search(rf"SIMULATED {name} +candles closed at", text[told:]) for name in ("Coinbase", "Binance")
        ),
        PATIENCE * CANDLES_WITHIN_SECONDS,
        "candles of both after all were killed",
    )
    # Where it was: open screens and links that were sent look for it there.
    (address,) = set(re.findall(r"Livermore is at (\S+)", screen.text))
    async with asyncio.timeout(PATIENCE * CANDLES_WITHIN_SECONDS), httpx.AsyncClient(base_url=address) as http:
        while not await is_healthy(http):
            await asyncio.sleep(0.1)


async def is_healthy(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_without_a_terminal_it_runs_is_interrupted_and_goes_on(tmp_path: Path) -> None:
    async with up(tmp_path) as first:
        await first.until(lambda text: "candles closed at" in text, PATIENCE * CANDLES_WITHIN_SECONDS, "candles")
        async with up(tmp_path) as second:
            assert second.process.stderr is not None
            said = await second.process.stderr.read()
            assert await second.process.wait() == 2
        assert said.decode().count("\n") == 1
        assert said.startswith(b"livermore: ")
        assert b"Traceback" not in said
        await first.until(
            lambda text: "/sign-in#token=" in text, PATIENCE * CANDLES_WITHIN_SECONDS, "a link to sign in"
        )
        await check_signing_in(first.text)
        await first.until(both_alert, ALERTS_WITHIN_SECONDS, "alerts on both exchanges")
        await check_revivals(first)
        await interrupt(first, tmp_path)

    async with up(tmp_path) as again:
        await again.until(
            lambda text: len(re.findall(r"active, feed live", text)) >= 2,
            PATIENCE * CANDLES_WITHIN_SECONDS,
            "both active",
        )
        await interrupt(again, tmp_path)

    assert "\x1b[" not in first.text, "escape codes where there is no terminal"
    # Five series of six symbols on two exchanges were fetched anew the first time.
    assert len(re.findall(r"history \d+ %", again.text)) <= len(re.findall(r"history \d+ %", first.text))
    assert "ALERT" in first.text


async def test_in_a_terminal_it_shows_a_screen_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    async with up_in_a_terminal(tmp_path) as screen:
        await screen.until(
            lambda text: "Coinbase" in text and "Binance" in text and "BTC-USD" in text,
            PATIENCE * CANDLES_WITHIN_SECONDS,
            "both exchanges and a symbol",
        )
        assert "\x1b[" in screen.text
        await interrupt(screen, tmp_path)


@pytest.mark.parametrize("arguments", [("up", "--live", "nowhere"), ("instance", "nowhere", "--autostart")])
async def test_an_unknown_exchange_is_one_plain_line_and_exit_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    async with up(tmp_path, *arguments) as refused:
        assert refused.process.stderr is not None
        said = (await refused.process.stderr.read()).decode()
        code = await refused.process.wait()

    assert code == 2
    assert said.startswith("livermore: ")
    assert "nowhere" in said
    assert said.count("\n") == 1
