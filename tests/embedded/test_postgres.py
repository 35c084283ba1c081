"""The PostgreSQL of our own: it starts, keeps what it was told, ends with us, heals, and runs for root too."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from livermore.embedded import cluster, postgres, unprivileged
from livermore.embedded.cluster import DATA_NAME, NOTE_NAME, PASSWORD_NAME, UNFINISHED_NAME, running_postgres
from livermore.embedded.postgres import EmbeddedPostgres, open_postgres
from livermore.errors import ConfigError, StoreUnavailable

OWNER = """
import asyncio, sys
from pathlib import Path
from livermore.embedded.postgres import open_postgres

async def main():
    async with open_postgres(Path(sys.argv[1]), is_durable=False) as postgres:
        print(postgres.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
is_root = os.geteuid() == 0


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that has been made and used, to be copied."""
    directory = tmp_path_factory.mktemp("made")

    async def make() -> None:
        async with open_postgres(directory, is_durable=False) as server:
            await asked(server, "CREATE TABLE t AS SELECT 'kept' AS v")

    asyncio.run(make())
    return directory


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A directory with data, in a folder that only its owner may enter."""
    tmp_path.chmod(0o700)
    target = tmp_path / "postgres"
    shutil.copytree(made, target)
    owner = (made / DATA_NAME).stat()
    for path in [target / DATA_NAME, *(target / DATA_NAME).rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)
    return target


async def asked(server: EmbeddedPostgres, statement: str, **changes: Any) -> list[Any]:
    parameters: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "dbname": server.database,
        "user": server.user,
        "password": server.password,
        **changes,
    }
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as connection:
        cursor = await connection.execute(statement)
        return await cursor.fetchall() if cursor.description else []


def is_running(pid: int) -> bool:
    """Whether a process is there and not just waiting for its parent to notice that it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def status_of(pid: int) -> str:
    """What the system says of a process."""
    return Path(f"/proc/{pid}/status").read_text()


async def until_gone(pid: int) -> None:
    """Wait for the end of a process that need not be a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    is_gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, is_gone.set)
    try:
        async with asyncio.timeout(30):
            await is_gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


