"""Faults 28 and 29: rules change in the middle of a burst, symbols come and go while others warm; audited like all."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from faults.harness import AFTERMATH, BOTH, EVENING, Fire, Watching, a_fire, check_clean, figures, tell
from livermore.app.audit_rows import stream_entries
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.rules import Rules
from livermore.core.market.exchange import BINANCE, COINBASE, ExchangeIdentity
from livermore.core.market.timeframe import BASE, HOUR, SECOND, Timeframe
from livermore.core.watch import Watch
from livermore.sim.faults import fault as kinds

pytestmark = pytest.mark.timeout(150)

MIDNIGHT = EVENING + 2 * HOUR
NEARER = Rules(first_level=60, level_step=20, hysteresis=4.0)
FARTHER = Rules(first_level=200, level_step=100)
WITHIN_SECONDS = 60.0


async def alerts_of(fire: Fire, exchange: ExchangeIdentity) -> list[Alert]:
    entries = await stream_entries(fire.redis, Keys(exchange.id))
    return [entry.alert for entry in entries if isinstance(entry.alert, Alert)]


def by(watch: Watch, rules: Rules) -> Watch:
    return replace(watch, rules=rules)


async def test_rules_that_change_in_the_middle_of_bursts_judge_each_candle_once_by_those_of_its_close(
    tmp_path: Path,
) -> None:
    """Fault 28: at every boundary up to midnight and beyond, while candles close, the rules become others."""
    async with a_fire(tmp_path, speed=600.0) as fire:
        async with fire.watching(COINBASE) as coinbase, fire.watching(BINANCE) as binance:
            watched = {COINBASE: coinbase, BINANCE: binance}
            cycle = (NEARER, Rules(), FARTHER, NEARER)
            first = max(BASE.opening(fire.now) + BASE.millis, MIDNIGHT - 4 * BASE.millis)
            for number in range(8):
                # Coinbase closes its buckets 2 s after their end and Binance, where nobody traded, 5 s after it.
                await fire.until(first + number * BASE.millis + (2 + number % 4) * SECOND)
                for seen in watched.values():
                    await seen.session.change_watch(by(seen.session.watch, cycle[number % len(cycle)]))
            fire.post(kinds.Revision(probability=0.2, after=5.0, by=0.01, duration=600.0))
            ends = first + 12 * BASE.millis + AFTERMATH
            await fire.settled(watched, ends)
        audit = await fire.audit(ends)
        raised = [alert for exchange in BOTH for alert in await alerts_of(fire, exchange)]
    tell(figures(audit))
    check_clean(audit)
    versions = Counter(alert.rule_version for alert in raised)
    tell(f"alerts by rule version: {dict(versions)}")
    assert len(versions) >= 2, "the rules have really changed"
    standing = Counter((one.exchange.id, one.symbol, one.timeframe, one.opened_at, one.label) for one in raised)
    twice = {place for place, count in standing.items() if count > 1}
    by_place = {place: {one.rule_version for one in raised if _place(one) == place} for place in twice}
    assert all(len(each) == 1 for each in by_place.values()), "no crossing is told by two sets of rules"


def _place(one: Alert) -> tuple[int, str, Timeframe, int, str]:
    return one.exchange.id, one.symbol, one.timeframe, one.opened_at, one.label


async def test_symbols_that_come_and_go_while_others_warm_lose_no_candle_and_take_none(tmp_path: Path) -> None:
    """Fault 29: added and removed before the history of the first ones is in, and again while all is live."""
    async with a_fire(tmp_path, speed=300.0) as fire:
        async with AsyncExitStack() as stack:
            wished = {exchange: await fire.most_traded(exchange, 8) for exchange in BOTH}
            watched: dict[ExchangeIdentity, Watching] = {}
            for exchange in BOTH:
                seen = await stack.enter_async_context(fire.watching(exchange, 4, is_warm=False))
                watched[exchange] = seen
                assert not seen.session.warmed.is_set(), "the first ones are still warming"
                async with asyncio.timeout(WITHIN_SECONDS):
                    assert await seen.session.remove_symbols([wished[exchange][3]]) == (wished[exchange][3],)
                    assert await seen.session.add_symbols(wished[exchange][4:8]) == {}
                    await seen.session.warmed.wait()
            await fire.passes(12 * BASE.millis)
            for exchange, seen in watched.items():
                # A connection is lost when it has just been told to carry others.
                await seen.session.remove_symbols(wished[exchange][:2])
                fire.post(kinds.Disconnect(exchange=exchange.name, duration=0.0))
                async with asyncio.timeout(WITHIN_SECONDS):
                    assert await seen.session.add_symbols([wished[exchange][3]]) == {}
            await fire.passes(6 * BASE.millis)
            for exchange, seen in watched.items():
                async with asyncio.timeout(WITHIN_SECONDS):
                    assert await seen.session.add_symbols(wished[exchange][:2]) == {}
                assert set(seen.symbols) == set(wished[exchange])
            ends = fire.now + 3 * BASE.millis
            await fire.settled(watched, ends)
            stood = {exchange: await fire.stands(exchange) for exchange in watched}
        audit = await fire.audit(ends)
    tell(figures(audit))
    check_clean(audit)
    for exchange in BOTH:
        assert {stand.name for stand in stood[exchange]} == {
            (symbol, timeframe) for symbol in wished[exchange] for timeframe in Timeframe
        }


async def test_a_cleared_cache_is_filled_anew_and_a_backfill_changes_nothing_that_is_right(tmp_path: Path) -> None:
    async with a_fire(tmp_path, symbols=4) as fire:
        async with fire.watching(COINBASE) as seen:
            await fire.passes(6 * BASE.millis)
            counted: list[tuple[int, int]] = []

            def tell_of(some: int, every: int) -> None:
                counted.append((some, every))

            async with asyncio.timeout(WITHIN_SECONDS):
                done = await seen.session.backfill(
                    seen.symbols, progress=lambda some, all_: counted.append((some, all_))
                )
                await seen.session.clear_cache(seen.symbols[:2], lambda some, all_: counted.append((some, all_)))
            assert done == 4 * len(Timeframe)
            assert (done, done) in counted
            assert counted[-1] == (2 * len(Timeframe), 2 * len(Timeframe))
            ends = fire.now + 6 * BASE.millis
            await fire.settled({COINBASE: seen}, ends)
        audit = await fire.audit(ends, (COINBASE,))
    tell(figures(audit))
    check_clean(audit, (COINBASE,), is_eventful=False)
