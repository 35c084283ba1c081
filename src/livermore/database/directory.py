"""What an instance asks of the people's database; it satisfies the runtime's Directory."""

from collections.abc import Sequence

from livermore.core.account.settings import Settings
from livermore.core.account.symbols import EVERYBODYS, ONE_USERS, MonitoredSymbol
from livermore.core.market.timeframe import Millis
from livermore.database.account_book import PostgresAccountBook
from livermore.database.connect import Pool, transaction
from livermore.database.exchanges import least_epoch, record_epoch
from livermore.database.positions import held_symbols
from livermore.database.settings import settings_of_email
from livermore.database.symbols import (
    add_to_watchlist,
    deactivate_symbols,
    monitored_symbols,
    remove_from_watchlist,
    save_symbols,
)
from livermore.errors import InvalidRequest


class PostgresDirectory:
    """The directory in PostgreSQL.

    Each call is a transaction of its own and raises StoreUnavailable when PostgreSQL cannot be used.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def accounts(self) -> PostgresAccountBook:
        """What is kept of people's accounts, in the same database."""
        return PostgresAccountBook(self._pool)

    async def settings(self, admin_email: str | None) -> Settings:
        """The settings of the admin with that address; the defaults where there is no such person."""
        if admin_email is None:
            return Settings()
        async with transaction(self._pool) as connection:
            stored = await settings_of_email(connection, admin_email)
        return Settings() if stored is None else stored.settings

    async def symbols(self, exchange_id: int) -> tuple[MonitoredSymbol, ...]:
        """All that is to be watched on the exchange, in both tiers, those given up included."""
        async with transaction(self._pool) as connection:
            return await monitored_symbols(connection, exchange_id)

    async def add_symbols(self, exchange_id: int, rows: Sequence[MonitoredSymbol], by: str, at: Millis) -> None:
        """Watch more symbols: for everybody, or for the users they name.

        Raises:
            InvalidRequest: when a row of tier 2 names no user, or a watchlist would grow beyond its limit.
        """
        wanted: dict[int, list[str]] = {}
        for row in rows:
            if row.tier == ONE_USERS:
                wanted.setdefault(_number(row.user), []).append(row.symbol)
        async with transaction(self._pool) as connection:
            await save_symbols(connection, exchange_id, [row for row in rows if row.tier == EVERYBODYS], by=by, at=at)
            # Always in the same order, so that two that add at once wait for each other and never both.
            for user_id in sorted(wanted):
                await add_to_watchlist(connection, user_id, exchange_id, wanted[user_id], at)

    async def remove_symbols(
        self, exchange_id: int, symbols: Sequence[str], by: str, at: Millis, user: str | None = None
    ) -> int:
        """Watch symbols no longer, for everybody or for one user; answers with how many were watched."""
        async with transaction(self._pool) as connection:
            if user is None:
                return await deactivate_symbols(connection, exchange_id, symbols, by=by, at=at)
            return await remove_from_watchlist(connection, _number(user), exchange_id, symbols)

    async def held_symbols(self, exchange_id: int) -> tuple[str, ...]:
        """The symbols in which anybody holds something."""
        async with transaction(self._pool) as connection:
            return await held_symbols(connection, exchange_id)

    async def least_epoch(self, exchange_id: int) -> int:
        """The highest epoch with which the exchange is known to have been claimed."""
        async with transaction(self._pool) as connection:
            return await least_epoch(connection, exchange_id)

    async def record_epoch(self, exchange_id: int, epoch: int, instance_id: str, at: Millis) -> None:
        """Remember a claim."""
        async with transaction(self._pool) as connection:
            await record_epoch(connection, exchange_id, epoch, instance_id, at)


def _number(user: str | None) -> int:
    if user is None or not user.isdecimal():
        raise InvalidRequest(f"{user!r} is no number of a user")
    return int(user)
