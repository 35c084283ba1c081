"""The fetcher: urgency, answers that come back as events, and an exchange that fails."""

import asyncio
from collections.abc import Sequence

from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import CandlesFetched, Event, FetchCandles, FetchReason, FetchRefused
from livermore.runtime.fetcher import WORKERS, Fetcher
from runtime.fakes import FakeExchange, away, refused


class Answers:
    """An inbox that keeps what comes in."""

    def __init__(self, expected: int) -> None:
        self.events: list[Event] = []
        self.expected = expected
        self.is_done = asyncio.Event()

    async def put(self, events: Sequence[Event]) -> None:
        self.events.extend(events)
        if len(self.events) >= self.expected:
            self.is_done.set()


def order(timeframe: Timeframe, reason: FetchReason, symbol: str = "BTC-USD") -> FetchCandles:
    return FetchCandles(symbol, timeframe, 0, 3 * timeframe.millis, reason)


async def answers_to(exchange: FakeExchange, orders: Sequence[FetchCandles], reports: list[str]) -> list[Event]:
    inbox = Answers(len(orders))
    fetcher = Fetcher(exchange, inbox, lambda kind, _: reports.append(kind))
    for one in orders:
        fetcher.ask(one)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(fetcher.run(), name="fetcher")
        await inbox.is_done.wait()
        running.cancel()
    return inbox.events


async def test_an_answer_names_its_order() -> None:
    one = order(Timeframe.H1, FetchReason.WARMUP)

    (answer,) = await answers_to(FakeExchange(), [one], [])

    assert isinstance(answer, CandlesFetched)
    assert answer.order == one
    assert [candle.opened_at for candle in answer.candles] == [0, 3_600_000, 7_200_000]


async def test_holes_are_asked_before_history_and_short_before_what_can_be_derived() -> None:
    exchange = FakeExchange()
    exchange.answering.clear()
    inbox = Answers(WORKERS + 4)
    fetcher = Fetcher(exchange, inbox, lambda *_: None)
    for _ in range(WORKERS):
        fetcher.ask(order(Timeframe.M5, FetchReason.GAP, "BUSY-USD"))
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(fetcher.run(), name="fetcher")
        while len(exchange.asked) < WORKERS:
            await asyncio.sleep(0)
        for timeframe, reason in (
            (Timeframe.H4, FetchReason.WARMUP),
            (Timeframe.H1, FetchReason.WARMUP),
            (Timeframe.M5, FetchReason.WARMUP),
            (Timeframe.D1, FetchReason.GAP),
        ):
            fetcher.ask(order(timeframe, reason))
        exchange.answering.set()
        await inbox.is_done.wait()
        running.cancel()

    later = [timeframe for symbol, timeframe, _, _ in exchange.asked if symbol == "BTC-USD"]
    assert later == [Timeframe.D1, Timeframe.M5, Timeframe.H1, Timeframe.H4]


async def test_an_exchange_that_is_away_is_asked_again() -> None:
    exchange, reports = FakeExchange(), []
    exchange.failures = [away(), away()]

    (answer,) = await answers_to(exchange, [order(Timeframe.M5, FetchReason.GAP)], reports)

    assert isinstance(answer, CandlesFetched)
    assert reports == ["fetch_failed", "fetch_failed"]


async def test_a_refusal_is_an_answer() -> None:
    exchange = FakeExchange()
    exchange.failures = [refused()]
    one = order(Timeframe.M5, FetchReason.GAP)

    answers = await answers_to(exchange, [one], [])

    assert answers == [FetchRefused(one, "no such product")]
