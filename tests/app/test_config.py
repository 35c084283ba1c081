"""The configuration is refused with everything that is wrong with it at once, in words that people use."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from livermore.app.server import clerk_front
from livermore.config import Environment, clerk_origin, misspelt, read_environment
from livermore.errors import ConfigError

CLERK = "pk_test_Y2xlcmsuZXhhbXBsZS5vcmck"


def test_all_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "REDIS_PORT": "no",
        "REDIS_TLS": "maybe",
        "REDIS_CA_FILE": "/nowhere/ca.pem",
        "REDIS_MODE": "sentinel",
        "REDIS_NODES": "a:1,b",
        "ADMIN_EMAIL": "nobody\n",
        "HTTP_HOST": "not a host",
        "METRICS_HOST": "http://x",
        "SYMBOLS": "0",
        "LOG_LEVEL": "loud",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(f"LIVERMORE_{name}", value)
    with pytest.raises(ConfigError) as refusal:
        read_environment()
    said = str(refusal.value)

    for name in [*wrong, "REDIS_SENTINELS", "REDIS_SENTINEL_MASTER"]:
        assert name == "REDIS_MODE" or f"LIVERMORE_{name}" in said
    assert "LIVERMORE_REDIS_NODES_" not in said
    assert "LIVERMORE_REDIS_TLS: say true or false" in said
    assert "there is no file /nowhere/ca.pem" in said
    assert "LIVERMORE_SYMBOLS: must be at least 1" in said
    assert "value error" not in said.lower()
    assert "input" not in said.lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [("ADMIN_EMAIL", "admin@localhost"), ("HTTP_HOST", "::1"), ("HTTP_HOST", "0.0.0.0"), ("REDIS_HOST", "redis_1.box")],
)
def test_what_is_unusual_and_right_is_taken(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LIVERMORE_{name}", value)

    assert getattr(read_environment(), name.lower()) == value


def test_who_misspells_a_variable_is_told_which_one_is_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIVERMORE_REDIS_HSOT", "box")
    read_environment()

    warning = "livermore: warning: unknown variable LIVERMORE_REDIS_HSOT; did you mean LIVERMORE_REDIS_HOST?\n"
    assert capsys.readouterr().err == warning


def test_variables_of_other_names_and_credentials_are_no_mistake() -> None:
    names = ["LIVERMORE_SYMBOL", "LIVERMORE_SYMBOLS", "LIVERMORE_MINE", "PATH", "LIVERMORE_COINBASE_API_KEY"]

    assert list(misspelt(names)) == [("LIVERMORE_SYMBOL", "LIVERMORE_SYMBOLS")]


@pytest.mark.parametrize("word", ["CHANEL", "CHANNELS", "CHANNLE", "CHANEL_MY"])
def test_a_variable_that_was_to_be_a_channel_is_noticed(word: str) -> None:
    meant = f"LIVERMORE_CHANNEL_{'MY_' if word.endswith('MY') else ''}TOKEN_PHONE"

    assert list(misspelt([f"LIVERMORE_{word}_TOKEN_PHONE"])) == [(f"LIVERMORE_{word}_TOKEN_PHONE", meant)]
    assert list(misspelt(["LIVERMORE_CHANNEL_PHONE", "LIVERMORE_COINBASE_KEY", "LIVERMORE_CLERK_WEBHOOK_SECRET"])) == []


@given(st.from_regex(r"[a-z0-9-]{1,30}(\.[a-z0-9-]{1,20}){1,3}(:[1-9][0-9]{0,4})?", fullmatch=True), st.booleans())
def test_a_publishable_key_tells_the_address_of_the_frontend_api(host: str, is_padded: bool) -> None:
    text = base64.b64encode(f"{host}$".encode()).decode()

    assert clerk_origin(f"pk_live_{text if is_padded else text.rstrip('=')}") == f"https://{host}"


@pytest.mark.parametrize(
    "key",
    [
        "pk_test_",
        "pk_test_Y2xlcmsuZXhhbXBsZS5vcmc",  # without the dollar sign
        "pk_Y2xlcmsuZXhhbXBsZS5vcmck",
        "pk_test_bG9jYWxob3N0JA==",  # a host without a dot
        "pk_test_" + base64.b64encode(b"evil.example; script-src *$").decode(),
        "pk_test_" + base64.b64encode(b"user@evil.example$").decode(),
        "pk_test_" + base64.b64encode("käse.example$".encode()).decode(),
        "pk_test_abcde",  # no base64
        f"{CLERK}\n",
    ],
)
def test_what_is_no_publishable_key_is_refused_at_the_start(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVERMORE_CLERK_PUBLISHABLE_KEY", key)
    with pytest.raises(ConfigError) as refusal:
        read_environment()

    said = str(refusal.value)
    assert said.startswith("LIVERMORE_CLERK_PUBLISHABLE_KEY: this is no publishable key of Clerk")
    assert key.strip() == "pk_test_" or key.strip() not in said


@pytest.mark.parametrize(
    "secret",
    [
        "nonsense",
        "whsec_",
        "whsec_nonsense",  # base64, and far too short
        "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",  # without what it begins with
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7o",  # cut
        "whsec_C2FVsBQIhrscChlQIMV*b5sSYspob7oD",
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n",
        "whsec_käse",
    ],
)
def test_what_is_no_signing_secret_is_refused_at_the_start_and_not_repeated(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVERMORE_CLERK_WEBHOOK_SECRET", secret)
    with pytest.raises(ConfigError) as refusal:
        read_environment()

    said = str(refusal.value)
    assert said.startswith("LIVERMORE_CLERK_WEBHOOK_SECRET: this is no signing secret, which is whsec_ and")
    assert "copy it from the webhook's endpoint" in said
    assert secret == "whsec_" or secret.strip() not in said


@given(st.binary(min_size=24, max_size=64))
def test_every_signing_secret_of_the_specification_is_taken(key: bytes) -> None:
    secret = f"whsec_{base64.b64encode(key).decode()}"

    assert Environment(clerk_webhook_secret=SecretStr(secret)).clerk_webhook_secret == SecretStr(secret)


def test_a_secret_key_in_its_place_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVERMORE_CLERK_PUBLISHABLE_KEY", "sk_live_abcdefg")
    with pytest.raises(ConfigError, match="this is a secret key of Clerk") as refusal:
        read_environment()

    assert "abcdefg" not in str(refusal.value)


def test_the_key_goes_with_the_issuer_whose_tokens_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clerk_front(read_environment()) is None
    monkeypatch.setenv("LIVERMORE_CLERK_PUBLISHABLE_KEY", CLERK)
    with pytest.raises(ConfigError, match="set LIVERMORE_OIDC_ISSUER to that address, and not to nothing"):
        clerk_front(read_environment())
    monkeypatch.setenv("LIVERMORE_OIDC_ISSUER", "https://other.example.org")
    with pytest.raises(ConfigError, match=r"is of https://clerk\.example\.org; .* not to https://other\.example\.org"):
        clerk_front(read_environment())
    monkeypatch.setenv("LIVERMORE_OIDC_ISSUER", "https://clerk.example.org/")
    front = clerk_front(read_environment())

    assert front is not None
    assert (front.key, front.origin) == (CLERK, "https://clerk.example.org")
