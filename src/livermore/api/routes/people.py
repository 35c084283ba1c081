"""Users: oneself, all of them for admins, and the keys of partners."""

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status

from livermore.api.access import ADMINS, READERS, everybody, need, token_in
from livermore.api.auth.entering import entered
from livermore.api.auth.person import Person
from livermore.api.models.people import KeyAsked, KeyMade, KeyShown, SyncAsked, UserChange, UserShown
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE, Page
from livermore.api.window import TheWindow
from livermore.core.account.people import Identity
from livermore.database.api_keys import ApiKey, create_key, keys_of, revoke_key
from livermore.database.connect import transaction
from livermore.database.users import (
    User,
    delete_user,
    list_users,
    set_active,
    set_role,
    user_by_id,
    user_by_subject,
)
from livermore.errors import Forbidden, InvalidRequest, NotFound

NUMBER: Final = r"^[1-9]\d{0,17}$"
UNPROVEN: Final = "unproven.invalid"

router = APIRouter(tags=["users"])
Me = Annotated[Person, Depends(need(READERS))]
Number = Annotated[str, Path(pattern=NUMBER, examples=["7"])]


@router.get("/users/me", summary="Oneself")
async def show_me(person: Me, window: TheWindow) -> UserShown:
    """Who is signed in."""
    async with transaction(window.pool) as connection:
        user = await user_by_id(connection, person.user_id)
    if user is None:
        raise NotFound("you are not known any more")
    return user_shown(user)


@router.post("/users/sync", dependencies=[Depends(everybody)], summary="Enter or refresh oneself")
async def sync_me(asked: SyncAsked, request: Request, window: TheWindow) -> UserShown:
    """For the front end after a sign-in; whose user that is, the token says.

    Where it says no e-mail address, a placeholder stands there until the issuer tells one (by a token or a webhook): an
    address that is only claimed would keep its owner out.
    """
    verified = await window.gate.verified(token_in(request))
    async with transaction(window.pool) as connection:
        known = await user_by_subject(connection, verified.issuer, verified.subject)
        placeholder = f"{hashlib.sha256(verified.subject.encode()).hexdigest()[:16]}@{UNPROVEN}"
        identity = Identity(
            verified.issuer,
            verified.subject,
            verified.email or (placeholder if known is None else known.email),
            verified.is_email_verified and verified.email is not None,
            asked.username,
            verified.name or asked.display_name,
            verified.picture_url or asked.picture_url,
        )
        user = await entered(connection, identity, window.now(), admin_email=window.admin_email)
    if not user.is_active:
        raise Forbidden("your access has ended; ask an admin")
    return user_shown(user)


@router.get("/users", dependencies=[Depends(need(ADMINS))], summary="All users")
async def list_all_users(
    window: TheWindow,
    cursor: Annotated[str | None, Query(pattern=NUMBER)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
    search: Annotated[str | None, Query(max_length=100, description="in names and addresses")] = None,
) -> Page[UserShown]:
    """In the order in which they came."""
    async with transaction(window.pool) as connection:
        found = await list_users(connection, after=int(cursor or 0), limit=limit + 1, search=checked_text(search))
    page = found[:limit]
    return Page(items=[user_shown(user) for user in page], next=str(page[-1].id) if len(found) > limit else None)


@router.patch("/users/{user_id}", dependencies=[Depends(need(ADMINS))], summary="Change somebody's role or access")
async def change_user(user_id: Number, asked: UserChange, window: TheWindow) -> UserShown:
    """Takes effect at once, for open connections too; the last active admin stays one."""
    number, now = int(user_id), window.now()
    async with transaction(window.pool) as connection:
        user = await user_by_id(connection, number)
        if asked.role is not None:
            user = await set_role(connection, number, asked.role, now)
        if asked.is_active is not None:
            user = await set_active(connection, number, now, is_active=asked.is_active)
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    await window.gate.announce_lost(user_id=number)
    return user_shown(user)


@router.delete(
    "/users/{user_id}",
    dependencies=[Depends(need(ADMINS))],
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Remove somebody",
)
async def remove_user(user_id: Number, window: TheWindow) -> Response:
    """With their settings, watchlist, positions and keys."""
    async with transaction(window.pool) as connection:
        await delete_user(connection, int(user_id))
    await window.gate.announce_lost(user_id=int(user_id))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/keys", dependencies=[Depends(need(ADMINS))], summary="The keys of partners")
async def list_keys(window: TheWindow) -> Page[KeyShown]:
    """All of them, revoked ones included."""
    async with transaction(window.pool) as connection:
        return Page(items=[key_shown(key) for key in await keys_of(connection)], next=None)


@router.post("/keys", status_code=status.HTTP_201_CREATED, summary="Make a key for a partner's program")
async def make_key(asked: KeyAsked, person: Annotated[Person, Depends(need(ADMINS))], window: TheWindow) -> KeyMade:
    """The key is shown this once."""
    now = window.now()
    if asked.expires_at is not None and asked.expires_at <= now:
        raise InvalidRequest("a key that has expired already is of no use")
    checked_text(asked.name)
    async with transaction(window.pool) as connection:
        key, secret = await create_key(
            connection,
            person.user_id,
            asked.name,
            {scope.value for scope in asked.scopes},
            now,
            expires_at=asked.expires_at,
            requests_per_minute=asked.requests_per_minute,
        )
    return KeyMade(key=key_shown(key), secret=secret)


@router.delete(
    "/keys/{key_id}",
    dependencies=[Depends(need(ADMINS))],
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Revoke a key",
)
async def remove_key(key_id: Annotated[str, Path(pattern=NUMBER, examples=["3"])], window: TheWindow) -> Response:
    """Takes effect at once, for open connections too."""
    async with transaction(window.pool) as connection:
        await revoke_key(connection, int(key_id), window.now())
    await window.gate.announce_lost(key_id=int(key_id))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def checked_text(text: str | None) -> str | None:
    """Text that PostgreSQL can hold.

    Raises:
        InvalidRequest: when it has characters that are none.
    """
    if text is not None and ("\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise InvalidRequest("the text has characters that cannot be stored")
    return text


def user_shown(user: User) -> UserShown:
    """A user in the API's shape."""
    return UserShown(
        id=str(user.id),
        username=user.username,
        email=user.email,
        display_name=user.display_name or user.username,
        picture_url=user.identity_picture_url,
        role=user.role,
        is_active=user.is_active,
        identity_provider=user.identity_provider,
        last_login_at=user.last_login_at,
        created_at=user.created_at,
    )


def key_shown(key: ApiKey) -> KeyShown:
    """A key in the API's shape."""
    return KeyShown(
        id=str(key.id),
        user_id=str(key.user_id),
        name=key.name,
        prefix=key.prefix,
        scopes=key.scopes,
        requests_per_minute=key.requests_per_minute,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
