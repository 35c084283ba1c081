"""The keys that the simulated exchanges know: the same in every run, and worth nothing anywhere else."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE

VIEW: Final = "view"
TRADE: Final = "trade"
BLIND: Final = "blind"
_HALF: Final = 32


@dataclass(frozen=True, slots=True)
class SimKey:
    """One key: `role` for people, `key` and `secret` for clients, and what it may do.

    `verifies` tells whether a signature of a message is this key's.
    """

    role: str
    key: str
    secret: str = field(repr=False)
    algorithm: str
    verifies: Callable[[bytes, bytes], bool] = field(repr=False)
    may_view: bool = True
    may_trade: bool = False
    may_transfer: bool = False


def coinbase_keys() -> tuple[SimKey, ...]:
    """Keys of the simulated Coinbase: ES256 in PEM, and one Ed25519 in base64 as newer ones are."""
    return (
        _es256(VIEW),
        _ed25519(COINBASE.name, f"{VIEW}-ed25519", _coinbase_name(f"{VIEW}-ed25519"), in_pem=False),
        _es256(TRADE, may_trade=True, may_transfer=True),
        _es256(BLIND, may_view=False),
    )


def binance_keys(exchange: str) -> tuple[SimKey, ...]:
    """Keys of the simulated Binance or Binance US: HMAC, and one Ed25519, which the latter does not take."""
    keys = [_hmac(exchange, VIEW), _hmac(exchange, TRADE, may_trade=True, may_transfer=True)]
    if exchange == BINANCE.name:
        role = f"{VIEW}-ed25519"
        keys.append(_ed25519(exchange, role, _binance_name(exchange, role), in_pem=True))
    keys.append(_hmac(exchange, BLIND, may_view=False))
    return tuple(keys)


def keys_by_exchange() -> dict[str, tuple[SimKey, ...]]:
    """All of them; the first of each exchange is the one to use."""
    return {
        COINBASE.name: coinbase_keys(),
        BINANCE.name: binance_keys(BINANCE.name),
        BINANCE_US.name: binance_keys(BINANCE_US.name),
    }


def _seed(*labels: str) -> bytes:
    return hashlib.sha256("/".join(("livermore simulator", *labels)).encode()).digest()


def _coinbase_name(role: str) -> str:
    text = _seed("name", role).hex()
    organisation, key = (f"{part[:8]}-{part[8:12]}-4{part[13:16]}-8{part[17:20]}-{part[20:32]}" for part in
                         (text[:32], text[32:]))  # fmt: skip
    return f"organizations/{organisation}/apiKeys/{key}"


def _binance_name(exchange: str, role: str) -> str:
    letters = base64.b64encode(_seed("name", exchange, role) + _seed("name again", exchange, role)).decode()
    return letters.replace("+", "a").replace("/", "b")[:64]


def _es256(role: str, *, may_view: bool = True, may_trade: bool = False, may_transfer: bool = False) -> SimKey:
    number = int.from_bytes(_seed(COINBASE.name, role)) >> 1
    private = derive_private_key(number, SECP256R1())
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    verifies = _es256_verifier(private)
    return SimKey(role, _coinbase_name(role), secret, "ES256", verifies, may_view, may_trade, may_transfer)


def _es256_verifier(private: EllipticCurvePrivateKey) -> Callable[[bytes, bytes], bool]:
    public = private.public_key()

    def verifies(message: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * _HALF:
            return False
        r, s = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
        try:
            public.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    return verifies


def _ed25519(exchange: str, role: str, name: str, *, in_pem: bool) -> SimKey:
    seed = _seed(exchange, role)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key()
    whole = seed + public.public_bytes_raw()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = pem.decode() if in_pem else base64.b64encode(whole).decode()

    def verifies(message: bytes, signature: bytes) -> bool:
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return SimKey(role, name, secret, "EdDSA", verifies)


def _hmac(
    exchange: str, role: str, *, may_view: bool = True, may_trade: bool = False, may_transfer: bool = False
) -> SimKey:
    secret = _binance_name(exchange, f"secret of {role}")

    def verifies(message: bytes, signature: bytes) -> bool:
        # HMAC spelled out (RFC 2104), so that the simulator does not sign with the same call as its clients.
        padded = secret.encode().ljust(64, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
        return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest() == signature

    return SimKey(role, _binance_name(exchange, role), secret, "HMAC", verifies, may_view, may_trade, may_transfer)
