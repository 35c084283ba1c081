"""The exchanges: what they are, what they cost and allow, and how one's own account on them is connected."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from livermore.api.access import PEOPLE, READERS, need
from livermore.api.auth.person import Person
from livermore.api.models.account import ExchangeSetUp, OwnExchange
from livermore.api.models.market import ExchangeShown
from livermore.api.models.shape import Page
from livermore.api.scopes import Scope
from livermore.api.window import TheExchange, TheWindow
from livermore.core.account.document import parse
from livermore.core.account.settings import ExchangeAccess
from livermore.database.connect import Pool, transaction
from livermore.database.exchanges import (
    UserExchange,
    delete_user_exchange,
    list_exchanges,
    make_default,
    save_user_exchange,
    user_exchanges,
)

router = APIRouter(tags=["exchanges"])
Owner = Annotated[Person, Depends(need(PEOPLE))]


@router.get(
    "/exchanges",
    tags=["partner"],
    dependencies=[Depends(need(READERS, Scope.EXCHANGES))],
    summary="All exchanges that are known",
)
async def list_all_exchanges(window: TheWindow) -> Page[ExchangeShown]:
    """With their fees, limits and restrictions; those with an adapter can be watched."""
    async with transaction(window.pool) as connection:
        rows = await list_exchanges(connection)
    return Page(items=[ExchangeShown.model_validate(row) for row in rows], next=None)


@router.get("/account/exchanges", tags=["account"], summary="One's own exchanges")
async def list_own_exchanges(person: Owner, window: TheWindow) -> Page[OwnExchange]:
    """Where their credentials are kept, by name, and how the latest attempt to reach them ended."""
    return Page(items=[own_shown(row) for row in await _own(window.pool, person.user_id)], next=None)


@router.put("/account/exchanges/{exchange}", tags=["account"], summary="Set up an exchange for oneself")
async def set_up_exchange(exchange: TheExchange, asked: ExchangeSetUp, person: Owner, window: TheWindow) -> OwnExchange:
    """By the names of environment variables that the instance has; what looks like a secret itself is refused."""
    names = {
        "apiKeyEnv": asked.api_key_env,
        "apiSecretEnv": asked.api_secret_env,
        "passwordEnv": asked.password_env,
    }
    given = {name: value for name, value in names.items() if value is not None}
    access = parse(ExchangeAccess, {"isEnabled": asked.is_enabled, **given})
    now = window.now()
    async with transaction(window.pool) as connection:
        await save_user_exchange(connection, person.user_id, exchange.id, access, now, display_name=asked.display_name)
        if asked.is_default:
            await make_default(connection, person.user_id, exchange.id, now)
    rows = await _own(window.pool, person.user_id)
    return next(own_shown(row) for row in rows if row.exchange_id == exchange.id)


@router.delete("/account/exchanges/{exchange}", tags=["account"], status_code=204, summary="Forget an exchange")
async def forget_exchange(exchange: TheExchange, person: Owner, window: TheWindow) -> Response:
    """And what one held there; alerts stay."""
    async with transaction(window.pool) as connection:
        await delete_user_exchange(connection, person.user_id, exchange.id)
    return Response(status_code=204)


async def _own(pool: Pool, user_id: int) -> tuple[UserExchange, ...]:
    async with transaction(pool) as connection:
        return await user_exchanges(connection, user_id)


def own_shown(row: UserExchange) -> OwnExchange:
    """An exchange of somebody in the API's shape."""
    return OwnExchange(
        exchange_id=row.exchange_id,
        exchange_name=row.exchange_name,
        display_name=row.display_name,
        api_key_env=row.api_key_env_var,
        api_secret_env=row.api_secret_env_var,
        password_env=row.additional_credentials_env_vars.get("password"),
        is_enabled=row.is_active,
        is_default=row.is_default,
        connection_status=row.connection_status,
        connection_error=row.connection_error,
        can_trade=row.can_trade,
        can_transfer=row.can_transfer,
        last_checked_at=row.last_checked_at,
        last_connected_at=row.last_connected_at,
    )
