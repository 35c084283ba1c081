"""Commits reach Redis whole, once, in order, and only from the one who holds the claim."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit, an_alert, commits
from livermore.cache.codec.alert import decode_alert
from livermore.cache.codec.candle import encode_candle
from livermore.cache.commit import CANDLES_KEPT, CommitCalls
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.cache.scripts import run_calls, script_named
from livermore.cache.store import MarketStore
from livermore.core.alerts.alert import AlertStatus
from livermore.core.market.candle import Candle
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import Commit, PublishTicker
from livermore.errors import ClaimLost, CorruptRecord, StoreFellBack

EPOCH = 7
COMMIT = script_named("commit")
PAUSE_MILLIS = 300
ON_REDIS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
async def store(redis: Redis, keys: Keys) -> MarketStore:
    await redis.set(keys.epoch, EPOCH)
    return MarketStore(redis, keys, EPOCH)


async def contents(redis: Redis) -> dict[bytes, Any]:
    """All that is stored; of streams without the entry numbers, which Redis gives."""
    found: dict[bytes, Any] = {}
    async for key in redis.scan_iter():
        match await redis.type(key):
            case b"string":
                found[key] = await redis.get(key)
            case b"zset":
                found[key] = await redis.zrange(key, 0, -1, withscores=True)
            case b"hash" if key != Keys(1).latest_commit.encode():
                found[key] = await redis.hgetall(key)  # type: ignore[misc]
            case b"stream":
                found[key] = [fields for _, fields in await redis.xrange(key)]
    return found


async def statuses_in_stream(redis: Redis, keys: Keys) -> list[str]:
    return [fields[b"status"].decode() for _, fields in await redis.xrange(keys.alerts)]


@asynccontextmanager
async def listening(redis: Redis) -> AsyncIterator[list[tuple[str, bytes]]]:
    """All that is published meanwhile; complete once the block has ended."""
    heard: list[tuple[str, bytes]] = []
    async with redis.pubsub() as subscription:
        await subscription.psubscribe("*")
        await subscription.get_message(timeout=5)
        yield heard
        await redis.publish("the end", b"")
        async with asyncio.timeout(5):
            async for message in subscription.listen():
                if message["channel"] == b"the end":
                    break
                heard.append((message["channel"].decode(), message["data"]))


async def members(redis: Redis, keys: Keys, timeframe: Timeframe = Timeframe.M5) -> list[bytes]:
    found: list[bytes] = await redis.zrange(keys.candles(SYMBOL, timeframe), 0, -1)
    return found


# ------------------------------------------------------------------------------------------------ whole and once


def with_alerts(sequence: Sequence[Commit], chance: random.Random) -> list[Commit]:
    """The same commits, each with an alert that may be one of another's again."""
    alerts = [replace(an_alert(a_candle(index)), id=str(chance.randint(0, 3))) for index in range(len(sequence))]
    return [replace(commit, alerts=(alert,)) for commit, alert in zip(sequence, alerts, strict=True)]


async def cleared(redis: Redis, keys: Keys) -> None:
    await redis.flushall()
    await redis.set(keys.epoch, EPOCH)


@ON_REDIS
@given(sequence=st.lists(commits(), min_size=1, max_size=5), seed=st.integers(0, 2**32))
async def test_batches_written_again_by_another_writer_change_nothing(
    redis: Redis, keys: Keys, sequence: list[Commit], seed: int
) -> None:
    chance = random.Random(seed)
    sequence = with_alerts(sequence, chance)
    await cleared(redis, keys)
    await MarketStore(redis, keys, EPOCH).commit(sequence, NOON)
    once = await contents(redis)
    await cleared(redis, keys)
    start = 0
    while start < len(sequence):
        end = chance.randint(start + 1, len(sequence))
        for _ in range(chance.randint(0, 2)):
            await MarketStore(redis, keys, EPOCH).commit(sequence[start : chance.randint(start, end)], NOON)
        await MarketStore(redis, keys, EPOCH).commit(sequence[start:end], NOON)
        start = end

    assert await contents(redis) == once


