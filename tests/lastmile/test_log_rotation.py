"""Logs stay within bounds, and what was rotated away is still found by the logs API."""

import asyncio
import json
import sys
from pathlib import Path

from livermore.api.log_files import LogFilter, log_page
from livermore.app.log_rotation import PARTS_KEPT, rotate, run_rotation


def test_a_log_that_is_not_full_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    assert not rotate(log)
    log.write_text("x")

    assert not rotate(log, 1)
    assert log.read_text() == "x"


def test_the_oldest_parts_are_dropped(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    for number in range(PARTS_KEPT + 3):
        log.write_text(f"{number:03}")
        assert rotate(log, 1)

    assert log.read_text() == ""
    assert [(tmp_path / f"server.log.{part}").read_text() for part in range(1, PARTS_KEPT + 1)] == [
        f"{PARTS_KEPT + 3 - part:03}" for part in range(1, PARTS_KEPT + 1)
    ]
    assert not (tmp_path / f"server.log.{PARTS_KEPT + 1}").exists()


WRITER = """
import json, sys
for number in map(int, sys.stdin):
    print(json.dumps({"event": "line", "number": number}), file=sys.stderr, flush=True)
    print(number, flush=True)
"""


async def test_a_process_that_goes_on_writing_loses_no_line(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=file
        )
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(40):
        for number in range(40):
            process.stdin.write(f"{number}\n".encode())
            await process.stdin.drain()
            await process.stdout.readline()
            if number % 10 == 9:
                assert rotate(log, 1)
        process.stdin.close()
        await process.wait()

    page = log_page(tmp_path, LogFilter(file="server.log"), 100, None)
    assert [line.fields["number"] for line in page.lines] == list(reversed(range(40)))
    assert json.loads((tmp_path / "server.log.1").read_text().splitlines()[0])["number"] == 30


async def test_it_is_looked_after_until_cancelled(tmp_path: Path) -> None:
    log = tmp_path / "coinbase.log"
    log.write_bytes(b"x" * 5_000_001)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run_rotation([tmp_path / "absent.log", log]), name="rotation")
        async with asyncio.timeout(20):
            while log.stat().st_size:
                await asyncio.sleep(0.01)
        running.cancel()

    assert (tmp_path / "coinbase.log.1").stat().st_size == 5_000_001
