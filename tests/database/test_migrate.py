"""The schema: the migrations lead where schema.sql says, and a database that does not fit is refused."""

import asyncio
from importlib.resources import files
from pathlib import Path

import pytest

from database.catalogue import catalogue_of
from database.examples import a_user, an_alert, said
from database.server import NOW
from livermore.core.alerts.alert import AlertStatus
from livermore.database.alerts import record_alerts
from livermore.database.connect import Connection, DatabaseSettings, open_connection
from livermore.database.deliveries import NewDelivery, deliveries_of, enqueue_deliveries
from livermore.database.migrate import (
    Fit,
    apply_migrations,
    check_market_kind,
    check_schema,
    migrations,
    schema_state,
)
from livermore.errors import ConfigError

SCHEMA = (files("livermore.database") / "schema.sql").read_text()


async def test_all_migrations_give_the_catalogue_of_the_schema(bare: DatabaseSettings, connection: Connection) -> None:
    async with open_connection(bare) as other:
        await other.execute(SCHEMA)
        by_schema = await catalogue_of(other)
        assert by_schema == await catalogue_of(connection)
        assert len(by_schema) > 200


async def test_a_difference_of_catalogues_is_seen(bare: DatabaseSettings, connection: Connection) -> None:
    async with open_connection(bare) as other:
        await other.execute(SCHEMA)
        for change in (
            "ALTER TABLE livermore.users ALTER email DROP NOT NULL",
            "ALTER TABLE livermore.alerts DROP CONSTRAINT alerts_price_check",
            "DROP INDEX livermore.alerts_newest",
            "ALTER TABLE livermore.users ALTER role SET DEFAULT 'admin'",
        ):
            async with other.transaction(force_rollback=True):
                await other.execute(change)
                assert await catalogue_of(other) != await catalogue_of(connection), change


def test_migrations_are_numbered_without_a_hole() -> None:
    assert [step.version for step in migrations()] == list(range(1, len(migrations()) + 1))
    names = [path.name for path in Path(str(files("livermore.database") / "migrations")).iterdir()]
    assert len(names) == len(migrations()), "a file is not named like a migration"


async def test_an_empty_database_is_led_to_the_schema_once(bare: DatabaseSettings) -> None:
    async with open_connection(bare) as connection:
        assert (await schema_state(connection)).fit is Fit.EMPTY
        assert await apply_migrations(connection, NOW) == migrations()
        assert await apply_migrations(connection, NOW) == ()
        await check_schema(connection)


async def test_of_several_that_apply_at_once_each_step_is_taken_once(bare: DatabaseSettings) -> None:
    async def apply() -> int:
        async with open_connection(bare) as connection:
            return len(await apply_migrations(connection, NOW))

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(apply(), name=f"apply {number}") for number in range(4)]
    assert sum(task.result() for task in running) == len(migrations())


async def test_an_older_database_is_refused_with_the_command(bare: DatabaseSettings) -> None:
    async with open_connection(bare) as connection:
        await apply_migrations(connection, NOW)
        await connection.execute("DELETE FROM livermore.schema_migrations WHERE version > 1")
        assert (await schema_state(connection)).fit is Fit.OLDER
        with pytest.raises(ConfigError, match=r"version 1 of .*run livermore db apply"):
            await check_schema(connection)


async def test_a_newer_database_is_refused_and_left_alone(connection: Connection) -> None:
    newer = len(migrations()) + 1
    async with connection.transaction(force_rollback=True):
        await connection.execute("INSERT INTO livermore.schema_migrations VALUES (%s, 'later', 'x', 1)", (newer,))
        with pytest.raises(ConfigError, match=r"newer.*update livermore"):
            await check_schema(connection)
        with pytest.raises(ConfigError, match="newer"):
            await apply_migrations(connection, NOW)


async def test_a_database_without_schema_is_refused_with_the_command(bare: DatabaseSettings) -> None:
    async with open_connection(bare) as connection:
        with pytest.raises(ConfigError, match="run livermore db apply"):
            await check_schema(connection)


async def test_a_schema_of_our_name_but_of_others_is_never_touched(bare: DatabaseSettings) -> None:
    async with open_connection(bare) as connection:
        await connection.execute("CREATE SCHEMA livermore; CREATE TABLE livermore.users (theirs text)")
        with pytest.raises(ConfigError, match="not of our making"):
            await apply_migrations(connection, NOW)
        assert await catalogue_of(connection) == {("column", "users", "theirs", "text", False, None)}


async def test_an_edited_migration_is_noticed(connection: Connection) -> None:
    async with connection.transaction(force_rollback=True):
        await connection.execute("UPDATE livermore.schema_migrations SET checksum = 'other' WHERE version = 1")
        assert (await schema_state(connection)).fit is Fit.FOREIGN


async def test_what_lies_beside_our_schema_stays(bare: DatabaseSettings) -> None:
    async with open_connection(bare) as connection:
        await connection.execute("CREATE TABLE public.users (theirs text); INSERT INTO public.users VALUES ('kept')")
        await apply_migrations(connection, NOW)
        cursor = await connection.execute("SELECT theirs FROM public.users")
        assert await cursor.fetchall() == [("kept",)]


async def test_a_step_that_fails_leaves_nothing(bare: DatabaseSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_connection(bare) as connection:
        await connection.execute("CREATE SCHEMA theirs; CREATE TABLE theirs.t (id int)")
        # The second step meets what the first one has made, so it fails.
        steps = migrations()
        broken = (steps[0], type(steps[0])(2, "broken", steps[0].sql, "x"))
        monkeypatch.setattr("livermore.database.migrate.migrations", lambda: broken)
        with pytest.raises(Exception, match="already exists"):
            await apply_migrations(connection, NOW)
        state = await schema_state(connection)
        assert [step.version for step in state.applied] == [1]


async def test_what_was_told_before_each_telling_had_its_row_is_kept(
    bare: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migrations()
    alert = an_alert()
    async with open_connection(bare) as connection:
        with monkeypatch.context() as patched:
            patched.setattr("livermore.database.migrate.migrations", lambda: steps[:4])
            await apply_migrations(connection, NOW)
        user = await a_user(connection)
        await record_alerts(connection, [said(alert)], NOW)
        await connection.execute(
            "INSERT INTO livermore.alert_deliveries"
            " (alert_id, status_told, user_id, channel, status, due_at, created_at, finished_at)"
            " VALUES (%s, 'fired', %s, 'desk', 'delivered', 1, 1, 2),"
            " (%s, 'retracted', %s, 'desk', 'delivered', 3, 3, 4)",
            (alert.id, user.id, alert.id, user.id),
        )
        assert [step.version for step in await apply_migrations(connection, NOW)] == list(range(5, len(steps) + 1))
        again = NewDelivery(alert.id, AlertStatus.FIRED, user.id, "desk", NOW)
        assert await enqueue_deliveries(connection, [again, again], NOW) == 1

        assert [(row.status_told, row.status) for row in await deliveries_of(connection, alert.id)] == [
            ("fired", "delivered"), ("retracted", "delivered"), ("fired", "pending")
        ]  # fmt: skip


async def test_a_database_is_of_one_market_for_ever(connection: Connection) -> None:
    await check_market_kind(connection, is_simulated=True, at=NOW)
    await check_market_kind(connection, is_simulated=True, at=NOW)
    with pytest.raises(ConfigError, match="of the simulated market; use another one for the live market"):
        await check_market_kind(connection, is_simulated=False, at=NOW)
