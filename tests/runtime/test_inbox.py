"""The inbox: order, stamps, limits, and tickers that give way."""

import asyncio

from livermore.core.market.ticker import Ticker
from livermore.core.messages import Heard, TickerSeen
from livermore.runtime.inbox import SessionInbox
from runtime.fakes import FakeClock


def ticker(at: int, symbol: str = "BTC-USD") -> TickerSeen:
    return TickerSeen(1, Ticker(symbol, at, 100.0))


async def test_events_come_out_in_order_with_the_instant_they_came_in() -> None:
    clock = FakeClock(5)
    inbox = SessionInbox(clock)
    await inbox.put([Heard(1, 10), Heard(1, 11)])
    clock.at = 6
    await inbox.put([Heard(1, 12)])

    taken = await inbox.take(10)

    assert taken == [(Heard(1, 10), 5), (Heard(1, 11), 5), (Heard(1, 12), 6)]


async def test_an_older_ticker_gives_way_and_the_newer_one_does_not_overtake_a_candle() -> None:
    inbox = SessionInbox(FakeClock())
    await inbox.put([ticker(1), Heard(1, 2), ticker(3), ticker(4, "ETH-USD")])

    taken = [event for event, _ in await inbox.take(10)]

    assert taken == [Heard(1, 2), ticker(3), ticker(4, "ETH-USD")]
    assert len(inbox) == 0


async def test_a_taken_ticker_does_not_give_way_any_more() -> None:
    inbox = SessionInbox(FakeClock())
    await inbox.put([ticker(1)])
    first = await inbox.take(1)
    await inbox.put([ticker(2)])

    assert [event for event, _ in first + await inbox.take(1)] == [ticker(1), ticker(2)]
    assert len(inbox) == 0


async def test_whoever_puts_in_waits_while_there_is_no_room() -> None:
    inbox = SessionInbox(FakeClock(), limit=2)
    await inbox.put([Heard(1, 1), Heard(1, 2)])
    async with asyncio.TaskGroup() as tasks:
        putting = tasks.create_task(inbox.put([Heard(1, 3)]), name="put")
        await asyncio.sleep(0)
        assert not putting.done()

        assert len(await inbox.take(1)) == 1
        async with asyncio.timeout(5):
            await putting

    assert [event for event, _ in await inbox.take(10)] == [Heard(1, 2), Heard(1, 3)]


async def test_tickers_alone_never_fill_it() -> None:
    inbox = SessionInbox(FakeClock(), limit=2)
    async with asyncio.timeout(5):
        for at in range(1_000):
            await inbox.put([ticker(at)])

    assert [event for event, _ in await inbox.take(10)] == [ticker(999)]


async def test_taking_waits_for_something_to_come() -> None:
    inbox = SessionInbox(FakeClock())
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(inbox.take(1), name="take")
        await asyncio.sleep(0)
        await inbox.put([Heard(1, 1)])

    assert taking.result() == [(Heard(1, 1), 0)]
