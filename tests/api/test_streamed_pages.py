"""Pages of alerts from the streams, for as long as the ledger cannot be read: every alert once, and an end."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from api.stage import Stage
from cache.examples import a_candle, an_alert
from livermore.api.models.alerts import AlertPage
from livermore.api.routes.alert_stream import streamed_page
from livermore.cache.codec.alert import encode_alert
from livermore.cache.connect import keys_on
from livermore.core.alerts.alert import Direction
from livermore.core.market.exchange import WATCHED
from livermore.database.alerts import AlertFilter

NOON = 1_769_428_800_000
MOST_PAGES = 60


async def said(redis: Redis, exchange_id: int, ats: Sequence[int]) -> list[str]:
    """Put an alert of that exchange at each place of its stream; answers with their ids."""
    exchange = next(one for one in WATCHED if one.id == exchange_id)
    ids: list[str] = []
    async with redis.pipeline(transaction=False) as pipeline:
        for number, at in enumerate(ats):
            alert = replace(an_alert(a_candle(number)), exchange=exchange, id=f"{exchange_id}-{number}")
            ids.append(alert.id)
            pipeline.xadd(keys_on(redis, exchange_id).alerts, {"alert": encode_alert(alert)}, id=f"{NOON + at}-0")
        await pipeline.execute()
    return ids


async def paged(stage: Stage, wanted: AlertFilter, limit: int) -> list[str]:
    """The ids on all pages."""
    found: list[str] = []
    cursor: str | None = ""
    for _ in range(MOST_PAGES):
        page = AlertPage.model_validate_json(await streamed_page(stage.window, wanted, cursor or None, limit))
        found += [alert.id for alert in page.items]
        if page.next is None:
            return found
        cursor = page.next[1:]
    raise AssertionError(f"no end after {MOST_PAGES} pages; the last cursor was {cursor}")


@pytest.mark.parametrize(
    "ats",
    [
        {1: range(600), 2: range(1_000, 1_600)},
        {1: range(0, 1_200, 2), 2: range(1, 1_200, 2)},
        {1: range(3), 2: range(100, 700), 3: range(50, 53)},
    ],
)
async def test_every_alert_of_every_stream_is_on_one_page(stage: Stage, redis: Redis, ats: dict[int, range]) -> None:
    """Also those of a stream of which nothing fits on the first pages, as the others are all newer."""
    ids = [await said(redis, exchange_id, list(places)) for exchange_id, places in ats.items()]
    found = await paged(stage, AlertFilter(), 50)

    assert sorted(found) == sorted(itertools.chain(*ids))


async def test_a_filter_that_little_meets_comes_to_an_end_and_finds_it(stage: Stage, redis: Redis) -> None:
    """Nothing in the newest 5,000 entries, and one far behind them."""
    rare = replace(an_alert(a_candle(0)), id="rare", direction=Direction.DOWN)
    await redis.xadd(keys_on(redis, 1).alerts, {"alert": encode_alert(rare)}, id=f"{NOON - 1}-0")
    await said(redis, 1, range(12_000))
    await said(redis, 2, range(20))

    assert await paged(stage, AlertFilter(direction=Direction.DOWN), 50) == ["rare"]
