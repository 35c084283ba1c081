"""A new link to sign in by, for who has used the one that the server printed and has lost the browser."""

from pathlib import Path
from typing import Final

from livermore.api.auth.local import LINK_LIFE, open_local_issuer
from livermore.api.routes.signing import LINK_PATH
from livermore.app.redis_settings import store_of
from livermore.cache.connect import open_redis
from livermore.cache.market_kind import is_market_simulated
from livermore.config import FIRST_ADMIN, Environment
from livermore.core.market.timeframe import HOUR
from livermore.errors import ConfigError
from livermore.runtime.clock import SystemClock

KEYS: Final = "keys"
ADDRESS: Final = "server.address"
"""The file in which a server says where it listens."""


async def new_sign_in_link(environment: Environment, home: Path) -> str:
    """What to tell whoever asks for it: to whom the link is, how long it holds, and the link itself.

    Raises:
        ConfigError: when people sign in elsewhere, or nobody knows where the server is.
        StoreUnavailable: when Redis cannot be used.
    """
    if environment.oidc_issuer is not None:
        raise ConfigError(f"people sign in at {environment.oidc_issuer}; there are no links")
    async with open_redis(store_of(environment, home)) as redis:
        kept = home / ("sim" if await is_market_simulated(redis) else "live")
        address = address_for_people(environment, _listens_at(kept))
        issuer = open_local_issuer(redis, kept / KEYS, SystemClock().now)
        email = environment.admin_email or FIRST_ADMIN
        return worded(email, address, await issuer.link_token(email))


def address_for_people(environment: Environment, listens_at: str | None) -> str:
    """Where people find the screens.

    Raises:
        ConfigError: when nobody has said, and no server has run here.
    """
    if environment.http_public_url is not None:
        return str(environment.http_public_url).rstrip("/")
    if listens_at is None:
        raise ConfigError("no server has run in this directory; set LIVERMORE_HTTP_PUBLIC_URL to where people reach it")
    return listens_at


def worded(email: str, address: str, token: str) -> str:
    """The line that people read; the link is its end."""
    return f"Sign in as {email}, once within {LINK_LIFE // HOUR} h: {address}{LINK_PATH}{token}"


def note_address(kept: Path, address: str) -> None:
    """Write down where the server listens.

    Raises:
        ConfigError: when the directory cannot be used.
    """
    try:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / ADDRESS).write_text(address, encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"where the server is cannot be noted in {kept}: {exc}") from exc


def _listens_at(kept: Path) -> str | None:
    try:
        return (kept / ADDRESS).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None
