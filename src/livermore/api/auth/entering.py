"""Entering somebody whom an issuer speaks of, and that there is an admin from the first day on."""

from livermore.core.account.people import Identity, Role
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.users import User, count_admins, set_role, upsert_from_identity


async def entered(
    connection: Connection, identity: Identity, at: Millis, *, admin_email: str | None, is_login: bool = True
) -> User:
    """The user of that identity, entered if new; belongs into a transaction.

    While there is no admin, whoever proves to own `admin_email` becomes one. An address that is only claimed proves
    nothing.

    Raises:
        Conflict: when the e-mail address belongs to somebody else.
    """
    user = await upsert_from_identity(connection, identity, at, is_login=is_login)
    is_awaited = admin_email is not None and identity.email.lower() == admin_email.lower()
    if is_awaited and identity.is_email_verified and user.is_active and not await count_admins(connection):
        return await set_role(connection, user.id, Role.ADMIN, at)
    return user
