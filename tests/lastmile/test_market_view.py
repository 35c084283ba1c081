"""What the live view of `livermore up` counts as watched."""

from redis.asyncio import Redis

from api.stage import a_market
from livermore.app.market_view import NEWS_END_AFTER, watched_still
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import DAY, MINUTE
from livermore.core.messages import PublishTicker

NOW = 20_000 * DAY


async def test_a_symbol_that_was_removed_is_not_shown_and_one_that_only_stands_still_is(
    redis: Redis, keys: Keys
) -> None:
    assert await watched_still(redis, keys) == ()
    await a_market(redis, keys, ["GONE-USD", "STILL-USD"], until=NOW - NEWS_END_AFTER - 5 * MINUTE)
    assert await watched_still(redis, keys) == ("GONE-USD", "STILL-USD")
    await a_market(redis, keys, ["LATE-USD"], until=NOW - NEWS_END_AFTER)
    await a_market(redis, keys, ["BTC-USD"], until=NOW)
    await MarketStore(redis, keys, 1).publish_tickers([PublishTicker(Ticker("STILL-USD", NOW, 1.0, 1.0))])

    assert await watched_still(redis, keys) == ("BTC-USD", "LATE-USD", "STILL-USD")
