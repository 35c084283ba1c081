"""`livermore db` as a person runs it: one line with the cure for each thing that can be wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from cli.conftest import Livermore
from livermore.embedded.postgres import EmbeddedPostgres, open_postgres


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with open_postgres(tmp_path / "postgres", is_durable=False) as server:
        yield server


def variables(server: EmbeddedPostgres) -> dict[str, str]:
    return {
        "LIVERMORE_DATABASE_HOST": server.host,
        "LIVERMORE_DATABASE_PORT": str(server.port),
        "LIVERMORE_DATABASE_PASSWORD": server.password,
    }


async def changed(server: EmbeddedPostgres, statement: str) -> None:
    connection = await psycopg.AsyncConnection.connect(
        host=server.host,
        port=server.port,
        dbname=server.database,
        user=server.user,
        password=server.password,
        autocommit=True,
    )
    async with connection:
        await connection.execute(statement)


async def test_a_database_is_led_to_the_schema_and_told_of(server: EmbeddedPostgres, livermore: Livermore) -> None:
    async def ran(*words: str) -> tuple[int, str, str]:
        outcome = await asyncio.to_thread(livermore, "db", *words, **variables(server))
        assert server.password not in outcome.stdout + outcome.stderr
        return outcome.returncode, outcome.stdout, outcome.stderr

    assert (await ran("check"))[0::2] == (
        2,
        "livermore: the database has not our schema yet; run livermore db apply\n",
    )
    code, told, _ = await ran("apply")
    assert (code, told.splitlines()[0]) == (0, "applied 0001 people_and_alerts")
    code, told, _ = await ran("status", "--json")
    document = json.loads(told)
    assert (code, document["fit"], document["missing"]) == (0, "current", [])

    await changed(server, "DELETE FROM livermore.schema_migrations WHERE version > 1")
    code, _, complaint = await ran("check")
    assert (code, complaint.count("\n")) == (2, 1)
    assert "the schema is older" in complaint


async def test_what_is_wrong_is_said_in_one_line_with_its_cure(server: EmbeddedPostgres, livermore: Livermore) -> None:
    for changes, code, words in (
        ({"LIVERMORE_DATABASE_PASSWORD": "wrong-word"}, 2, "LIVERMORE_DATABASE_PASSWORD"),
        ({"LIVERMORE_DATABASE_PORT": "1"}, 1, "cannot be reached"),
        ({"LIVERMORE_DATABASE_HOST": ""}, 2, "no PostgreSQL at hand"),
    ):
        outcome = await asyncio.to_thread(livermore, "db", "check", **{**variables(server), **changes})
        assert (outcome.returncode, outcome.stdout, outcome.stderr.count("\n")) == (code, "", 1), outcome.stderr
        assert words in outcome.stderr
        assert "wrong-word" not in outcome.stderr
