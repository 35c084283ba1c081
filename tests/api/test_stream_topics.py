"""Topics of the live stream that look at more than one exchange, or at what is on its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from api.stage import NOW, Stage, a_market
from api.test_stream import a_client
from livermore.api.live.cross_watch import run_cross_watch, substance_of
from livermore.api.models.cross import CrossSignals
from livermore.cache.bus import answer
from livermore.cache.command_log import append_step
from livermore.cache.connect import keys_on
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.account.people import Role
from livermore.core.instance.command_record import Order, Step, StepTaken
from livermore.core.instance.commands import Progress
from livermore.core.market.ticker import Ticker
from livermore.core.messages import PublishTicker


@asynccontextmanager
async def watching(stage: Stage) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run_cross_watch(stage.window), name="cross")
        yield
        task.cancel()


async def prices(redis: Redis, coinbase: float, binance: float) -> None:
    for number, price in ((1, coinbase), (2, binance)):
        tickers = [PublishTicker(Ticker("BTC-USD", NOW(), price))]
        await MarketStore(redis, keys_on(redis, number), 1).publish_tickers(tickers)


async def test_signals_across_exchanges_are_shown_and_told_anew_when_they_change(
    stage: Stage, address: str, redis: Redis
) -> None:
    for number in (1, 2):
        await a_market(redis, keys_on(redis, number), ["BTC-USD"], until=NOW())
    await prices(redis, 100.0, 100.0)
    async with watching(stage), a_client(address) as client:
        await client.say(token=await stage.token(Role.SUBSCRIBER_BASIC), subscribe=["cross"])
        snapshot = await client.kind("snapshot", "cross")
        await prices(redis, 100.0, 110.0)
        change = await client.until(lambda m: m["kind"] == "change" and m["topic"] == "cross" and m["data"]["spreads"])

    assert snapshot["data"]["spreads"] == []
    (spread,) = change["data"]["spreads"]
    assert (spread["buy"]["exchangeName"], spread["sell"]["exchangeName"]) == ("coinbase", "binance")
    assert change["data"].keys() == snapshot["data"].keys()
    CrossSignals.model_validate(change["data"])


async def test_signals_that_are_the_same_but_for_the_time_have_the_same_substance() -> None:
    signals = CrossSignals(time=1, least_net_percent=0.1, slippage=0.0, rates={}, spreads=[], leads=[])

    assert substance_of(signals) == substance_of(signals.model_copy(update={"time": 2}))


async def test_whoever_follows_commands_hears_how_far_they_are(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=["commands:coinbase"])
        snapshot = await client.kind("snapshot")
        await append_step(redis, keys, StepTaken("one", Step.HEARD, NOW(), "i", 1, Order("force-backfill")))
        heard = await client.kind("change")
        await answer(redis, keys, Progress("one", NOW(), 3, 10, "3 of 10 series"))
        progress = await client.kind("change")
        await append_step(redis, keys, StepTaken("one", Step.DONE, NOW(), "i", 1))
        done = await client.kind("change")

    assert [m["data"]["step"] for m in (heard, progress, done)] == ["heard", "progress", "done"]
    assert progress["data"]["data"] == {"done": 3, "total": 10, "text": "3 of 10 series"}
    assert progress["data"].keys() == heard["data"].keys()
    assert progress["cursor"] is None
    assert snapshot["cursor"] != heard["cursor"] != done["cursor"]


async def test_progress_is_told_to_nobody_else(stage: Stage, address: str, redis: Redis, keys: Keys) -> None:
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=["commands:binance", "activity"])
        await client.kind("snapshot", "commands:binance")
        await client.kind("snapshot", "activity")
        await answer(redis, keys, Progress("one", NOW(), 3, 10, "3 of 10 series"))
        async with asyncio.timeout(20):
            while stage.window.hub.progress_of("one") is None:
                await asyncio.sleep(0.01)
        await client.say(subscribe=["network"])
        await client.kind("snapshot", "network")

    assert [m["kind"] for m in client.heard] == ["snapshot"] * 3