@asynccontextmanager
async def owner(directory: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Another process that owns a server, and the number of that server."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(directory), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(45):
            yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_restart_keeps_everything(home: Path) -> None:
    async with open_postgres(home, is_durable=False) as server:
        assert await asked(server, "SELECT v FROM t") == [("kept",)]
        assert running_postgres(home) == cluster.RunningPostgres(server.host, server.port, server.password)
    assert not is_running(server.pid)
    assert running_postgres(home) is None
    async with open_postgres(home, is_durable=False) as server:
        assert await asked(server, "SELECT v FROM t") == [("kept",)]


async def test_a_new_directory_is_made_and_speaks_one_language_everywhere(tmp_path: Path) -> None:
    async with open_postgres(tmp_path / "a folder with ü and spaces") as server:
        assert await asked(server, "SELECT current_database(), current_user") == [("livermore", "livermore")]
        assert await asked(server, "SHOW server_encoding") == [("UTF8",)]
        assert await asked(server, "SHOW fsync") == [("on",)]
        assert await asked(server, "SELECT datlocprovider::text FROM pg_database WHERE datname = 'livermore'") == [
            ("b",)
        ]
        assert (tmp_path / "a folder with ü and spaces" / PASSWORD_NAME).stat().st_mode & 0o777 == 0o600
        assert server.password not in repr(server)


async def test_nobody_gets_in_without_the_password(home: Path) -> None:
    async with open_postgres(home, is_durable=False) as server:
        for password in ("", "wrong"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                await asked(server, "SELECT 1", password=password)


@pytest.mark.skipif(not is_root, reason="only root has to become somebody else")
async def test_as_root_the_server_is_somebody_else_and_still_reaches_its_data(home: Path) -> None:
    async with open_postgres(home, is_durable=False) as server:
        status = status_of(server.pid)
        uid = int(status.partition("Uid:")[2].split()[0])
        assert uid != 0
        assert (home / DATA_NAME).stat().st_uid == uid
        assert home.parent.stat().st_mode & 0o077 == 0, "only root may enter the folder above"
        capabilities = int(status.partition("CapEff:")[2].split()[0], 16)
        assert capabilities in (0, 1 << 1), "no privilege but that of reaching files"


@pytest.mark.skipif(not is_root, reason="only root may give files away")
async def test_data_of_an_ordinary_user_stays_theirs(home: Path) -> None:
    account = unprivileged.account_for(home / DATA_NAME)
    assert account is not None
    daemon = unprivileged.Account(1, 1)
    unprivileged.hand_over(home / DATA_NAME, daemon)
    async with open_postgres(home, is_durable=False) as server:
        assert await asked(server, "SELECT v FROM t") == [("kept",)]
        assert (home / DATA_NAME).stat().st_uid == 1


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder of an ordinary user."""
    target = tmp_path / "theirs"
    target.mkdir()
    os.chown(target, 65534, 65534)
    return target


@pytest.mark.skipif(not is_root, reason="only root may become an ordinary user")
async def test_an_ordinary_user_runs_it_as_themselves(theirs: Path) -> None:
    """In a process of their own, for which there is no way back."""
    program = (
        "import asyncio, os, sys\nfrom pathlib import Path\nfrom livermore.embedded.postgres import open_postgres\n"
        "async def main():\n"
        "    async with open_postgres(Path(sys.argv[1]), is_durable=False) as postgres:\n"
        "        print(os.stat(f'/proc/{postgres.pid}').st_uid, flush=True)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(theirs)),
        cwd="/",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=unprivileged.becoming(unprivileged.Account(65534, 65534), signal.SIGKILL),
    )
    async with asyncio.timeout(50):
        out, err = await process.communicate()
    assert out.split() == [b"65534"], err.decode()


async def test_what_was_cut_short_while_it_was_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED_NAME / "base").mkdir(parents=True)
    (tmp_path / UNFINISHED_NAME / "PG_VERSION").write_text("18\n")
    async with open_postgres(tmp_path, is_durable=False) as server:
        assert await asked(server, "SELECT 1") == [(1,)]
    assert not (tmp_path / UNFINISHED_NAME).exists()


async def test_it_ends_with_the_process_that_owns_it(home: Path) -> None:
    async with owner(home) as (process, pid):
        assert is_running(pid)
        process.kill()
        await process.wait()
        await until_gone(pid)
    async with open_postgres(home, is_durable=False) as server:
        assert await asked(server, "SELECT v FROM t") == [("kept",)]


async def test_an_orphan_is_ended_before_its_data_is_opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a parent that died where the system does not tell its children."""
    server = open_postgres(home, is_durable=False)
    first = await server.__aenter__()
    monkeypatch.setattr(postgres, "locked", _unlocked)
    async with open_postgres(home, is_durable=False) as second:
        assert second.pid != first.pid
        await until_gone(first.pid)
        assert await asked(second, "SELECT v FROM t") == [("kept",)]
    await server.__aexit__(None, None, None)


@contextmanager
def _unlocked(directory: Path) -> Iterator[Path]:
    """The lock as it is once its holder is dead."""
    yield directory.absolute()


async def test_a_killed_server_recovers(home: Path) -> None:
    async with open_postgres(home, is_durable=False) as server:
        await asked(server, "CREATE TABLE more AS SELECT 1 AS n")
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(StoreUnavailable, match="ended with code -9"):
            async with asyncio.timeout(20):
                await server.run_until_ended()
    assert (home / DATA_NAME / NOTE_NAME).exists()
    async with open_postgres(home, is_durable=False) as server:
        assert await asked(server, "SELECT v FROM t") == [("kept",)]


async def test_a_killed_server_is_started_again_where_it_was(home: Path) -> None:
    said: list[str] = []
    async with asyncio.timeout(60), open_postgres(home, is_durable=False) as server, asyncio.TaskGroup() as tasks:
        reviving = tasks.create_task(server.run_revived(said.append), name="reviving")
        port = server.port
        os.kill(server.pid, signal.SIGKILL)
        while "is back" not in said:
            await asyncio.sleep(0.02)
        assert server.port == port
        assert await asked(server, "SELECT v FROM t") == [("kept",)]
        reviving.cancel()
    assert said[0].startswith("ended with code -9 and is started again")


async def test_a_note_whose_number_another_process_has_by_now_stops_nothing(home: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        note = f"{stranger.pid}\n{home / DATA_NAME}\n1\n5432\n\n127.0.0.1\n  1 1\nready\n"
        (home / DATA_NAME / NOTE_NAME).write_text(note)
        async with open_postgres(home, is_durable=False) as server:
            assert await asked(server, "SELECT v FROM t") == [("kept",)]
        assert stranger.returncode is None
    finally:
        stranger.kill()
        await stranger.wait()


async def test_a_second_owner_is_refused(home: Path) -> None:
    async with open_postgres(home, is_durable=False):
        with pytest.raises(ConfigError, match=f"in use by process {os.getpid()}"):
            async with open_postgres(home):
                pass


async def test_a_port_that_is_taken_is_refused(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is taken"):
            async with open_postgres(home, port):
                pass


async def test_a_port_that_is_taken_in_between_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1]])
        found = postgres.free_port
        monkeypatch.setattr(postgres, "free_port", lambda: next(ports, None) or found())
        async with open_postgres(home, is_durable=False) as server:
            assert server.port != taken.getsockname()[1]


async def test_data_of_another_version_is_refused_and_left_alone(home: Path) -> None:
    (home / DATA_NAME / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigError, match="is of PostgreSQL 17, ours is 18"):
        async with open_postgres(home):
            pass


async def test_a_password_that_is_missing_is_said(home: Path) -> None:
    (home / PASSWORD_NAME).unlink()
    with pytest.raises(ConfigError, match="is missing"):
        async with open_postgres(home):
            pass


async def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    (home / DATA_NAME / "postgresql.conf").write_text("nonsense = on\n")
    with pytest.raises(StoreUnavailable, match="nonsense"):
        async with open_postgres(home, is_durable=False):
            pass


@pytest.fixture
def deep(home: Path) -> Path:
    """The same directory far down."""
    folder = home.parent / ("d" * 100) / ("e" * 100)
    folder.mkdir(parents=True)
    return home.rename(folder / "postgres")


async def test_a_path_longer_than_a_socket_may_have_is_no_trouble(deep: Path) -> None:
    async with open_postgres(deep, is_durable=False) as server:
        assert await asked(server, "SELECT v FROM t") == [("kept",)]
