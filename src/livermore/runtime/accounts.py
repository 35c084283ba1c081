"""Reading an account whole: what the key may do, what is held, what is charged and what was traded.

Only instances hold credentials, so this happens there, and in `livermore fees`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from livermore.core.account.account import AccountReport, Balance, FeeTier, FillHistory, KeyPermissions, KeyWarning
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import Millis
from livermore.errors import CredentialsRefused, ExchangeUnavailable

PATIENCE_SECONDS: Final = 300.0
CHECK_SECONDS: Final = 30.0


class AccountExchange(Protocol):
    """Somebody's account at one exchange, seen through its adapter.

    All of it raises ExchangeUnavailable, RateLimited, CredentialsRefused, ExchangeRefused and MalformedMessage.
    """

    @property
    def identity(self) -> ExchangeIdentity:
        """The exchange's number and names."""

    async def server_time(self) -> Millis:
        """The exchange's clock."""

    async def instruments(self) -> tuple[Instrument, ...]:
        """All it lists."""

    async def permissions(self) -> KeyPermissions:
        """What the key may do."""

    async def balances(self) -> tuple[Balance, ...]:
        """All that is not empty."""

    async def tier(self) -> FeeTier:
        """What is charged at present."""

    async def fills(self, since: Millis, until: Millis, symbols: Sequence[str] = ()) -> FillHistory:
        """The fills in ``[since, until)``, oldest first; of `symbols`, or of what the exchange can list."""


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """Whether an exchange takes our credentials: `error` says why not.

    `permissions` is None where it did not come so far.
    """

    permissions: KeyPermissions | None = None
    error: str | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it does, and lets us look."""
        return self.error is None

    def warnings(self) -> tuple[KeyWarning, ...]:
        """What is wrong with the key."""
        return () if self.permissions is None else self.permissions.warnings()


async def check_connection(account: AccountExchange) -> ConnectionCheck:
    """Try whether the exchange can be reached and lets this key look.

    Raises:
        ExchangeUnavailable, RateLimited, ExchangeRefused, MalformedMessage: when nothing can be said of the key.
    """
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            permissions = await account.permissions()
    except CredentialsRefused as exc:
        return ConnectionCheck(error=str(exc))
    except TimeoutError as exc:
        name = account.identity.display_name
        raise ExchangeUnavailable(f"{name} has not answered for {CHECK_SECONDS:.0f} s") from exc
    if not permissions.may_view:
        return ConnectionCheck(permissions, "the key may not view the account")
    return ConnectionCheck(permissions)


async def read_account(
    account: AccountExchange, since: Millis = 0, until: Millis | None = None, symbols: Sequence[str] = ()
) -> AccountReport:
    """Everything of an account, with the fills in ``[since, until)``; up to now by the exchange's clock if None.

    Raises:
        ExchangeError, MalformedMessage: when any part of it could not be read; a part is never taken for the whole.
    """
    name = account.identity.display_name
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            permissions = await account.permissions()
            end = await account.server_time() + 1 if until is None else until
            history = await account.fills(since, end, symbols)
            return AccountReport(permissions, await account.balances(), await account.tier(), history)
    except TimeoutError as exc:
        raise ExchangeUnavailable(f"the account at {name} was not read within {PATIENCE_SECONDS:.0f} s") from exc
