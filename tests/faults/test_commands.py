"""Every command through a real bus, against a real session on the simulator."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from faults.harness import a_fire, check_clean
from faults.stage import ADA, SPEED, WITHIN_SECONDS, a_stage
from livermore.app.simulated_keys import simulated_variables
from livermore.cache.bus import send
from livermore.cache.command_log import command_history
from livermore.cache.connect import keys_on
from livermore.cache.instances import shown_status
from livermore.cache.instruments import listing_of
from livermore.cache.readers import newest_candles, watched_symbols
from livermore.core.account.settings import AlertSettings, RuntimeSettings, Settings, SymbolSettings
from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.instance.command_record import Step
from livermore.core.instance.commands import (
    Ack,
    AddSymbol,
    BulkAddSymbols,
    ClearCache,
    ForceBackfill,
    Pause,
    RefreshListing,
    ReloadSettings,
    RemoveSymbol,
    Result,
    Resume,
    Start,
    Stop,
    SwitchMode,
    SyncAccounts,
    TestConnection,
    a_command,
)
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE, MINUTE, Millis, Timeframe
from livermore.core.watch import Mode
from livermore.errors import NobodyListens
from livermore.runtime.clock import SystemClock

pytestmark = pytest.mark.timeout(240)


class PeopleInMemory:
    """People's database, as far as an instance sees it."""

    def __init__(self) -> None:
        self.by_email: dict[str | None, Settings] = {}
        self.rows: dict[tuple[str, str | None], MonitoredSymbol] = {}
        self.held: tuple[str, ...] = ()
        self.epochs: list[int] = []

    async def settings(self, admin_email: str | None) -> Settings:
        return self.by_email.get(admin_email, Settings())

    async def symbols(self, exchange_id: int) -> tuple[MonitoredSymbol, ...]:
        return tuple(self.rows.values())

    async def add_symbols(self, exchange_id: int, rows: Sequence[MonitoredSymbol], by: str, at: Millis) -> None:
        self.rows |= {(row.symbol, row.user): row for row in rows}

    async def remove_symbols(
        self, exchange_id: int, symbols: Sequence[str], by: str, at: Millis, user: str | None = None
    ) -> int:
        return sum(self.rows.pop((symbol, user), None) is not None for symbol in symbols)

    async def held_symbols(self, exchange_id: int) -> tuple[str, ...]:
        return self.held

    async def least_epoch(self, exchange_id: int) -> int:
        return max(self.epochs, default=40)

    async def record_epoch(self, exchange_id: int, epoch: int, instance_id: str, at: Millis) -> None:
        self.epochs.append(epoch)


async def test_the_life_of_an_instance_by_commands_leaves_nothing_missed(tmp_path: Path) -> None:
    """Start, pause, resume, stop and start again; what was missed meanwhile is caught up with."""
    async with a_fire(tmp_path, speed=SPEED) as fire, a_stage(fire) as stage:
        assert await stage.refused(Pause()) == "not_possible_now"
        assert await stage.refused(Resume()) == "not_possible_now"
        assert (await stage.done(Stop()))["isChanged"] is False

        started = await stage.done(Start())
        assert (started["state"], started["isChanged"], started["epoch"]) == ("active", True, 1)
        assert stage.progress
        assert (await stage.done(Start()))["isChanged"] is False

        assert (await stage.done(Pause()))["pausedBy"] == ADA
        assert (await stage.done(Pause()))["isChanged"] is False
        assert await stage.refused(Start()) == "not_possible_now"
        assert await stage.refused(SwitchMode(Mode.POSITION_MONITOR)) == "not_possible_now"
        status = await shown_status(fire.redis, stage.keys)
        assert status is not None
        assert (status.connection_state, status.feed_state, status.paused_by) == (State.ACTIVE, FeedState.DOWN, ADA)
        assert await stage.refused(ForceBackfill(("BTC-USD",))) == "not_possible_now"
        await fire.passes(25 * MINUTE)
        assert (await stage.done(Resume()))["state"] == "active"
        assert (await stage.done(Resume()))["isChanged"] is False

        assert (await stage.done(Stop()))["state"] == "stopped"
        await fire.passes(15 * MINUTE)
        assert (await stage.done(Start()))["epoch"] == 2
        ends = BASE.opening(fire.now) + 30 * MINUTE
        await fire.until(ends + 15 * MINUTE)
        symbols = stage.watched
        async with asyncio.timeout(WITHIN_SECONDS):
            while await fire.unsettled(COINBASE, symbols, ends):
                await asyncio.sleep(0.05)
        check_clean(await fire.audit(ends, [COINBASE]), [COINBASE])


