"""Requests are signed as the exchanges' documents and the RFCs say, and keys are shown to nobody."""

import base64
import json
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, derive_private_key, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from livermore.core.account.account import CredentialNames
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.errors import ConfigError
from livermore.exchanges.binance.auth import (
    KEY_HEADER,
    BinanceSigner,
    ExchangeClock,
    ed25519_signature,
    hmac_signature,
    signed_query,
)
from livermore.exchanges.coinbase.auth import CoinbaseSigner, signed_token
from livermore.exchanges.credentials import Credentials, read_credentials
from livermore.exchanges.private_keys import private_key

NAMES = CredentialNames("A_KEY", "A_SECRET")
NOW = 1_700_000_000
# The example of Binance's documents for signed requests.
BINANCE_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
BINANCE_PAYLOAD = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
)
# RFC 8032, 7.1, test 2.
ED25519_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
ED25519_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
ED25519_SIGNED_72 = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def pem(key: object, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()  # type: ignore[attr-defined]


def part(token: str, number: int) -> dict[str, object]:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_hmac_signs_the_example_of_the_documents() -> None:
    expected = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"

    assert hmac_signature(BINANCE_SECRET, BINANCE_PAYLOAD) == expected


def test_hmac_signs_what_is_percent_encoded() -> None:
    payload = BINANCE_PAYLOAD.replace("LTCBTC", "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96")
    expected = "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"

    assert hmac_signature(BINANCE_SECRET, payload) == expected


def test_ed25519_signs_the_example_of_the_rfc() -> None:
    key = Ed25519PrivateKey.from_private_bytes(ED25519_SEED)

    assert base64.b64decode(ed25519_signature(key, "r")) == ED25519_SIGNED_72


def test_a_query_is_signed_as_it_is_sent_whatever_the_symbol_is_made_of() -> None:
    query = signed_query(lambda payload: f"<{payload}>", {"symbol": "１２"}, 1499827319559)

    assert query.startswith("symbol=%EF%BC%91%EF%BC%92&recvWindow=5000&timestamp=1499827319559&signature=%3Csymbol%3D")
    assert parse_qs(query)["signature"] == ["<symbol=%EF%BC%91%EF%BC%92&recvWindow=5000&timestamp=1499827319559>"]


def test_binance_sends_its_key_in_a_header_and_the_exchanges_own_time() -> None:
    at = 10.0
    clock = ExchangeClock(speed=60.0, monotonic=lambda: at)
    clock.measured(1_000_000)
    at = 12.5
    signed = BinanceSigner(Credentials("key", "secret", NAMES), clock).sign("/api/v3/account", {})

    assert signed.headers == {KEY_HEADER: "key"}
    assert parse_qs(signed.query)["timestamp"] == ["1150000"]


def test_an_exchanges_clock_is_measured_again_after_a_while() -> None:
    at = 0.0
    clock = ExchangeClock(monotonic=lambda: at)

    assert not clock.is_fresh()
    clock.measured(5)
    assert clock.is_fresh()
    at = 1_801.0
    assert not clock.is_fresh()


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_token_is_for_one_request_and_two_minutes(algorithm: str) -> None:
    key = (
        derive_private_key(12345, SECP256R1())
        if algorithm == "ES256"
        else Ed25519PrivateKey.from_private_bytes(ED25519_SEED)
    )
    token = signed_token(key, "organizations/a/apiKeys/b", "GET api.coinbase.com/api/v3/x", NOW, "5f1c")

    assert part(token, 0) == {"alg": algorithm, "typ": "JWT", "kid": "organizations/a/apiKeys/b", "nonce": "5f1c"}
    options = {"verify_exp": False, "verify_nbf": False}
    assert jwt.decode(token, key.public_key(), algorithms=[algorithm], options=options) == {
        "sub": "organizations/a/apiKeys/b",
        "iss": "cdp",
        "nbf": NOW,
        "exp": NOW + 120,
        "uri": "GET api.coinbase.com/api/v3/x",
    }


def test_a_tokens_signature_is_that_of_the_rfc() -> None:
    """RFC 8037, appendix A.4: the signature over header and payload with the key of A.1."""
    key = private_key("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", "A_SECRET")
    assert isinstance(key, Ed25519PrivateKey)
    signature = key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
    expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

    assert base64.urlsafe_b64encode(signature).decode().rstrip("=") == expected


def test_every_request_has_a_token_of_its_own_without_the_query() -> None:
    numbers = iter("ab")
    credentials = Credentials("name", base64.b64encode(ED25519_SEED).decode(), NAMES)
    signer = CoinbaseSigner(credentials, "127.0.0.1:8801", clock=lambda: NOW + 0.9, nonce=lambda: next(numbers))
    tokens = [signer.sign("/accounts", {"limit": "250"}).headers["Authorization"].removeprefix("Bearer ") for _ in "ab"]

    assert [part(token, 0)["nonce"] for token in tokens] == ["a", "b"]
    assert part(tokens[0], 1)["uri"] == "GET 127.0.0.1:8801/accounts"
    assert part(tokens[0], 1)["nbf"] == NOW


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_in_pem_may_be_written_in_one_line(form: PrivateFormat) -> None:
    key = derive_private_key(12345, SECP256R1())
    one_line = pem(key, form).replace("\n", "\\n")
    credentials = read_credentials(COINBASE, {"A_KEY": "name", "A_SECRET": one_line}, NAMES)

    assert private_key(credentials.secret, "A_SECRET").public_key() == key.public_key()


@pytest.mark.parametrize("raw", [ED25519_SEED, ED25519_SEED + ED25519_PUBLIC])
def test_a_raw_key_may_carry_its_public_half(raw: bytes) -> None:
    key = private_key(base64.b64encode(raw).decode() + "\n", "A_SECRET")

    assert key.public_key().public_bytes_raw() == ED25519_PUBLIC  # type: ignore[union-attr]


WRONG = {
    "words": "not a key at all",
    "short": base64.b64encode(b"too short").decode(),
    "damaged": pem(derive_private_key(12345, SECP256R1())).replace("M", "N"),
    "rsa": pem(generate_rsa(65537, 1024)),
    "another curve": pem(generate_private_key(SECP384R1())),
}


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
def test_a_secret_that_is_no_key_is_refused_by_the_name_of_its_variable(secret: str) -> None:
    with pytest.raises(ConfigError, match="A_SECRET") as refused:
        CoinbaseSigner(Credentials("name", secret, NAMES), "host")

    assert secret[:10] not in str(refused.value)


def test_binance_takes_no_other_kind_of_pem() -> None:
    with pytest.raises(ConfigError, match="HMAC or Ed25519"):
        BinanceSigner(Credentials("name", pem(derive_private_key(5, SECP256R1())), NAMES), ExchangeClock())


def test_credentials_are_never_shown() -> None:
    credentials = Credentials("the-key", "the-secret", NAMES)
    signed = BinanceSigner(credentials, ExchangeClock()).sign("/", {"a": "b"})

    for shown in (repr(credentials), str(credentials), repr(signed)):
        assert "the-key" not in shown
        assert "the-secret" not in shown


def test_missing_credentials_are_named_by_their_variables() -> None:
    with pytest.raises(ConfigError, match="LIVERMORE_BINANCE_API_SECRET is not set"):
        read_credentials(BINANCE, {"LIVERMORE_BINANCE_API_KEY": "x"})
    with pytest.raises(ConfigError, match="MY_KEY and MY_SECRET are not set"):
        read_credentials(COINBASE, {"MY_KEY": " "}, CredentialNames("MY_KEY", "MY_SECRET"))
