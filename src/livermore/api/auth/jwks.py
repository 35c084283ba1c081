"""The public keys of an issuer: fetched when needed, kept, and asked for again when an unknown one signs."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import msgspec
import structlog
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from livermore.core.market.timeframe import HOUR, SECOND, Millis
from livermore.errors import StoreUnavailable, Unauthenticated

log = structlog.get_logger("livermore.api")

FETCH_SECONDS: Final = 5.0
KEPT_FOR: Final[Millis] = HOUR
ASKED_AGAIN_AFTER: Final[Millis] = 30 * SECOND
DOCUMENT_BYTES: Final = 256 * 1024
KEYS_LIMIT: Final = 50


class IssuerKeys:
    """The keys of one issuer.

    They are renewed each hour; a token signed by an unknown key has them asked for at once, but at most every 30 s, so
    that nobody makes us ask by sending nonsense. Keys that are kept go on being used while the issuer is away.
    """

    def __init__(self, issuer: str, now: Callable[[], Millis], jwks_url: str | None = None) -> None:
        self._issuer = issuer
        self._now = now
        self._url = jwks_url
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: Millis | None = None
        self._tried_at: Millis | None = None
        self._turn = asyncio.Lock()

    async def key(self, key_id: str | None) -> PyJWK:
        """The key with that id; without an id the only one there is.

        Raises:
            Unauthenticated: when the issuer has no such key.
            StoreUnavailable: when the issuer cannot be asked and nothing is kept.
        """
        if self._is_old() or self._found(key_id) is None:
            async with self._turn:
                if self._is_old() or self._found(key_id) is None:
                    await self._renew()
        found = self._found(key_id)
        if found is None:
            raise Unauthenticated("the token is signed by a key that its issuer does not have")
        return found

    def _found(self, key_id: str | None) -> PyJWK | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _is_old(self) -> bool:
        return self._fetched_at is None or self._now() - self._fetched_at > KEPT_FOR

    async def _renew(self) -> None:
        now = self._now()
        if self._tried_at is not None and 0 <= now - self._tried_at < ASKED_AGAIN_AFTER:
            if self._fetched_at is None:
                raise StoreUnavailable("the issuer of tokens could not be asked for its keys a moment ago")
            return
        self._tried_at = now
        try:
            keys = _keys_in(await self._fetched())
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError, ValueError) as exc:
            log.warning("identity.keys_not_renewed", issuer=self._issuer, reason=str(exc) or "no answer in time")
            if self._fetched_at is None:
                raise StoreUnavailable("the issuer of tokens cannot be asked for its keys") from exc
            return
        self._keys = keys
        self._fetched_at = now

    async def _fetched(self) -> Any:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            if self._url is None:
                configuration = await _document(http, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                url = configuration.get("jwks_uri") if isinstance(configuration, dict) else None
                if not isinstance(url, str) or configuration.get("issuer") != self._issuer:
                    raise ValueError("the issuer's configuration is of another issuer")
                self._url = url
            return await _document(http, self._url)


async def _document(http: aiohttp.ClientSession, url: str) -> Any:
    async with http.get(url, allow_redirects=False) as response:
        response.raise_for_status()
        body = await response.content.read(DOCUMENT_BYTES + 1)
        if response.status != 200 or len(body) > DOCUMENT_BYTES:
            raise ValueError(f"{url} answers with {response.status} and {len(body)} bytes")
        return msgspec.json.decode(body)


def _keys_in(document: Any) -> dict[str, PyJWK]:
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the issuer's keys are no list")  # noqa: TRY004
    keys: dict[str, PyJWK] = {}
    for one in listed[:KEYS_LIMIT]:
        # A symmetric key in a public list would let everybody sign.
        if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use", "sig") != "sig":
            continue
        try:
            keys[str(one.get("kid", ""))] = PyJWK(one)
        except PyJWTError:
            continue
    return keys
