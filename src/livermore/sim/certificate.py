"""A certificate for the simulator, made for one run, for clients that insist on https."""

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from livermore.core.market.timeframe import SECOND, Millis
from livermore.errors import ConfigError

LIFETIME: Final = timedelta(days=30)
_SLACK: Final = timedelta(days=1)


def throwaway(host: str, wall: Millis, file: Path) -> ssl.SSLContext:
    """Serve `host` with a new certificate, which is written to `file` so that clients can trust it; the key is not.

    It is valid for a month from the real instant `wall` on.

    Raises:
        ConfigError: when the file cannot be written.
    """
    key = generate_private_key(SECP256R1())
    certificate = _certificate(key, host, datetime.fromtimestamp(wall // SECOND, UTC)).public_bytes(Encoding.PEM)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(certificate)
    except OSError as exc:
        raise ConfigError(f"the simulator's certificate cannot be written to {file}: {exc.strerror or exc}") from exc
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        # The library reads keys from files only.
        chain = Path(folder) / "chain.pem"
        chain.touch(mode=0o600)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain.write_bytes(private + certificate)
        context.load_cert_chain(chain)
    return context


def _certificate(key: EllipticCurvePrivateKey, host: str, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Livermore simulator")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256())
    )


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    if host in {"localhost", "127.0.0.1"}:
        return names
    try:
        return [*names, x509.IPAddress(ipaddress.ip_address(host))]
    except ValueError:
        return [*names, x509.DNSName(host)]
