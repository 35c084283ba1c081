"""Opening Redis, and the one place where its errors become ours."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    ClusterError,
    ConnectionError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from livermore.cache.cluster import ClusteredRedis
from livermore.cache.keys import Keys
from livermore.errors import ClaimLost, ConfigError, CorruptRecord, StoreError, StoreFellBack, StoreUnavailable

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
    # A slot is on its way to another node; what is written to it must wait until it is there.
    AskError,
    ClusterError,
    RedisClusterException,
    OutOfMemoryError,
)


class RedisMode(StrEnum):
    """How Redis is set up, and so how the server to talk to is found."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """Where Redis is; what the variables LIVERMORE_REDIS_… say.

    With Sentinels, the server is the one that they call the master of `sentinel_master`, and `host` is not used. A
    Cluster is entered at `host` or, where that does not answer, at one of `nodes`. `ca_file` holds the certificates to
    trust in place of the system's.
    """

    host: str
    port: int
    secret: str | None = field(default=None, repr=False)
    is_tls: bool = False
    ca_file: Path | None = None
    mode: RedisMode = RedisMode.SINGLE
    nodes: tuple[Address, ...] = ()
    sentinels: tuple[Address, ...] = ()
    sentinel_master: str | None = None
    sentinel_secret: str | None = field(default=None, repr=False)


@asynccontextmanager
async def open_redis(settings: RedisSettings) -> AsyncIterator[Redis]:
    """A pool of connections to a Redis or Valkey server that has just answered; to a Cluster, connections to its nodes.

    Nothing is retried here: whoever writes knows whether a write may be repeated.

    Raises:
        StoreUnavailable: when the server does not answer within 3 s.
        ConfigError: when it refuses the secret, or is not what the settings say.
    """
    async with _client(settings) as redis:
        async with answered(redis, CONNECT_TIMEOUT_SECONDS):
            if isinstance(redis, ClusteredRedis):
                await redis.enter()
            await redis.ping()
        yield redis


def keys_on(redis: Redis, exchange_id: int) -> Keys:
    """The names of all that belongs to an exchange on this Redis: on a Cluster they share a slot.

    This is the one place that decides it; everybody who has a Redis takes their keys from here.
    """
    return Keys(exchange_id, has_hash_tag=isinstance(redis, ClusteredRedis))


@asynccontextmanager
async def _client(settings: RedisSettings) -> AsyncIterator[Redis]:
    options = _options(settings)
    match settings.mode:
        case RedisMode.SINGLE:
            single = Redis(host=settings.host, port=settings.port, **options)
            try:
                yield single
            finally:
                await single.aclose()
        case RedisMode.CLUSTER:
            entries = [ClusterNode(node.host, node.port) for node in settings.nodes]
            cluster = RedisCluster(settings.host, settings.port, startup_nodes=entries, **options)
            clustered = ClusteredRedis(cluster, settings.host, settings.port)
            try:
                yield clustered
            finally:
                await clustered.aclose()
        case RedisMode.SENTINEL:
            async with _master(settings, options) as master:
                yield master


@asynccontextmanager
async def _master(settings: RedisSettings, options: dict[str, Any]) -> AsyncIterator[Redis]:
    places = [(sentinel.host, sentinel.port) for sentinel in settings.sentinels]
    asked = {**options, "password": settings.sentinel_secret}
    async with Sentinel(places, sentinel_kwargs=asked, **options) as sentinel:  # type: ignore[no-untyped-call]
        master: Redis = sentinel.master_for(settings.sentinel_master or "")
        try:
            yield master
        finally:
            await master.aclose()


def _options(settings: RedisSettings) -> dict[str, Any]:
    """What every connection is told, whoever it leads to."""
    options: dict[str, Any] = {
        "password": settings.secret,
        "socket_connect_timeout": CONNECT_TIMEOUT_SECONDS,
        # The clock runs in `answered`: with a timeout of its own redis-py wraps every write in wait_for, which on
        # Python 3.11 swallows a cancellation that arrives as the write ends.
        "socket_timeout": None,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": CONNECTION_LIMIT,
        "client_name": "livermore",
        "protocol": 2,
    }
    if settings.is_tls:
        options["ssl"] = True
        if settings.ca_file is not None:
            if not settings.ca_file.is_file():
                raise ConfigError(f"LIVERMORE_REDIS_CA_FILE names {settings.ca_file}, which is no file")
            options["ssl_ca_certs"] = str(settings.ca_file)
    return options


@asynccontextmanager
async def answered(redis: Redis, within_seconds: float | None = None) -> AsyncIterator[None]:
    """Talk to `redis` inside: what it raises, or its silence, becomes an error of ours.

    The error names the server and the cure, never the secret.
    """
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS if within_seconds is None else within_seconds):
            yield
    except (RedisError, RedisClusterException, OSError) as exc:
        if isinstance(redis, ClusteredRedis) and isinstance(exc, _AWAY):
            redis.doubt()
        raise _ours(_cause(exc), redis) from exc


def _cause(exc: BaseException) -> BaseException:
    """What was wrong: redis-py's reason for not entering a Cluster is that of the last node it tried."""
    inner = exc.__cause__
    return _cause(inner) if isinstance(exc, RedisClusterException) and inner is not None else exc


