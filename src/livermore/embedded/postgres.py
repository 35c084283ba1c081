"""The embedded PostgreSQL: a server of our own beside us, its data in a directory that only it uses.

The context manager owns the server process. It runs in a session of its own, so that Ctrl-C in the terminal reaches us
first and the server ends after its clients, and it is shut down in order. It listens on the loopback only, asks for a
password that was drawn for this directory, and writes to the disk before it says that something is done.
"""

import asyncio
import contextlib
import os
import secrets
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import SubprocessError
from typing import Final

import psycopg

from livermore.embedded.cluster import (
    DATA_NAME,
    DATABASE,
    PASSWORD_NAME,
    USER,
    end_orphan,
    ensure_cluster,
    plain_environment,
    postgres_program,
    read_note,
)
from livermore.embedded.lasting import LastingServer
from livermore.embedded.lock import locked
from livermore.embedded.place import LOOPBACK, free_port, is_free, log_file, log_tail, write_private
from livermore.embedded.unprivileged import Account, becoming
from livermore.errors import ConfigError, StoreUnavailable

LOG_NAME: Final = "postgres.log"
CONNECTION_LIMIT: Final = 100
READY_TIMEOUT_SECONDS: Final = 60.0
STOP_TIMEOUT_SECONDS: Final = 20.0
KNOCK_EVERY_SECONDS: Final = 0.02
ATTEMPTS: Final = 5
# What passes by itself: the port was taken in between, or the processes of a killed server are still ending.
PASSING: Final = ("could not bind", "pre-existing shared memory block")


@dataclass(slots=True, kw_only=True)
class EmbeddedPostgres(LastingServer):
    """A running server and how to reach it."""

    database: str
    user: str
    password: str = field(repr=False)


@asynccontextmanager
async def open_postgres(
    directory: Path, port: int | None = None, *, is_durable: bool = True
) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL server on the loopback with its data under `directory`; without a `port` it takes a free one.

    As root it runs as the owner of its data, an ordinary user. The password is made once and kept in the directory,
    readable by its owner only. `is_durable` is False only for tests, whose data may go with the machine.

    Raises:
        ConfigError: when the directory is in use or unusable, `port` is taken, or there is no server for this system.
        StoreUnavailable: when the server does not come up; the message has the end of its log.
    """
    with locked(directory) as home:
        await end_orphan(home)
        password = _password(home)
        account = await ensure_cluster(home, password, is_durable=is_durable)
        process, chosen = await _started(home, account, password, port, is_durable=is_durable)

        async def started_again() -> Process:
            await end_orphan(home)
            return (await _started(home, account, password, chosen, is_durable=is_durable))[0]

        server = EmbeddedPostgres(
            name="PostgreSQL",
            host=LOOPBACK,
            port=chosen,
            log=home / LOG_NAME,
            process=process,
            started_again=started_again,
            ended=_stop,
            database=DATABASE,
            user=USER,
            password=password,
        )
        try:
            yield server
        finally:
            await server.stop()


async def _started(
    home: Path, account: Account | None, password: str, port: int | None, *, is_durable: bool
) -> tuple[Process, int]:
    if port is not None and not is_free(port):
        raise ConfigError(f"port {port} is taken; name another one for the embedded PostgreSQL, or none")
    said = ""
    for _ in range(ATTEMPTS):
        chosen = port or free_port()
        before = _size(home / LOG_NAME)
        process = await _spawn(home, account, chosen, is_durable=is_durable)
        try:
            async with asyncio.timeout(READY_TIMEOUT_SECONDS):
                if await _is_ready(process, home, chosen, password):
                    return process, chosen
        except TimeoutError as exc:
            await _stop(process)
            raise StoreUnavailable(f"the embedded PostgreSQL is not ready: {log_tail(home / LOG_NAME)}") from exc
        except BaseException:
            await _stop(process)
            raise
        said = log_tail(home / LOG_NAME, before)
        if not any(words in said for words in PASSING):
            break
        await asyncio.sleep(KNOCK_EVERY_SECONDS)
    raise StoreUnavailable(f"the embedded PostgreSQL did not start: {said}")


async def _spawn(home: Path, account: Account | None, port: int, *, is_durable: bool) -> Process:
    settings = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        # A path to a socket may be too long, a port never is.
        "unix_socket_directories": "",
        "max_connections": str(CONNECTION_LIMIT),
        "shared_buffers": "64MB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "jit": "off",
        "io_method": "sync",
        "max_logical_replication_workers": "0",
        "log_checkpoints": "off",
        "fsync": "on" if is_durable else "off",
        "full_page_writes": "on" if is_durable else "off",
        "synchronous_commit": "on" if is_durable else "off",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    log = log_file(home / LOG_NAME)
    try:
        return await asyncio.create_subprocess_exec(
            postgres_program("postgres"),
            "-D",
            str(home / DATA_NAME),
            *words,
            cwd="/",
            env=plain_environment(),
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=becoming(account, signal.SIGINT),
        )
    except (OSError, SubprocessError) as exc:
        raise ConfigError(f"the embedded PostgreSQL cannot be run here ({exc}); set LIVERMORE_DATABASE_HOST") from exc
    finally:
        os.close(log)


async def _is_ready(process: Process, home: Path, port: int, password: str) -> bool:
    """Whether the server answers and has our database, or has ended instead; it notes when it can be asked."""
    while process.returncode is None:
        note = read_note(home / DATA_NAME)
        if note is not None and note.pid == process.pid and note.is_ready:
            with contextlib.suppress(psycopg.OperationalError):
                await _ensure_database(port, password)
                return True
        await asyncio.sleep(KNOCK_EVERY_SECONDS)
    return False


async def _ensure_database(port: int, password: str) -> None:
    try:
        async with await _connection(port, password, DATABASE):
            return
    except psycopg.OperationalError as exc:
        if "does not exist" not in str(exc):
            raise
    async with await _connection(port, password, "postgres") as connection:
        await connection.execute(f"CREATE DATABASE {DATABASE}")


async def _connection(port: int, password: str, database: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        host=LOOPBACK, port=port, dbname=database, user=USER, password=password, autocommit=True
    )


async def _stop(process: Process) -> None:
    """Shut the server down in order; one that takes too long is ended at once, and recovers at its next start."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
                await process.wait()
                return


def _password(home: Path) -> str:
    path = home / PASSWORD_NAME
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    if (home / DATA_NAME).exists():
        raise ConfigError(f"{path} is missing, so nobody can open the data beside it; bring it back")
    write_private(path, secrets.token_hex(32))
    return path.read_text(encoding="ascii").strip()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