@ON_REDIS
@given(sequence=st.lists(commits(), min_size=2, max_size=6), seed=st.integers(0, 2**32))
async def test_calls_that_arrive_again_late_and_in_any_order_change_nothing(
    redis: Redis, keys: Keys, sequence: list[Commit], seed: int
) -> None:
    chance = random.Random(seed)
    maker = CommitCalls(keys, EPOCH)
    sequence = with_alerts(sequence, chance)
    calls = [maker.call(commit, NOON, "writer", number) for number, commit in enumerate(sequence, 1)]
    await cleared(redis, keys)
    await run_calls(redis, COMMIT, calls)
    once = await contents(redis)
    await cleared(redis, keys)
    for number, call in enumerate(calls):
        await run_calls(redis, COMMIT, [call])
        await run_calls(redis, COMMIT, chance.choices(calls[: number + 1], k=3))

    async with listening(redis) as heard:
        await run_calls(redis, COMMIT, chance.choices(calls, k=5))

    assert heard == []
    assert await contents(redis) == once


async def test_what_follows_a_commit_that_failed_is_not_written(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.epoch, EPOCH)
    maker = CommitCalls(keys, EPOCH)
    before = await contents(redis)

    with pytest.raises(StoreFellBack, match="OUTOFORDER"):
        await run_calls(redis, COMMIT, [maker.call(a_commit([a_candle(1)]), NOON, "writer", 2)])

    assert await contents(redis) == before


