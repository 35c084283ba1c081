"""Coinbase's REST answers have the real shapes, order, limits and errors."""

import asyncio
import base64
import time
from pathlib import Path

import aiohttp
import msgspec
import pytest

from livermore.core.market.timeframe import DAY, HOUR, MINUTE, Timeframe
from livermore.sim.server import SimServer
from sim.conftest import START

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "coinbase"
GRANULARITIES = {
    "FIVE_MINUTE": Timeframe.M5,
    "FIFTEEN_MINUTE": Timeframe.M15,
    "ONE_HOUR": Timeframe.H1,
    "FOUR_HOUR": Timeframe.H4,
    "ONE_DAY": Timeframe.D1,
}
has_recordings = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded bodies (../shared/data/coinbase)")


class Rest:
    """Requests to the simulated Coinbase."""

    def __init__(self, sim: SimServer, http: aiohttp.ClientSession) -> None:
        self.base = sim.urls["coinbase"].rest + "/api/v3/brokerage"
        self.http = http

    async def get(self, path: str, status: int = 200, **headers: str) -> dict:
        async with self.http.get(self.base + path, headers=headers) as response:
            assert response.status == status, await response.text()
            assert response.content_type == "application/json"
            return msgspec.json.decode(await response.read())

    async def candles(self, product: str, granularity: str, start: int, end: int) -> list[dict[str, str]]:
        path = f"/market/products/{product}/candles?granularity={granularity}&start={start // 1000}&end={end // 1000}"
        return (await self.get(path))["candles"]


@pytest.fixture
def rest(sim: SimServer, http: aiohttp.ClientSession) -> Rest:
    return Rest(sim, http)


async def test_time_is_simulated_and_told_in_strings(rest: Rest) -> None:
    body = await rest.get("/time")

    assert set(body) == {"iso", "epochSeconds", "epochMillis"}
    assert int(body["epochSeconds"]) == int(body["epochMillis"]) // 1000
    assert START <= int(body["epochMillis"]) < START + HOUR


async def test_products_are_sorted_by_quote_volume_and_paged(rest: Rest) -> None:
    whole = await rest.get("/market/products")
    names = [one["product_id"] for one in whole["products"]]
    page = await rest.get("/market/products?limit=3&offset=2")
    volumes = [float(one["approximate_quote_24h_volume"]) for one in whole["products"] if one["status"] == "online"]

    assert whole["num_products"] == len(names) == 15
    assert volumes == sorted(volumes, reverse=True)
    assert len(page["products"]) == 3
    assert page["pagination"]["has_next"]
    assert page["pagination"]["has_prev"]


async def test_aliases_and_the_delisted_product_are_listed_as_such(rest: Rest) -> None:
    products = {one["product_id"]: one for one in (await rest.get("/market/products"))["products"]}
    gone = [one for one in products.values() if one["status"] != "online"]

    assert products["BTC-USD"]["alias_to"] == ["BTC-USDC"]
    assert products["BTC-USDC"]["alias"] == "BTC-USD"
    assert products["BTC-USDC"]["volume_24h"] == products["BTC-USD"]["volume_24h"]
    assert "USDT-USD" in products
    assert len(gone) == 1
    assert gone[0]["is_disabled"]
    assert gone[0]["trading_disabled"]


async def test_products_can_be_picked_and_futures_are_none(rest: Rest) -> None:
    picked = await rest.get("/market/products?product_ids=SOL-USD&product_ids=ETH-USD")

    assert {one["product_id"] for one in picked["products"]} == {"SOL-USD", "ETH-USD"}
    assert (await rest.get("/market/products?product_type=FUTURE"))["products"] == []


@has_recordings
async def test_a_product_has_the_fields_of_a_real_one(rest: Rest) -> None:
    real = msgspec.json.decode((RECORDED / "http_product.json").read_bytes())
    ours = await rest.get("/market/products/BTC-USD")

    assert set(ours) == set(real)
    assert {name: type(value) for name, value in ours.items()} == {name: type(value) for name, value in real.items()}


@has_recordings
async def test_candles_and_tickers_have_the_fields_of_real_ones(rest: Rest) -> None:
    candles = msgspec.json.decode((RECORDED / "http_candles.json").read_bytes())["candles"]
    ticker = msgspec.json.decode((RECORDED / "http_ticker.json").read_bytes())
    ours = await rest.get("/market/products/BTC-USD/ticker?limit=3")

    assert set((await rest.candles("BTC-USD", "ONE_HOUR", START - DAY, START))[0]) == set(candles[0])
    assert set(ours) == set(ticker)
    assert set(ours["trades"][0]) == set(ticker["trades"][0])
    assert len(ours["trades"]) == 3


@pytest.mark.parametrize("granularity", list(GRANULARITIES))
async def test_candles_come_newest_first_with_both_ends(rest: Rest, granularity: str) -> None:
    step = GRANULARITIES[granularity].millis
    end = START // step * step - step
    candles = await rest.candles("ETH-USD", granularity, end - 20 * step, end)

    assert [int(one["start"]) * 1000 for one in candles] == [end - back * step for back in range(21)]
    assert all(isinstance(value, str) for one in candles for value in one.values())


