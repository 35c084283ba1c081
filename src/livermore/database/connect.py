"""Opening PostgreSQL, and the one place where its errors become ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import AsyncConnection, errors
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from livermore.errors import ConfigError, Conflict, InvalidRequest, LivermoreError, StoreError, StoreUnavailable

CONNECT_TIMEOUT_SECONDS: Final = 3
POOL_TIMEOUT_SECONDS: Final = 5.0
HASTY_TIMEOUT_SECONDS: Final = 0.3
AWAY_SECONDS: Final = 10.0
"""For how long after the pool had no connection to give nobody else waits for one for long."""

ANSWER_TIMEOUT_SECONDS: Final = 8.0
STATEMENT_TIMEOUT_MS: Final = 6_000
CANCEL_SECONDS: Final = 1.0
RECONNECT_SECONDS: Final = 2.0
"""How long the pool goes on by itself; with its usual minutes, ever longer pauses would outlast an outage."""

POOL_LIMIT: Final = 10
WAITING_LIMIT: Final = 200
VARIABLES: Final = "LIVERMORE_DATABASE_HOST, _PORT, _NAME, _USER, _PASSWORD and _TLS"

Connection: TypeAlias = AsyncConnection[Any]


class HastyConnection(AsyncConnection[Any]):
    """A connection that is given up when the server does not even take back a question within a second.

    Left alone, psycopg waits ten seconds more for a server that hangs.
    """

    async def cancel_safe(self, *, timeout: float = CANCEL_SECONDS) -> None:  # noqa: ASYNC109  (as psycopg has it)
        """Ask the server to drop the question."""
        try:
            await super().cancel_safe(timeout=min(timeout, CANCEL_SECONDS))
        except errors.CancellationTimeout:
            self.pgconn.finish()
            raise


class Pool(AsyncConnectionPool[Connection]):
    """A pool that lets nobody wait for long while its server is known to be away.

    Whoever comes first waits for the whole time, in case it is only busy; those that follow within some seconds do not.
    """

    _was_away_at: float | None = None

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109  (as psycopg has it)
        """A connection; it has to be given back."""
        is_away = self._was_away_at is not None and monotonic() - self._was_away_at < AWAY_SECONDS
        try:
            connection = await super().getconn(HASTY_TIMEOUT_SECONDS if is_away else timeout)
        except PoolTimeout:
            self._was_away_at = monotonic()
            raise
        self._was_away_at = None
        return connection


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where PostgreSQL is; what the LIVERMORE_DATABASE_ variables say."""

    host: str
    port: int
    name: str
    user: str
    password: str | None = field(default=None, repr=False)
    is_tls: bool = False

    @property
    def address(self) -> str:
        """Where it is, for messages."""
        return f"{self.host}:{self.port}/{self.name}"


@asynccontextmanager
async def open_connection(settings: DatabaseSettings) -> AsyncIterator[Connection]:
    """One connection of its own, outside any pool, that commits each statement.

    Raises:
        StoreUnavailable: when the server does not answer within 3 s.
        ConfigError: when it refuses the user, the password or the name.
    """
    connection = await _connected(settings)
    async with answered(settings.address, within_seconds=None), connection:
        yield connection


