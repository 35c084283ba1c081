"""The issuer for a machine of one's own: keys in a folder, one-time sign-in links, short-lived tokens."""

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from redis.asyncio import Redis

from livermore.api.auth.claims import Header, Issuer, identity_in
from livermore.api.auth.identity import Verified
from livermore.cache.connect import answered
from livermore.cache.keys import sign_in_key
from livermore.core.market.timeframe import DAY, MINUTE, Millis
from livermore.errors import ConfigError, Unauthenticated

ISSUER: Final = "livermore-local"
ACCESS: Final = "livermore"
REFRESH: Final = "livermore-refresh"
ACCESS_LIFE: Final[Millis] = 10 * MINUTE
REFRESH_LIFE: Final[Millis] = 30 * DAY
LINK_LIFE: Final[Millis] = DAY
KEY_LIFE: Final[Millis] = 30 * DAY
"""After that the next start makes a new key; the old one is kept for as long as what it has signed may hold."""

ALGORITHM: Final = "EdDSA"
SUBJECT_BYTES: Final = 255


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody who signed in is given."""

    access_token: str
    expires_at: Millis
    refresh_token: str
    refresh_expires_at: Millis


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    made_at: Millis
    private: Ed25519PrivateKey


class LocalIssuer:
    """Signs and checks its own tokens; the one-time links are kept in Redis, so that all servers know them."""

    def __init__(self, redis: Redis, keys: tuple[_Key, ...], now: Callable[[], Millis]) -> None:
        self._redis = redis
        self._keys = {key.id: key for key in keys}
        self._newest = keys[-1]
        self._now = now

    async def link_token(self, email: str) -> str:
        """A token for one sign-in as `email` within a day.

        Raises:
            StoreUnavailable: when Redis cannot be used.
        """
        token = secrets.token_urlsafe(32)
        async with answered(self._redis):
            await self._redis.set(sign_in_key(_digest(token)), email.encode(), px=LINK_LIFE)
        return token

    async def sign_in(self, token: str) -> str:
        """The e-mail address that a link's token is for; it holds once.

        Raises:
            Unauthenticated: when it has been used, has expired, or never was.
            StoreUnavailable: when Redis cannot be used.
        """
        async with answered(self._redis):
            found: Any = await self._redis.getdel(sign_in_key(_digest(token)))
        if found is None:
            raise Unauthenticated("that sign-in link has been used or has expired; ask for a new one")
        email: str = found.decode()
        return email

    def grant(self, email: str) -> Grant:
        """An access token and a refresh token for `email`."""
        now = self._now()
        access_until, refresh_until = now + ACCESS_LIFE, now + REFRESH_LIFE
        return Grant(
            self._signed(email, ACCESS, now, access_until),
            access_until,
            self._signed(email, REFRESH, now, refresh_until),
            refresh_until,
        )

    def identity(self, token: str, header: Header, audience: str = ACCESS) -> Verified:
        """Who a token of ours names.

        Raises:
            Unauthenticated: when it is not ours or does not hold any more.
        """
        key = self._keys.get(header.key_id or "")
        if key is None or header.algorithm != ALGORITHM:
            raise Unauthenticated("the token is signed by a key that is not ours")
        return identity_in(token, key.private.public_key(), ALGORITHM, Issuer(ISSUER, audience))

    def _signed(self, email: str, audience: str, now: Millis, until: Millis) -> str:
        claims = {
            "iss": ISSUER,
            "sub": email,
            "aud": audience,
            "iat": now // 1_000,
            "nbf": now // 1_000,
            "exp": until // 1_000,
            "jti": secrets.token_hex(8),
            "email": email,
            "email_verified": True,
        }
        return jwt.encode(claims, self._newest.private, ALGORITHM, {"kid": self._newest.id})


def open_local_issuer(redis: Redis, folder: Path, now: Callable[[], Millis]) -> LocalIssuer:
    """The issuer whose keys are in `folder`; a first key, or one in place of an old one, is made there.

    Raises:
        ConfigError: when the folder cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = sorted((_read(path) for path in folder.glob("*.pem")), key=lambda key: key.made_at)
        for key in [key for key in keys if now() - key.made_at > KEY_LIFE + REFRESH_LIFE]:
            (folder / f"{key.id}.pem").unlink(missing_ok=True)
            keys.remove(key)
        if not keys or now() - keys[-1].made_at > KEY_LIFE:
            keys.append(_made(folder, now()))
    except (OSError, ValueError) as exc:
        raise ConfigError(f"the keys that sign tokens cannot be kept in {folder}: {exc}") from exc
    return LocalIssuer(redis, tuple(keys), now)


def _read(path: Path) -> _Key:
    private = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError(f"{path} is no key of ours")  # noqa: TRY004
    made_at = path.stem.partition("-")[0]
    return _Key(path.stem, int(made_at), private)


def _made(folder: Path, at: Millis) -> _Key:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    name = f"{at}-{hashlib.sha256(public).hexdigest()[:16]}"
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = folder / f".{name}.tmp"
    # Never readable by others, not even for the moment between making and closing it.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    draft.rename(folder / f"{name}.pem")
    return _Key(name, at, private)


def _digest(token: str) -> str:
    return hashlib.sha256(token[:SUBJECT_BYTES].encode()).hexdigest()
