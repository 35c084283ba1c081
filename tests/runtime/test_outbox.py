"""The outbox: order, batches, and a store that goes away."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.alerts.alert import Alert
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Millis
from livermore.core.messages import Commit, PublishTicker
from livermore.errors import ClaimLost
from livermore.runtime.outbox import BATCH, CALM_BATCH, WAITING_LIMIT, CommitQueue, Outbox
from runtime.fakes import FakeClock, MemoryStore

AN_ALERT = cast(Alert, object())


class Watched:
    """An outbox whose reports and written commits are kept."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.reports: list[str] = []
        self.written: list[Commit] = []
        self.outbox = Outbox(self.store, FakeClock(), lambda kind, _: self.reports.append(kind), self._committed)
        self.is_done = asyncio.Event()
        self.expected = 0

    def _committed(self, commits: Sequence[Commit], _: Millis) -> None:
        self.written.extend(commits)
        if len(self.written) >= self.expected:
            self.is_done.set()

    async def run_until_written(self, count: int) -> None:
        self.expected = count
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.outbox.run(), name="outbox")
            await self.is_done.wait()
            running.cancel()


def commits(count: int) -> list[Commit]:
    return [Commit(f"S{number}-USD", (), ()) for number in range(count)]


async def test_commits_are_written_once_and_in_order_many_in_one_trip() -> None:
    watched = Watched()
    await watched.outbox.put(commits(CALM_BATCH + 10))
    await watched.run_until_written(CALM_BATCH + 10)

    assert watched.store.commits == commits(CALM_BATCH + 10)
    assert watched.store.batches == [CALM_BATCH, 10]


@given(
    waiting=st.lists(
        st.tuples(st.sampled_from("ABC"), st.booleans(), st.integers(0, 2)), max_size=2 * CALM_BATCH + BATCH
    )
)
def test_alerts_go_first_but_none_before_an_earlier_commit_of_its_symbol(waiting: list[tuple[str, bool, int]]) -> None:
    queue, taken, put = CommitQueue(), [], []
    for symbol, is_urgent, takes in waiting:
        commit = Commit(symbol, (), (AN_ALERT,) if is_urgent else ())
        put.append(commit)
        queue.append(commit)
        for _ in range(takes if len(put) % 50 == 0 else 0):
            taken += queue.take()
    assert len(queue) == len(put) - len(taken)
    last = []
    while len(queue):
        batch = queue.take()
        assert 0 < len(batch) <= BATCH
        last += batch

    for symbol in "ABC":
        theirs = [commit for commit in put if commit.symbol == symbol]
        assert [id(one) for one in taken + last if one.symbol == symbol] == [id(one) for one in theirs]


def test_what_people_wait_for_does_not_wait_for_the_rest() -> None:
    queue, calm, urgent = CommitQueue(), commits(3), Commit("BTC-USD", (), (AN_ALERT,))
    for commit in (*calm, urgent):
        queue.append(commit)

    assert queue.take() == [urgent]
    assert queue.take() == calm
    assert not queue.take()


async def test_a_store_that_is_away_is_tried_until_it_is_back() -> None:
    watched = Watched()
    watched.store.times_away = 2
    await watched.outbox.put(commits(3))
    await watched.run_until_written(3)

    assert watched.store.commits == commits(3)
    assert watched.reports == ["store_unavailable", "store_unavailable"]


async def test_a_lost_claim_ends_it() -> None:
    watched = Watched()
    watched.store.is_lost = True
    await watched.outbox.put(commits(1))

    with pytest.raises(ClaimLost):
        await watched.outbox.run()


async def test_whoever_puts_in_waits_while_too_much_is_unwritten() -> None:
    watched = Watched()
    async with asyncio.TaskGroup() as tasks:
        putting = tasks.create_task(watched.outbox.put(commits(WAITING_LIMIT + 1)), name="put")
        await asyncio.sleep(0)
        assert not putting.done()

        await watched.run_until_written(WAITING_LIMIT + 1)
        async with asyncio.timeout(5):
            await putting


async def test_only_the_latest_ticker_of_a_symbol_is_shown() -> None:
    watched = Watched()
    tickers = [PublishTicker(Ticker("BTC-USD", at, float(at))) for at in (1, 2, 3)]
    await watched.outbox.put([*tickers, *commits(1)])
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watched.outbox.run(), name="outbox")
        while not watched.store.tickers:
            await asyncio.sleep(0)
        running.cancel()

    assert watched.store.tickers == [tickers[-1]]