async def test_a_store_that_came_back_older_than_what_was_written_takes_no_more(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    await store.commit([a_commit([a_candle(0)])], NOON)
    older = await redis.dump(keys.latest_commit)
    await store.commit([a_commit([a_candle(1)])], NOON)
    await redis.restore(keys.latest_commit, 0, older, replace=True)
    before = await contents(redis)

    with pytest.raises(StoreFellBack, match="comes after 1"):
        await store.commit([a_commit([a_candle(2)])], NOON)

    assert await contents(redis) == before


async def test_a_store_that_came_back_older_than_what_was_read_takes_nothing(redis: Redis, keys: Keys) -> None:
    """What follows from the candles that were read does not follow from those that there are."""
    await redis.set(keys.epoch, EPOCH)
    first = MarketStore(redis, keys, EPOCH)
    await first.commit([a_commit([a_candle(0)])], NOON)
    older = await redis.dump(keys.latest_commit)
    await first.commit([a_commit([a_candle(1)])], NOON)
    second = MarketStore(redis, keys, EPOCH)
    assert (await second.restoration([SYMBOL], 1_000)).series
    await redis.restore(keys.latest_commit, 0, older, replace=True)
    before = await contents(redis)

    with pytest.raises(StoreFellBack, match="not the one that was read"):
        await second.commit([a_commit([a_candle(2)])], NOON)

    assert await contents(redis) == before
    third = MarketStore(redis, keys, EPOCH)
    await third.restoration([SYMBOL], 1_000)
    await third.commit([a_commit([a_candle(1)]), a_commit([a_candle(2)])], NOON)
    assert len(await members(redis, keys)) == 3


async def test_commits_given_again_after_silence_are_written_once_and_published_once(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    burst = [a_commit([a_candle(index)], [an_alert(a_candle(index))]) for index in range(20)]
    await store.commit(burst[:5], NOON)
    async with listening(redis) as heard:
        await redis.client_pause(PAUSE_MILLIS, all=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(store.commit(burst[5:15], NOON), 0.1)

        await store.commit(burst[5:], NOON)
        await store.commit([a_commit([a_candle(20)])], NOON)

    closes = [name for name, _ in heard if name == keys.close_channel(SYMBOL, Timeframe.M5)]
    assert len(closes) == 16
    assert await redis.xlen(keys.alerts) == 20
    assert await redis.hget(keys.latest_commit, "number") == b"21"  # type: ignore[misc]


async def test_after_a_failure_other_commits_are_written_too(redis: Redis, keys: Keys, store: MarketStore) -> None:
    await redis.client_pause(PAUSE_MILLIS, all=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.commit([a_commit([a_candle(0)]), a_commit([a_candle(1)])], NOON), 0.1)

    await store.commit([a_commit([a_candle(0)])], NOON)
    await store.commit([a_commit([a_candle(1)]), a_commit([a_candle(2)])], NOON)

    assert len(await members(redis, keys)) == 3


@ON_REDIS
@given(commit=commits())
async def test_what_is_committed_is_restored_bit_for_bit(redis: Redis, keys: Keys, commit: Commit) -> None:
    await cleared(redis, keys)
    store = MarketStore(redis, keys, EPOCH)
    await store.commit([commit], NOON)

    restored = await store.restoration([commit.symbol], 1_000)

    assert not restored.refused
    assert {series.timeframe: repr((series.candles, series.snapshot)) for series in restored.series} == {
        series.timeframe: repr((series.candles, series.snapshot)) for series in commit.series
    }


async def test_many_commits_are_written_in_their_order(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index, close=100.0 + index) for index in range(700)]

    await store.commit([a_commit([candle]) for candle in series], NOON)

    assert await members(redis, keys) == [encode_candle(candle) for candle in series]
    (restored,) = (await store.restoration([SYMBOL], 1_000)).series
    assert restored.candles == tuple(series)


async def test_no_commits_are_no_trouble(store: MarketStore) -> None:
    await store.commit([], NOON)
    await store.publish_tickers([])
    await store.forget([])


async def test_a_server_that_has_forgotten_the_script_is_told_again(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    await store.commit([a_commit([a_candle(0)])], NOON)
    await redis.script_flush()

    await store.commit([a_commit([a_candle(1)]), a_commit([a_candle(2)])], NOON)

    assert len(await members(redis, keys)) == 3


# ------------------------------------------------------------------------------------------------ fencing


@pytest.mark.parametrize("epoch", [None, b"8", b"6"])
async def test_an_epoch_that_is_over_writes_and_publishes_nothing_at_all(
    redis: Redis, keys: Keys, store: MarketStore, epoch: bytes | None
) -> None:
    await store.commit([a_commit([a_candle(0)])], NOON)
    if epoch is None:
        await redis.delete(keys.epoch)
    else:
        await redis.set(keys.epoch, epoch)
    before = await contents(redis)

    async with listening(redis) as heard:
        with pytest.raises(ClaimLost):
            await store.commit([a_commit([a_candle(1)], [an_alert(a_candle(1))])], NOON)
        with pytest.raises(ClaimLost):
            await store.publish_tickers([PublishTicker(Ticker(SYMBOL, NOON, 1.0))])
        with pytest.raises(ClaimLost):
            await store.forget([SYMBOL])

    assert heard == []
    assert await contents(redis) == before


async def test_a_claim_in_the_middle_of_a_burst_splits_it_cleanly(
    server: RedisSettings, redis: Redis, keys: Keys, store: MarketStore
) -> None:
    async def usurp() -> None:
        async with open_redis(server) as other:
            await asyncio.wait_for(_until_written(other, keys), 10)
            await other.incr(keys.epoch)

    async def go_on() -> None:
        for start in itertools.count(0, 300):
            burst = [a_commit([a_candle(at)], [an_alert(a_candle(at))]) for at in range(start, start + 300)]
            await store.commit(burst, NOON)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(usurp(), name="usurper")
        with pytest.raises(ClaimLost):
            await go_on()

    written = await members(redis, keys)
    (restored,) = (await store.restoration([SYMBOL], 1_000)).series
    count = await redis.xlen(keys.alerts)
    assert written == [encode_candle(a_candle(at)) for at in range(max(0, count - 1_000), count)]
    assert restored.snapshot.last_opened_at == a_candle(count - 1).opened_at


async def _committing_for_ever(store: MarketStore, burst: Sequence[Commit]) -> None:
    while True:
        await store.commit(burst, NOON)


async def _until_written(redis: Redis, keys: Keys) -> None:
    while not await redis.exists(keys.alerts):
        pass


async def test_a_key_of_another_type_is_a_corrupt_record(redis: Redis, keys: Keys, store: MarketStore) -> None:
    await redis.set(keys.candles(SYMBOL, Timeframe.M5), b"x")

    with pytest.raises(CorruptRecord):
        await store.commit([a_commit([a_candle(0)])], NOON)


async def test_a_commit_is_cancelled_whenever_it_is_asked_and_the_next_one_works(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    burst = [a_commit([a_candle(index)]) for index in range(300)]
    for milliseconds in range(40):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_committing_for_ever(store, burst), milliseconds / 1_000)

        await store.commit(burst, NOON)

    assert len(await members(redis, keys)) == 300


# ------------------------------------------------------------------------------------------------ candles


async def test_only_the_newest_thousand_candles_are_kept(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(CANDLES_KEPT + 300)]

    await store.commit([a_commit(series[:600]), a_commit(series[600:1_250]), a_commit(series[1_250:])], NOON)

    assert await members(redis, keys) == [encode_candle(candle) for candle in series[-CANDLES_KEPT:]]


async def test_of_a_longer_history_the_newest_thousand_are_kept(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(CANDLES_KEPT + 300)]

    await store.commit([a_commit(series)], NOON)

    assert await members(redis, keys) == [encode_candle(candle) for candle in series[-CANDLES_KEPT:]]


async def test_a_revision_takes_the_place_of_the_candle(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(3)]
    revised = a_candle(1, close=100.5, revision=1, is_confirmed=True)
    await store.commit([a_commit(series)], NOON)

    await store.commit([a_commit([revised, series[2]])], NOON)

    assert await members(redis, keys) == [encode_candle(candle) for candle in (series[0], revised, series[2])]


async def test_what_lies_between_two_corrected_candles_stays(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(10)]
    first, last = a_candle(2, close=100.5, revision=1), a_candle(9, close=100.5, revision=1)
    await store.commit([a_commit(series)], NOON)

    await store.commit([a_commit([first, last])], NOON)

    expected = [*series[:2], first, *series[3:9], last]
    assert await members(redis, keys) == [encode_candle(candle) for candle in expected]


# ------------------------------------------------------------------------------------------------ channels


def on(channel: str, heard: Sequence[tuple[str, bytes]]) -> list[bytes]:
    return [text for name, text in heard if name == channel]


async def test_a_new_candle_its_reading_and_its_alert_are_published(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    candle = a_candle(60)
    async with listening(redis) as heard:
        await store.commit([a_commit([candle], [an_alert(candle)])], NOON)

    stored = await redis.get(keys.indicator(SYMBOL, Timeframe.M5))
    (point,) = on(keys.indicator_channel(SYMBOL, Timeframe.M5), heard)
    assert on(keys.close_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(candle)]
    assert stored.startswith(point[:-1] + b',"state":{')
    assert [decode_alert(text, "k").id for text in on(keys.alerts_channel, heard)] == [an_alert(candle).id]


async def test_of_a_history_only_the_newest_candle_is_published(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(50)]
    async with listening(redis) as heard:
        await store.commit([a_commit(series)], NOON)

    assert on(keys.close_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(series[-1])]


@pytest.mark.parametrize("again", [a_candle(5), a_candle(5, is_confirmed=True), a_candle(5, close=100.5, revision=1)])
async def test_a_candle_closes_once_whatever_is_learned_of_it_later(
    redis: Redis, keys: Keys, store: MarketStore, again: Candle
) -> None:
    await store.commit([a_commit([a_candle(5)])], NOON)
    async with listening(redis) as heard:
        await store.commit([a_commit([again])], NOON)

    assert on(keys.close_channel(SYMBOL, Timeframe.M5), heard) == []
    assert on(keys.revision_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(again)]
    assert len(on(keys.indicator_channel(SYMBOL, Timeframe.M5), heard)) == 1


async def test_what_was_known_and_what_is_new_are_told_apart_in_one_commit(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    await store.commit([a_commit([a_candle(number) for number in range(5)])], NOON)
    again = [a_candle(1, close=100.5, revision=1), a_candle(3, is_confirmed=True), a_candle(4, is_confirmed=True)]
    async with listening(redis) as heard:
        await store.commit([a_commit([*again, a_candle(5)])], NOON)

    assert on(keys.close_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(a_candle(5))]
    assert on(keys.revision_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(one) for one in again]


@pytest.mark.parametrize("broken", ["alerts", "alert_ids"])
async def test_what_a_key_of_another_kind_held_up_is_written_when_it_is_gone(
    redis: Redis, keys: Keys, store: MarketStore, broken: str
) -> None:
    await redis.set(getattr(keys, broken), "nonsense")
    commit = a_commit([a_candle(60)], [an_alert(a_candle(60))])
    with pytest.raises(CorruptRecord):
        await store.commit([commit], NOON)
    await redis.delete(getattr(keys, broken))

    await store.commit([commit], NOON)

    assert await redis.xlen(keys.alerts) == 1
    assert len(await members(redis, keys)) == 1


@pytest.mark.parametrize("known", [0, 2])
async def test_what_an_absence_left_out_closes_in_order_when_it_is_made_up_for(
    redis: Redis, keys: Keys, store: MarketStore, known: int
) -> None:
    await store.commit([a_commit([a_candle(number) for number in range(5)])], NOON)
    again = [a_candle(number, is_confirmed=True) for number in range(5 - known, 5)]
    made_up = [a_candle(number, is_confirmed=True) for number in range(5, 9)]
    async with listening(redis) as heard:
        await store.commit([a_commit([*again, *made_up])], NOON)

    assert on(keys.close_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(one) for one in made_up]
    assert on(keys.revision_channel(SYMBOL, Timeframe.M5), heard) == [encode_candle(one) for one in again]
    assert len(await members(redis, keys)) == 9


async def test_a_series_that_is_fetched_anew_is_no_revision(redis: Redis, keys: Keys, store: MarketStore) -> None:
    series = [a_candle(index) for index in range(50)]
    await store.commit([a_commit(series)], NOON)
    async with listening(redis) as heard:
        await store.commit([a_commit(series)], NOON)

    assert on(keys.revision_channel(SYMBOL, Timeframe.M5), heard) == []


async def test_tickers_are_shown_and_live_a_minute(redis: Redis, keys: Keys, store: MarketStore) -> None:
    prices = [PublishTicker(Ticker(f"S{index}-USD", NOON, float(index + 1))) for index in range(1_200)]
    async with listening(redis) as heard:
        await store.publish_tickers(prices)

    assert len(heard) == 1_200
    assert await redis.get(keys.ticker("S7-USD")) == on(keys.ticker_channel("S7-USD"), heard)[0]
    assert 0 < await redis.pttl(keys.ticker("S1199-USD")) <= 60_000


async def test_a_forgotten_symbol_leaves_nothing_but_its_alerts(redis: Redis, keys: Keys, store: MarketStore) -> None:
    await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0))])], NOON)
    await store.publish_tickers([PublishTicker(Ticker(SYMBOL, NOON, 1.0))])

    await store.forget([SYMBOL, *(f"S{index}-USD" for index in range(200))])

    assert set(await contents(redis)) == {keys.epoch.encode(), keys.alerts.encode(), keys.alert_ids.encode()}


