"""Named queries from SQL files, and rows that become frozen dataclasses.

A file in ``queries/`` holds blocks, each begun by a line ``-- name: verb_noun``. A query is declared once, as a
constant beside the functions that use it; a test runs every one and compares what it answers with its dataclass.
"""

import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any, Final, Generic, LiteralString, TypeVar, Union, get_args, get_origin, get_type_hints

from psycopg.cursor_async import AsyncCursor
from psycopg.rows import AsyncRowFactory

from livermore.database.connect import Connection
from livermore.errors import StoreError

_NAME: Final = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)

Row = TypeVar("Row")
DECLARED: Final[dict[str, "Query[Any]"]] = {}
"""Every query that a module has declared, by ``file.name``."""


class Query(Generic[Row]):
    """One named block of SQL and the dataclass that each of its rows becomes."""

    def __init__(self, name: str, row: type[Row]) -> None:
        file, _, block = name.partition(".")
        self.name = name
        self.row = row
        self.sql: LiteralString = blocks_of(file)[block]
        self._convert = _converter(row)
        DECLARED[name] = self

    async def all(self, connection: Connection, **parameters: object) -> tuple[Row, ...]:
        """All rows, in the order of the query."""
        async with connection.cursor(row_factory=self._factory) as cursor:
            await cursor.execute(self.sql, parameters)
            return tuple(await cursor.fetchall())

    async def one(self, connection: Connection, **parameters: object) -> Row | None:
        """The first row, or None."""
        rows = await self.all(connection, **parameters)
        return rows[0] if rows else None

    async def only(self, connection: Connection, **parameters: object) -> Row:
        """The row of a query that always has one."""
        found = await self.one(connection, **parameters)
        if found is None:
            raise StoreError(f"the query {self.name} answered nothing")
        return found

    async def each(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> tuple[tuple[Row, ...], ...]:
        """The rows for each set of parameters, all asked in one go."""
        if not rows:
            return ()
        async with connection.cursor(row_factory=self._factory) as cursor:
            await cursor.executemany(self.sql, rows, returning=True)
            found = [tuple(await cursor.fetchall())]
            while cursor.nextset():
                found.append(tuple(await cursor.fetchall()))
            return tuple(found)

    @property
    def _factory(self) -> AsyncRowFactory[Row]:
        def made(cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], Row]:
            names = [column.name for column in cursor.description or ()]
            return lambda values: self._convert(dict(zip(names, values, strict=True)))

        return made


class Statement:
    """One named block of SQL that answers nothing but how many rows it touched."""

    def __init__(self, name: str) -> None:
        file, _, block = name.partition(".")
        self.name = name
        self.sql: LiteralString = blocks_of(file)[block]
        STATEMENTS[name] = self

    async def run(self, connection: Connection, **parameters: object) -> int:
        """Carry it out; answers with the number of rows touched."""
        async with connection.cursor() as cursor:
            await cursor.execute(self.sql, parameters)
            return cursor.rowcount

    async def run_many(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> int:
        """Carry it out for each row, in one go; answers with the number of rows touched."""
        if not rows:
            return 0
        async with connection.cursor() as cursor:
            await cursor.executemany(self.sql, rows)
            return cursor.rowcount


STATEMENTS: Final[dict[str, Statement]] = {}
"""Every statement that a module has declared, by ``file.name``."""


@cache
def blocks_of(file: str) -> Mapping[str, LiteralString]:
    """The named blocks of ``queries/{file}.sql``."""
    text = (files("livermore.database") / "queries" / f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise StoreError(f"queries/{file}.sql names a query twice")
    return {name: body.strip().removesuffix(";") for name, body in zip(names, bodies, strict=True)}


def _converter(row: type[Row]) -> Callable[[Mapping[str, Any]], Row]:
    """From the columns of a row to the dataclass: texts become the members of enums, arrays become tuples."""
    if not is_dataclass(row):
        raise StoreError(f"{row.__name__} is no dataclass")
    hints = get_type_hints(row)
    steps = {field.name: step for field in fields(row) if field.init and (step := _step(hints[field.name])) is not None}

    if not steps:
        return lambda columns: row(**columns)

    def convert(columns: Mapping[str, Any]) -> Row:
        return row(
            **{
                name: steps[name](value) if name in steps and value is not None else value
                for name, value in columns.items()
            }
        )

    return convert


def _step(hint: Any) -> Callable[[Any], Any] | None:
    kinds = [kind for kind in get_args(hint) if kind is not types.NoneType] if is_optional(hint) else [hint]
    kind = kinds[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if get_origin(kind) is tuple:
        inner = _step(get_args(kind)[0])
        return tuple if inner is None else lambda values: tuple(inner(value) for value in values)
    return None


def is_optional(hint: Any) -> bool:
    """Whether a column of that annotation may be NULL."""
    return get_origin(hint) in (Union, types.UnionType) and types.NoneType in get_args(hint)
