"""Checking a token: its signature by a key that is known, and every claim that says whom it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.api_jwk import PyJWK

from livermore.api.auth.identity import Verified
from livermore.errors import Unauthenticated

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures by a private key alone: a token signed by a shared secret, or by nothing, is no token."""

LEEWAY_SECONDS: Final = 5
TOKEN_LENGTH: Final = 8_192
NAME_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken: the `iss` they carry, whom they must be for, and which front ends may have asked."""

    url: str
    audience: str | None = None
    parties: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What a token says of its signature, before anything of it is believed."""

    key_id: str | None
    algorithm: str


def header_of(token: str) -> Header:
    """The header of a token.

    Raises:
        Unauthenticated: when it is no token, or signed in a way that we do not take.
    """
    if len(token) > TOKEN_LENGTH:
        raise Unauthenticated("the token is too long to be one")
    try:
        found = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as exc:
        raise Unauthenticated("that is no token") from exc
    algorithm = found.get("alg")
    if algorithm not in ALGORITHMS:
        raise Unauthenticated("the token is not signed in a way that is taken here")
    key_id = found.get("kid")
    return Header(key_id if isinstance(key_id, str) else None, str(algorithm))


def issuer_in(token: str) -> str | None:
    """The issuer that a token names, before it is believed: it tells whose keys to look at."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def identity_in(token: str, key: PyJWK | Any, algorithm: str, issuer: Issuer) -> Verified:
    """Who the token names, all of it checked: signature, issuer, audience, party, and that it holds now.

    Raises:
        Unauthenticated: when anything is wrong; it says what, as this tells a forger nothing.
    """
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=issuer.url,
            audience=issuer.audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "sub"], "verify_aud": issuer.audience is not None},
        )
    except jwt.ExpiredSignatureError as exc:
        raise Unauthenticated("the token has expired; sign in again") from exc
    except (jwt.InvalidTokenError, jwt.PyJWTError, ValueError, TypeError) as exc:
        raise Unauthenticated(f"the token is not taken: {exc}") from exc
    party = claims.get("azp")
    if issuer.parties and party not in issuer.parties:
        raise Unauthenticated("the token was made for another front end")
    return _identity(claims, issuer)


def _identity(claims: Mapping[str, Any], issuer: Issuer) -> Verified:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= NAME_LENGTH:
        raise Unauthenticated("the token names nobody")

    def text(*names: str) -> str | None:
        found = next((claims[name] for name in names if isinstance(claims.get(name), str)), None)
        return None if found is None else found[:NAME_LENGTH]

    return Verified(
        issuer.url,
        subject,
        int(claims["exp"]) * 1_000,
        text("email", "primary_email_address"),
        claims.get("email_verified") is True,
        text("name", "full_name", "username"),
        text("picture", "image_url"),
    )