async def test_symbols_come_and_go_and_history_is_fetched_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire, a_stage(fire) as stage:
        await stage.done(Start())
        first, second = stage.watched[:2]

        assert (await stage.done(RemoveSymbol(first)))["verdicts"] == {first: "removed"}
        assert first not in stage.watched
        assert (await stage.done(RemoveSymbol(first)))["verdicts"] == {first: "not watched"}
        added = await stage.done(AddSymbol(first))
        assert added["verdicts"] == {first: "added"}
        assert "PostgreSQL" in added["note"]
        assert first in stage.watched
        assert await stage.refused(AddSymbol("NOPE-USD")) == "not_found"
        await stage.done(RemoveSymbol(second))
        verdicts = (await stage.done(BulkAddSymbols((first, second, "NOPE-USD", second))))["verdicts"]
        assert verdicts == {first: "already there", second: "added", "NOPE-USD": "unknown"}

        fetched = await stage.done(ForceBackfill((first,), (Timeframe.H1, Timeframe.D1), 50))
        assert fetched["timeframes"] == ["1h", "1d"]
        assert await stage.refused(ForceBackfill(("NOPE-USD",))) == "invalid_request"
        await stage.done(ForceBackfill((first,)))
        assert stage.progress[-1].done == stage.progress[-1].total

        assert (await stage.done(ClearCache((first,))))["cleared"] == 1
        assert await stage.refused(ClearCache(("NOPE-USD",))) == "invalid_request"
        cleared = await stage.done(ClearCache(None, confirm=True))
        assert cleared["cleared"] == len(stage.watched)
        for symbol in stage.watched:
            assert len(await newest_candles(fire.redis, stage.keys, (symbol, Timeframe.H1), 200)) >= 60

        listing = await stage.done(RefreshListing())
        assert listing["trading"] >= len(stage.watched)
        assert listing["watchedNotTrading"] == []
        kept = await listing_of(fire.redis, stage.keys)
        assert kept is not None
        assert set(stage.watched) <= {one.symbol for one in kept.symbols if one.is_trading}
        for name in simulated_variables():
            monkeypatch.delenv(name, raising=False)
        assert await stage.refused(SyncAccounts()) == "invalid_request"
        for name, value in simulated_variables().items():
            monkeypatch.setenv(name, value)
        tried = await stage.done(TestConnection())
        assert (tried["isConnected"], tried["warnings"], tried["isKept"]) == (True, [], False)
        account = await stage.done(SyncAccounts())
        assert account["holdings"] > 3
        assert account["fees"]["totals"][0]["fills"] == account["fills"] > 50


async def test_settings_and_modes_are_gone_by(tmp_path: Path) -> None:
    people = PeopleInMemory()
    async with a_fire(tmp_path, speed=SPEED) as fire, a_stage(fire, people) as stage:
        started = await stage.done(Start())
        assert started["epoch"] == 41
        assert people.epochs == [41]
        assert [row.symbol for row in people.rows.values()] == list(stage.watched)
        assert (await stage.done(ReloadSettings()))["changed"] == []

        everything = stage.watched
        version = stage.parts.instance.session.watch.rules.version  # type: ignore[union-attr]
        never = SymbolSettings(never=everything[:1])
        people.by_email[ADA] = replace(Settings(), alerts=AlertSettings(first_level=100), symbols=never)
        reloaded = await stage.done(ReloadSettings())
        assert {change["path"] for change in reloaded["changed"]} == {"/alerts/firstLevel", "/symbols/never"}
        assert reloaded["ruleVersion"] != version
        assert stage.watched == everything[1:]
        always = SymbolSettings(always=everything[1:2])
        people.by_email[ADA] = replace(Settings(), symbols=always)
        assert (await stage.done(ReloadSettings()))["added"] == 1
        assert await stage.refused(RemoveSymbol(everything[1])) == "invalid_request"
        assert everything[1] in stage.watched
        assert (everything[1], None) in people.rows
        people.by_email[ADA] = Settings()
        await stage.done(ReloadSettings())
        assert set(stage.watched) == set(everything)

        assert await stage.refused(SwitchMode(Mode.POSITION_MONITOR)) == "not_possible_now"
        people.held = everything[:2]
        switched = await stage.done(SwitchMode(Mode.POSITION_MONITOR))
        assert (switched["before"], switched["removed"]) == ("scalper-macdv", len(everything) - 2)
        assert set(stage.watched) == set(people.held)
        assert (await stage.done(SwitchMode(Mode.SCALPER_MACDV)))["added"] == len(everything) - 2
        assert set(stage.watched) == set(everything)

        people.by_email[ADA] = replace(Settings(), runtime=RuntimeSettings(mode=Mode.POSITION_MONITOR))
        await stage.done(Stop())
        await stage.done(Start())
        assert set(stage.watched) == set(people.held)
        status = await shown_status(fire.redis, stage.keys)
        assert status is not None
        assert status.epoch == 42


