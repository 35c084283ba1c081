"""What people hold on the exchanges, and what trading there has cost them, as their instance last read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from psycopg.types.json import Jsonb

from livermore.core.account.portfolio import Holding
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.database.users import Numbered
from livermore.errors import NotFound


@dataclass(frozen=True, slots=True)
class Position:
    """One currency that somebody holds, the market it is watched on, and what its fills say; costs in dollars."""

    exchange_id: int
    currency: str
    symbol: str | None
    quantity: Decimal
    available: Decimal
    covered: Decimal
    cost: Decimal | None
    realised: Decimal
    last_fill_at: Millis | None
    synced_at: Millis

    @property
    def holding(self) -> Holding:
        """The same as core knows it."""
        return Holding(
            self.currency, self.quantity, self.available, self.covered, self.cost, self.realised, self.last_fill_at
        )


@dataclass(frozen=True, slots=True)
class AccountFees:
    """What trading has cost somebody on an exchange, in JSON's types (core.account.account_json), as of `read_at`."""

    document: dict[str, Any]
    read_at: Millis


@dataclass(frozen=True, slots=True)
class HeldSymbol:
    """A market in which somebody holds something."""

    symbol: str


_OF_USER: Final = Query("positions.positions_of_user", Position)
_USER_EXCHANGE: Final = Query("positions.user_exchange_for_update", Numbered)
_SAVE: Final = Statement("positions.save_position")
_DROP: Final = Statement("positions.drop_positions")
_SAVE_FEES: Final = Statement("positions.save_fees")
_FEES: Final = Query("positions.fees_of_user", AccountFees)
_HELD: Final = Query("positions.held_symbols", HeldSymbol)


async def positions_of(connection: Connection, user_id: int) -> tuple[Position, ...]:
    """What somebody holds, by exchange and currency."""
    return await _OF_USER.all(connection, user_id=user_id)


async def replace_positions(
    connection: Connection,
    user_id: int,
    exchange_id: int,
    holdings: Sequence[Holding],
    symbols: Mapping[str, str],
    at: Millis,
) -> None:
    """Make what somebody holds on an exchange what was just read of it; belongs into a transaction.

    `symbols` maps a currency to the market that it is watched on.

    Raises:
        NotFound: when the exchange is not set up for them.
    """
    owner = await _owner(connection, user_id, exchange_id)
    await _SAVE.run_many(
        connection,
        [
            {
                "user_exchange_id": owner.id,
                "currency": holding.currency,
                "symbol": symbols.get(holding.currency),
                "quantity": holding.quantity,
                "available": holding.available,
                "covered": holding.covered,
                "cost": holding.cost,
                "realised": holding.realised,
                "last_fill_at": holding.last_fill_at,
                "synced_at": at,
            }
            for holding in holdings
        ],
    )
    await _DROP.run(connection, user_exchange_id=owner.id, kept=[holding.currency for holding in holdings])


async def replace_fees(
    connection: Connection, user_id: int, exchange_id: int, document: Mapping[str, Any], at: Millis
) -> None:
    """Keep what trading on an exchange has cost somebody, in place of what was read before.

    Raises:
        NotFound: when the exchange is not set up for them.
    """
    owner = await _owner(connection, user_id, exchange_id)
    await _SAVE_FEES.run(connection, user_exchange_id=owner.id, document=Jsonb(dict(document)), read_at=at)


async def fees_of(connection: Connection, user_id: int, exchange_id: int) -> AccountFees | None:
    """What trading on an exchange has cost somebody; None where that was never read."""
    return await _FEES.one(connection, user_id=user_id, exchange_id=exchange_id)


async def held_symbols(connection: Connection, exchange_id: int) -> tuple[str, ...]:
    """The markets of an exchange in which anybody holds something, by name."""
    return tuple(row.symbol for row in await _HELD.all(connection, exchange_id=exchange_id))


async def _owner(connection: Connection, user_id: int, exchange_id: int) -> Numbered:
    owner = await _USER_EXCHANGE.one(connection, user_id=user_id, exchange_id=exchange_id)
    if owner is None:
        raise NotFound(f"exchange {exchange_id} is not set up for user {user_id}")
    return owner
