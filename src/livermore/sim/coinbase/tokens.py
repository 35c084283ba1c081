"""JSON Web Tokens, as far as they can be judged without anybody's key: form and lifetime."""

import base64
import binascii

import msgspec

from livermore.core.market.timeframe import Millis

_ALGORITHMS = ("ES256", "EdDSA")
# Clocks of honest clients may differ by so much.
_LEEWAY_SECONDS = 30
_LONGEST_LIFE_SECONDS = 120


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


def _unpadded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
