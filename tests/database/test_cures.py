"""A PostgreSQL that nobody could work on: one line with the cure, whoever looks at it."""

from dataclasses import replace
from pathlib import Path

import pytest

from database.server import NOW
from livermore.app.check_database import check_database
from livermore.app.checkup import Verdict
from livermore.app.database import check_database_fits, database_variables, open_database, open_people, state_of_schema
from livermore.config import read_environment
from livermore.database.connect import DatabaseSettings, open_connection
from livermore.database.migrate import apply_migrations
from livermore.errors import ConfigError, LivermoreError, StoreUnavailable

NEWEST = "(SELECT max(version) FROM livermore.schema_migrations)"
OLDER = f"DELETE FROM livermore.schema_migrations WHERE version = {NEWEST}"
NEWER = (
    "INSERT INTO livermore.schema_migrations (version, name, checksum, applied_at) "
    "SELECT version + 1, 'tomorrow', repeat('0', 64), applied_at FROM livermore.schema_migrations "
    f"WHERE version = {NEWEST}"
)
CURES = {
    "away": "check that it runs and that LIVERMORE_DATABASE_HOST",
    "wrong password": "check LIVERMORE_DATABASE_USER and LIVERMORE_DATABASE_PASSWORD",
    "no such database": "create it or check LIVERMORE_DATABASE_NAME",
    "empty": "run livermore db apply",
    "older": "run livermore db apply",
    "newer": "update livermore",
}
SCHEMAS = frozenset({"empty", "older", "newer"})


async def spoiled(bare: DatabaseSettings, fault: str) -> DatabaseSettings:
    """The settings of a database with that fault."""
    if fault in ("older", "newer"):
        async with open_connection(bare) as connection:
            await apply_migrations(connection, NOW)
            await connection.execute(OLDER if fault == "older" else NEWER)
    changes = {
        "away": replace(bare, port=1),
        "wrong password": replace(bare, password="not this"),
        "no such database": replace(bare, name="nowhere"),
    }
    return changes.get(fault, bare)


def check_words(words: str, fault: str, settings: DatabaseSettings) -> None:
    assert CURES[fault] in words
    assert "\n" not in words
    assert settings.password is None or settings.password not in words


@pytest.mark.parametrize("fault", CURES)
async def test_the_server_up_and_db_name_the_cure(bare: DatabaseSettings, fault: str) -> None:
    settings = await spoiled(bare, fault)
    with pytest.raises((ConfigError, StoreUnavailable)) as server:
        async with open_database(settings, is_simulated=True, now=NOW):
            pytest.fail("nobody could work on it")
    with pytest.raises((ConfigError, StoreUnavailable)) as up:
        await check_database_fits(settings, is_simulated=True, now=NOW)
    if fault in SCHEMAS:
        db = (await state_of_schema(settings)).sentence
    else:
        with pytest.raises((ConfigError, StoreUnavailable)) as told:
            await state_of_schema(settings)
        db = str(told.value)

    for words in (str(server.value), str(up.value), db):
        check_words(words, fault, settings)


@pytest.mark.parametrize("fault", CURES)
async def test_the_doctor_names_the_cure(
    bare: DatabaseSettings, fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = await spoiled(bare, fault)
    for name, value in database_variables(settings).items():
        monkeypatch.setenv(name, value)
    finding = await check_database(read_environment(), tmp_path)

    assert finding.verdict is Verdict.FAILED
    check_words(finding.seen, fault, settings)


@pytest.mark.parametrize("fault", CURES)
async def test_an_instance_starts_without_one_that_is_away_and_with_no_other(
    bare: DatabaseSettings, fault: str
) -> None:
    """Market data does not wait for people's database, but a wrong setting is said at once."""
    settings = await spoiled(bare, fault)
    found: LivermoreError | None = None
    try:
        async with open_people(settings, is_simulated=True, now=NOW) as people:
            assert people is not None
    except ConfigError as exc:
        found = exc

    assert (found is None) is (fault == "away")
