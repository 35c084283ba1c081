"""The server of our own: it starts, keeps what it was told, ends with us, and is nobody else's."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError

from livermore.embedded import valkey as embedded
from livermore.embedded.valkey import (
    CONFIG_NAME,
    PID_NAME,
    SECRET_NAME,
    EmbeddedValkey,
    open_valkey,
)
from livermore.errors import ConfigError, StoreUnavailable

OWNER = """
import asyncio, sys
from pathlib import Path
from redis.asyncio import Redis
from livermore.embedded.valkey import open_valkey

async def main():
    async with open_valkey(Path(sys.argv[1])) as valkey:
        async with Redis(host=valkey.host, port=valkey.port, password=valkey.secret) as redis:
            await redis.set("k", "kept")
        print(valkey.pid, flush=True)
        await asyncio.Event().wait()

{preparation}
asyncio.run(main())
"""
AT_ONCE = Retry(NoBackoff(), 0)
AS_IF_NOT_LINUX = "import livermore.embedded.valkey as module; module.ends_with_parent = lambda: None"


@asynccontextmanager
async def client(valkey: EmbeddedValkey) -> AsyncIterator[Redis]:
    async with Redis(host=valkey.host, port=valkey.port, password=valkey.secret, retry=AT_ONCE) as redis:
        yield redis


async def opened(directory: Path, port: int | None = None) -> EmbeddedValkey:
    """A server that has been started and stopped again."""
    async with open_valkey(directory, port) as valkey:
        return valkey


def is_running(pid: int) -> bool:
    """Whether a process is there and not just waiting for its parent to notice that it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until_gone(pid: int) -> None:
    """Wait for the end of a process that need not be a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    is_gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, is_gone.set)
    try:
        async with asyncio.timeout(15):
            await is_gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


@asynccontextmanager
async def owner(directory: Path, preparation: str = "") -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Another process that owns a server, and the number of that server."""
    program = OWNER.format(preparation=preparation)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(directory), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        await redis.mset({f"k{index}": "x" * 100 for index in range(5_000)})
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        assert await redis.dbsize() == 5_000


async def test_it_is_open_only_once_its_data_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis, redis.pipeline(False) as pipeline:
        # While it loads, the server looks at its connections once in 1,024 commands.
        for index in range(30_000):
            pipeline.set(f"k{index}", "x")
        await pipeline.execute()
    write = embedded.write_private

    def slowly(path: Path, text: str) -> None:
        options = "key-load-delay 20\nloading-process-events-interval-bytes 1024\n"
        write(path, text + options if path.name == CONFIG_NAME else text)

    monkeypatch.setattr(embedded, "write_private", slowly)
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        assert await redis.dbsize() == 30_000


async def test_the_death_of_the_server_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        for index in range(100):
            await redis.set(f"k{index}", index)
        os.kill(valkey.pid, signal.SIGKILL)
        with pytest.raises(StoreUnavailable, match="ended with code -9"):
            await valkey.run_until_ended()
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        assert await redis.dbsize() == 100


async def test_the_append_only_file_is_on_and_nothing_is_evicted(tmp_path: Path) -> None:
    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        options = await redis.config_get("appendonly", "appendfsync", "maxmemory-policy", "bind")

    assert options == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "bind": "127.0.0.1",
    }


async def test_it_answers_only_to_the_secret_which_only_the_owner_may_read(tmp_path: Path) -> None:
    async with open_valkey(tmp_path) as valkey:
        async with Redis(host=valkey.host, port=valkey.port, password="guess", retry=AT_ONCE) as stranger:
            with pytest.raises(AuthenticationError):
                await stranger.ping()
        modes = [(tmp_path / name).stat().st_mode & 0o777 for name in (SECRET_NAME, CONFIG_NAME)]

    assert modes == [0o600, 0o600]
    assert valkey.secret not in repr(valkey)


async def test_the_secret_stays_the_same(tmp_path: Path) -> None:
    assert (await opened(tmp_path)).secret == (await opened(tmp_path)).secret


