"""Settings are versioned: two writers at once lose nothing, and what was can be had again."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.account.documents import a_settings
from database.examples import a_user
from database.server import NOW
from livermore.core.account.settings import Settings, parse_settings
from livermore.database import settings as stored
from livermore.database.connect import Connection, DatabaseSettings, Pool, open_pool, transaction
from livermore.database.settings import (
    all_settings,
    patch_settings,
    restore_settings,
    settings_history,
    settings_of,
    settings_of_email,
    settings_version,
    update_settings,
)
from livermore.errors import Conflict, CorruptRecord, InvalidRequest, NotFound

LOUD = parse_settings({"alerts": {"levelStep": 25}})
NAMES = ("anna", "bert", "carl", "dora")


async def test_somebody_new_has_the_defaults_at_version_0(connection: Connection) -> None:
    user = await a_user(connection)
    found = await settings_of(connection, user.id)
    assert (found.settings, found.version) == (Settings(), 0)
    assert await settings_of_email(connection, "JESSE@example.com") == found
    assert await settings_of_email(connection, "nobody@example.com") is None


async def test_an_update_of_the_version_that_was_read_lasts(connection: Connection) -> None:
    user = await a_user(connection)
    made = await update_settings(connection, user.id, LOUD, 0, by="jesse@example.com", at=NOW)
    assert (made.version, await settings_of(connection, user.id)) == (1, made)
    assert [person.settings for person in await all_settings(connection)] == [LOUD]


async def test_an_update_of_an_older_version_is_refused_and_changes_nothing(connection: Connection) -> None:
    user = await a_user(connection)
    made = await update_settings(connection, user.id, LOUD, 0, by="a", at=NOW)
    with pytest.raises(Conflict, match="version 1 by now, not 0") as refused:
        await update_settings(connection, user.id, Settings(), 0, by="b", at=NOW)
    assert refused.value.context["version"] == 1
    assert await settings_of(connection, user.id) == made


async def test_a_patch_changes_its_part_alone(connection: Connection) -> None:
    user = await a_user(connection)
    await update_settings(connection, user.id, LOUD, 0, by="a", at=NOW)
    made = await patch_settings(connection, user.id, {"profile": {"name": "Jesse"}}, by="a", at=NOW)
    assert (made.settings.alerts, made.settings.profile.name, made.version) == (LOUD.alerts, "Jesse", 2)
    with pytest.raises(Conflict):
        await patch_settings(connection, user.id, {"profile": {"name": "J"}}, by="a", at=NOW, expected=1)


@pytest.mark.parametrize("patch", [{"nonsense": 1}, [], "x", {"exchanges": {"coinbase": {"apiKeyEnv": "s" * 40}}}])
async def test_a_patch_to_no_settings_is_refused_and_changes_nothing(connection: Connection, patch: object) -> None:
    user = await a_user(connection)
    with pytest.raises(InvalidRequest):
        await patch_settings(connection, user.id, patch, by="a", at=NOW)  # type: ignore[arg-type]
    assert (await settings_of(connection, user.id)).version == 0


async def test_what_was_can_be_seen_and_restored(connection: Connection) -> None:
    user = await a_user(connection)
    await update_settings(connection, user.id, LOUD, 0, by="a", at=NOW)
    await update_settings(connection, user.id, Settings(), 1, by="b", at=NOW + 1)
    restored = await restore_settings(connection, user.id, 1, 2, by="c", at=NOW + 2)
    assert (restored.settings, restored.version) == (LOUD, 3)
    history = await settings_history(connection, user.id)
    assert [(entry.version, entry.reason, entry.changed_by) for entry in history] == [
        (3, "restore", "c"),
        (2, "update", "b"),
        (1, "update", "a"),
    ]
    assert await settings_history(connection, user.id, before=3, limit=1) == history[1:2]
    assert (await settings_version(connection, user.id, 2)).settings == Settings()
    with pytest.raises(NotFound, match="no version 9"):
        await restore_settings(connection, user.id, 9, 3, by="c", at=NOW)
    begun = await restore_settings(connection, user.id, 0, 3, by="c", at=NOW + 3)
    assert (begun.settings, begun.version) == (Settings(), 4)


async def test_only_so_many_versions_are_kept(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "VERSIONS_KEPT", 2)
    user = await a_user(connection)
    for version in range(4):
        await update_settings(connection, user.id, LOUD, version, by="a", at=NOW)
    assert [entry.version for entry in await settings_history(connection, user.id)] == [4, 3]


async def test_settings_of_nobody_are_not_found(connection: Connection) -> None:
    with pytest.raises(NotFound):
        await settings_of(connection, 7)
    with pytest.raises(NotFound):
        await update_settings(connection, 7, LOUD, 0, by="a", at=NOW)


async def test_what_somebody_else_wrote_is_said_to_be_corrupt(connection: Connection) -> None:
    user = await a_user(connection)
    await connection.execute("""UPDATE livermore.users SET settings = '{"theirs": 1}'""")
    with pytest.raises(CorruptRecord, match="/theirs is unknown"):
        await settings_of(connection, user.id)
    assert (await all_settings(connection))[0].settings == Settings()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=a_settings)
async def test_any_settings_come_back_as_they_were(settings: DatabaseSettings, document: Settings) -> None:
    async with open_pool(settings, limit=1) as pool, transaction(pool) as connection:
        user = await a_user(connection)
        version = (await settings_of(connection, user.id)).version
        await update_settings(connection, user.id, document, version, by="a", at=NOW)
        assert (await settings_of(connection, user.id)).settings == document


async def _patched(pool: Pool, user_id: int, symbol: str) -> None:
    async with transaction(pool) as connection:
        await patch_settings(connection, user_id, {"alerts": {"symbols": {symbol: "off"}}}, by=symbol, at=NOW)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writers=st.lists(st.sampled_from(["A-USD", "B-USD", "C-USD", "D-USD", "E-USD"]), min_size=2, max_size=6))
async def test_writers_at_once_lose_nothing(settings: DatabaseSettings, writers: list[str]) -> None:
    """Each patches a place of their own; at the end all are there, and there was a version for each."""
    async with open_pool(settings, limit=6) as pool:
        async with transaction(pool) as connection:
            user = await a_user(connection)
            before = await settings_of(connection, user.id)
            cleared = await update_settings(connection, user.id, Settings(), before.version, by="a", at=NOW)
        async with asyncio.TaskGroup() as tasks:
            for number, symbol in enumerate(writers):
                tasks.create_task(_patched(pool, user.id, symbol), name=f"writer {number}")
        async with transaction(pool) as connection:
            found = await settings_of(connection, user.id)
    assert set(found.settings.alerts.symbols) == set(writers)
    assert found.version == cleared.version + len(writers)


async def test_of_writers_of_one_version_one_wins_and_the_others_are_told(pool: Pool) -> None:
    async with transaction(pool) as connection:
        user = await a_user(connection)

    async def write(name: str) -> bool:
        try:
            async with transaction(pool) as connection:
                document = parse_settings({"profile": {"name": name}})
                await update_settings(connection, user.id, document, 0, by=name, at=NOW)
        except Conflict:
            return False
        return True

    async with asyncio.TaskGroup() as tasks:
        writing = {name: tasks.create_task(write(name), name=name) for name in NAMES}
    winners = [name for name, task in writing.items() if task.result()]
    async with transaction(pool) as connection:
        assert [(await settings_of(connection, user.id)).settings.profile.name] == winners