# ------------------------------------------------------------------------------------------------ alerts


async def test_an_alert_is_stamped_with_the_instant_of_its_commit(redis: Redis, keys: Keys, store: MarketStore) -> None:
    await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0))])], NOON + 3)

    ((_, fields),) = await redis.xrange(keys.alerts)
    alert = decode_alert(fields[b"alert"], "k")
    assert alert == an_alert(a_candle(0)).stamped(committed=NOON + 3)
    assert (fields[b"id"].decode(), fields[b"status"], fields[b"epoch"]) == (alert.id, b"fired", b"7")


@pytest.mark.parametrize("status", [AlertStatus.FIRED, AlertStatus.LATE])
async def test_an_alert_raised_again_by_another_instance_is_not_appended(
    redis: Redis, keys: Keys, store: MarketStore, status: AlertStatus
) -> None:
    await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0))])], NOON)
    await redis.set(keys.epoch, 8)
    taken_over = MarketStore(redis, keys, 8)
    async with listening(redis) as heard:
        await taken_over.commit([a_commit([a_candle(0, is_confirmed=True)], [an_alert(a_candle(0), status=status)])], 1)

    assert await statuses_in_stream(redis, keys) == ["fired"]
    assert on(keys.alerts_channel, heard) == []


async def test_every_change_of_an_alert_is_appended_and_each_only_once(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    steps = [AlertStatus.FIRED, AlertStatus.AMENDED, AlertStatus.AMENDED, AlertStatus.RETRACTED, AlertStatus.FIRED]
    changes = [
        a_commit([a_candle(0, revision=revision)], [an_alert(a_candle(0), status=status)])
        for revision, status in enumerate(steps)
    ]
    for end in range(1, len(changes) + 1):
        await store.commit(changes[:end], NOON)
        await store.commit(changes[:end], NOON + end)

    assert await statuses_in_stream(redis, keys) == [status.value for status in steps]


async def test_two_labels_of_one_candle_are_two_alerts(redis: Redis, keys: Keys, store: MarketStore) -> None:
    candle = a_candle(0)

    await store.commit([a_commit([candle], [an_alert(candle), an_alert(candle, "reversal_overbought")])], NOON)

    assert await redis.xlen(keys.alerts) == 2


async def test_alerts_older_than_ninety_days_are_dropped(redis: Redis, keys: Keys, store: MarketStore) -> None:
    # Approximate trimming drops whole nodes of the stream, which hold 100 entries.
    for index in range(250):
        await redis.xadd(keys.alerts, {"alert": "{}"}, id=f"{1_000 + index}-1")
    await redis.zadd(keys.alert_ids, {"an old alert": a_candle(0).closes_at - 91 * 86_400_000})

    await store.commit([a_commit([a_candle(0)], [an_alert(a_candle(0))])], NOON)

    assert await redis.xlen(keys.alerts) <= 51
    assert await redis.zscore(keys.alert_ids, "an old alert") is None
    assert await redis.zscore(keys.alert_ids, an_alert(a_candle(0)).id) is not None


# ------------------------------------------------------------------------------------------------ restoring


async def test_nothing_stored_is_nothing_restored_and_nothing_refused(store: MarketStore) -> None:
    restored = await store.restoration(["NO-ONE"], 100)

    assert restored.series == restored.refused == ()


async def test_a_window_holds_the_newest_candles(store: MarketStore) -> None:
    series = [a_candle(index) for index in range(50)]
    await store.commit([a_commit(series)], NOON)

    (restored,) = (await store.restoration([SYMBOL], 10)).series

    assert restored.candles == tuple(series[-10:])


async def test_many_symbols_are_restored_together(store: MarketStore) -> None:
    names = [f"S{index}-USD" for index in range(45)]
    await store.commit([a_commit([a_candle(0, symbol=name)], symbol=name) for name in names], NOON)

    assert [series.symbol for series in (await store.restoration(names, 5)).series] == names


KEYS = Keys(1)
CANDLES = KEYS.candles(SYMBOL, Timeframe.M5)
INDICATOR = KEYS.indicator(SYMBOL, Timeframe.M5)
OTHER = encode_candle(a_candle(4, symbol="ETH-USD"))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (("ZREMRANGEBYRANK", CANDLES, 2, 2), "hole"),
        (("ZREMRANGEBYRANK", CANDLES, -1, -1), "ends at"),
        (("DEL", CANDLES), "ends at None"),
        (("DEL", INDICATOR), "missing"),
        (("SET", INDICATOR, "{"), "not ours"),
        (("ZADD", CANDLES, a_candle(5).opened_at, "{"), "not ours"),
        (("ZADD", CANDLES, a_candle(5).opened_at, encode_candle(a_candle(6))), "another opening"),
        (("ZADD", CANDLES, a_candle(4).opened_at, OTHER), "another series"),
        (("ZADD", CANDLES, a_candle(4).opened_at, encode_candle(a_candle(4, revision=9))), "hole"),
    ],
)
async def test_a_damaged_series_is_left_out_with_the_reason(
    redis: Redis, store: MarketStore, damage: tuple[object, ...], reason: str
) -> None:
    other = a_candle(0, symbol="ETH-USD")
    await store.commit([a_commit([a_candle(index) for index in range(5)]), a_commit([other], symbol="ETH-USD")], NOON)
    await redis.execute_command(*damage)

    restored = await store.restoration([SYMBOL, "ETH-USD"], 100)

    assert [series.symbol for series in restored.series] == ["ETH-USD"]
    assert [(series.symbol, series.timeframe) for series in restored.refused] == [(SYMBOL, Timeframe.M5)]
    assert reason in restored.refused[0].reason


