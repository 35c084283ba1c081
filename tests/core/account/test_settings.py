"""The settings: their defaults are the rules' defaults, and what an instance takes from them."""

from typing import Any

import pytest
from hypothesis import given, settings

from core.account.documents import a_settings
from core.account.test_secret import SECRETS
from livermore.core.account.patch import changes_between, is_same, merged, patch_between
from livermore.core.account.settings import (
    AlertType,
    Noise,
    Settings,
    alert_type_of,
    late_after_of,
    noise_of,
    parse_settings,
    rules_of,
    settings_json,
)
from livermore.core.alerts.rules import Rules
from livermore.errors import InvalidRequest


def test_the_defaults_are_those_of_the_rules() -> None:
    assert rules_of(Settings()) == Rules()
    assert parse_settings({}) == Settings()


@settings(max_examples=60)
@given(a_settings)
def test_what_is_written_is_read_again(document: Settings) -> None:
    assert parse_settings(settings_json(document)) == document


@settings(max_examples=40)
@given(a_settings, a_settings)
def test_a_patch_leads_from_any_settings_to_any_other(one: Settings, other: Settings) -> None:
    before, after = settings_json(one), settings_json(other)
    patched: Any = merged(before, patch_between(before, after))
    assert is_same(patched, after)
    assert parse_settings(patched) == other
    assert (not changes_between(before, after)) == (one == other)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_pasted_as_a_credential_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_settings({"exchanges": {"coinbase": {"apiKeyEnv": secret}}})
    assert "/exchanges/coinbase/apiKeyEnv" in str(refused.value)
    assert secret not in str(refused.value)


def test_the_address_of_a_channel_is_refused_in_place_of_its_variable() -> None:
    channel = {"id": "desk", "name": "Desk", "kind": "discord", "urlEnv": "https://discord.com/api/webhooks/1/x"}
    with pytest.raises(InvalidRequest, match="/notifications/channels/0/urlEnv looks like a secret"):
        parse_settings({"notifications": {"channels": [channel]}})


def test_two_channels_have_two_ids() -> None:
    channel = {"id": "desk", "name": "Desk", "kind": "apprise", "urlEnv": "LIVERMORE_CHANNEL_DESK"}
    with pytest.raises(InvalidRequest, match="/notifications two channels have the same id"):
        parse_settings({"notifications": {"channels": [channel, channel]}})


def test_every_threshold_reaches_the_rules_and_makes_a_version() -> None:
    versions = {Rules().version}
    for name, value in {
        "firstLevel": 160,
        "levelStep": 25,
        "hysteresis": 5,
        "oversoldBuffer": 0.1,
        "overboughtBuffer": 0.1,
        "shortestCooldownSeconds": 60,
    }.items():
        versions.add(rules_of(parse_settings({"alerts": {name: value}})).version)
    assert len(versions) == 7


def test_noise_is_no_threshold() -> None:
    assert rules_of(parse_settings({"alerts": {"noise": {"level": "off"}}})) == Rules()


def test_the_quieter_of_kind_and_symbol_counts() -> None:
    found = parse_settings({"alerts": {"noise": {"level": "silent"}, "symbols": {"BTC-USD": "off", "ETH-USD": "on"}}})
    assert noise_of(found, "level_-150", "BTC-USD") is Noise.OFF
    assert noise_of(found, "level_-150", "ETH-USD") is Noise.SILENT
    assert noise_of(found, "reversal_oversold", "ETH-USD") is Noise.ON


def test_every_label_has_its_kind() -> None:
    assert alert_type_of("level_200") is AlertType.LEVEL
    assert alert_type_of("reversal_overbought") is AlertType.REVERSAL_OVERBOUGHT


def test_an_alert_is_late_after_one_timeframe_unless_set() -> None:
    assert late_after_of(Settings()) is None
    assert late_after_of(parse_settings({"runtime": {"lateAfterSeconds": 90}})) == 90_000


def test_no_setting_makes_an_alert_late_that_came_as_fast_as_it_could() -> None:
    with pytest.raises(InvalidRequest, match="lateAfterSeconds"):
        parse_settings({"runtime": {"lateAfterSeconds": 59}})
