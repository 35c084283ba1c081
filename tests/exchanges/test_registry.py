"""Exchanges are opened by name, and only those there are."""

import pytest

from livermore.core.market.exchange import WATCHED
from livermore.errors import ConfigError, UnknownExchange
from livermore.exchanges.registry import open_exchange
from livermore.exchanges.settings import ExchangeSettings


@pytest.mark.parametrize("identity", WATCHED, ids=lambda identity: identity.name)
async def test_every_watched_exchange_can_be_opened(identity: object) -> None:
    async with open_exchange(identity.name) as exchange:
        assert exchange.identity == identity
        assert exchange.traits.rows_per_request in (300, 1000)
        assert exchange.traits.grace in (2_000, 5_000)


async def test_the_grace_is_a_setting() -> None:
    async with open_exchange("binance_us", ExchangeSettings(grace=0)) as exchange:
        assert exchange.traits.grace == 0


@pytest.mark.parametrize("name", ["", "Coinbase", "kraken", "binance.com"])
async def test_an_unknown_name_is_an_error_and_never_a_default(name: str) -> None:
    with pytest.raises(UnknownExchange):
        async with open_exchange(name):
            pass


async def test_more_symbols_than_a_binance_connection_holds_are_refused() -> None:
    with pytest.raises(ConfigError):
        async with open_exchange("binance", ExchangeSettings(symbols_per_connection=501)):
            pass


@pytest.mark.parametrize(
    "wrong",
    [
        {"rest_url": "api.coinbase.com"},
        {"rest_url": "ws://host"},
        {"ws_url": "http://host"},
        {"ws_url": "ws://"},
        {"speed": 0.0},
        {"speed": float("nan")},
        {"stale_after_seconds": -1.0},
        {"symbols_per_connection": 0},
        {"grace": -1},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        ExchangeSettings(**wrong)