async def test_a_path_with_blanks_and_quotes_is_a_path(tmp_path: Path) -> None:
    directory = tmp_path / 'my "data" dir'
    async with open_valkey(directory) as valkey, client(valkey) as redis:
        assert await redis.config_get("dir") == {"dir": str(directory)}


async def test_a_second_start_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    async with open_valkey(tmp_path) as valkey:
        with pytest.raises(ConfigError, match=f"in use by process {os.getpid()}"):
            await opened(tmp_path)
        async with client(valkey) as redis:
            assert await redis.set("k", "x")


async def test_two_directories_have_two_servers(tmp_path: Path) -> None:
    async with open_valkey(tmp_path / "a") as one, open_valkey(tmp_path / "b") as other:
        assert one.port != other.port


async def test_a_port_that_was_asked_for_and_is_taken_is_refused_by_its_number(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            await opened(tmp_path, port)


async def test_a_port_that_is_free_is_taken_as_asked(tmp_path: Path) -> None:
    first = await opened(tmp_path)

    assert (await opened(tmp_path, first.port)).port == first.port


async def test_a_port_lost_in_the_last_instant_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder, socket.create_server(("127.0.0.1", 0)) as later:
        free = later.getsockname()[1]
        later.close()
        ports = iter([holder.getsockname()[1], free])
        monkeypatch.setattr("livermore.embedded.valkey.free_port", lambda: next(ports))

        assert (await opened(tmp_path)).port == free


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("in the way")

    with pytest.raises(StoreUnavailable, match="append"):
        await opened(tmp_path)


async def test_it_has_ended_when_we_go_on(tmp_path: Path) -> None:
    assert not is_running((await opened(tmp_path)).pid)


async def test_ctrl_c_in_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    async with open_valkey(tmp_path) as valkey:
        assert os.getpgid(valkey.pid) != os.getpgid(0)
        assert os.getsid(valkey.pid) != os.getsid(0)


async def test_an_owner_that_is_cancelled_stops_its_server(tmp_path: Path) -> None:
    pids: list[int] = []
    is_open = asyncio.Event()

    async def own() -> None:
        async with open_valkey(tmp_path) as valkey:
            pids.append(valkey.pid)
            is_open.set()
            await valkey.run_until_ended()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(own(), name="owner")
        await is_open.wait()
        task.cancel()

    assert not is_running(pids[0])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent has died")
async def test_a_killed_owner_leaves_no_server(tmp_path: Path) -> None:
    async with owner(tmp_path) as (process, pid):
        assert is_running(pid)
        process.kill()
        await until_gone(pid)


async def test_a_server_left_behind_is_stopped_by_the_next_start_and_its_data_kept(tmp_path: Path) -> None:
    async with owner(tmp_path, AS_IF_NOT_LINUX) as (process, orphan):
        process.kill()
        await process.wait()
        assert is_running(orphan)

        async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
            assert valkey.pid != orphan
            assert await redis.get("k") == b"kept"
            await until_gone(orphan)


async def test_a_number_left_behind_that_is_someone_elses_now_is_left_alone(tmp_path: Path) -> None:
    await opened(tmp_path)
    (tmp_path / PID_NAME).write_text(f"{os.getpid()}\n")

    async with open_valkey(tmp_path) as valkey, client(valkey) as redis:
        assert await redis.ping()


async def test_a_server_that_dies_is_started_again_in_its_place_with_its_data(tmp_path: Path) -> None:
    said: list[str] = []
    async with open_valkey(tmp_path) as valkey, asyncio.TaskGroup() as tasks:
        reviving = tasks.create_task(valkey.run_revived(said.append), name="reviving")
        async with client(valkey) as redis:
            await redis.set("k", "kept")
        before = (valkey.pid, valkey.port, valkey.secret)
        os.kill(valkey.pid, signal.SIGKILL)
        async with asyncio.timeout(40):
            while "is back" not in said:
                await asyncio.sleep(0.02)
        async with client(valkey) as redis:
            assert await redis.get("k") == b"kept"
        assert valkey.pid != before[0]
        assert (valkey.port, valkey.secret) == before[1:]
        reviving.cancel()

    assert "ended with code -9" in said[0]
    assert not is_running(valkey.pid)
