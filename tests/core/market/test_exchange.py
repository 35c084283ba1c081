import pytest

from livermore.core.market.exchange import WATCHED, exchange_named
from livermore.errors import UnknownExchange


def test_an_exchange_is_found_by_its_name() -> None:
    assert [(exchange.id, exchange_named(exchange.name)) for exchange in WATCHED] == list(enumerate(WATCHED, start=1))


@pytest.mark.parametrize("name", ["", "Coinbase", "kraken", "binance-us", "1"])
def test_an_unknown_exchange_is_an_error_and_never_a_default(name: str) -> None:
    with pytest.raises(UnknownExchange, match="known are coinbase, binance, binance_us"):
        exchange_named(name)
