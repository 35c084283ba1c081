"""People: who they are to their issuers, what they may do, and that there is always an admin."""

import secrets
from dataclasses import dataclass
from typing import Final

from livermore.core.account.people import Identity, Role
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.errors import Conflict, NotFound

LONGEST_NAME: Final = 100
NAMES_TRIED: Final = 5


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in while `is_active`; times are Millis."""

    id: int
    username: str
    email: str
    identity_provider: str | None
    identity_sub: str | None
    display_name: str | None
    identity_picture_url: str | None
    role: Role
    is_active: bool
    last_login_at: Millis | None
    created_at: Millis
    updated_at: Millis


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row that is known by its number alone."""

    id: int


_BY_ID: Final = Query("users.user_by_id", User)
_BY_SUBJECT: Final = Query("users.user_by_subject", User)
_BY_EMAIL: Final = Query("users.user_by_email", User)
_LIST: Final = Query("users.list_users", User)
_REFRESH: Final = Query("users.refresh_identity", User)
_LINK: Final = Query("users.link_identity", User)
_INSERT: Final = Query("users.insert_user", User)
_SET_ROLE: Final = Query("users.set_role", User)
_SET_ACTIVE: Final = Query("users.set_active", User)
_ADMINS: Final = Query("users.active_admins", Numbered)
_DELETE: Final = Statement("users.delete_user")


async def user_by_id(connection: Connection, user_id: int) -> User | None:
    """The user of that number."""
    return await _BY_ID.one(connection, id=user_id)


async def user_by_subject(connection: Connection, provider: str, subject: str) -> User | None:
    """The user whom that issuer calls so; asked with every request, so that who is gone has no access at once."""
    return await _BY_SUBJECT.one(connection, provider=provider, subject=subject)


async def user_by_email(connection: Connection, email: str) -> User | None:
    """The user of that e-mail address, however it is capitalised."""
    return await _BY_EMAIL.one(connection, email=email)


async def list_users(
    connection: Connection, *, after: int = 0, limit: int = 50, search: str | None = None
) -> tuple[User, ...]:
    """Users by number, those after one, that have `search` in a name or address."""
    return await _LIST.all(connection, after=after, limit=limit, search=search)


async def upsert_from_identity(
    connection: Connection, identity: Identity, at: Millis, *, role: Role = Role.USER, is_login: bool = True
) -> User:
    """The user whom the issuer speaks of: refreshed, linked by a verified e-mail address, or entered with `role`.

    Nobody is made active again by this, and nobody's role changes.

    Raises:
        Conflict: when the e-mail address belongs to somebody else.
    """
    told = {
        "provider": identity.provider,
        "subject": identity.subject,
        "email": identity.email,
        "display_name": identity.display_name,
        "picture_url": identity.picture_url,
        "login_at": at if is_login else None,
        "at": at,
    }
    known = await _REFRESH.one(connection, **told)
    if known is None and identity.is_email_verified:
        known = await _LINK.one(connection, **told)
    if known is not None:
        return known
    wanted = (identity.username or identity.email)[:LONGEST_NAME]
    for attempt in range(NAMES_TRIED):
        suffix = f"-{secrets.token_hex(4)}" if attempt else ""
        name = wanted[: LONGEST_NAME - len(suffix)] + suffix
        entered = await _INSERT.one(connection, username=name, role=role, **told)
        if entered is not None:
            return entered
    raise Conflict(f"no free name like {wanted} was found")


async def set_role(connection: Connection, user_id: int, role: Role, at: Millis) -> User:
    """Give somebody another role; in a transaction, as with all that may take the last admin away.

    Raises:
        NotFound: when there is no such user.
        Conflict: when nobody active would be admin any more.
    """
    if role is not Role.ADMIN:
        await _keep_an_admin(connection, user_id)
    return _found(await _SET_ROLE.one(connection, id=user_id, role=role, at=at), user_id)


async def set_active(connection: Connection, user_id: int, at: Millis, *, is_active: bool) -> User:
    """Let somebody sign in, or no longer.

    Raises:
        NotFound: when there is no such user.
        Conflict: when nobody active would be admin any more.
    """
    if not is_active:
        await _keep_an_admin(connection, user_id)
    return _found(await _SET_ACTIVE.one(connection, id=user_id, is_active=is_active, at=at), user_id)


async def end_access(connection: Connection, user_id: int, at: Millis) -> User:
    """Let somebody in no more, even the last admin, as their issuer knows them no longer; what is theirs stays.

    Raises:
        NotFound: when there is no such user.
    """
    return _found(await _SET_ACTIVE.one(connection, id=user_id, is_active=False, at=at), user_id)


async def delete_user(connection: Connection, user_id: int) -> None:
    """Remove somebody with their settings, watchlist, positions and keys; what they were told goes with them.

    Raises:
        NotFound: when there is no such user.
        Conflict: when nobody active would be admin any more.
    """
    await _keep_an_admin(connection, user_id)
    if not await _DELETE.run(connection, id=user_id):
        raise NotFound(f"there is no user {user_id}")


async def count_admins(connection: Connection) -> int:
    """How many active admins there are; none in a new database, whose first user should become one."""
    return len(await _ADMINS.all(connection))


async def _keep_an_admin(connection: Connection, leaving: int) -> None:
    admins = await _ADMINS.all(connection)
    if [admin.id for admin in admins] == [leaving]:
        raise Conflict("the last active admin cannot go; make somebody else admin first")


def _found(user: User | None, user_id: int) -> User:
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    return user
