"""Whoever comes back by cursor has missed nothing: a busy hour on real sockets, left a hundred times at random."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from api.stage import NOW, Stage, a_stage, listening_stage
from cache.examples import a_candle, an_alert
from faults.harness import BOTH, Fire, a_fire, tell
from lastmile.flighty import LOGS, Follower, Way, a_way, flit, stay
from livermore.api.live.store_logs import entries_after
from livermore.api.live.topics import Kind
from livermore.cache.activity import append_activity
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.instance.activity import Actor, ErrorSeen
from livermore.core.instance.lifecycle import State
from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE, WATCHED
from livermore.core.market.timeframe import HOUR
from livermore.core.messages import Commit
from livermore.database.connect import Pool

DISCONNECTS = 100
ALERTS_PER_BURST = 25
MOST_FRAMES = 25
SPEED = 600.0
SYMBOLS = 6
FOLLOWED = 1
PATIENCE_SECONDS = 90
ACTOR = Actor(BINANCE_US.id, BINANCE_US.name, "one", 1, "box", None, None)


def burst(number: int) -> tuple[Alert, ...]:
    """Alerts of a third exchange, one of them amended at once."""
    found = []
    for step in range(ALERTS_PER_BURST):
        alert = an_alert(a_candle(number * ALERTS_PER_BURST + step))
        named = f"{number:08x}-0000-5000-8000-{step:012x}"
        found.append(replace(alert, exchange=BINANCE_US, id=named, value=150.5 + number))
    return (*found, replace(found[-1], status=AlertStatus.AMENDED, value=151.5 + number))


async def say_burst(redis: Redis, store: MarketStore, number: int) -> None:
    alerts = burst(number)
    await store.commit([Commit(alerts[0].symbol, (), alerts)], NOW())
    await append_activity(redis, ErrorSeen(NOW(), ACTOR, f"burst {number}", State.ACTIVE))


async def flit_a_hundred_times(fire: Fire, follower: Follower, way: Way, chance: random.Random) -> Counter[str]:
    """Spread over the hour; each time something is going on when the connection begins."""
    keys = Keys(BINANCE_US.id)
    await fire.redis.set(keys.epoch, 1)
    store = MarketStore(fire.redis, keys, 1)
    ends: Counter[str] = Counter()
    began = fire.now
    for number in range(DISCONNECTS):
        await fire.until(began + number * HOUR // DISCONNECTS)
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
            tasks.create_task(say_burst(fire.redis, store, number), name="burst")
            flitting = tasks.create_task(flit(follower, way, chance, MOST_FRAMES), name="flit")
        ends[flitting.result()] += 1
    return ends


async def truth(redis: Redis, topic: str) -> dict[str, list[dict[str, Any]]]:
    """What the streams themselves hold, by exchange, as the live stream tells it."""
    found = {}
    for exchange in WATCHED:
        entries = await entries_after(redis, Kind(topic), exchange, "0-0", 100_000)
        found[exchange.name] = [json.loads(entry.data) for entry in entries if entry.data is not None]
    return {name: entries for name, entries in found.items() if entries}


def by_exchange(follower: Follower, topic: str) -> dict[str, list[dict[str, Any]]]:
    """What was heard, by exchange: each has an order of its own."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in follower.events[topic]:
        found.setdefault(event["exchangeName"], []).append(event)
    return found


async def topics_of(fire: Fire) -> tuple[str, ...]:
    """The logs, the readings of two exchanges, and all timeframes of some symbols."""
    found = [*LOGS]
    for exchange in BOTH:
        found.append(f"readings:{exchange.name}")
        for symbol in await fire.most_traded(exchange, FOLLOWED):
            found += [f"candles:{exchange.name}:{symbol}:{timeframe}" for timeframe in ("5m", "15m")]
    return tuple(found)


Held = dict[str, dict[str, list[dict[str, Any]]]]


def lacks(follower: Follower, held: Held, shown: Follower) -> list[str]:
    """What it has not heard of all events since it began, or not as it stands in the end."""
    wrong = follower.unlike(shown)
    for topic in LOGS:
        heard = by_exchange(follower, topic)
        for name, events in held[topic].items():
            # The first snapshot holds the newest hundred only; from there on there must be every one.
            if heard.get(name, []) != events[len(events) - len(heard.get(name, [])) :]:
                wrong.append(f"{topic} of {name}: {len(heard.get(name, []))} of {len(events)}, and not the last ones")
    return wrong


async def whole(follower: Follower, held: Held, shown: Follower) -> None:
    """Return once it lacks nothing."""
    try:
        await follower.until(lambda: not lacks(follower, held, shown))
    except TimeoutError as exc:
        raise AssertionError("\n".join([*lacks(follower, held, shown)[:20], str(follower.dropped[-5:])])) from exc


async def shown_now(stage: Stage, port: int, topics: tuple[str, ...]) -> Follower:
    """What somebody is shown who comes when all is over."""
    wanted = tuple(topic for topic in topics if topic not in LOGS)
    late = Follower(await stage.token(), wanted)
    async with asyncio.TaskGroup() as tasks:
        staying = tasks.create_task(stay(late, port), name="late")
        await late.until(lambda: late.begun == set(wanted))
        staying.cancel()
    return late


@pytest.mark.timeout(240)
async def test_a_hundred_disconnects_in_a_busy_hour_cost_no_event(tmp_path: Path, pool: Pool) -> None:
    """Of alerts and activity each event once and in order; of candles and readings what stands in the end."""
    seed = random.SystemRandom().randrange(2**32)
    tell(f"seed {seed}")
    chance = random.Random(seed)
    async with (
        a_fire(tmp_path, symbols=SYMBOLS, speed=SPEED, seed=7) as fire,
        a_stage(fire.redis, pool, tmp_path) as stage,
        listening_stage(stage) as address,
        a_way(address) as way,
        asyncio.TaskGroup() as tasks,
    ):
        port = int(address.rpartition(":")[2])
        async with fire.watching(COINBASE), fire.watching(BINANCE):
            topics = await topics_of(fire)
            steady, flighty = [Follower(await stage.token(), topics) for _ in range(2)]
            staying = tasks.create_task(stay(steady, port), name="steady")
            await steady.until(lambda: steady.begun == set(topics))
            ends = await flit_a_hundred_times(fire, flighty, way, chance)
        shown = await shown_now(stage, port, topics)
        held = {topic: await truth(fire.redis, topic) for topic in LOGS}
        total = {topic: sum(len(events) for events in held[topic].values()) for topic in LOGS}
        returning = tasks.create_task(stay(flighty, port), name="flighty")
        await whole(flighty, held, shown)
        await whole(steady, held, shown)
        for task in (staying, returning):
            task.cancel()
        tell(f"{total}; {len(shown.candles)} candles, {len(shown.readings)} readings; {dict(ends)}")

    assert sum(ends.values()) == DISCONNECTS
    for topic, least in (("alerts", DISCONNECTS * (ALERTS_PER_BURST + 1)), ("activity", DISCONNECTS)):
        heard = [by_exchange(one, topic)[BINANCE_US.name] for one in (flighty, steady)]
        assert heard[0] == heard[1] == held[topic][BINANCE_US.name]
        assert len(held[topic][BINANCE_US.name]) == least
    assert [one for one in flighty.dropped if one["topic"] in LOGS] == []
    assert way.cuts > 0
