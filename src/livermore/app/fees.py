"""What trading at one exchange has cost: read from the exchange, or from the simulator that runs here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livermore.app.audit_places import exchange_settings
from livermore.app.simulated_keys import simulated_key
from livermore.audit.explain import utc
from livermore.config import Environment
from livermore.core.account.account import AccountReport, CredentialNames
from livermore.core.account.fees import FeeReport, fee_report
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis
from livermore.errors import InvalidRequest
from livermore.exchanges.credentials import Credentials, read_credentials
from livermore.exchanges.registry import open_account
from livermore.runtime.accounts import AccountExchange, read_account

REAL: Final = "or leave out --sim to ask the real exchange"


@dataclass(frozen=True, slots=True)
class FeesSettings:
    """What `livermore fees` is told.

    Instants are in ms; None is the beginning, or now. `names` are the variables of the credentials where they are not
    the usual ones. `is_simulated` asks the simulator of the `livermore up` that runs here, with a key of its own.
    """

    exchange: ExchangeIdentity
    since: Millis | None
    until: Millis | None
    symbols: tuple[str, ...]
    names: CredentialNames | None
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Fees:
    """What was read, and what it adds up to."""

    exchange: ExchangeIdentity
    is_simulated: bool
    account: AccountReport
    report: FeeReport


async def read_fees(settings: FeesSettings, environment: Environment, home: Path) -> Fees:
    """Read the account and add up its fees.

    Raises:
        ConfigError: when there are no credentials, or they cannot be used.
        InvalidRequest: when the period ends before it begins, or the exchange lists none of the symbols.
        ExchangeError, MalformedMessage: when the exchange does not tell everything.
    """
    exchange = settings.exchange
    if settings.since is not None and settings.until is not None and settings.since >= settings.until:
        raise InvalidRequest(
            f"the period ends at {utc(settings.until)}, which is not after its beginning, {utc(settings.since)}"
        )
    is_simulated = settings.is_simulated or environment.simulated_speed is not None
    credentials = _credentials(settings, os.environ)
    where = await exchange_settings(exchange, environment, home, is_simulated=is_simulated, otherwise=REAL)
    async with open_account(exchange.name, credentials, where) as account:
        found = await read_account(account, settings.since or 0, settings.until, settings.symbols)
        if settings.symbols and not found.history.fills:
            await _check_listed(account, settings)
    return Fees(exchange, is_simulated, found, fee_report(found.history.fills))


async def _check_listed(account: AccountExchange, settings: FeesSettings) -> None:
    """Tell a symbol that nobody could have traded from one that nobody has."""
    listed = {one.symbol for one in await account.instruments()}
    if not listed.intersection(settings.symbols):
        raise InvalidRequest(f"{settings.exchange.display_name} does not list {', '.join(settings.symbols)}")


def _credentials(settings: FeesSettings, environment: Mapping[str, str]) -> Credentials:
    if settings.is_simulated and settings.names is None:
        return simulated_key(settings.exchange)
    return read_credentials(settings.exchange, environment, settings.names)
