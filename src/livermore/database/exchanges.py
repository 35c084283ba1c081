"""The exchanges we know, how people reach them, and the epochs of those who serve them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from psycopg.types.json import Jsonb

from livermore.core.account.settings import ExchangeAccess
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.errors import NotFound


class ConnectionStatus(StrEnum):
    """How the latest attempt to reach an exchange for somebody ended."""

    UNKNOWN = "unknown"
    CONNECTED = "connected"
    FAILED = "failed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """An exchange and what it says of itself; fees are fractions (0.006 is 0.6 %)."""

    id: int
    name: str
    display_name: str
    ws_url: str | None
    rest_url: str | None
    supported_timeframes: tuple[str, ...]
    api_limits: dict[str, Any]
    maker_fee: Decimal
    taker_fee: Decimal
    geo_restrictions: dict[str, Any]
    has_adapter: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class UserExchange:
    """An exchange of a person: where its credentials are kept, by name, and how the latest attempt went."""

    id: int
    user_id: int
    exchange_id: int
    exchange_name: str
    display_name: str | None
    api_key_env_var: str | None
    api_secret_env_var: str | None
    additional_credentials_env_vars: dict[str, Any]
    is_active: bool
    is_default: bool
    connection_status: ConnectionStatus
    connection_error: str | None
    can_trade: bool | None
    can_transfer: bool | None
    last_checked_at: Millis | None
    last_connected_at: Millis | None


@dataclass(frozen=True, slots=True)
class Epoch:
    """The highest epoch that was recorded."""

    epoch: int


_LIST: Final = Query("exchanges.list_exchanges", ExchangeRow)
_OF_USER: Final = Query("exchanges.user_exchanges", UserExchange)
_SAVE: Final = Statement("exchanges.save_user_exchange")
_DOUBT: Final = Statement("exchanges.doubt_connection")
_CLEAR_DEFAULT: Final = Statement("exchanges.clear_default")
_SET_DEFAULT: Final = Statement("exchanges.set_default")
_DELETE: Final = Statement("exchanges.delete_user_exchange")
_CONNECTION: Final = Statement("exchanges.record_connection")
_ENSURE: Final = Statement("exchanges.ensure_user_exchange")
_LEAST_EPOCH: Final = Query("exchanges.least_epoch", Epoch)
_RECORD_EPOCH: Final = Statement("exchanges.record_epoch")


async def list_exchanges(connection: Connection) -> tuple[ExchangeRow, ...]:
    """All exchanges, by number."""
    return await _LIST.all(connection)


async def user_exchanges(connection: Connection, user_id: int) -> tuple[UserExchange, ...]:
    """The exchanges that somebody has set up, by number."""
    return await _OF_USER.all(connection, user_id=user_id)


async def save_user_exchange(
    connection: Connection,
    user_id: int,
    exchange_id: int,
    access: ExchangeAccess,
    at: Millis,
    *,
    display_name: str | None = None,
) -> None:
    """Set up an exchange for somebody, or change how it is; the names in `access` were checked when it was read.

    With other names of variables nothing is known of the connection any more. Belongs into a transaction.

    Raises:
        Conflict: when there is no such user or exchange.
    """
    more: Mapping[str, str] = {} if access.password_env is None else {"password": access.password_env}
    names = {
        "api_key_env_var": access.api_key_env,
        "api_secret_env_var": access.api_secret_env,
        "additional": Jsonb(more),
    }
    await _DOUBT.run(connection, user_id=user_id, exchange_id=exchange_id, **names)
    await _SAVE.run(
        connection,
        **names,
        user_id=user_id,
        exchange_id=exchange_id,
        display_name=display_name,
        is_active=access.is_enabled,
        at=at,
    )


async def make_default(connection: Connection, user_id: int, exchange_id: int, at: Millis) -> None:
    """Make an exchange the one that is shown first; belongs into a transaction.

    Raises:
        NotFound: when it is not set up.
    """
    await _CLEAR_DEFAULT.run(connection, user_id=user_id, exchange_id=exchange_id, at=at)
    if not await _SET_DEFAULT.run(connection, user_id=user_id, exchange_id=exchange_id, at=at):
        raise NotFound(f"exchange {exchange_id} is not set up for user {user_id}")


async def delete_user_exchange(connection: Connection, user_id: int, exchange_id: int) -> None:
    """Forget an exchange of somebody and what they held there; alerts stay.

    Raises:
        NotFound: when it is not set up.
    """
    if not await _DELETE.run(connection, user_id=user_id, exchange_id=exchange_id):
        raise NotFound(f"exchange {exchange_id} is not set up for user {user_id}")


async def record_connection(
    connection: Connection,
    user_id: int,
    exchange_id: int,
    status: ConnectionStatus,
    at: Millis,
    *,
    error: str | None = None,
    can_trade: bool | None = None,
    can_transfer: bool | None = None,
) -> None:
    """Note how an attempt to reach the exchange for somebody ended, and what their key may do."""
    await _ENSURE.run(connection, user_id=user_id, exchange_id=exchange_id, at=at)
    await _CONNECTION.run(
        connection,
        user_id=user_id,
        exchange_id=exchange_id,
        status=status,
        error=error,
        can_trade=can_trade,
        can_transfer=can_transfer,
        at=at,
    )


async def least_epoch(connection: Connection, exchange_id: int) -> int:
    """The highest epoch that anybody is known to have claimed the exchange with, 0 before the first."""
    return (await _LEAST_EPOCH.only(connection, exchange_id=exchange_id)).epoch


async def record_epoch(connection: Connection, exchange_id: int, epoch: int, instance_id: str, at: Millis) -> None:
    """Remember that the exchange was claimed with this epoch; a lower one than is known changes nothing."""
    await _RECORD_EPOCH.run(connection, exchange_id=exchange_id, epoch=epoch, instance_id=instance_id, at=at)
