"""The keys of partners: drawn by lot, shown once, kept only as their SHA-256, and revoked at once."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.database.users import Numbered
from livermore.errors import NotFound

MARK: Final = "lvm_"
"""What every key begins with, so that scanners for leaked secrets know one."""

PREFIX_LENGTH: Final = 12
REQUESTS_PER_MINUTE: Final = 120


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; `prefix` is its beginning, by which people know it."""

    id: int
    user_id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    requests_per_minute: int
    created_at: Millis
    expires_at: Millis | None
    last_used_at: Millis | None
    revoked_at: Millis | None


_INSERT: Final = Query("api_keys.insert_key", ApiKey)
_OF_USER: Final = Query("api_keys.keys_of_user", ApiKey)
_ALL: Final = Query("api_keys.all_keys", ApiKey)
_BY_DIGEST: Final = Query("api_keys.key_by_digest", ApiKey)
_TOUCH: Final = Statement("api_keys.touch_key")
_REVOKE: Final = Statement("api_keys.revoke_key")
_USABLE: Final = Query("api_keys.usable_keys", Numbered)


async def create_key(
    connection: Connection,
    user_id: int,
    name: str,
    scopes: Collection[str],
    at: Millis,
    *,
    expires_at: Millis | None = None,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
) -> tuple[ApiKey, str]:
    """Make a key; answers with it and with the text to be shown this once.

    Raises:
        Conflict: when there is no such user.
        InvalidRequest: when the name is empty or too long, or there is no scope.
    """
    text = MARK + secrets.token_urlsafe(32)
    key = await _INSERT.only(
        connection,
        user_id=user_id,
        name=name,
        prefix=text[:PREFIX_LENGTH],
        digest=_digest(text),
        scopes=sorted(scopes),
        requests_per_minute=requests_per_minute,
        at=at,
        expires_at=expires_at,
    )
    return key, text


async def key_of(connection: Connection, text: str, at: Millis) -> ApiKey | None:
    """The key that somebody shows, if it may be used now; that it was is noted, once a minute."""
    key = await _BY_DIGEST.one(connection, digest=_digest(text), at=at)
    if key is not None:
        await _TOUCH.run(connection, id=key.id, at=at)
    return key


async def keys_of(connection: Connection, user_id: int | None = None) -> tuple[ApiKey, ...]:
    """The keys of somebody, or of all, revoked ones included."""
    return await _ALL.all(connection) if user_id is None else await _OF_USER.all(connection, user_id=user_id)


async def revoke_key(connection: Connection, key_id: int, at: Millis, *, user_id: int | None = None) -> None:
    """Let nobody use the key any more; with `user_id` only if it is theirs.

    Raises:
        NotFound: when there is no such key that can be used.
    """
    if not await _REVOKE.run(connection, id=key_id, user_id=user_id, at=at):
        raise NotFound(f"there is no key {key_id} that could be revoked")


async def usable_of(connection: Connection, ids: Collection[int], at: Millis) -> frozenset[int]:
    """Which of these keys may still be used; for those who keep connections open."""
    return frozenset(row.id for row in await _USABLE.all(connection, ids=list(ids), at=at))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
