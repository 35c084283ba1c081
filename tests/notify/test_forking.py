"""One process for all, and a copy of it for each request: what hangs or crashes in one harms no other."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from livermore.notify.forking import ForkingProcess
from livermore.notify.process import ProcessFailed

PROGRAM = """
import os, time
from livermore.notify.forking import serve_forking

def answer(line):
    if line == b"hang\\n":
        time.sleep(600)
    if line == b"crash\\n":
        os.kill(os.getpid(), 9)
    if line == b"raise\\n":
        raise RuntimeError
    return b"%d %d %d" % (os.getppid(), os.getpid(), len(line) - 1)

serve_forking(answer)
"""


@asynccontextmanager
async def a_process(deadline_seconds: float = 30.0, program: str = PROGRAM) -> AsyncIterator[ForkingProcess]:
    process = ForkingProcess((sys.executable, "-c", program), deadline_seconds)
    try:
        yield process
    finally:
        await process.close()


async def test_each_request_is_answered_by_another_copy_of_one_process() -> None:
    async with a_process() as process:
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(process.ask(b"x" * size), name="ask") for size in (1, 70_000, 3_000_000)]
        answers = [[int(word) for word in task.result().split()] for task in asked]
        pid = process.pid

    assert {parent for parent, _, _ in answers} == {pid}
    assert len({copy for _, copy, _ in answers}) == 3
    assert [size for _, _, size in answers] == [1, 70_000, 3_000_000]


@pytest.mark.parametrize("request_", [b"crash", b"raise"])
async def test_a_copy_that_ends_harms_no_other(request_: bytes) -> None:
    async with a_process() as process:
        with pytest.raises(ProcessFailed, match="has ended"):
            await process.ask(request_)
        first = process.pid
        assert int((await process.ask(b"x")).split()[0]) == first


async def test_a_copy_that_hangs_is_ended_and_harms_no_other() -> None:
    """The kernel ends it; nobody has to be there to do so."""
    async with a_process() as process:
        await process.ask(b"x")
        process._deadline_seconds = 0.5
        async with asyncio.TaskGroup() as tasks:
            hanging = tasks.create_task(_failure(process, b"hang"), name="hang")
        process._deadline_seconds = 30.0
        assert await process.ask(b"x")

    assert hanging.result() == "no answer within 0.5 s"


async def _failure(process: ForkingProcess, request: bytes) -> str:
    with pytest.raises(ProcessFailed) as caught:
        await process.ask(request)
    return str(caught.value)


async def test_the_kernel_ends_a_copy_at_its_deadline() -> None:
    """Found by its parent having no child any more, though it was to sleep for ten minutes."""
    program = PROGRAM.replace("serve_forking(answer)", "import sys; sys.argv[-1] = '1.0'; serve_forking(answer)")
    async with a_process(program=program) as process:
        assert await _failure(process, b"hang") == "its process has ended"


SLOW = """
import sys, time
from pathlib import Path
from livermore.notify.forking import serve_forking

def answer(line):
    with Path({begun!r}).open("ab") as begun:
        begun.write(line)
    return b"done"

while not Path({loaded!r}).exists():
    time.sleep(0.01)
serve_forking(answer)
"""


async def test_what_nobody_waits_for_any_more_is_not_begun(tmp_path: Path) -> None:
    """It waited while the process was loading, and would be told again by whoever tries again."""
    begun, loaded = tmp_path / "begun", tmp_path / "loaded"
    async with a_process(0.5, SLOW.format(begun=str(begun), loaded=str(loaded))) as process:
        assert await _failure(process, b"gone") == "no answer within 0.5 s"
        process._deadline_seconds = 30.0
        loaded.touch()
        assert await process.ask(b"here") == b"done"

    assert begun.read_text() == "here\n"


async def test_a_process_that_is_killed_is_started_again() -> None:
    async with a_process() as process:
        first = int((await process.ask(b"x")).split()[0])
        os.kill(first, 9)
        async with asyncio.timeout(40):
            while True:
                try:
                    second = int((await process.ask(b"x")).split()[0])
                except ProcessFailed:
                    await asyncio.sleep(0.05)
                else:
                    break

    assert second != first


async def test_it_ends_with_us() -> None:
    async with a_process() as process:
        pid = int((await process.ask(b"x")).split()[0])

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