async def test_a_state_copied_from_another_series_is_refused(redis: Redis, store: MarketStore) -> None:
    await store.commit([a_commit([a_candle(0)])], NOON)
    await redis.copy(INDICATOR, KEYS.indicator("ETH-USD", Timeframe.M5))

    (refused,) = (await store.restoration([SYMBOL, "ETH-USD"], 9)).refused

    assert refused.symbol == "ETH-USD"
    assert "another series" in refused.reason


async def test_a_series_that_begins_anew_leaves_nothing_of_the_old_one(
    store: MarketStore, redis: Redis, keys: Keys
) -> None:
    await store.commit([a_commit([a_candle(at) for at in range(5)])], NOON)
    await store.commit([a_commit([a_candle(at) for at in range(50, 53)], started_at=a_candle(50).opened_at)], NOON)

    (restored,) = (await store.restoration([SYMBOL], 1_000)).series
    assert [candle.opened_at for candle in restored.candles] == [a_candle(at).opened_at for at in range(50, 53)]


async def test_a_store_of_an_older_version_shows_its_readings_again_once_it_is_resumed(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    """The hash of readings is younger than the keys beside it."""
    for symbol in (SYMBOL, "ETH-USD"):
        await store.commit([a_commit([a_candle(60)], symbol=symbol)], NOON)
    known = await redis.hgetall(keys.readings)  # type: ignore[misc]
    await redis.delete(keys.readings)
    await store.restoration([SYMBOL], 100)

    assert await redis.hgetall(keys.readings) == {b"BTC-USD:5m": known[b"BTC-USD:5m"]}  # type: ignore[misc]


async def test_what_is_shown_already_is_left_as_it_is_and_a_lost_claim_shows_nothing(
    redis: Redis, keys: Keys, store: MarketStore
) -> None:
    await store.commit([a_commit([a_candle(60)])], NOON)
    await redis.hset(keys.readings, f"{SYMBOL}:5m", "newer")  # type: ignore[misc]
    await store.restoration([SYMBOL], 100)
    assert await redis.hget(keys.readings, f"{SYMBOL}:5m") == b"newer"  # type: ignore[misc]

    await redis.delete(keys.readings)
    await redis.incr(keys.epoch)
    with pytest.raises(ClaimLost):
        await store.restoration([SYMBOL], 100)
    assert not await redis.exists(keys.readings)
