"""The simulator's own keys, for whoever asks it: worth nothing anywhere else."""

from livermore.core.market.exchange import WATCHED, ExchangeIdentity
from livermore.exchanges.credentials import DEFAULT_NAMES, Credentials
from livermore.sim.keys import keys_by_exchange


def simulated_key(exchange: ExchangeIdentity) -> Credentials:
    """The key of a simulated exchange that may look and no more."""
    key = keys_by_exchange()[exchange.name][0]
    return Credentials(key.key, key.secret, DEFAULT_NAMES[exchange.id])


def simulated_variables() -> dict[str, str]:
    """The environment variables by which an instance finds them; they take the place of real ones."""
    found: dict[str, str] = {}
    for exchange in WATCHED:
        credentials = simulated_key(exchange)
        found |= {credentials.names.key: credentials.key, credentials.names.secret: credentials.secret}
    return found
