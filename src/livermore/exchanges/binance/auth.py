"""How Binance knows who asks: the key in a header, and a signature over the query with the exchange's own time.

https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md#request-security. What is signed is the
percent-encoded query; HMAC-SHA256 is written in hexadecimal, Ed25519 in base64, percent-encoded once more. Accepted is
what is less than a second ahead of the exchange's clock and not older than ``recvWindow``.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from livermore.core.market.timeframe import MINUTE, SECOND, Millis
from livermore.errors import ConfigError
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.http import Signed
from livermore.exchanges.private_keys import PEM, private_key

KEY_HEADER: Final = "X-MBX-APIKEY"
RECEIVE_WINDOW: Final[Millis] = 5 * SECOND
FRESH_FOR: Final[Millis] = 30 * MINUTE
"""Clocks drift: the offset is measured again after so long."""

Signature = Callable[[str], str]


def hmac_signature(secret: str, payload: str) -> str:
    """HMAC-SHA256 in hexadecimal.

    >>> hmac_signature("key", "The quick brown fox jumps over the lazy dog")
    'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8'
    """
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def ed25519_signature(key: Ed25519PrivateKey, payload: str) -> str:
    """Ed25519 in base64."""
    return base64.b64encode(key.sign(payload.encode())).decode()


def signature_of(credentials: Credentials) -> Signature:
    """How this key signs: with Ed25519 if the secret is a PEM, else with HMAC.

    Raises:
        ConfigError: when the secret is a PEM of another key.
    """
    if not credentials.secret.lstrip().startswith(PEM):
        return lambda payload: hmac_signature(credentials.secret, payload)
    key = private_key(credentials.secret, credentials.names.secret)
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{credentials.names.secret} holds a key of another kind: Binance takes HMAC or Ed25519")
    return lambda payload: ed25519_signature(key, payload)


def signed_query(sign: Signature, query: Mapping[str, str], timestamp: Millis) -> str:
    """The query with window, timestamp and signature, percent-encoded as it is sent."""
    payload = urlencode({**query, "recvWindow": str(RECEIVE_WINDOW), "timestamp": str(timestamp)})
    return f"{payload}&signature={quote(sign(payload), safe='')}"


class ExchangeClock:
    """The exchange's time, from one measurement on; it runs `speed` times as fast as ours.

    Half the way back is not added: a timestamp that is a little old is accepted, one ahead is not.
    """

    def __init__(self, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._monotonic = monotonic
        self._measured: tuple[Millis, float] | None = None

    def is_fresh(self) -> bool:
        """Whether it was measured, and not long ago."""
        return self._measured is not None and self._monotonic() - self._measured[1] < FRESH_FOR / SECOND

    def measured(self, server_time: Millis) -> None:
        """Learn what time it is there now."""
        self._measured = (server_time, self._monotonic())

    def now(self) -> Millis:
        """The present instant there; 0 where it was never measured."""
        if self._measured is None:
            return 0
        server_time, at = self._measured
        return server_time + int((self._monotonic() - at) * SECOND * self._speed)


class BinanceSigner:
    """Signs requests.

    Raises:
        ConfigError: when the secret is no key that Binance takes.
    """

    def __init__(self, credentials: Credentials, clock: ExchangeClock) -> None:
        self._key = credentials.key
        self._signature = signature_of(credentials)
        self._clock = clock

    def sign(self, _: str, query: Mapping[str, str]) -> Signed:
        """The request, signed for this instant."""
        return Signed(signed_query(self._signature, query, self._clock.now()), {KEY_HEADER: self._key})
