"""Leading a database to our schema, one migration after the other, and refusing one that does not fit.

Each migration runs in a transaction of its own under an advisory lock, so that of several that start at once one does
the work and the others find it done. Nothing outside our schema is looked at.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final, LiteralString

from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.errors import ConfigError

_FILE: Final = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number, its name, its text, and the SHA-256 of that text."""

    version: int
    name: str
    sql: LiteralString
    checksum: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A step that a database has had."""

    version: int
    name: str
    checksum: str
    applied_at: Millis


@dataclass(frozen=True, slots=True)
class SchemaPresence:
    """Whether our schema is there, and its list of migrations."""

    has_schema: bool
    has_migrations: bool


@dataclass(frozen=True, slots=True)
class MarketKind:
    """Of which market a database is."""

    is_simulated: bool


class Fit(StrEnum):
    """How a database fits this program."""

    CURRENT = "current"
    EMPTY = "empty"
    OLDER = "older"
    NEWER = "newer"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """How a database fits: what it has had, and what it still lacks."""

    fit: Fit
    applied: tuple[Applied, ...]
    missing: tuple[Migration, ...]

    @property
    def sentence(self) -> str:
        """How it fits, and the cure where it does not."""
        have = self.applied[-1].version if self.applied else 0
        ours = migrations()[-1].version
        return {
            Fit.CURRENT: f"the schema is current, version {have}",
            Fit.EMPTY: "the database has not our schema yet; run livermore db apply",
            Fit.OLDER: f"the schema is older, version {have} of {ours}; run livermore db apply",
            Fit.NEWER: f"the schema is newer, version {have}, than this program's {ours}; update livermore",
            Fit.FOREIGN: "the database has a schema livermore that is not of our making; use another database",
        }[self.fit]


_TAKE_TIME: Final = Statement("migrations.take_time")
_LOCK: Final = Statement("migrations.lock_migrations")
_RECORD: Final = Statement("migrations.record_migration")
_PRESENCE: Final = Query("migrations.unlocked_schema", SchemaPresence)
_APPLIED: Final = Query("migrations.list_migrations", Applied)
_MARKET: Final = Query("migrations.market_kind", MarketKind)


@cache
def migrations() -> tuple[Migration, ...]:
    """All steps of this program, in order, numbered from 1 without a hole."""
    found = []
    for file in (files("livermore.database") / "migrations").iterdir():
        named = _FILE.match(file.name)
        if named:
            sql = file.read_text(encoding="utf-8")
            found.append(Migration(int(named[1]), named[2], sql, hashlib.sha256(sql.encode()).hexdigest()))
    return tuple(sorted(found, key=lambda migration: migration.version))


async def schema_state(connection: Connection) -> SchemaState:
    """How the database fits this program."""
    presence = await _PRESENCE.only(connection)
    if not presence.has_migrations:
        return SchemaState(Fit.FOREIGN if presence.has_schema else Fit.EMPTY, (), migrations())
    applied = await _APPLIED.all(connection)
    return SchemaState(_fit(applied), applied, migrations()[len(applied) :])


def _fit(applied: Sequence[Applied]) -> Fit:
    ours = migrations()
    same = all(one.checksum == other.checksum for one, other in zip(applied, ours, strict=False))
    if not same or [one.version for one in applied] != list(range(1, len(applied) + 1)):
        return Fit.FOREIGN
    if len(applied) > len(ours):
        return Fit.NEWER
    if len(applied) < len(ours):
        return Fit.OLDER if applied else Fit.EMPTY
    return Fit.CURRENT


async def apply_migrations(connection: Connection, at: Millis) -> tuple[Migration, ...]:
    """Lead the database to our schema; answers with the steps it took, none where it was there already.

    Raises:
        ConfigError: when the database is newer, or its schema is not of our making.
    """
    taken: list[Migration] = []
    while True:
        async with connection.transaction():
            await _TAKE_TIME.run(connection)
            await _LOCK.run(connection)
            state = await schema_state(connection)
            if state.fit in {Fit.NEWER, Fit.FOREIGN}:
                raise ConfigError(state.sentence)
            if not state.missing:
                return tuple(taken)
            step = state.missing[0]
            await connection.execute(step.sql)
            await _RECORD.run(connection, version=step.version, name=step.name, checksum=step.checksum, applied_at=at)
        taken.append(step)


async def check_schema(connection: Connection) -> None:
    """Refuse to work on a database that does not fit.

    Raises:
        ConfigError: naming the command that leads it here.
    """
    state = await schema_state(connection)
    if state.fit is not Fit.CURRENT:
        raise ConfigError(state.sentence)


async def check_market_kind(connection: Connection, *, is_simulated: bool, at: Millis) -> None:
    """Let a database be of one market for ever: the simulated or the live one.

    Raises:
        ConfigError: when it is of the other one.
    """
    kept = await _MARKET.only(connection, is_simulated=is_simulated, decided_at=at)
    if kept.is_simulated is not is_simulated:
        kinds = {True: "simulated", False: "live"}
        raise ConfigError(
            f"the database holds alerts of the {kinds[kept.is_simulated]} market; "
            f"use another one for the {kinds[is_simulated]} market"
        )
