"""An instance with a real PostgreSQL: symbols, holdings, settings and epochs outlive it, and the store itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from faults.harness import Fire, a_fire
from faults.stage import ADA, SPEED, Stage, a_stage
from livermore.app.database import open_own_database
from livermore.app.simulated_keys import simulated_variables
from livermore.core.account.people import Identity, Role
from livermore.core.instance.commands import (
    AddSymbol,
    ReloadSettings,
    RemoveSymbol,
    Start,
    Stop,
    SwitchMode,
    SyncAccounts,
)
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import MINUTE
from livermore.core.watch import Mode
from livermore.database.connect import Pool, open_pool, transaction
from livermore.database.directory import PostgresDirectory
from livermore.database.settings import patch_settings
from livermore.database.users import upsert_from_identity

pytestmark = pytest.mark.timeout(240)

NOW = 1_790_000_000_000


@asynccontextmanager
async def people_of(directory: Path) -> AsyncIterator[tuple[Pool, int]]:
    """A database with our schema and one admin, and the number of that admin."""
    async with (
        open_own_database(directory, is_simulated=True, now=NOW) as own,
        open_pool(own.settings) as pool,
    ):
        async with transaction(pool) as connection:
            identity = Identity("tests", "ada", ADA)
            user = await upsert_from_identity(connection, identity, NOW, role=Role.ADMIN)
        yield pool, user.id


@asynccontextmanager
async def staged(fire: Fire, pool: Pool) -> AsyncIterator[Stage]:
    people = PostgresDirectory(pool)
    async with a_stage(fire, people, people.accounts) as stage:
        yield stage


async def test_what_people_decide_outlives_the_instance_and_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in simulated_variables().items():
        monkeypatch.setenv(name, value)
    async with people_of(tmp_path / "people") as (pool, ada), a_fire(tmp_path, speed=SPEED) as fire:
        async with staged(fire, pool) as stage:
            assert (await stage.done(Start()))["epoch"] == 1
            everything = stage.watched
            assert await stage.refused(SwitchMode(Mode.POSITION_MONITOR)) == "not_possible_now"
            assert (await stage.done(SyncAccounts()))["isKept"] is True
            held = set(await PostgresDirectory(pool).held_symbols(COINBASE.id)) & set(everything)
            removed = next(symbol for symbol in everything if symbol not in held)
            assert (await stage.done(RemoveSymbol(removed)))["verdicts"] == {removed: "removed"}
            kept = min(held)
            assert "still watched" in (await stage.done(RemoveSymbol(kept)))["verdicts"][kept]

            await stage.done(SwitchMode(Mode.POSITION_MONITOR))
            assert set(stage.watched) == held
            added = await stage.done(AddSymbol(removed))
            assert added["verdicts"] == {removed: "written down, but not held"}
            assert removed not in stage.watched
            assert (await stage.done(RemoveSymbol(removed)))["verdicts"] == {removed: "removed"}

            async with transaction(pool) as connection:
                await patch_settings(connection, ada, {"runtime": {"lateAfterSeconds": 90}}, by=ADA, at=NOW)
            assert (await stage.done(ReloadSettings()))["changed"] == [
                {"path": "/runtime/lateAfterSeconds", "before": None, "after": 90}
            ]
            session = stage.parts.instance.session
            assert session is not None
            assert session.watch.late_after == 90_000
            assert set(stage.watched) == held, "what was switched to by command stays"

            # As if one had been bought and another sold since.
            await session.remove_symbols([kept])
            await session.add_symbols([removed])
            synced = await stage.done(SyncAccounts())
            assert (synced["added"], synced["removed"]) == (1, 1)
            assert set(stage.watched) == held
            await stage.done(Stop())

        # The store forgets everything, also that there ever was an epoch; a late commit of then must not be taken.
        await fire.redis.flushall()
        async with staged(fire, pool) as again:
            assert (await again.done(Start()))["epoch"] == 2
            assert set(again.watched) == set(everything) - {removed}
            session = again.parts.instance.session
            assert session is not None
            assert session.watch.late_after == 90_000
            await again.done(AddSymbol(removed))
            await fire.passes(6 * MINUTE)
            assert await PostgresDirectory(pool).least_epoch(COINBASE.id) == 2