def _address(redis: Redis) -> str:
    pool = redis.connection_pool
    if isinstance(pool, SentinelConnectionPool):
        found = pool.master_address
        return f"{pool.service_name} (by Sentinel{f' at {found[0]}:{found[1]}' if found else ''})"
    where = pool.connection_kwargs
    return f"{where['host']}:{where['port']}" + (" (Cluster)" if isinstance(redis, ClusteredRedis) else "")


def _ours(exc: BaseException, redis: Redis) -> StoreError | ConfigError:
    said, address = str(exc), _address(redis)
    # Authentication errors are connection errors to redis-py, so they go first.
    if isinstance(exc, _REFUSED) or said.startswith(("NOAUTH", "WRONGPASS", "NOPERM")):
        return ConfigError(f"Redis at {address} refuses us ({said}); check LIVERMORE_REDIS_SECRET")
    if isinstance(exc.__cause__, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in said:
        return ConfigError(
            f"Redis at {address} shows a certificate that is not trusted ({said}); "
            "name the file of its authority in LIVERMORE_REDIS_CA_FILE"
        )
    if "Cluster mode is not enabled" in said or "cluster support disabled" in said:
        return ConfigError(f"Redis at {address} is no Cluster; set LIVERMORE_REDIS_MODE=single")
    if isinstance(exc, MovedError) and not isinstance(redis, ClusteredRedis):
        return ConfigError(f"Redis at {address} is part of a Cluster ({said}); set LIVERMORE_REDIS_MODE=cluster")
    if "same key slot" in said or said.startswith("CROSSSLOT"):
        return StoreError(f"Redis at {address} refused a command on keys of several slots ({said})")
    if isinstance(exc, _AWAY):
        by_sentinel = isinstance(redis.connection_pool, SentinelConnectionPool)
        named = "SENTINELS and LIVERMORE_REDIS_SENTINEL_MASTER" if by_sentinel else "HOST, LIVERMORE_REDIS_PORT"
        return StoreUnavailable(
            f"Redis at {address} cannot be used ({said or 'no answer in time'}); check that it runs and that "
            f"LIVERMORE_REDIS_{named} and LIVERMORE_REDIS_TLS are right"
        )
    if said.startswith(_PASSING):
        return StoreUnavailable(f"Redis at {address} cannot write for now ({said}); see its own log")
    if isinstance(exc, ResponseError) and said.startswith("CLAIMLOST"):
        return ClaimLost(f"another instance has claimed the exchange ({said})")
    if isinstance(exc, ResponseError) and said.startswith("OUTOFORDER"):
        return StoreFellBack(f"Redis at {address} is not as it was left ({said}): the last writes to it are lost")
    if isinstance(exc, ResponseError) and "WRONGTYPE" in said:
        return CorruptRecord(f"a key on Redis at {address} holds another type than ours ({said})")
    return StoreError(f"Redis at {address} refused a command ({said})")
