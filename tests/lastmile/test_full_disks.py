"""A disk that is full costs lines of a log, and never the process that writes it."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

FULL = Path("/dev/full")
WRITER = """
import sys
from livermore.logs import set_up_logs
import structlog
set_up_logs("info", for_people={for_people})
for number in range(3_000):
    structlog.get_logger("livermore").info("a.line", number=number)
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("livermore").exception("an.error")
print("lives", flush=True)
"""


async def ran(program: str, stderr: Path) -> tuple[int | None, str]:
    """The exit code of a Python program, and what it printed."""
    with stderr.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdin=DEVNULL, stdout=PIPE, stderr=log
        )
    async with asyncio.timeout(40):
        out, _ = await process.communicate()
    return process.returncode, out.decode()


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("for_people", [True, False])
async def test_a_log_on_a_full_disk_ends_no_process(*, for_people: bool) -> None:
    _, said = await ran(WRITER.format(for_people=for_people), FULL)

    assert said == "lives\n"


async def test_a_log_with_room_has_every_line(tmp_path: Path) -> None:
    code, said = await ran(WRITER.format(for_people=False), tmp_path / "a.log")

    lines = (tmp_path / "a.log").read_text().splitlines()
    assert (code, said) == (0, "lives\n")
    assert len(lines) == 3_001


ROTATOR = """
import resource
from pathlib import Path
from livermore.app.log_rotation import rotate
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
for _ in range(4):
    print(rotate(Path({log!r}), 1))
"""


async def test_a_log_that_cannot_be_copied_away_loses_nothing(tmp_path: Path) -> None:
    """No file may grow beyond 4,000 bytes here, as on a disk without room: older parts are not given up for it."""
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * 10_000)
    parts = {number: tmp_path / f"server.log.{number}" for number in (1, 2)}
    for number, part in parts.items():
        part.write_text(f"part {number}")

    code, said = await ran(ROTATOR.format(log=str(log)), tmp_path / "errors")

    assert (code, said) == (0, "False\n" * 4)
    assert log.stat().st_size == 10_000
    assert {number: part.read_text() for number, part in parts.items()} == {1: "part 1", 2: "part 2"}
    assert sorted(name for name in os.listdir(tmp_path) if "log" in name) == [log.name, "server.log.1", "server.log.2"]
