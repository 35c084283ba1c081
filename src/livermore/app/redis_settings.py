"""Where Redis is, from the environment: one server, the master that Sentinels name, or a Cluster."""

from pathlib import Path
from typing import Final

from pydantic import SecretStr

from livermore.cache.connect import Address, RedisMode, RedisSettings
from livermore.config import Environment
from livermore.embedded.running import running_valkey
from livermore.errors import ConfigError, InvalidRequest

HOME: Final = Path(".livermore")
"""Where `livermore up` keeps everything, in the directory in which it is called."""
NOT_SET: Final = "LIVERMORE_REDIS_HOST is not set; it names the Redis or Valkey that the instances share"


def is_redis_named(environment: Environment) -> bool:
    """Whether the environment names a Redis at all; where it does not, `livermore up` brings its own."""
    return environment.redis_host is not None or environment.redis_mode != RedisMode.SINGLE.value


def redis_settings(environment: Environment) -> RedisSettings:
    """Where Redis is.

    Raises:
        ConfigError: when what the mode needs is not set.
    """
    mode = RedisMode(environment.redis_mode)
    _check(environment, mode)
    return RedisSettings(
        environment.redis_host or "",
        environment.redis_port,
        _text(environment.redis_secret),
        environment.redis_tls or environment.redis_ca_file is not None,
        environment.redis_ca_file,
        mode,
        tuple(Address(*node) for node in environment.redis_nodes),
        tuple(Address(*sentinel) for sentinel in environment.redis_sentinels),
        environment.redis_sentinel_master,
        _text(environment.redis_sentinel_secret),
    )


def store_of(environment: Environment, home: Path) -> RedisSettings:
    """The Redis that is configured, or else the embedded one of a `livermore up` that runs here.

    Raises:
        ConfigError: when there is neither.
        InvalidRequest: when a simulated and a live one run here, so that it is not clear which is meant.
    """
    if is_redis_named(environment):
        return redis_settings(environment)
    found = {kind: running_valkey(home / kind / "valkey") for kind in ("sim", "live")}
    running = [valkey for valkey in found.values() if valkey is not None]
    if len(running) > 1:
        raise InvalidRequest(
            f"a simulated and a live market run under ./{home}; end one, or set LIVERMORE_REDIS_HOST, _PORT and _SECRET"
        )
    if not running:
        raise ConfigError(
            f"no store at hand: LIVERMORE_REDIS_HOST is not set and no `livermore up` is running under ./{home}"
        )
    return RedisSettings(running[0].host, running[0].port, running[0].secret)


def redis_variables(settings: RedisSettings) -> dict[str, str]:
    """The environment variables that lead a child process to the same Redis; one that is empty is not set."""
    return {
        "LIVERMORE_REDIS_HOST": settings.host,
        "LIVERMORE_REDIS_PORT": str(settings.port),
        "LIVERMORE_REDIS_SECRET": settings.secret or "",
        "LIVERMORE_REDIS_TLS": str(settings.is_tls).lower(),
        "LIVERMORE_REDIS_MODE": settings.mode.value,
        "LIVERMORE_REDIS_NODES": ",".join(map(str, settings.nodes)),
        "LIVERMORE_REDIS_SENTINELS": ",".join(map(str, settings.sentinels)),
        "LIVERMORE_REDIS_SENTINEL_MASTER": settings.sentinel_master or "",
        "LIVERMORE_REDIS_SENTINEL_SECRET": settings.sentinel_secret or "",
        "LIVERMORE_REDIS_CA_FILE": str(settings.ca_file or ""),
    }


def _check(environment: Environment, mode: RedisMode) -> None:
    wrong: list[str] = []
    if mode is RedisMode.SENTINEL:
        if not environment.redis_sentinels:
            wrong.append("LIVERMORE_REDIS_SENTINELS is not set; it names the Sentinels as host:port,host:port")
        if not environment.redis_sentinel_master:
            wrong.append("LIVERMORE_REDIS_SENTINEL_MASTER is not set; it is what the Sentinels call the master")
    elif environment.redis_host is None:
        wrong.append(NOT_SET)
    if wrong:
        raise ConfigError("; ".join(wrong))


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
