"""Exports come back whole, older ones too, and an import says first what it would change."""

from typing import Any

import pytest
from hypothesis import given, settings

from core.account.documents import a_settings
from livermore.core.account.patch import Change
from livermore.core.account.settings import Settings, parse_settings
from livermore.core.account.transfer import exported, imported
from livermore.errors import InvalidRequest

VERSION_1: dict[str, Any] = {
    "exportedAt": "2026-02-10T00:00:00Z",
    "exportVersion": "1.0",
    "settings": {
        "version": 1,
        "sub": "google-1",
        "perseus_profile": {
            "public_name": "Jesse",
            "primary_exchange": "coinbase",
            "trading_mode": "paper",
            "currency": "USD",
            "timezone": "America/New_York",
            "locale": "en-US",
        },
        "livermore_runtime": {"auto_start": True, "logging": {"verbosity_level": "error"}},
        "exchanges": {
            "coinbase": {
                "enabled": True,
                "ApiKeyEnvironmentVariableName": "Coinbase_ApiKeyId",
                "SecretEnvironmentVariableName": "Coinbase_EcPrivateKeyPem",
            }
        },
        "symbols": ["BTC-USD", "ETH-USD"],
        "scanner_exchange": "coinbase",
    },
}


@settings(max_examples=40)
@given(a_settings, a_settings)
def test_an_export_comes_back_whole(present: Settings, other: Settings) -> None:
    found = imported(present, exported(other, 1))
    assert found.settings == other
    assert (not found.changes) == (present == other)


def test_an_import_says_what_it_would_change() -> None:
    found = imported(Settings(), {"alerts": {"levelStep": 25}})
    assert found.changes == (Change("/alerts/levelStep", 50, 25),)


def test_an_export_of_the_first_version_is_understood() -> None:
    found = imported(Settings(), VERSION_1).settings
    assert (found.profile.name, found.profile.timezone, found.profile.locale) == ("Jesse", "America/New_York", "en-US")
    assert found.runtime.auto_start
    assert found.exchanges["coinbase"].api_key_env == "Coinbase_ApiKeyId"
    assert found.exchanges["coinbase"].api_secret_env == "Coinbase_EcPrivateKeyPem"
    assert found.symbols.always == ("BTC-USD", "ETH-USD")
    assert imported(found, VERSION_1).changes == ()


@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        "x",
        {"exportVersion": 2, "settings": []},
        {"schemaVersion": 3},
        {"schemaVersion": "x"},
        {"schemaVersion": 0},
        {"schemaVersion": True},
        {"schemaVersion": [1]},
        {"version": 1, "symbols": [1]},
    ],
)
def test_what_is_no_settings_is_refused(document: Any) -> None:
    with pytest.raises(InvalidRequest):
        imported(Settings(), document)


def test_secrets_do_not_come_in_by_import() -> None:
    document = {
        "version": 1,
        "exchanges": {"coinbase": {"ApiKeyEnvironmentVariableName": "a" * 8 + "1b2c3d4e5f6g" * 4}},
    }
    with pytest.raises(InvalidRequest, match="looks like a secret"):
        imported(Settings(), document)


def test_the_present_settings_are_left_alone() -> None:
    present = parse_settings({"alerts": {"symbols": {"BTC-USD": "off"}}})
    imported(present, {"alerts": {"symbols": {}}})
    assert present.alerts.symbols == {"BTC-USD": "off"}
