"""How Coinbase knows who asks: a JSON Web Token for each request, signed with the key's private half.

https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication. Header
``{"alg":"ES256","typ":"JWT","kid":"organizations/…/apiKeys/…","nonce":"5f1c…"}``, claims ``{"sub":"organizations/…",
"iss":"cdp","nbf":1700000000,"exp":1700000120,"uri":"GET api.coinbase.com/api/v3/brokerage/accounts"}``: method, host
and path, without scheme and query.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from livermore.exchanges.credentials import Credentials
from livermore.exchanges.http import Signed
from livermore.exchanges.private_keys import SigningKey, private_key

LIFETIME_SECONDS: Final = 120
NONCE_BYTES: Final = 32
ISSUER: Final = "cdp"


def signed_token(key: SigningKey, name: str, uri: str | None, now: int, nonce: str) -> str:
    """The token of the key called `name` for the request `uri`, valid for two minutes from `now` (seconds).

    A WebSocket's token has no `uri`.
    """
    claims = {"sub": name, "iss": ISSUER, "nbf": now, "exp": now + LIFETIME_SECONDS}
    if uri is not None:
        claims["uri"] = uri
    algorithm = "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256"
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": name, "nonce": nonce})


class CoinbaseSigner:
    """Signs requests to one host.

    Raises:
        ConfigError: when the secret is no key.
    """

    def __init__(
        self,
        credentials: Credentials,
        host: str,
        *,
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: secrets.token_hex(NONCE_BYTES),
    ) -> None:
        self._name = credentials.key
        self._key = private_key(credentials.secret, credentials.names.secret)
        self._host = host
        self._clock = clock
        self._nonce = nonce

    def sign(self, path: str, query: Mapping[str, str]) -> Signed:
        """The request with a token of its own."""
        token = signed_token(self._key, self._name, f"GET {self._host}{path}", int(self._clock()), self._nonce())
        return Signed(urlencode(query), {"Authorization": f"Bearer {token}"})
