"""Keys of exchanges: named by environment variables, read when they are needed, and shown to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from livermore.core.account.account import CredentialNames
from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE, ExchangeIdentity
from livermore.errors import ConfigError

LONGEST: Final = 10_000


DEFAULT_NAMES: Final[Mapping[int, CredentialNames]] = {
    COINBASE.id: CredentialNames("LIVERMORE_COINBASE_API_KEY", "LIVERMORE_COINBASE_API_SECRET"),
    BINANCE.id: CredentialNames("LIVERMORE_BINANCE_API_KEY", "LIVERMORE_BINANCE_API_SECRET"),
    BINANCE_US.id: CredentialNames("LIVERMORE_BINANCE_US_API_KEY", "LIVERMORE_BINANCE_US_API_SECRET"),
}
"""Where credentials are looked for unless somebody's settings name other variables."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key and its secret; `names` are what may be spoken of them."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    names: CredentialNames


def read_credentials(
    exchange: ExchangeIdentity, environment: Mapping[str, str], names: CredentialNames | None = None
) -> Credentials:
    """The credentials for `exchange` out of `environment`.

    A secret of several lines may be written in one, with ``\\n`` for each end of a line.

    Raises:
        ConfigError: naming the variables that are missing, or too long to be what they should be.
    """
    names = names or DEFAULT_NAMES[exchange.id]
    found = {name: environment.get(name, "").strip() for name in (names.key, names.secret)}
    missing = [name for name, value in found.items() if not value]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigError(f"no credentials for {exchange.display_name}: {' and '.join(missing)} {verb} not set")
    wrong = [name for name, value in found.items() if len(value) > LONGEST]
    if wrong:
        raise ConfigError(f"{' and '.join(wrong)} cannot hold credentials: too long")
    return Credentials(found[names.key], found[names.secret].replace("\\n", "\n"), names)
