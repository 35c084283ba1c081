"""The embedded Valkey: a server of our own beside us, its data in a directory that only it uses.

The context manager owns the server process. It runs in a session of its own, so that Ctrl-C in the terminal reaches us
first and the server ends after its clients, and it is told to shut down in order, with its append-only file flushed.
"""

import asyncio
import contextlib
import secrets
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from livermore.embedded.binary import valkey_binary
from livermore.embedded.lasting import LastingServer
from livermore.embedded.lock import locked
from livermore.embedded.parent import ends_with_parent
from livermore.embedded.place import LOG_LIMIT_BYTES, LOOPBACK, free_port, is_alive, is_free, log_tail, write_private
from livermore.errors import ConfigError, StoreUnavailable

CONFIG_NAME: Final = "valkey.conf"
LOG_NAME: Final = "valkey.log"
PID_NAME: Final = "valkey.pid"
PORT_NAME: Final = "valkey.port"
SECRET_NAME: Final = "valkey.secret"
READY_TIMEOUT_SECONDS: Final = 60.0
STOP_TIMEOUT_SECONDS: Final = 20.0
ANSWER_TIMEOUT_SECONDS: Final = 1.0
KNOCK_EVERY_SECONDS: Final = 0.01
PORT_ATTEMPTS: Final = 5


@dataclass(slots=True, kw_only=True)
class EmbeddedValkey(LastingServer):
    """A running server and how to reach it."""

    secret: str = field(repr=False)


@asynccontextmanager
async def open_valkey(data_dir: Path, port: int | None = None) -> AsyncIterator[EmbeddedValkey]:
    """A Valkey server on the loopback with its data in `data_dir`; without a `port` it takes a free one.

    Everything acknowledged survives the death of the server; the append-only file reaches the disk every second. The
    secret is made once and kept in the directory, readable by its owner only.

    Raises:
        ConfigError: when the directory is in use or unusable, `port` is taken, or there is no server for this system.
        StoreUnavailable: when the server does not come up; the message has the end of its log.
    """
    with locked(data_dir) as directory:
        await _stop_orphan(directory)
        secret = _secret(directory)
        process, chosen = await _started(directory, secret, port)

        async def started_again() -> Process:
            return (await _started(directory, secret, chosen))[0]

        valkey = EmbeddedValkey(
            name="Valkey",
            host=LOOPBACK,
            port=chosen,
            log=directory / LOG_NAME,
            process=process,
            started_again=started_again,
            ended=_stop,
            secret=secret,
        )
        try:
            yield valkey
        finally:
            await valkey.stop()


async def _started(directory: Path, secret: str, port: int | None) -> tuple[Process, int]:
    if port is not None and not is_free(port):
        raise ConfigError(f"port {port} is taken; name another one for the embedded Valkey, or none")
    # A free port may be gone before the server takes it, hence the attempts.
    for attempt in range(1, PORT_ATTEMPTS + 1):
        chosen = port or free_port()
        _write_config(directory, secret, chosen)
        process = await _spawn(directory)
        try:
            async with asyncio.timeout(READY_TIMEOUT_SECONDS):
                if await _is_ready(process, chosen, secret):
                    return process, chosen
        except TimeoutError as exc:
            await _stop(process)
            raise StoreUnavailable(f"the embedded Valkey is not ready: {log_tail(directory / LOG_NAME)}") from exc
        except BaseException:
            await _stop(process)
            raise
        tail = log_tail(directory / LOG_NAME)
        if "Address already in use" not in tail or port is not None or attempt == PORT_ATTEMPTS:
            break
    raise StoreUnavailable(f"the embedded Valkey did not start: {tail}")


async def _spawn(directory: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        valkey_binary(),
        str(directory / CONFIG_NAME),
        cwd=directory,
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
        preexec_fn=ends_with_parent(),
    )


async def _is_ready(process: Process, port: int, secret: str) -> bool:
    """Whether the server answers, or has ended instead; a server has no other way to tell, so we knock."""
    async with _client(port, secret) as redis:
        while process.returncode is None:
            with contextlib.suppress(RedisError, OSError):
                # PING, not INFO: that is answered already while the data is still being loaded.
                await redis.ping()
                return True
            await asyncio.sleep(KNOCK_EVERY_SECONDS)
    return False


async def _stop(process: Process) -> None:
    """End the server in order; one that takes too long is killed."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _stop_orphan(directory: Path) -> None:
    """End a server that was left on the directory by a process that was killed.

    It is ours when it answers on the port and to the secret kept here, and has the number of the process noted here.
    """
    port, pid = _number(directory / PORT_NAME), _number(directory / PID_NAME)
    if port is None or pid is None:
        return
    try:
        async with asyncio.timeout(STOP_TIMEOUT_SECONDS), _client(port, _secret(directory)) as redis:
            while await _serves(redis, pid):
                with contextlib.suppress(RedisError, OSError):
                    await redis.shutdown()
                await asyncio.sleep(KNOCK_EVERY_SECONDS)
    except TimeoutError as exc:
        raise ConfigError(f"a server left behind, process {pid}, still uses {directory}; stop it") from exc


async def _serves(redis: Redis, pid: int) -> bool:
    """Whether process `pid` answers there, be it that it is still loading its data."""
    if not is_alive(pid):
        return False
    try:
        facts = await redis.info("server")
    except (RedisError, OSError):
        return False
    return bool(facts["process_id"] == pid)


@asynccontextmanager
async def _client(port: int, secret: str) -> AsyncIterator[Redis]:
    redis = Redis(
        host=LOOPBACK,
        port=port,
        password=secret,
        socket_connect_timeout=ANSWER_TIMEOUT_SECONDS,
        socket_timeout=ANSWER_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    try:
        yield redis
    finally:
        await redis.aclose()


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _secret(directory: Path) -> str:
    path = directory / SECRET_NAME
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_text(encoding="ascii")


def _write_config(directory: Path, secret: str, port: int) -> None:
    log = directory / LOG_NAME
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    quoted = str(directory).replace("\\", "\\\\").replace('"', '\\"')
    lines = (
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {secret}",
        f'dir "{quoted}"',
        f"logfile {LOG_NAME}",
        f'pidfile "{quoted}/{PID_NAME}"',
        "daemonize no",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
    )
    write_private(directory / CONFIG_NAME, "\n".join(lines) + "\n")
    write_private(directory / PORT_NAME, f"{port}\n")
