"""Screens and followers see what was committed, all of it, and in order."""

import asyncio
from contextlib import aclosing

import pytest
from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit, a_status, an_alert
from livermore.cache.instances import claim
from livermore.cache.keys import Keys
from livermore.cache.readers import (
    StreamedAlert,
    Unreadable,
    follow_alerts,
    lately_watched,
    newest_alerts,
    newest_candles,
    newest_readings,
    statuses,
    tickers,
    watched_symbols,
)
from livermore.cache.store import MarketStore
from livermore.core.alerts.alert import Alert
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import DAY, Timeframe
from livermore.core.messages import PublishTicker
from livermore.errors import CorruptRecord

SERIES = (SYMBOL, Timeframe.M5)


@pytest.fixture
async def store(redis: Redis, keys: Keys) -> MarketStore:
    await redis.set(keys.epoch, 1)
    return MarketStore(redis, keys, 1)


def labels(alerts: tuple[StreamedAlert, ...] | list[StreamedAlert]) -> list[str]:
    return [streamed.alert.label for streamed in alerts if isinstance(streamed.alert, Alert)]


async def test_readings_are_there_for_the_series_that_have_one(redis: Redis, keys: Keys, store: MarketStore) -> None:
    seeded = a_commit([a_candle(60)])
    unseeded = a_commit([a_candle(3, symbol="NEW-USD")], symbol="NEW-USD", seeded=4)
    await store.commit([seeded, unseeded], NOON)

    found = await newest_readings(redis, keys, [SERIES, ("NEW-USD", Timeframe.M5), ("NO-USD", Timeframe.D1)])

    assert found == {SERIES: seeded.series[0].reading}


async def test_a_garbled_reading_does_not_hide_the_others(redis: Redis, keys: Keys, store: MarketStore) -> None:
    await store.commit([a_commit([a_candle(60)])], NOON)
    await redis.set(keys.indicator("BAD-USD", Timeframe.M5), b"?")

    found = await newest_readings(redis, keys, [("BAD-USD", Timeframe.M5), SERIES])

    assert isinstance(found["BAD-USD", Timeframe.M5], Unreadable)
    assert not isinstance(found[SERIES], Unreadable)


async def test_the_newest_candles_come_oldest_first(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(10)]
    await store.commit([a_commit(series)], NOON)

    assert await newest_candles(redis, keys, SERIES, 4) == tuple(series[-4:])
    assert await newest_candles(redis, keys, ("NO-USD", Timeframe.M5), 4) == ()


async def test_a_garbled_candle_is_named(redis: Redis, keys: Keys) -> None:
    await redis.zadd(keys.candles(*SERIES), {"?": 0})

    with pytest.raises(CorruptRecord, match=keys.candles(*SERIES)):
        await newest_candles(redis, keys, SERIES, 5)


async def test_prices_are_there_for_the_symbols_that_have_one(redis: Redis, keys: Keys, store: MarketStore) -> None:
    price = Ticker(SYMBOL, NOON, 1.5, bid=1.25)
    await store.publish_tickers([PublishTicker(price)])
    await redis.set(keys.ticker("BAD-USD"), b"?")

    found = await tickers(redis, keys, [SYMBOL, "NO-USD", "BAD-USD"])

    assert found[SYMBOL] == price
    assert isinstance(found["BAD-USD"], Unreadable)
    assert "NO-USD" not in found


async def test_each_exchange_has_the_status_of_its_instance(redis: Redis, keys: Keys) -> None:
    await claim(redis, keys, a_status())
    await redis.set(Keys(2).status, b"?")

    found = await statuses(redis, [keys, Keys(2), Keys(3)])

    assert found[1] == a_status(epoch=1)
    assert isinstance(found[2], Unreadable)
    assert set(found) == {1, 2}