async def test_hours_are_the_fold_of_their_5m_candles(rest: Rest) -> None:
    hour = (await rest.candles("ETH-USD", "ONE_HOUR", START - HOUR, START - HOUR))[0]
    parts = (await rest.candles("ETH-USD", "FIVE_MINUTE", START - HOUR, START - 5 * MINUTE))[::-1]

    assert len(parts) == 12
    assert (hour["open"], hour["close"]) == (parts[0]["open"], parts[-1]["close"])
    assert float(hour["high"]) == max(float(part["high"]) for part in parts)
    assert float(hour["low"]) == min(float(part["low"]) for part in parts)
    assert float(hour["volume"]) == pytest.approx(sum(float(part["volume"]) for part in parts))


async def test_the_bucket_in_progress_is_there_and_the_future_is_not(rest: Rest) -> None:
    candles = await rest.candles("ETH-USD", "ONE_DAY", START - 3 * DAY, START + 9 * DAY)

    assert int(candles[0]["start"]) * 1000 == START // DAY * DAY
    assert await rest.candles("ETH-USD", "ONE_DAY", START + DAY, START + 2 * DAY) == []


async def test_buckets_without_trades_are_left_out(rest: Rest, sim: SimServer) -> None:
    thin = sim.markets["coinbase"].listed[9].product
    candles = await rest.candles(thin, "FIVE_MINUTE", START - 349 * 5 * MINUTE, START)

    assert 0 < len(candles) < 350 * 0.4
    assert all(float(one["volume"]) > 0 for one in candles)


async def test_an_alias_is_answered_as_the_product_it_stands_for(rest: Rest) -> None:
    spans = [await rest.candles(name, "ONE_HOUR", START - DAY, START - HOUR) for name in ("BTC-USD", "BTC-USDC")]

    assert spans[0] == spans[1]


async def test_350_candles_are_the_most(rest: Rest) -> None:
    step = 300
    start = START // 1000 - 400 * step
    path = f"/market/products/BTC-USD/candles?granularity=FIVE_MINUTE&start={start}&end="

    assert len((await rest.get(f"{path}{start + 349 * step}"))["candles"]) == 350
    refused = await rest.get(f"{path}{start + 350 * step}", 400)
    assert refused["error"] == "INVALID_ARGUMENT"
    assert "number of candles requested should be less than 350" in refused["message"]


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/market/products/NOPE-USD", 404, "NOT_FOUND"),
        ("/market/products/NOPE-USD/candles?granularity=ONE_HOUR&start=1&end=2", 404, "NOT_FOUND"),
        ("/market/products/BTC-USD/candles?granularity=ONE_YEAR&start=1&end=2", 400, "INVALID_ARGUMENT"),
        ("/market/products/BTC-USD/candles?granularity=ONE_HOUR&start=x&end=2", 400, "INVALID_ARGUMENT"),
        ("/market/products/BTC-USD/candles?granularity=ONE_HOUR&end=2", 400, "INVALID_ARGUMENT"),
        ("/market/products/BTC-USD/ticker", 400, "INVALID_ARGUMENT"),
        ("/market/products/BTC-USD/ticker?limit=1001", 500, "INTERNAL"),
    ],
)
async def test_errors_have_the_real_bodies(rest: Rest, path: str, status: int, error: str) -> None:
    body = await rest.get(path, status)

    assert set(body) == {"error", "error_details", "message"}
    assert body["error"] == error


def token(lifetime: int = 120, **claims: object) -> str:
    now = int(time.time())
    parts = (
        {"alg": "ES256", "kid": "organizations/x", "typ": "JWT", "nonce": "1"},
        {"sub": "organizations/x", "iss": "cdp", "nbf": now, "exp": now + lifetime, **claims},
    )
    coded = [
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*map(msgspec.json.encode, parts), b"sig")
    ]
    return ".".join(coded)


@pytest.mark.parametrize("bad", ["x", "a.b.c", "a.b.", token(-1), token(999), token(uri="GET h/other")])
async def test_a_bad_token_is_refused_in_plain_text(rest: Rest, bad: str) -> None:
    async with rest.http.get(f"{rest.base}/time", headers={"Authorization": f"Bearer {bad}"}) as response:
        assert (response.status, response.content_type) == (401, "text/plain")
        assert await response.text() == "Unauthorized\n"


async def test_a_good_token_is_welcome(rest: Rest) -> None:
    good = token(uri="GET api.coinbase.com/api/v3/brokerage/time")

    await rest.get("/time", Authorization=f"Bearer {good}")


async def test_more_than_ten_requests_in_a_second_are_refused(slow_sim: SimServer, http: aiohttp.ClientSession) -> None:
    """Sixty at once do not fit into one second's ten, nor into those of the few seconds a slow machine takes."""
    answers: list[tuple[int, bytes]] = []

    async def ask() -> None:
        async with http.get(slow_sim.urls["coinbase"].rest + "/api/v3/brokerage/time") as response:
            answers.append((response.status, await response.read()))

    async with asyncio.TaskGroup() as tasks:
        for number in range(60):
            tasks.create_task(ask(), name=f"ask-{number}")

    assert sum(status == 200 for status, _ in answers) >= 10
    refused = [msgspec.json.decode(body) for status, body in answers if status == 429]
    assert refused
    assert all(one == {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]} for one in refused)


async def test_sim_says_that_it_is_simulated(sim: SimServer, http: aiohttp.ClientSession) -> None:
    for name, urls in sim.urls.items():
        async with http.get(urls.rest + "/_sim") as response:
            body = msgspec.json.decode(await response.read())
        assert body["simulated"] is True
        assert (body["exchange"], body["speed"], body["seed"], len(body["symbols"])) == (name, 60.0, 7, 11)
        assert body["now"] >= START