async def test_symbols_that_are_written_down_are_watched_after_the_next_start(tmp_path: Path) -> None:
    people = PeopleInMemory()
    async with a_fire(tmp_path, speed=SPEED) as fire, a_stage(fire, people) as stage:
        await stage.done(Start())
        gone, shared = stage.watched[:2]
        await stage.done(RemoveSymbol(gone))
        await stage.done(AddSymbol(shared, 2, "7"))
        assert "others" in (await stage.done(RemoveSymbol(shared)))["verdicts"][shared]
        assert shared in stage.watched
        await stage.done(Stop())
        await stage.done(Start())
        assert gone not in stage.watched
        assert shared in stage.watched
        assert (await stage.done(RemoveSymbol(shared, "7")))["verdicts"] == {shared: "removed"}
        assert shared not in stage.watched


async def test_a_command_that_nobody_hears_comes_twice_has_expired_or_makes_no_sense(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire:
        keys = keys_on(fire.redis, COINBASE.id)
        command = a_command(1, "unheard", Start(), ADA, SystemClock().now())
        with pytest.raises(NobodyListens):
            async with send(fire.redis, keys, command):
                pytest.fail("there is no instance")

        async with a_stage(fire) as stage:
            expired = await stage.tell(Start(), "expired", lives_for=-1)
            assert expired.error is not None
            assert expired.error.code == "expired"
            assert await watched_symbols(fire.redis, keys) == ()

            first = await stage.tell(Start(), "twice")
            again = await stage.tell(Start(), "twice")
            assert first == again
            assert stage.parts.instance.status.epoch == 1

            await fire.redis.publish(keys.command_channel, b"\xff\x00")
            foreign = b'{"correlationId":"f","type":"stop","issuedBy":"eve","timestamp":1,"exchangeId":2}'
            await fire.redis.publish(keys.command_channel, foreign)
            odd = b'{"correlationId":"o","type":"stop","issuedBy":"eve","timestamp":1,"payload":{"now":1}}'
            await fire.redis.publish(keys.command_channel, odd)
            await fire.redis.publish(keys.command_channel, b"x" * 70_000)
            async with asyncio.timeout(WITHIN_SECONDS):
                while len((await command_history(fire.redis, keys, 50)).records) < 7:
                    await asyncio.sleep(0.02)

            records = {one.correlation_id: one for one in (await command_history(fire.redis, keys, 50)).records}
            steps = {name: one.step for name, one in records.items() if not name.startswith("malformed")}
            assert steps == {
                "unheard": Step.UNHEARD,
                "expired": Step.FAILED,
                "twice": Step.DONE,
                "f": Step.REFUSED,
                "o": Step.REFUSED,
            }
            assert sum(name.startswith("malformed") for name in records) == 2
            assert records["twice"].instance_id == stage.parts.instance.status.instance_id
            assert stage.parts.instance.status.connection_state is State.ACTIVE


async def test_commands_during_the_warm_up_are_carried_out(tmp_path: Path) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire, a_stage(fire) as stage:
        command = a_command(1, "start", Start(), ADA, SystemClock().now())
        async with asyncio.timeout(WITHIN_SECONDS), send(fire.redis, stage.keys, command) as answers:
            async for one in answers:
                assert isinstance(one, Ack)
                break
            symbols = ()
            while not symbols:
                session = stage.parts.instance.session
                symbols = session.symbols if session is not None and session.connected.is_set() else ()
                await asyncio.sleep(0.001)
            removed, added = await asyncio.gather(
                stage.tell(RemoveSymbol(symbols[0])), stage.tell(ForceBackfill(symbols[1:2]))
            )
            assert (removed.is_success, added.is_success) == (True, True)
            paused = await stage.tell(Pause())
            assert paused.is_success
            resumed = await stage.tell(Resume())
            assert resumed.is_success
            assert stage.watched == symbols[1:]
            last = [one async for one in answers][-1]
            assert isinstance(last, Result)
