"""The configuration is refused with everything that is wrong with it at once, in words that people use."""

import pytest

from livermore.config import misspelt, read_environment
from livermore.errors import ConfigError


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
