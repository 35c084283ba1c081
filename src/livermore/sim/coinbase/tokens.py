"""JSON Web Tokens: their form and lifetime, which need nobody's key, and whose signature they carry, which does."""

import base64
import binascii
from collections.abc import Mapping, Sequence

import msgspec

from livermore.core.market.timeframe import Millis
from livermore.sim.keys import SimKey

_ALGORITHMS = ("ES256", "EdDSA")
# Clocks of honest clients may differ by so much.
_LEEWAY_SECONDS = 30
_LONGEST_LIFE_SECONDS = 120
# The second is what keys of the first generation and older clients say.
_ISSUERS = ("cdp", "coinbase-cloud")


class _Header(msgspec.Struct):
    alg: str
    kid: str


class _Claims(msgspec.Struct):
    sub: str
    iss: str
    nbf: int
    exp: int
    uri: str | None = None


def is_acceptable(token: str, wall: Millis, uri: str | None) -> bool:
    """Whether a token is well formed and alive at the real instant `wall`, and for `uri` if it is for a request.

    Its claims are ``{"sub":"organizations/…","iss":"cdp","nbf":1700000000,"exp":1700000120,
    "uri":"GET api.coinbase.com/api/v3/brokerage/accounts"}``; on a WebSocket there is no `uri`. The signature is not
    verified: that takes the client's public key.
    """
    parts = token.split(".")
    if len(parts) != 3 or not parts[2]:
        return False
    try:
        header = msgspec.json.decode(_unpadded(parts[0]), type=_Header)
        claims = msgspec.json.decode(_unpadded(parts[1]), type=_Claims)
        _unpadded(parts[2])
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, ValueError):
        return False
    now = wall // 1_000
    is_alive = claims.nbf - _LEEWAY_SECONDS <= now < claims.exp <= claims.nbf + _LONGEST_LIFE_SECONDS
    is_for_this = uri is None or (claims.uri is not None and claims.uri.partition("/")[2] == uri.partition("/")[2])
    return header.alg in _ALGORITHMS and bool(header.kid) and is_alive and is_for_this


class _Signed(msgspec.Struct):
    alg: str
    kid: str
    nonce: str


def signer(token: str, wall: Millis, uris: Sequence[str], keys: Mapping[str, SimKey]) -> SimKey | None:
    """The key that has signed the token for one of `uris`; None where no key of ours did, or not in time.

    The host counts here, and a token needs a nonce.
    """
    if not any(is_acceptable(token, wall, uri) for uri in uris):
        return None
    head, body, signature = token.split(".")
    try:
        header = msgspec.json.decode(_unpadded(head), type=_Signed)
    except msgspec.MsgspecError:
        return None
    claims = msgspec.json.decode(_unpadded(body), type=_Claims)
    key = keys.get(header.kid)
    is_ours = key is not None and key.algorithm == header.alg and claims.sub == header.kid and claims.iss in _ISSUERS
    if key is None or not is_ours or not header.nonce or claims.uri not in uris:
        return None
    return key if key.verifies(f"{head}.{body}".encode(), _unpadded(signature)) else None


def _unpadded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