async def test_alerts_are_paged_from_the_newest_to_the_oldest(redis: Redis, keys: Keys, store: MarketStore) -> None:
    for index in range(5):
        await store.commit([a_commit([a_candle(index)], [an_alert(a_candle(index), f"level_{index}")])], NOON)

    first = await newest_alerts(redis, keys, 2)
    second = await newest_alerts(redis, keys, 2, before=first[-1].cursor)
    third = await newest_alerts(redis, keys, 2, before=second[-1].cursor)

    assert [labels(page) for page in (first, second, third)] == [
        ["level_4", "level_3"],
        ["level_2", "level_1"],
        ["level_0"],
    ]


async def test_a_follower_gets_the_past_and_then_each_alert_as_it_is_committed(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    await redis.set(Keys(2).epoch, 1)
    other = MarketStore(redis, Keys(2), 1)
    await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0), "level_1")])], NOON)
    followed: list[StreamedAlert] = []
    has_past = asyncio.Event()

    async def follow() -> None:
        async with aclosing(follow_alerts(redis, [keys, Keys(2)], {})) as alerts:
            async for streamed in alerts:
                followed.append(streamed)
                has_past.set()
                if len(followed) == 3:
                    return

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow(), name="follower")
        await has_past.wait()
        await store.commit([a_commit([a_candle(1)], [an_alert(a_candle(1), "level_2")])], NOON)
        await other.commit([a_commit([a_candle(2)], [an_alert(a_candle(2), "level_3")])], NOON)

    assert labels(followed)[0] == "level_1"
    assert {(streamed.exchange_id, label) for streamed, label in zip(followed, labels(followed), strict=True)} == {
        (1, "level_1"),
        (1, "level_2"),
        (2, "level_3"),
    }


async def test_a_follower_goes_on_from_its_cursor_past_what_is_garbled(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0), "level_1")])], NOON)
    (seen,) = await newest_alerts(redis, keys, 1)
    await redis.xadd(keys.alerts, {"alert": "?"})
    await redis.xadd(keys.alerts, {"nothing": "at all"})
    await store.commit([a_commit([a_candle(1)], [an_alert(a_candle(1), "level_2")])], NOON)

    followed: list[StreamedAlert] = []
    async with asyncio.timeout(10), aclosing(follow_alerts(redis, [keys], {1: seen.cursor})) as alerts:
        async for streamed in alerts:
            followed.append(streamed)
            if len(followed) == 3:
                break

    assert [isinstance(streamed.alert, Unreadable) for streamed in followed] == [True, True, False]
    assert labels(followed) == ["level_2"]


@pytest.mark.parametrize("has_hash_tag", [False, True])
async def test_the_symbols_with_a_series_are_known(redis: Redis, has_hash_tag: bool) -> None:
    keys = Keys(1, has_hash_tag)
    await redis.set(keys.epoch, 1)
    store = MarketStore(redis, keys, 1)
    names = [f"S{index:03}-USD" for index in range(300)]
    await store.commit([a_commit([a_candle(0, symbol=name)], symbol=name) for name in reversed(names)], NOON)
    await redis.hset(Keys(2, has_hash_tag).readings, "OTHER-USD:5m", "x")  # type: ignore[misc]
    await redis.hset(keys.readings, "DAILY-USD:1d", "x")  # type: ignore[misc]

    assert await watched_symbols(redis, keys) == tuple(names)


async def test_a_symbol_that_ended_days_before_the_others_is_not_watched_any_more(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    """What people have removed keeps what it had, and is not to come back while their database is away."""
    day = DAY // Timeframe.M5.millis
    for name, index in (("REMOVED-USD", 0), ("HALTED-USD", day), (SYMBOL, 2 * day)):
        await store.commit([a_commit([a_candle(index, symbol=name)], symbol=name)], NOON)
    await store.commit([a_commit([a_candle(0, symbol="FRESH-USD")], symbol="FRESH-USD", seeded=3)], NOON)

    assert await lately_watched(redis, keys) == tuple(sorted(("FRESH-USD", "HALTED-USD", SYMBOL)))
