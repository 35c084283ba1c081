"""The exchanges by name and number."""

from dataclasses import dataclass

from livermore.errors import UnknownExchange


@dataclass(frozen=True, slots=True)
class ExchangeIdentity:
    """How an exchange is called in keys (`id`), settings (`name`) and on screens (`display_name`)."""

    id: int
    name: str
    display_name: str


COINBASE = ExchangeIdentity(1, "coinbase", "Coinbase")
BINANCE = ExchangeIdentity(2, "binance", "Binance")
BINANCE_US = ExchangeIdentity(3, "binance_us", "Binance US")

WATCHED = (COINBASE, BINANCE, BINANCE_US)


def exchange_named(name: str) -> ExchangeIdentity:
    """The exchange called `name`, such as ``"binance_us"``.

    Raises:
        UnknownExchange: when there is none of that name; there is never a default.
    """
    for exchange in WATCHED:
        if exchange.name == name:
            return exchange
    known = ", ".join(exchange.name for exchange in WATCHED)
    raise UnknownExchange(f"unknown exchange {name!r}; known are {known}")
