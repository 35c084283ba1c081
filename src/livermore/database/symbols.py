"""Which symbols are watched, in one place: everybody's, those on watchlists, and those that people hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livermore.core.account.symbols import EVERYBODYS, MOST_WATCHED_BY_USER, MonitoredSymbol
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.database.users import Numbered
from livermore.errors import InvalidRequest, NotFound


@dataclass(frozen=True, slots=True)
class WatchlistEntry:
    """A symbol that somebody watches beyond those of everybody."""

    exchange_id: int
    symbol: str
    created_at: Millis


@dataclass(frozen=True, slots=True)
class Count:
    """How many."""

    count: int


_MONITORED: Final = Query("symbols.monitored_symbols", MonitoredSymbol)
_SAVE: Final = Statement("symbols.save_symbol")
_DEACTIVATE: Final = Statement("symbols.deactivate_symbols")
_WATCHLIST: Final = Query("symbols.watchlist", WatchlistEntry)
_ADD: Final = Statement("symbols.add_to_watchlist")
_SIZE: Final = Query("symbols.watchlist_size", Count)
_LOCK_USER: Final = Query("symbols.lock_user", Numbered)
_REMOVE: Final = Statement("symbols.remove_from_watchlist")


async def monitored_symbols(connection: Connection, exchange_id: int) -> tuple[MonitoredSymbol, ...]:
    """All that is to be watched on an exchange, those given up included: tier 1 by rank, then what single users want.

    A symbol that several want stands here several times; `watched_once` of core makes one of it.
    """
    return await _MONITORED.all(connection, exchange_id=exchange_id)


async def save_symbols(
    connection: Connection, exchange_id: int, rows: Sequence[MonitoredSymbol], *, by: str, at: Millis
) -> None:
    """Enter symbols for everybody, or bring rank, volume and activity of those that are there up to date.

    Raises:
        Conflict: when there is no such exchange.
    """
    await _SAVE.run_many(
        connection,
        [
            {
                "exchange_id": exchange_id,
                "symbol": row.symbol,
                "rank": row.rank,
                "volume": row.volume,
                "is_active": row.is_active,
                "by": by,
                "at": at,
            }
            for row in rows
            if row.tier == EVERYBODYS
        ],
    )


async def deactivate_symbols(
    connection: Connection, exchange_id: int, symbols: Sequence[str], *, by: str, at: Millis
) -> int:
    """Watch symbols no longer for everybody; answers with how many were watched."""
    return await _DEACTIVATE.run(connection, exchange_id=exchange_id, symbols=list(symbols), by=by, at=at)


async def watchlist_of(connection: Connection, user_id: int) -> tuple[WatchlistEntry, ...]:
    """What somebody watches beyond the symbols of everybody, by exchange and name."""
    return await _WATCHLIST.all(connection, user_id=user_id)


async def add_to_watchlist(
    connection: Connection, user_id: int, exchange_id: int, symbols: Sequence[str], at: Millis
) -> None:
    """Let somebody watch more symbols; belongs into a transaction.

    Raises:
        NotFound: when there is no such user.
        InvalidRequest: when the list would grow beyond its limit.
        Conflict: when there is no such exchange.
    """
    # Two that add at once must not pass the limit together.
    if await _LOCK_USER.one(connection, user_id=user_id) is None:
        raise NotFound(f"there is no user {user_id}")
    await _ADD.run_many(
        connection,
        [{"user_id": user_id, "exchange_id": exchange_id, "symbol": symbol, "at": at} for symbol in symbols],
    )
    if (await _SIZE.only(connection, user_id=user_id)).count > MOST_WATCHED_BY_USER:
        raise InvalidRequest(f"a watchlist holds at most {MOST_WATCHED_BY_USER} symbols")


async def remove_from_watchlist(connection: Connection, user_id: int, exchange_id: int, symbols: Sequence[str]) -> int:
    """Let somebody watch symbols no longer; answers with how many were on the list."""
    return await _REMOVE.run(connection, user_id=user_id, exchange_id=exchange_id, symbols=list(symbols))
