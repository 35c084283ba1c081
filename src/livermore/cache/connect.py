"""Opening Redis, and the one place where its errors become ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from livermore.errors import ClaimLost, ConfigError, CorruptRecord, StoreError, StoreUnavailable

CONNECT_TIMEOUT_SECONDS: Final = 3.0
ANSWER_TIMEOUT_SECONDS: Final = 5.0
CONNECTION_LIMIT: Final = 64

_REFUSED = (AuthenticationError, AuthorizationError, NoPermissionError)
_PASSING = ("MISCONF", "NOREPLICAS", "BUSY", "LOADING")
"""What a server says that will write again once its disk, its replicas or a script of somebody else allow."""

_AWAY = (
    ConnectionError,
    TimeoutError,
    OSError,
    ReadOnlyError,
    MasterDownError,
    ClusterDownError,
    TryAgainError,
    OutOfMemoryError,
)


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """Where Redis is; what LIVERMORE_REDIS_HOST, _PORT, _SECRET and _TLS say."""

    host: str
    port: int
    secret: str | None = field(default=None, repr=False)
    is_tls: bool = False


@asynccontextmanager
async def open_redis(settings: RedisSettings) -> AsyncIterator[Redis]:
    """A pool of connections to a Redis or Valkey server that has just answered.

    Nothing is retried here: whoever writes knows whether a write may be repeated.

    Raises:
        StoreUnavailable: when the server does not answer within 3 s.
        ConfigError: when it refuses the secret.
    """
    redis = Redis(
        host=settings.host,
        port=settings.port,
        password=settings.secret,
        ssl=settings.is_tls,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        # The clock runs in `answered`: with a timeout of its own redis-py wraps every write in wait_for, which on
        # Python 3.11 swallows a cancellation that arrives as the write ends.
        socket_timeout=None,
        retry=Retry(NoBackoff(), 0),
        max_connections=CONNECTION_LIMIT,
        client_name="livermore",
        protocol=2,
    )
    try:
        async with answered(redis, CONNECT_TIMEOUT_SECONDS):
            await redis.ping()
        yield redis
    finally:
        await redis.aclose()


@asynccontextmanager
async def answered(redis: Redis, within_seconds: float = ANSWER_TIMEOUT_SECONDS) -> AsyncIterator[None]:
    """Talk to `redis` inside: what it raises, or its silence, becomes an error of ours.

    The error names the server and the cure, never the secret.
    """
    try:
        async with asyncio.timeout(within_seconds):
            yield
    except (RedisError, OSError) as exc:
        raise _ours(exc, _address(redis)) from exc


def _address(redis: Redis) -> str:
    where = redis.connection_pool.connection_kwargs
    return f"{where['host']}:{where['port']}"


def _ours(exc: RedisError | OSError, address: str) -> StoreError | ConfigError:
    # Authentication errors are connection errors to redis-py, so they go first.
    if isinstance(exc, _REFUSED) or str(exc).startswith(("NOAUTH", "WRONGPASS", "NOPERM")):
        return ConfigError(f"Redis at {address} refuses us ({exc}); check LIVERMORE_REDIS_SECRET")
    if isinstance(exc, _AWAY):
        reason = str(exc) or "no answer in time"
        return StoreUnavailable(
            f"Redis at {address} cannot be used ({reason}); check that it runs and that LIVERMORE_REDIS_HOST, "
            "LIVERMORE_REDIS_PORT and LIVERMORE_REDIS_TLS are right"
        )
    if str(exc).startswith(_PASSING):
        return StoreUnavailable(f"Redis at {address} cannot write for now ({exc}); see its own log")
    if isinstance(exc, ResponseError) and str(exc).startswith("CLAIMLOST"):
        return ClaimLost(f"another instance has claimed the exchange ({exc})")
    if isinstance(exc, ResponseError) and "WRONGTYPE" in str(exc):
        return CorruptRecord(f"a key on Redis at {address} holds another type than ours ({exc})")
    return StoreError(f"Redis at {address} refused a command ({exc})")
