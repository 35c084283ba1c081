"""The exchanges by name; a name that nobody answers to is an error, never a default."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from livermore.core.market.exchange import COINBASE, exchange_named
from livermore.errors import UnknownExchange
from livermore.exchanges.binance.account import BinanceAccount
from livermore.exchanges.binance.exchange import BinanceExchange, open_binance, open_binance_account
from livermore.exchanges.binance.venues import VENUES
from livermore.exchanges.coinbase.account import CoinbaseAccount
from livermore.exchanges.coinbase.exchange import CoinbaseExchange, open_coinbase, open_coinbase_account
from livermore.exchanges.credentials import Credentials
from livermore.exchanges.limiter import Budgets
from livermore.exchanges.settings import ExchangeSettings

AnyExchange: TypeAlias = CoinbaseExchange | BinanceExchange
AnyAccount: TypeAlias = CoinbaseAccount | BinanceAccount


@asynccontextmanager
async def open_exchange(
    name: str,
    settings: ExchangeSettings | None = None,
    *,
    budgets: Budgets | None = None,
    rng: random.Random | None = None,
) -> AsyncIterator[AnyExchange]:
    """Keep the exchange called `name` open for as long as the block lasts.

    Connections are made when they are needed. `budgets` are those of the process, where it opens an exchange more than
    once; `rng` spreads retries.

    Raises:
        UnknownExchange: when no adapter answers to `name`.
    """
    identity = exchange_named(name)
    settings = settings or ExchangeSettings()
    budgets = budgets or Budgets()
    # Jitter need not be unpredictable, only different from one process to the next.
    rng = rng or random.Random()
    if identity == COINBASE:
        async with open_coinbase(settings, budgets, rng) as coinbase:
            yield coinbase
        return
    for venue in VENUES:
        if venue.identity == identity:
            async with open_binance(venue, settings, budgets, rng) as binance:
                yield binance
            return
    raise UnknownExchange(f"no adapter speaks to {identity.display_name}")


@asynccontextmanager
async def open_account(
    name: str,
    credentials: Credentials,
    settings: ExchangeSettings | None = None,
    *,
    budgets: Budgets | None = None,
    rng: random.Random | None = None,
) -> AsyncIterator[AnyAccount]:
    """Keep the account of these credentials at the exchange called `name` open for as long as the block lasts.

    `budgets` are those of the process: where an exchange counts by address, all who ask it share one.

    Raises:
        UnknownExchange: when no adapter answers to `name`.
        ConfigError: when the secret is not of a kind that the exchange takes.
    """
    identity = exchange_named(name)
    settings = settings or ExchangeSettings()
    budgets = budgets or Budgets()
    rng = rng or random.Random()
    if identity == COINBASE:
        async with open_coinbase_account(credentials, settings, budgets, rng) as coinbase:
            yield coinbase
        return
    for venue in VENUES:
        if venue.identity == identity:
            async with open_binance_account(venue, credentials, settings, budgets, rng) as binance:
                yield binance
            return
    raise UnknownExchange(f"no adapter speaks to {identity.display_name}")
