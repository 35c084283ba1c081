"""Keys, tokens and addresses are told from the names of environment variables."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.account.secret import looks_like_secret, why_no_variable

NAMES = (
    "LIVERMORE_COINBASE_KEY",
    "LIVERMORE_COINBASE_API_SECRET",
    "Coinbase_ApiKeyId",
    "Coinbase_EcPrivateKeyPem",
    "CoinbaseEcPrivateKeyPemFile",
    "DISCORD_LIVERMORE_BOT",
    "BINANCE_US_API_KEY_2",
    "SECP256K1_KEY",
    "TELEGRAM_URL",
    "_PRIVATE",
    "X",
)
SECRETS = (
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
    "organizations/6f1b1f9a-4c3b-4d5e-9a7f-0c1d2e3f4a5b/apiKeys/0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d",
    "-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEEIB\\n-----END EC PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----",
    "https://discord.com/api/webhooks/123/abc",
    "discord://webhook_id/webhook_token",
    "tgram://bot:token/chat",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
    "JBSWY3DPEHPK3PXP",
    "0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d",
    "d41d8cd98f00b204e9800998ecf8427e",
    "postgres://user:pass@host/db",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_variable_is_no_secret(name: str) -> None:
    assert why_no_variable(name) is None


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_no_name_of_a_variable(secret: str) -> None:
    reason = why_no_variable(secret)
    assert reason is not None
    assert "looks like a secret" in reason
    assert secret not in reason


@given(st.binary(min_size=32, max_size=64))
def test_random_bytes_are_seen_through_in_hex_and_base64(key: bytes) -> None:
    assert looks_like_secret(key.hex())
    assert looks_like_secret(base64.b64encode(key).decode())
    for_urls = base64.urlsafe_b64encode(key).decode().rstrip("=")
    # Underscores may cut a key into pieces that look like words; then nothing tells it from a name.
    assert "_" in for_urls or why_no_variable(for_urls) is not None


@given(st.text(string.ascii_letters + string.digits, min_size=64, max_size=64))
def test_every_key_in_the_form_of_binance_is_refused(key: str) -> None:
    assert why_no_variable(key) is not None


@given(
    st.text(string.ascii_uppercase, min_size=1, max_size=12), st.text(string.ascii_uppercase, min_size=1, max_size=12)
)
def test_words_joined_by_underscores_are_names(one: str, other: str) -> None:
    assert why_no_variable(f"LIVERMORE_{one}_{other}") is None


@pytest.mark.parametrize(
    "text", ["Jesse Livermore", "Alerts for the BTC desk, 24/7", "Phone 2", "日本語", "Größe XL", ""]
)
def test_what_people_write_is_no_secret(text: str) -> None:
    assert not looks_like_secret(text)


@pytest.mark.parametrize("name", ["A B", "A-B", "1A", "Ä", "A" * 101, ""])
def test_what_no_shell_takes_is_no_name(name: str) -> None:
    assert why_no_variable(name) is not None


@pytest.mark.parametrize("name", ["LIVERMORE_DATABASE_PASSWORD", "LIVERMORE_REDIS_SECRET", "livermore_clerk_webhook"])
def test_what_we_ourselves_go_by_is_sent_to_no_exchange(name: str) -> None:
    assert "Livermore itself" in (why_no_variable(name) or "")
