"""The commands about accounts, put together: credentials from the environment, the exchange's adapter, the book."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from livermore.config import Environment, urls_of
from livermore.core.account.account import CredentialNames
from livermore.core.instance.commands import CommandType
from livermore.core.instance.status import Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.exchanges.credentials import read_credentials
from livermore.exchanges.limiter import Budgets
from livermore.exchanges.registry import open_account
from livermore.exchanges.settings import ExchangeSettings
from livermore.runtime.account_executors import AccountBook, Accounts, account_executors
from livermore.runtime.accounts import AccountExchange
from livermore.runtime.control import Executor
from livermore.runtime.ports import Clock


def account_commands(
    exchange: ExchangeIdentity,
    environment: Environment,
    status: Callable[[], Status],
    clock: Clock,
    *,
    book: AccountBook | None,
    budgets: Budgets,
) -> dict[CommandType, Executor]:
    """What an instance of `exchange` does when it is told to try or to read an account.

    Credentials are read when they are needed and forgotten with the connection. `budgets` are those of the process.
    """

    @asynccontextmanager
    async def opened(names: CredentialNames | None) -> AsyncIterator[AccountExchange]:
        credentials = read_credentials(exchange, os.environ, names)
        settings = ExchangeSettings(urls_of(environment, exchange).rest, None, environment.simulated_speed or 1.0)
        async with open_account(exchange.name, credentials, settings, budgets=budgets) as account:
            yield account

    return account_executors(Accounts(status, opened, book, clock.now))
