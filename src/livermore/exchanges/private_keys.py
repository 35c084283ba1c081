"""Private keys as exchanges hand them out: PEM, or the raw bytes of an Ed25519 key in base64."""

import base64
import binascii
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from livermore.errors import ConfigError

PEM: Final = "-----BEGIN"
_RAW_LENGTHS: Final = (32, 64)
_SEED: Final = 32

SigningKey: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey


def private_key(secret: str, name: str) -> SigningKey:
    """The key in `secret`, which the variable `name` holds: P-256 or Ed25519, SEC1 or PKCS8 PEM, or raw in base64.

    Of 64 raw bytes the first 32 are the key, the others its public half.

    Raises:
        ConfigError: when it is none of these; what it holds is not told.
    """
    if secret.lstrip().startswith(PEM):
        return _from_pem(secret, name)
    try:
        raw = base64.b64decode("".join(secret.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ConfigError(f"{name} holds neither a key in PEM nor one in base64") from exc
    if len(raw) not in _RAW_LENGTHS:
        raise ConfigError(f"{name} does not hold an Ed25519 key: it has {len(raw)} bytes, not 32 or 64")
    return Ed25519PrivateKey.from_private_bytes(raw[:_SEED])


def _from_pem(secret: str, name: str) -> SigningKey:
    try:
        found = load_pem_private_key(secret.strip().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise ConfigError(f"{name} holds no private key that can be read (encrypted or damaged PEM)") from exc
    if isinstance(found, Ed25519PrivateKey):
        return found
    if isinstance(found, EllipticCurvePrivateKey) and isinstance(found.curve, SECP256R1):
        return found
    raise ConfigError(f"{name} holds a key of another kind: P-256 (ES256) or Ed25519 is needed")
