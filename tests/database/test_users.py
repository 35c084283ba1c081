"""People are known by issuer and subject, gone at once, and never without an admin."""

import asyncio

import pytest

from database.examples import a_user
from database.server import NOW
from livermore.core.account.people import Identity, Role
from livermore.database.connect import Connection, Pool, answered, transaction
from livermore.database.users import (
    count_admins,
    delete_user,
    list_users,
    set_active,
    set_role,
    upsert_from_identity,
    user_by_email,
    user_by_id,
    user_by_subject,
)
from livermore.errors import Conflict, InvalidRequest, NotFound

ISSUER = "https://issuer.example"


def identity(subject: str, email: str, *, verified: bool = False, name: str | None = None) -> Identity:
    return Identity(ISSUER, subject, email, verified, name)


async def test_somebody_new_is_entered_and_known_again(connection: Connection) -> None:
    first = await upsert_from_identity(connection, identity("s1", "jesse@example.com"), NOW)
    again = await upsert_from_identity(connection, identity("s1", "new@example.com"), NOW + 1)
    assert again.id == first.id
    assert (again.email, again.last_login_at, again.role) == ("new@example.com", NOW + 1, Role.USER)
    assert await user_by_subject(connection, ISSUER, "s1") == again
    assert await user_by_email(connection, "NEW@example.com") == again
    assert await user_by_subject(connection, "https://other.example", "s1") is None


async def test_a_verified_address_links_who_was_entered_before(connection: Connection) -> None:
    await connection.execute(
        "INSERT INTO livermore.users (username, email, role, created_at, updated_at)"
        " VALUES ('jesse', 'jesse@example.com', 'admin', 1, 1)"
    )
    with pytest.raises(Conflict):
        async with answered("here"):
            await upsert_from_identity(connection, identity("s1", "Jesse@example.com"), NOW)
    linked = await upsert_from_identity(connection, identity("s1", "Jesse@example.com", verified=True), NOW)
    assert (linked.username, linked.role, linked.identity_sub) == ("jesse", Role.ADMIN, "s1")


async def test_an_address_is_never_taken_from_somebody_else(connection: Connection) -> None:
    await upsert_from_identity(connection, identity("s1", "one@example.com"), NOW)
    await upsert_from_identity(connection, identity("s2", "two@example.com"), NOW)
    second = await upsert_from_identity(connection, identity("s2", "one@example.com", verified=True), NOW)
    assert second.email == "two@example.com"


async def test_two_of_one_name_get_names_of_their_own(connection: Connection) -> None:
    one = await upsert_from_identity(connection, identity("s1", "a@example.com", name="jesse"), NOW)
    other = await upsert_from_identity(connection, identity("s2", "b@example.com", name="jesse"), NOW)
    assert one.username == "jesse"
    assert other.username.startswith("jesse-")


async def test_signing_in_makes_nobody_active_again_and_changes_no_role(connection: Connection) -> None:
    await a_user(connection, "admin", Role.ADMIN)
    user = await a_user(connection)
    await set_active(connection, user.id, NOW, is_active=False)
    again = await upsert_from_identity(connection, identity("sub-jesse", "jesse@example.com"), NOW, role=Role.ADMIN)
    assert (again.is_active, again.role) == (False, Role.USER)


async def test_the_last_active_admin_stays(connection: Connection) -> None:
    admin = await a_user(connection, "admin", Role.ADMIN)
    user = await a_user(connection)
    for leave in (
        set_role(connection, admin.id, Role.USER, NOW),
        set_active(connection, admin.id, NOW, is_active=False),
        delete_user(connection, admin.id),
    ):
        with pytest.raises(Conflict, match="last active admin"):
            await leave
    await set_role(connection, user.id, Role.ADMIN, NOW)
    await delete_user(connection, admin.id)
    assert await user_by_id(connection, admin.id) is None
    assert await count_admins(connection) == 1


async def test_of_two_admins_who_leave_at_once_one_stays(pool: Pool) -> None:
    async with transaction(pool) as connection:
        admins = [await a_user(connection, name, Role.ADMIN) for name in ("one", "two")]

    async def leave(user_id: int) -> bool:
        try:
            async with transaction(pool) as connection:
                await set_role(connection, user_id, Role.USER, NOW)
        except Conflict:
            return False
        return True

    async with asyncio.TaskGroup() as tasks:
        leaving = [tasks.create_task(leave(admin.id), name=admin.username) for admin in admins]
    assert sorted(task.result() for task in leaving) == [False, True]


async def test_who_is_not_there_cannot_be_changed(connection: Connection) -> None:
    for change in (
        set_role(connection, 7, Role.USER, NOW),
        set_active(connection, 7, NOW, is_active=True),
        delete_user(connection, 7),
    ):
        with pytest.raises(NotFound, match="no user 7"):
            await change


async def test_users_are_listed_by_page_and_found_by_name(connection: Connection) -> None:
    users = [await a_user(connection, name) for name in ("anna", "bert", "carl")]
    assert await list_users(connection, limit=2) == tuple(users[:2])
    assert await list_users(connection, after=users[1].id) == (users[2],)
    assert await list_users(connection, search="BERT") == (users[1],)
    assert await list_users(connection, search="%") == ()


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE livermore.users; --", "<script>alert(1)</script>", "%", "日本語", "a\\"]
)
async def test_any_text_is_stored_as_it_is(pool: Pool, text: str) -> None:
    async with transaction(pool) as connection:
        user = await upsert_from_identity(connection, Identity(ISSUER, text, "x@example.com", display_name=text), NOW)
    async with transaction(pool) as connection:
        found = await user_by_subject(connection, ISSUER, text)
    assert found == user
    assert user.display_name == text


@pytest.mark.parametrize("bad", [identity("s", "x"), identity("s" * 300, "x@example.com"), identity("s", "a\x00b@c")])
async def test_what_cannot_be_stored_is_refused(pool: Pool, bad: Identity) -> None:
    with pytest.raises(InvalidRequest, match="cannot be stored"):
        async with transaction(pool) as connection:
            await upsert_from_identity(connection, bad, NOW)
