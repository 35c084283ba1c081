"""Logs stay within bounds, and what was rotated away is still found by the logs API."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path

import pytest

from livermore.api import log_files
from livermore.api.log_files import CURSOR, CUT, LogFilter, LogLine, LogPage, log_names, log_page
from livermore.app import log_rotation
from livermore.app.log_rotation import PARTS_KEPT, rotate, run_rotation
from livermore.errors import InvalidRequest


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


def written(log: Path, numbers: range) -> None:
    with log.open("a") as file:
        file.writelines(json.dumps({"event": "line", "number": number}) + "\n" for number in numbers)


def numbers_of(page: LogPage) -> list[int]:
    return [line.fields["number"] for line in page.lines if line.event == "line"]


def page_of(folder: Path, limit: int = 1000, cursor: str | None = None, wanted: LogFilter | None = None) -> LogPage:
    page = log_page(folder, wanted or LogFilter(file="server.log"), limit, cursor)
    assert page.next is None or re.fullmatch(CURSOR, page.next)
    return page


def cut_away(log: Path) -> None:
    """As logrotate does with copytruncate, under a name that is not looked at."""
    shutil.copy(log, log.with_name("server.log-20260122"))
    os.truncate(log, 0)


def cut_and_grown(log: Path) -> None:
    cut_away(log)
    written(log, range(50_000, 65_000))


@pytest.mark.parametrize("turns", [1, 3])
def test_reading_goes_on_where_it_was_after_a_rotation(tmp_path: Path, turns: int) -> None:
    log = tmp_path / "server.log"
    written(log, range(100))
    assert rotate(log, 1)
    written(log, range(100, 200))
    first = page_of(tmp_path, 30)
    for turn in range(turns):
        assert rotate(log, 1)
        written(log, range(1000 + turn, 1001 + turn))
    second = page_of(tmp_path, 1000, first.next)

    assert numbers_of(first) + numbers_of(second) == list(reversed(range(200)))
    assert second.next is None


def test_a_page_that_ends_with_a_part_goes_on_with_the_next_one_after_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    written(log, range(5))
    assert rotate(log, 1)
    written(log, range(5, 10))
    first = page_of(tmp_path, 5)
    assert rotate(log, 1)
    written(log, range(10, 15))

    assert numbers_of(first) + numbers_of(page_of(tmp_path, 5, first.next)) == list(reversed(range(10)))


@pytest.mark.parametrize("written_since", [0, 3, 5_000])
def test_where_another_tool_has_cut_the_log_the_page_says_so_and_tells_nothing_of_the_new_one(
    tmp_path: Path, written_since: int
) -> None:
    log = tmp_path / "server.log"
    written(log, range(100))
    first = page_of(tmp_path, 10)
    cut_away(log)
    written(log, range(1000, 1000 + written_since))
    second = page_of(tmp_path, 10, first.next)

    assert [(line.level, line.event) for line in second.lines] == [("warning", CUT)]
    assert second.next is None
    assert numbers_of(page_of(tmp_path, 5_000)) == list(reversed(range(1000, 1000 + written_since)))


@pytest.mark.parametrize("has_successor", [True, False])
def test_a_log_that_another_tool_has_renamed_is_read_on(tmp_path: Path, has_successor: bool) -> None:
    log = tmp_path / "server.log"
    written(log, range(100))
    first = page_of(tmp_path, 10)
    log.rename(tmp_path / "server.log.1")
    if has_successor:
        written(log, range(1000, 1003))

    assert log_names(tmp_path) == ("server.log",)
    assert numbers_of(page_of(tmp_path, 1000, first.next)) == list(reversed(range(90)))
    newest = [1002, 1001, 1000] if has_successor else []
    assert numbers_of(page_of(tmp_path)) == [*newest, *reversed(range(100))]


class Meddling(LogFilter):
    """Lets something happen to the log as its first line is looked at."""

    deed: Callable[[], object]

    def takes(self, line: LogLine, raw: bytes) -> bool:
        if line.fields.get("number") == 9_999:
            self.deed()
        return super().takes(line, raw)


@pytest.mark.parametrize(
    "deed",
    [cut_away, cut_and_grown, Path.unlink],
    ids=["cut", "cut and grown beyond", "removed"],
)
def test_a_log_that_is_cut_while_it_is_read_gives_only_its_own_lines(
    tmp_path: Path, deed: Callable[[Path], object]
) -> None:
    log = tmp_path / "server.log"
    written(log, range(10_000))
    wanted = Meddling(file="server.log")
    object.__setattr__(wanted, "deed", lambda: deed(log))
    page = page_of(tmp_path, 100_000, None, wanted)
    told = numbers_of(page)

    assert 0 < len(told) <= 10_000
    assert told == list(range(9_999, 9_999 - len(told), -1))
    # A file that is open is read to its beginning, whatever becomes of its name.
    assert (page.lines[-1].event == CUT) is (len(told) < 10_000)


def test_a_log_that_is_rotated_while_it_is_read_is_read_once(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    written(log, range(10_000))
    wanted = Meddling(file="server.log")
    object.__setattr__(wanted, "deed", lambda: rotate(log, 1))

    assert numbers_of(page_of(tmp_path, 100_000, None, wanted)) == list(reversed(range(10_000)))


def test_a_hole_that_a_cut_left_is_no_line_and_hides_none(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("w") as file:
        file.seek(300_000)
        file.writelines(json.dumps({"event": "line", "number": number}) + "\n" for number in range(3))
    seen: list[LogLine] = []
    cursor = None
    for _ in range(20):
        page = page_of(tmp_path, 1, cursor)
        seen += page.lines
        cursor = page.next
        if cursor is None:
            break

    assert cursor is None
    assert [(line.event, line.fields["number"]) for line in seen] == [("line", 2), ("line", 1), ("line", 0)]


def test_a_file_without_an_end_of_line_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LOOKED_THROUGH_BYTES", 1_000_000)
    (tmp_path / "server.log").write_bytes(b"x" * 3_000_000)
    page = page_of(tmp_path)

    assert page.lines == ()
    assert page.next is not None
    assert page.next.startswith("0:")
    assert int(page.next.split(":")[1]) >= 1_900_000


def test_a_cursor_of_another_making_is_refused(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("x\n")
    for cursor in ("0:1", "x", "0:1:1:zzzzzzzz", "-1:0:0:00000000"):
        with pytest.raises(InvalidRequest):
            log_page(tmp_path, LogFilter(file="server.log"), 1, cursor)


@pytest.mark.parametrize("renames", [True, False])
def test_what_another_tool_does_while_we_copy_costs_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: bool
) -> None:
    log = tmp_path / "server.log"
    written(log, range(10))
    write = log_rotation._write
    meddled: list[bool] = []

    def meddling(target: RawIOBase, chunk: bytes) -> None:
        write(target, chunk)
        if not meddled:
            meddled.append(True)
            if renames:
                log.rename(tmp_path / "elsewhere")
            else:
                cut_away(log)
            written(log, range(10, 13))

    monkeypatch.setattr(log_rotation, "_write", meddling)
    rotate(log, 1)

    assert numbers_of(page_of(tmp_path))[:3] == [12, 11, 10]
    kept = [path for path in tmp_path.iterdir() if '"number": 0' in path.read_text()]
    assert len(kept) == 1
    assert not list(tmp_path.glob("*.copy"))
