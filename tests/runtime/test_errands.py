"""What a running session can be told: symbols, rules, history; whoever waits learns how it went, or that it ended."""

import asyncio
from dataclasses import replace

import pytest

from livermore.core.alerts.rules import Rules
from livermore.core.market.timeframe import BASE, Timeframe
from livermore.core.messages import CandleSeen, LinkUp, SymbolsRefused
from livermore.core.watch import AlertsOn
from livermore.errors import NotPossibleNow
from runtime.fakes import a_candle
from runtime.test_session import NOON, SYMBOL, Street

OTHER = "ETH-USD"
EVERY = len(Timeframe)


async def warm(street: Street) -> None:
    await street.exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
    await street.session.warmed.wait()


async def test_a_symbol_is_added_once_its_history_is_in_and_the_progress_is_told() -> None:
    street, told = Street(), []
    async with street.running(), asyncio.TaskGroup() as tasks:
        await warm(street)
        adding = tasks.create_task(
            street.session.add_symbols([OTHER, SYMBOL], lambda done, total: told.append((done, total))), name="adding"
        )
        await street.until(lambda: OTHER in street.session.symbols)
        await street.exchange.script.put([LinkUp(1, NOON + 20_000, frozenset({OTHER}), True)])
        assert await adding == {}
        assert street.session.symbols == (SYMBOL, OTHER)
        assert street.session.symbol_count == 2

    assert told[0] == (EVERY, 2 * EVERY), "one of them was there already"
    assert told[-1] == (2 * EVERY, 2 * EVERY)
    assert told == sorted(set(told))


async def test_a_symbol_that_the_exchange_refuses_is_answered_with_its_reason() -> None:
    street = Street()
    async with street.running(), asyncio.TaskGroup() as tasks:
        await warm(street)
        adding = tasks.create_task(street.session.add_symbols(["NOPE-USD"]), name="adding")
        await street.until(lambda: "NOPE-USD" in street.session.symbols)
        refused = SymbolsRefused(2, frozenset({"NOPE-USD"}), "the exchange does not list it")
        await street.exchange.script.put([refused])
        assert await adding == {"NOPE-USD": "the exchange does not list it"}


async def test_removed_symbols_are_those_that_were_watched() -> None:
    street = Street()
    async with street.running():
        await warm(street)
        assert await street.session.remove_symbols(["GONE-USD", SYMBOL]) == (SYMBOL,)
        assert street.session.symbols == ()


async def test_other_rules_are_in_force_when_the_change_is_answered() -> None:
    street = Street()
    async with street.running():
        await warm(street)
        watch = replace(street.session.watch, rules=Rules(first_level=90), alerts_on=AlertsOn.CONFIRMED)
        await street.session.change_watch(watch)
        assert street.session.watch == watch
        await street.exchange.script.put([CandleSeen(1, NOON + BASE.millis, a_candle(NOON), True)])
        await street.until(lambda: NOON in street.written(BASE))

    eras = [series.eras for commit in street.store.commits for series in commit.series if series.timeframe is BASE]
    assert eras[0] == ()
    assert [era.rules for era in eras[-1]] == [Rules(), Rules(first_level=90)]


async def test_a_backfill_says_how_many_series_it_has_compared_when_all_are_answered() -> None:
    street, told = Street(), []
    async with street.running():
        await warm(street)
        asked = len(street.exchange.asked)
        done = await street.session.backfill(
            [SYMBOL, "GONE-USD"], (BASE, Timeframe.H1), 20, lambda some, all_: told.append((some, all_))
        )

    assert done == 2
    assert told[-1] == (2, 2)
    spans = {
        timeframe: (until - since) // timeframe.millis for _, timeframe, since, until in street.exchange.asked[asked:]
    }
    assert spans == {BASE: 20, Timeframe.H1: 20}


async def test_what_is_cleared_is_forgotten_after_what_was_decided_before_and_before_what_comes_anew() -> None:
    street = Street()
    async with street.running():
        await warm(street)
        await street.until(lambda: NOON - BASE.millis in street.written(BASE))
        street.store.times_away = 1
        await street.session.clear_cache([SYMBOL])
        await street.until(lambda: street.written(BASE).count(NOON - BASE.millis) == 2)

    ((before, symbols),) = street.store.forgotten
    assert symbols == (SYMBOL,)
    assert 0 < before < len(street.store.commits)
    assert "store_unavailable" in street.reports


async def test_a_session_that_does_not_run_takes_no_orders() -> None:
    street = Street()
    with pytest.raises(NotPossibleNow):
        await street.session.backfill([SYMBOL])
    async with street.running():
        await warm(street)
    with pytest.raises(NotPossibleNow):
        await street.session.remove_symbols([SYMBOL])


async def test_whoever_waits_is_told_that_the_session_has_ended() -> None:
    street = Street()

    async def wait() -> str:
        try:
            await street.session.add_symbols([OTHER])
        except NotPossibleNow as error:
            return str(error)
        return "added"

    async with asyncio.TaskGroup() as tasks, street.running():
        await warm(street)
        waiting = tasks.create_task(wait(), name="waiting")
        await street.until(lambda: OTHER in street.session.symbols)
    assert waiting.result() == "the session has ended"
