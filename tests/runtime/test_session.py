"""The session: history under a live feed, effects in order, readiness, and what ends it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from livermore.core.alerts.rules import Rules
from livermore.core.instance.status import FeedState
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import BASE, DAY, HOUR, MINUTE, Millis, Timeframe
from livermore.core.messages import CandleSeen, Commit, Heard, LinkDown, LinkUp
from livermore.core.restored import Restoration
from livermore.core.watch import Watch
from livermore.errors import ClaimLost
from livermore.runtime.session import Session
from runtime.fakes import FakeClock, FakeExchange, MemoryStore, a_candle, refused

NOON = 100 * DAY + DAY // 2
SYMBOL = "BTC-USD"


class Street:
    """A session among fakes."""

    def __init__(self, exchange: FakeExchange | None = None, attended: Mapping[str, Millis] | None = None) -> None:
        self.exchange = FakeExchange() if exchange is None else exchange
        self.store = MemoryStore()
        self.clock = FakeClock()
        self.reports: list[str] = []
        watch = Watch(self.exchange.identity, self.exchange.traits, Rules(), False)
        self.session = Session(
            self.exchange,
            self.store,
            watch,
            (SYMBOL,),
            self.clock,
            lambda kind, _: self.reports.append(kind),
            attended=attended,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.session.run(), name="session")
            yield
            task.cancel()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0)

    def written(self, timeframe: Timeframe) -> list[int]:
        return [
            candle.opened_at
            for commit in self.store.commits
            for series in commit.series
            if series.timeframe is timeframe
            for candle in series.candles
        ]


async def test_history_is_spliced_under_the_live_feed_without_a_hole_or_a_repetition() -> None:
    street = Street()
    street.exchange.answering.clear()
    async with street.running():
        await street.exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        # Two buckets close while the history is still on its way.
        for number in range(3):
            opened_at = NOON + number * BASE.millis
            await street.exchange.script.put([CandleSeen(1, opened_at + 20_000, a_candle(opened_at), False)])
        await street.session.connected.wait()
        assert not street.session.warmed.is_set()

        street.exchange.answering.set()
        await street.session.warmed.wait()
        await street.until(lambda: NOON + BASE.millis in street.written(BASE))

    fives = street.written(BASE)
    assert fives == list(range(fives[0], NOON + 2 * BASE.millis, BASE.millis))
    assert len(fives) == 102


async def test_all_timeframes_are_asked_for_once_as_many_rows_as_one_request_gives() -> None:
    street = Street()
    async with street.running():
        await street.exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        await street.session.warmed.wait()

    assert [timeframe for _, timeframe, _, _ in street.exchange.asked] == ["5m", "1h", "1d", "15m", "4h"]
    assert {(until - since) // timeframe.millis for _, timeframe, since, until in street.exchange.asked} == {100}
    assert street.session.warmup is not None
    assert (street.session.warmup.done, street.session.warmup.total) == (5, 5)


class SlowToVerify(FakeExchange):
    """An exchange that never answers when it is asked again of some history, and of 4h only once it was asked that."""

    def __init__(self) -> None:
        super().__init__()
        self.verifying = asyncio.Event()

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        if until - self.traits.rows_per_request * timeframe.millis < since < NOON:
            self.verifying.set()
            await asyncio.Event().wait()
        elif timeframe is Timeframe.H4:
            await self.verifying.wait()
        history = await super().candles(symbol, timeframe, since, until)
        return tuple(replace(candle, is_confirmed=True) for candle in history)


async def test_it_is_warm_once_history_is_in_though_verifications_are_unanswered() -> None:
    street = Street(SlowToVerify())
    async with street.running():
        await street.exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        await street.until(lambda: bool(street.written(BASE)))
        await street.exchange.script.put([Heard(1, NOON + BASE.millis + MINUTE)])
        await street.until(lambda: NOON in street.written(BASE))
        await street.exchange.script.put([Heard(1, NOON + 2 * BASE.millis + MINUTE)])
        await street.session.warmed.wait()

    assert street.session.warmup is not None
    assert (street.session.warmup.done, street.session.warmup.total) == (6, 6)


async def test_the_feed_is_down_until_it_is_heard_and_again_when_it_is_lost() -> None:
    street = Street()
    async with street.running():
        assert street.session.feed_state is FeedState.DOWN
        await street.exchange.script.put([LinkUp(1, NOON, frozenset({SYMBOL}), True)])
        await street.until(lambda: street.session.feed_state is FeedState.LIVE)
        await street.exchange.script.put([LinkDown(1, "reset by peer")])
        await street.until(lambda: street.session.feed_state is FeedState.DOWN)

    assert "feed_lost" in street.reports


async def test_a_refused_order_is_reported_and_does_not_hold_up_the_others() -> None:
    street = Street()
    street.exchange.failures = [refused()]
    async with street.running():
        await street.exchange.script.put([LinkUp(1, NOON, frozenset({SYMBOL}), True)])
        await street.session.warmed.wait()
        await street.until(lambda: bool(street.written(Timeframe.H4)))

    assert "fetch_refused" in street.reports
    assert not street.written(BASE)


async def test_losing_the_claim_ends_the_session() -> None:
    street = Street()
    street.store.is_lost = True
    await street.exchange.script.put([LinkUp(1, NOON, frozenset({SYMBOL}), True)])

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(10):
            await street.session.run()

    assert caught.group_contains(ClaimLost)


async def test_it_can_be_cancelled_at_every_turn_without_losing_what_is_committed() -> None:
    for turns in range(0, 60, 3):
        street = Street()
        async with street.running():
            await street.exchange.script.put([LinkUp(1, NOON, frozenset({SYMBOL}), True), Heard(1, NOON + DAY)])
            for _ in range(turns):
                await asyncio.sleep(0)

        for timeframe in Timeframe:
            opened = street.written(timeframe)
            assert opened == sorted(set(opened))


async def test_what_was_done_today_and_how_late_is_counted_over_the_sessions_of_an_instance() -> None:
    street = Street()
    street.clock.at = NOON
    async with street.running():
        await street.exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        await street.session.warmed.wait()
        for number in range(4):
            opened_at = NOON + number * BASE.millis
            await street.exchange.script.put([CandleSeen(1, opened_at + 20_000, a_candle(opened_at), False)])
        await street.until(lambda: NOON + 2 * BASE.millis in street.written(BASE))
        await street.until(lambda: street.session.figures.lags(1).own is not None)

        assert street.session.today.candles["5m"] == 3
        exchange = street.session.figures.lags(1).exchange
        assert exchange is not None
        assert exchange.count >= 4


async def test_a_session_after_the_store_was_lost_has_been_watching_all_the_time() -> None:
    """Also where the session between the two came to nothing."""
    exchange = FakeExchange()
    first = Street(exchange)
    async with first.running():
        await exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        await first.session.warmed.wait()
    assert first.session.attended == {SYMBOL: NOON}
    failed = Street(FakeExchange(), attended=first.session.attended)
    assert failed.session.attended == first.session.attended

    later = NOON + 3 * BASE.millis
    second = Street(FakeExchange(), attended=failed.session.attended)
    async with second.running():
        await second.exchange.script.put([LinkUp(1, later + 10_000, frozenset({SYMBOL}), True)])
        await second.session.warmed.wait()
        await second.until(lambda: bool(second.store.commits))

    since = {series.snapshot.watched_since for commit in second.store.commits for series in commit.series}
    assert since == {NOON - HOUR}
    assert second.session.attended == {SYMBOL: later}


async def test_a_symbol_that_is_removed_while_it_is_being_added_is_not_watched() -> None:
    street = Street()
    may_read, reads = asyncio.Event(), asyncio.Event()

    class SlowStore(MemoryStore):
        async def restoration(self, symbols: Sequence[str], window: int) -> Restoration:
            reads.set()
            await may_read.wait()
            return await super().restoration(symbols, window)

    async with street.running():
        await street.exchange.script.put([LinkUp(1, NOON + 10_000, frozenset({SYMBOL}), True)])
        await street.session.warmed.wait()
        street.session._store = SlowStore()
        async with asyncio.TaskGroup() as tasks:
            adding = tasks.create_task(street.session.add_symbols(("ETH-USD",)), name="add")
            await reads.wait()
            removing = tasks.create_task(street.session.remove_symbols(("ETH-USD",)), name="remove")
            await asyncio.sleep(0)
            may_read.set()

        assert removing.result() == ("ETH-USD",)
        assert adding.result() == {}
        assert street.session.symbols == (SYMBOL,)


async def test_a_symbol_is_not_read_from_the_store_while_commits_of_it_wait() -> None:
    """It would be resumed from before what is written a moment later."""
    street, other = Street(), "ETH-USD"
    may_write, deeds = asyncio.Event(), list[str]()
    may_write.set()

    class SlowStore(MemoryStore):
        async def commit(self, commits: Sequence[Commit], committed_at: Millis) -> None:
            await may_write.wait()
            deeds.extend("wrote" for commit in commits if commit.symbol == other)

        async def restoration(self, symbols: Sequence[str], window: int) -> Restoration:
            deeds.append("read")
            return await super().restoration(symbols, window)

    street.session._store = street.session._outbox._store = SlowStore()
    say = street.exchange.script.put
    async with street.running():
        await say([LinkUp(1, NOON, frozenset({SYMBOL, other}), True)])
        await street.session.warmed.wait()
        async with asyncio.TaskGroup() as tasks:
            adding = tasks.create_task(street.session.add_symbols((other,)), name="add")
            await street.until(lambda: other in street.session.symbols)
            await say([LinkUp(2, NOON, frozenset({other}), True)])
            await adding
            may_write.clear()
            deeds.clear()
            await say([CandleSeen(2, NOON + 20_000, a_candle(NOON, symbol=other), False), Heard(2, NOON + HOUR)])
            await street.until(lambda: street.session.waiting["commits"] > 0)
            await street.session.remove_symbols((other,))
            again = tasks.create_task(street.session.add_symbols((other,)), name="add again")
            for _ in range(20):
                await asyncio.sleep(0)
            assert deeds == []
            may_write.set()
            await street.until(lambda: "read" in deeds)
            again.cancel()

    assert deeds[-1] == "read"
    assert "wrote" in deeds
