"""What the commands about accounts do: try whether the exchange takes our credentials, and read the admin's account.

The credentials are those of the admin of this instance, whoever gives the command: a variable that somebody else names
could hold a key that is not theirs.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeAlias

from livermore.core.account.account import CredentialNames, KeyPermissions, KeyWarning
from livermore.core.account.account_json import Json, history_json, report_json, tier_json, warning_json
from livermore.core.account.fees import fee_report
from livermore.core.account.portfolio import KeptAccount, dollar_markets, holdings_of
from livermore.core.instance.commands import Command, CommandType
from livermore.core.instance.status import Status
from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError, CredentialsRefused, InvalidRequest
from livermore.runtime.accounts import AccountExchange, ConnectionCheck, check_connection, read_account
from livermore.runtime.control import Details, Executor, Later, Tell

LINES_TOLD: Final = 300
"""Of each view of fees: a result is kept in the audit of commands, and `livermore fees` tells all."""

LINES_KEPT: Final = 5_000
"""Of each view, in people's database."""

NO_DATABASE: Final = "nothing is kept: this instance has no PostgreSQL (LIVERMORE_DATABASE_HOST)"
NO_ADMIN: Final = "nothing is kept: this instance has no admin (LIVERMORE_ADMIN_EMAIL)"
NO_PERSON: Final = "nothing is kept: there is no user with the address of this instance's admin"


class AccountBook(Protocol):
    """What is kept of people's accounts; all of it raises StoreUnavailable when it is away."""

    async def credential_names(self, email: str, exchange_id: int) -> CredentialNames | None:
        """The variables that somebody's settings name for the credentials of an exchange."""

    async def keep_account(self, email: str, exchange_id: int, account: KeptAccount, at: Millis) -> bool:
        """Make what somebody holds and has paid what was just read; False where there is no such person."""

    async def keep_connection(
        self, email: str, exchange_id: int, error: str | None, permissions: KeyPermissions | None, at: Millis
    ) -> bool:
        """Note whether the exchange takes somebody's credentials; False where there is no such person."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """What commands about accounts act upon.

    `open` opens the account of the credentials in the variables of these names, or of the usual ones, and raises
    ConfigError where they are not set. `book` is None where there is no database.
    """

    status: Callable[[], Status]
    open: Callable[[CredentialNames | None], AbstractAsyncContextManager[AccountExchange]]
    book: AccountBook | None
    now: Callable[[], Millis]


Deed: TypeAlias = Callable[[Accounts, Tell], Awaitable[Details]]


def account_executors(accounts: Accounts) -> dict[CommandType, Executor]:
    """The deeds, which hold nobody up: exchanges may take their time."""

    async def later(deed: Deed, _command: Command, tell: Tell) -> Later:
        return Later(partial(deed, accounts, tell))

    return {
        CommandType.TEST_CONNECTION: partial(later, try_connection),
        CommandType.SYNC_ACCOUNTS: partial(later, sync_accounts),
    }


async def try_connection(accounts: Accounts, _tell: Tell) -> Details:
    """Try the credentials; that they are refused is a result, and kept."""
    names = await _names(accounts)
    try:
        async with accounts.open(names) as account:
            check = await check_connection(account)
    except ConfigError as exc:
        # What is not set, or is no key, is as little a connection as what is refused.
        check = ConnectionCheck(error=str(exc))
    note = await _keep_connection(accounts, check)
    return {"isConnected": check.is_connected, "error": check.error, **_told(check.warnings()), **note}


async def sync_accounts(accounts: Accounts, tell: Tell) -> Details:
    """Read balances, fills and fees, keep the holdings, and tell what trading has cost.

    Raises:
        InvalidRequest: when there are no credentials that could be used.
        ExchangeError, MalformedMessage: when the exchange did not tell everything; then nothing is kept.
        StoreUnavailable: when the holdings could not be kept.
    """
    names = await _names(accounts)
    try:
        async with accounts.open(names) as account:
            tell(0, 2, "reading the account")
            report = await read_account(account)
            holdings = holdings_of(report.balances, report.history.fills)
            symbols = dollar_markets(await account.instruments(), (holding.currency for holding in holdings))
    except ConfigError as exc:
        raise InvalidRequest(str(exc)) from exc
    except CredentialsRefused as exc:
        await _keep_connection(accounts, ConnectionCheck(error=str(exc)))
        raise
    tell(1, 2, "keeping what is held")
    fees = fee_report(report.history.fills)
    read = {**history_json(report.history), "tier": tier_json(report.tier)}
    kept = KeptAccount(holdings, symbols, {**read, "fees": report_json(fees, LINES_KEPT)})
    note = await _keep(accounts, report.permissions, kept)
    return {
        "balances": len(report.balances),
        "holdings": len(holdings),
        **read,
        **_told(report.warnings()),
        "fees": report_json(fees, LINES_TOLD),
        **note,
    }


async def _names(accounts: Accounts) -> CredentialNames | None:
    status = accounts.status()
    if accounts.book is None or status.admin_email is None:
        return None
    return await accounts.book.credential_names(status.admin_email, status.exchange_id)


async def _keep(accounts: Accounts, permissions: KeyPermissions, kept: KeptAccount) -> dict[str, Json]:
    status, at = accounts.status(), accounts.now()
    note = await _keep_connection(accounts, ConnectionCheck(permissions))
    if accounts.book is None or status.admin_email is None or not note["isKept"]:
        return note
    await accounts.book.keep_account(status.admin_email, status.exchange_id, kept, at)
    return note


async def _keep_connection(accounts: Accounts, check: ConnectionCheck) -> dict[str, Json]:
    """Keep how it went; whether that was possible, and if not, why."""
    status = accounts.status()
    if accounts.book is None:
        return {"isKept": False, "note": NO_DATABASE}
    if status.admin_email is None:
        return {"isKept": False, "note": NO_ADMIN}
    is_kept = await accounts.book.keep_connection(
        status.admin_email, status.exchange_id, check.error, check.permissions, accounts.now()
    )
    return {"isKept": True} if is_kept else {"isKept": False, "note": NO_PERSON}


def _told(warnings: Sequence[KeyWarning]) -> dict[str, Json]:
    return {"warnings": [warning_json(warning) for warning in warnings]}
