"""Every named query runs, and answers what its dataclass says: columns, their types, and which may be NULL."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import psycopg
import pytest
from psycopg import errors, pq
from psycopg.types.json import Jsonb

import livermore.database
from database.server import Server
from livermore.database.queries import DECLARED, STATEMENTS, Query, blocks_of, is_optional
from livermore.errors import StoreError

for found in pkgutil.iter_modules(livermore.database.__path__, "livermore.database."):
    importlib.import_module(found.name)

ALL = {**DECLARED, **STATEMENTS}
TYPES: dict[Any, set[str]] = {
    int: {"int2", "int4", "int8"},
    str: {"text"},
    bool: {"bool"},
    float: {"float8"},
    Decimal: {"numeric"},
    dict: {"jsonb"},
    list: {"jsonb"},
    bytes: {"bytea"},
}
# A value of each type that a parameter may be of.
SAMPLES: dict[str, Any] = {
    "int4": 1,
    "int8": 1,
    "text": "x",
    "bool": True,
    "float8": 1.5,
    "numeric": Decimal("1.5"),
    "jsonb": Jsonb({}),
    "bytea": b"x" * 32,
    "uuid": "00000000-0000-0000-0000-000000000001",
    "text[]": ["x"],
    "int8[]": [1],
    "uuid[]": ["00000000-0000-0000-0000-000000000001"],
}


@pytest.fixture
def plain(postgres: Server, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database with our schema, of which nothing must be kept."""
    with psycopg.connect(**postgres.parameters(template)) as connection:
        yield connection
        connection.rollback()


def test_every_block_of_every_file_is_declared_and_nothing_else() -> None:
    names = {
        f"{file.name.removesuffix('.sql')}.{block}"
        for file in (files("livermore.database") / "queries").iterdir()
        for block in blocks_of(file.name.removesuffix(".sql"))
    }
    assert names == set(ALL)
    assert len(names) > 30


def numbered(sql: str) -> tuple[str, list[str]]:
    """The query with $1 for its first parameter and so on, and their names in that order."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    return re.sub(r"%\((\w+)\)s", lambda match: f"${names.index(match[1]) + 1}", sql).replace("%%", "%"), names


def described(connection: psycopg.Connection[Any], sql: str) -> tuple[pq.abc.PGresult, list[str]]:
    text, names = numbered(sql)
    prepared = connection.pgconn.prepare(b"", text.encode())
    assert prepared.status == pq.ExecStatus.COMMAND_OK, prepared.error_message.decode()
    return connection.pgconn.describe_prepared(b""), names


def type_names(connection: psycopg.Connection[Any], oids: list[int]) -> list[str]:
    rows = connection.execute("SELECT oid, oid::regtype::text FROM pg_type WHERE oid = ANY(%s)", (oids,))
    by_oid = dict(rows.fetchall())
    short = {"integer": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool", "double precision": "float8"}
    names = [by_oid[oid] for oid in oids]
    plain = [name.removesuffix("[]") for name in names]
    return [short.get(one, one) + ("[]" if name.endswith("[]") else "") for one, name in zip(plain, names, strict=True)]


def may_be_null(connection: psycopg.Connection[Any], table: int, column: int) -> bool | None:
    """Whether that column may be NULL, or None where an expression has been computed."""
    row = connection.execute(
        "SELECT NOT attnotnull FROM pg_attribute WHERE attrelid = %s AND attnum = %s", (table, column)
    ).fetchone()
    return None if row is None else row[0]


def expected_types(hint: Any) -> set[str]:
    kind = next(kind for kind in get_args(hint) if kind is not type(None)) if is_optional(hint) else hint
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"text"}
    origin = getattr(kind, "__origin__", kind)
    if origin is tuple:
        return {f"{name}[]" for name in expected_types(get_args(kind)[0])}
    return TYPES[origin]


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_query_answers_what_its_dataclass_says(name: str, plain: psycopg.Connection[Any]) -> None:
    query: Query[Any] = DECLARED[name]
    result, _ = described(plain, query.sql)
    hints = get_type_hints(query.row)
    columns = [(result.fname(index) or b"").decode() for index in range(result.nfields)]
    assert sorted(columns) == sorted(field.name for field in fields(query.row) if field.init)
    types = type_names(plain, [result.ftype(index) for index in range(result.nfields)])
    for index, (column, type_name) in enumerate(zip(columns, types, strict=True)):
        assert type_name in expected_types(hints[column]), column
        null = may_be_null(plain, result.ftable(index), result.ftablecol(index))
        if null is not None:
            assert null == is_optional(hints[column]), column


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_query_runs(name: str, plain: psycopg.Connection[Any]) -> None:
    """With values of the right types; that what they refer to is absent is no failure of the query."""
    result, names = described(plain, ALL[name].sql)
    types = type_names(plain, [result.param_type(index) for index in range(result.nparams)])
    values = {parameter: SAMPLES[type_name] for parameter, type_name in zip(names, types, strict=True)}
    try:
        cursor = plain.execute(ALL[name].sql, values)
    except errors.IntegrityError:
        cursor = plain.cursor()
    assert cursor is not None


def test_a_wrong_dataclass_would_be_found(plain: psycopg.Connection[Any]) -> None:
    result, _ = described(plain, "SELECT id, email FROM livermore.users")
    assert type_names(plain, [result.ftype(0), result.ftype(1)]) == ["int8", "text"]
    assert may_be_null(plain, result.ftable(1), result.ftablecol(1)) is False


def test_a_row_has_to_be_a_dataclass() -> None:
    with pytest.raises(StoreError, match="int is no dataclass"):
        Query("users.user_by_id", int)