@asynccontextmanager
async def open_pool(
    settings: DatabaseSettings, limit: int = POOL_LIMIT, *, may_be_away: bool = False
) -> AsyncIterator[Pool]:
    """A pool of at most `limit` connections to a server that has just answered, unless it `may_be_away`.

    Raises:
        StoreUnavailable: when the server does not answer within 3 s.
        ConfigError: when it refuses the user, the password or the name.
    """
    if not may_be_away:
        # A pool only says that it timed out; a connection of its own says why.
        connection = await _connected(settings)
        await connection.close()
    pool = Pool(
        connection_class=HastyConnection,
        kwargs=_parameters(settings),
        min_size=1,
        max_size=limit,
        max_waiting=WAITING_LIMIT,
        timeout=POOL_TIMEOUT_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        check=Pool.check_connection,
        open=False,
        name=f"livermore at {settings.address}",
    )
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A connection in a transaction, which ends with the block: committed, or undone by whatever is raised.

    Raises:
        StoreUnavailable: when PostgreSQL cannot be reached or does not answer within 8 s.
        Conflict: when somebody else holds what has to be unique, or what is referred to is gone.
        InvalidRequest: when a value cannot be stored.
    """
    async with answered(pool.name), pool.connection() as connection:
        yield connection


@asynccontextmanager
async def answered(where: str, within_seconds: float | None = ANSWER_TIMEOUT_SECONDS) -> AsyncIterator[None]:
    """Talk to PostgreSQL inside: what it raises, or its silence, becomes an error of ours.

    The error names the server and the cure, never the password.
    """
    try:
        async with asyncio.timeout(within_seconds):
            yield
    except TimeoutError as exc:
        raise StoreUnavailable(f"PostgreSQL {where} did not answer within {within_seconds} s") from exc
    except (psycopg.Error, PoolTimeout, PoolClosed, TooManyRequests) as exc:
        raise _ours(exc, where) from exc


async def _connected(settings: DatabaseSettings) -> Connection:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS + 1):
            return await HastyConnection.connect(**_parameters(settings), autocommit=True)
    except TimeoutError as exc:
        raise StoreUnavailable(_cannot(settings.address, "no answer in time")) from exc
    except (psycopg.Error, OSError) as exc:
        raise _refusal(exc, settings) from exc


def _parameters(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "dbname": settings.name,
        "user": settings.user,
        "password": settings.password,
        "sslmode": "verify-full" if settings.is_tls else "prefer",
        "sslrootcert": "system" if settings.is_tls else None,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "tcp_user_timeout": int(ANSWER_TIMEOUT_SECONDS * 1_000),
        "application_name": "livermore",
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}",
    }


def _refusal(exc: BaseException, settings: DatabaseSettings) -> LivermoreError:
    """Why no connection came about; the server's own words decide, for libpq gives no code for them."""
    words = " ".join(str(exc).split()).rpartition(" failed: ")[2].partition(" Is the server ")[0]
    address = settings.address
    if "password authentication failed" in words or "no password supplied" in words:
        return ConfigError(
            f"PostgreSQL at {address} refuses user {settings.user} (wrong password); check LIVERMORE_DATABASE_USER and "
            "LIVERMORE_DATABASE_PASSWORD"
        )
    if "does not exist" in words and "database" in words:
        return ConfigError(
            f"PostgreSQL at {settings.host}:{settings.port} has no database {settings.name}; create it or check "
            "LIVERMORE_DATABASE_NAME"
        )
    if "does not exist" in words or "pg_hba.conf" in words:
        return ConfigError(f"PostgreSQL at {address} refuses user {settings.user}; check LIVERMORE_DATABASE_USER")
    if "certificate" in words or "does not support SSL" in words:
        return ConfigError(
            f"PostgreSQL at {address} cannot be trusted over TLS ({words[-200:]}); see LIVERMORE_DATABASE_TLS"
        )
    return StoreUnavailable(_cannot(address, words[-200:]))


def _cannot(address: str, reason: str) -> str:
    return f"PostgreSQL at {address} cannot be reached ({reason}); check that it runs and that {VARIABLES} are right"


def _ours(exc: Exception, where: str) -> LivermoreError:
    words = " ".join(str(exc).split("\n")[0].split())
    if isinstance(exc, errors.UniqueViolation | errors.ForeignKeyViolation | errors.SerializationFailure):
        return Conflict(f"somebody else changed that ({words})")
    if isinstance(exc, errors.DataError | errors.IntegrityError | psycopg.DataError):
        return InvalidRequest(f"that cannot be stored ({words})")
    if isinstance(exc, errors.UndefinedTable | errors.UndefinedColumn | errors.InvalidSchemaName):
        return StoreError(f"PostgreSQL {where} has not our schema ({words}); run livermore db apply")
    if isinstance(exc, errors.InsufficientPrivilege):
        return StoreError(f"PostgreSQL {where} does not allow that ({words}); grant it to LIVERMORE_DATABASE_USER")
    if isinstance(exc, psycopg.ProgrammingError | psycopg.NotSupportedError):
        return StoreError(f"PostgreSQL {where} refused a statement ({words})")
    return StoreUnavailable(f"PostgreSQL {where} cannot be used ({words or 'no answer in time'})")
