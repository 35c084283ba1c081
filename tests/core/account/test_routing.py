"""Who is told of an alert, how loudly, and why not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.test_alert import an_alert
from livermore.core.account.routing import LATE, NEVER_TOLD, NOISE_OFF, Route, fate_of_notice, routes_of
from livermore.core.account.settings import Json, Settings, parse_settings
from livermore.core.alerts.alert import AlertStatus

CHANNEL = {"id": "phone", "name": "My phone", "kind": "apprise", "urlEnv": "LIVERMORE_CHANNEL_PHONE"}


def settings_with(channel: dict[str, Json], **others: Json) -> Settings:
    notifications = {"channels": [{**CHANNEL, **channel}], **others.pop("notifications", {})}  # type: ignore[dict-item]
    return parse_settings({"notifications": notifications, **others})


def test_an_alert_goes_to_every_channel_that_leaves_nothing_out() -> None:
    assert routes_of(settings_with({}), an_alert("level_150"), 12) == (Route("phone", False, None),)
    assert not routes_of(Settings(), an_alert("level_150"), 12)


@pytest.mark.parametrize(
    "channel",
    [
        {"isEnabled": False},
        {"types": ["reversal_oversold"]},
        {"symbols": ["ETH-USD"]},
        {"exchanges": ["binance"]},
        {"timeframes": ["1d", "4h"]},
    ],
)
def test_a_channel_hears_only_what_it_is_meant_for(channel: dict[str, Json]) -> None:
    assert not routes_of(settings_with(channel), an_alert("level_150"), 12)


@pytest.mark.parametrize(
    "channel",
    [{"types": ["level"]}, {"symbols": ["BTC-USD"]}, {"exchanges": ["coinbase"]}, {"timeframes": ["5m"]}],
)
def test_a_list_lets_in_what_it_names(channel: dict[str, Json]) -> None:
    assert routes_of(settings_with(channel), an_alert("level_150"), 12)


def test_what_is_not_told_has_a_reason() -> None:
    off = settings_with({}, alerts={"noise": {"level": "off"}})
    late = replace(an_alert("level_150"), status=AlertStatus.LATE)

    assert routes_of(off, an_alert("level_150"), 12)[0].suppressed == NOISE_OFF
    assert routes_of(off, an_alert("reversal_oversold"), 12)[0].suppressed is None
    assert routes_of(settings_with({}), late, 12)[0].suppressed == LATE


def test_one_symbol_may_be_quieter_than_the_others() -> None:
    quieter = settings_with({}, alerts={"symbols": {"BTC-USD": "silent"}})

    (route,) = routes_of(quieter, an_alert("level_150"), 12)

    assert (route.is_silent, route.suppressed) == (True, None)


@given(start=st.integers(0, 23), end=st.integers(0, 23), hour=st.integers(0, 23))
def test_quiet_hours_are_those_from_the_one_until_the_other(start: int, end: int, hour: int) -> None:
    settings = settings_with({}, notifications={"quietHours": {"fromHour": start, "toHour": end}})

    (route,) = routes_of(settings, an_alert("level_150"), hour)

    hours = [(start + offset) % 24 for offset in range((end - start) % 24)]
    assert route.is_silent == (hour in hours)


@pytest.mark.parametrize(
    ("earlier", "reason"),
    [
        ({}, NEVER_TOLD),
        ({AlertStatus.FIRED: "suppressed"}, NEVER_TOLD),
        ({AlertStatus.FIRED: "failed"}, NEVER_TOLD),
        ({AlertStatus.FIRED: "delivered"}, None),
        ({AlertStatus.LATE: "suppressed", AlertStatus.AMENDED: "delivered"}, None),
    ],
)
def test_a_notice_is_for_those_who_were_told(earlier: dict[AlertStatus, str], reason: str | None) -> None:
    assert fate_of_notice(earlier) == reason
