"""Settings that cannot work are refused in one plain line."""

import pytest

from livermore.errors import ConfigError
from livermore.sim.settings import SimSettings, check_settings


def test_the_defaults_are_those_of_the_command() -> None:
    settings = SimSettings()
    ports = (settings.coinbase_port, settings.binance_port, settings.binance_us_port)

    check_settings(settings)
    assert (*ports, settings.speed, settings.seed, settings.symbols) == (8801, 8802, 8803, 60.0, 7, 30)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (SimSettings(coinbase_port=70_000), "port"),
        (SimSettings(binance_port=8801), "port of its own"),
        (SimSettings(speed=0), "speed"),
        (SimSettings(speed=float("nan")), "speed"),
        (SimSettings(symbols=0), "symbols"),
        (SimSettings(symbols=10**9), "symbols"),
    ],
)
def test_what_cannot_work_is_named(settings: SimSettings, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        check_settings(settings)

    assert "\n" not in str(caught.value)
