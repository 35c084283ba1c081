"""Binance's REST answers have the real shapes, ranges, weights and error codes, in both editions."""

from itertools import pairwise
from pathlib import Path

import aiohttp
import msgspec
import pytest

from livermore.core.market.timeframe import DAY, HOUR, MINUTE, Timeframe
from livermore.sim.limits import IGNORED_BEFORE_BAN
from livermore.sim.server import SimServer, serve
from livermore.sim.tape import FIRST_BUCKET
from sim.conftest import START, settings_of

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "binance"
has_recordings = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded bodies (../shared/data/binance)")
FIVE = 5 * MINUTE


class Rest:
    """Requests to one simulated edition of Binance."""

    def __init__(self, sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
        self.base = sim.urls[exchange].rest + "/api/v3"
        self.http = http
        self.headers: dict[str, str] = {}

    async def get(self, path: str, status: int = 200) -> object:
        async with self.http.get(self.base + path) as response:
            assert response.status == status, await response.text()
            self.headers = dict(response.headers)
            return msgspec.json.decode(await response.read())

    async def klines(self, symbol: str, interval: str, **query: int) -> list[list[object]]:
        more = "".join(f"&{name}={value}" for name, value in query.items())
        return await self.get(f"/klines?symbol={symbol}&interval={interval}{more}")

    @property
    def used(self) -> int:
        return int(self.headers["X-MBX-USED-WEIGHT-1M"])


@pytest.fixture(params=["binance", "binance_us"])
def rest(sim: SimServer, http: aiohttp.ClientSession, request: pytest.FixtureRequest) -> Rest:
    return Rest(sim, http, request.param)


@pytest.fixture
def com(sim: SimServer, http: aiohttp.ClientSession) -> Rest:
    return Rest(sim, http, "binance")


async def test_ping_and_time(rest: Rest) -> None:
    assert await rest.get("/ping") == {}
    assert START <= (await rest.get("/time"))["serverTime"] < START + HOUR


async def test_exchange_info_lists_what_trades_and_what_does_not(rest: Rest) -> None:
    info = await rest.get("/exchangeInfo")
    statuses = [symbol["status"] for symbol in info["symbols"]]

    assert sorted(statuses) == ["BREAK"] + ["TRADING"] * 11
    assert [one["status"] for one in (await rest.get("/exchangeInfo?symbolStatus=BREAK"))["symbols"]] == ["BREAK"]
    assert len((await rest.get('/exchangeInfo?symbols=["BTCUSDT","XRPUSDT"]'))["symbols"]) == 2


@has_recordings
async def test_exchange_info_has_the_fields_of_a_real_one(com: Rest) -> None:
    real = msgspec.json.decode((RECORDED / "binance_btc_usdt_exchange_info.json").read_bytes())
    ours = await com.get("/exchangeInfo?symbol=BTCUSDT")

    assert set(real) <= set(ours)
    assert set(real["symbols"][0]) <= set(ours["symbols"][0])
    assert {tuple(limit) for limit in real["rateLimits"]} == {tuple(limit) for limit in ours["rateLimits"]}


@has_recordings
async def test_klines_and_tickers_have_the_shape_of_real_ones(com: Rest) -> None:
    ticker = msgspec.json.decode("".join((RECORDED / "GetTicker.txt").read_text().splitlines()[3:]))
    kline = msgspec.json.decode("".join((RECORDED / "GetKlines.txt").read_text().splitlines()[3:]))[0]
    ours = (await com.klines("BTCUSDT", "1h", limit=1))[0]
    ours_ticker = await com.get("/ticker/24hr?symbol=BTCUSDT")

    assert [type(cell) for cell in ours] == [type(cell) for cell in kline]
    assert set(ours_ticker) == set(ticker)
    assert {name: type(value) for name, value in ours_ticker.items()} == {n: type(v) for n, v in ticker.items()}


@pytest.mark.parametrize("timeframe", list(Timeframe))
async def test_klines_ascend_and_end_with_the_forming_one(rest: Rest, timeframe: Timeframe) -> None:
    rows = await rest.klines("BTCUSDT", timeframe.value, limit=50)
    now = (await rest.get("/time"))["serverTime"]
    opens = [row[0] for row in rows]

    assert opens == [opens[0] + number * timeframe.millis for number in range(50)]
    assert opens[-1] in (timeframe.opening(now), timeframe.opening(now) - timeframe.millis)
    assert all(row[6] == row[0] + timeframe.millis - 1 for row in rows)
    assert all(len(row) == 12 and len(str(row[1]).partition(".")[2]) == 8 for row in rows)


async def test_start_end_and_limit_mean_what_they_mean(com: Rest) -> None:
    start = START - 3000 * FIVE
    spans = [
        await com.klines("BTCUSDT", "5m", startTime=start),
        await com.klines("BTCUSDT", "5m", startTime=start, limit=5000),
        await com.klines("BTCUSDT", "5m", startTime=start, endTime=start + 3 * FIVE),
        await com.klines("BTCUSDT", "5m", startTime=start + 1, endTime=start + 3 * FIVE - 1),
        await com.klines("BTCUSDT", "5m", endTime=START, limit=2),
        await com.klines("BTCUSDT", "5m", startTime=START + DAY),
        await com.klines("BTCUSDT", "5m", startTime=start // 1000, endTime=START // 1000),
        await com.klines("BTCUSDT", "1d", startTime=0, limit=1),
    ]

    assert [len(rows) for rows in spans] == [500, 1000, 4, 2, 2, 0, 0, 1]
    assert spans[0][0][0] == start
    assert spans[2][-1][0] == start + 3 * FIVE
    assert spans[4][-1][0] == START
    assert spans[7][0][0] == FIRST_BUCKET * FIVE


async def test_empty_buckets_are_flat_at_the_close_before(com: Rest, sim: SimServer) -> None:
    thin = sim.markets["binance"].listed[9].product
    rows = await com.klines(thin, "5m", endTime=START - 1, limit=1000)
    empty = [number for number, row in enumerate(rows) if row[8] == 0]

    assert len(rows) == 1000
    assert len(empty) > 600
    for number in empty:
        row = rows[number]
        assert row[1] == row[2] == row[3] == row[4]
        assert float(row[5]) == float(row[7]) == 0
        assert number == 0 or row[4] == rows[number - 1][4]


async def test_a_page_that_begins_empty_knows_the_close_before_it(com: Rest, sim: SimServer) -> None:
    thin = sim.markets["binance"].listed[9].product
    rows = await com.klines(thin, "5m", endTime=START - 1, limit=1000)
    number = next(number for number, row in enumerate(rows) if number and row[8] == 0)

    assert await com.klines(thin, "5m", startTime=rows[number][0], limit=1) == [rows[number]]


async def test_hours_are_the_fold_of_their_traded_5m_rows(com: Rest, sim: SimServer) -> None:
    thin = sim.markets["binance"].listed[9].product
    for hour in await com.klines(thin, "1h", endTime=START - 1, limit=30):
        parts = await com.klines(thin, "5m", startTime=hour[0], endTime=hour[6])
        traded = [part for part in parts if part[8]]
        assert len(parts) == 12
        assert hour[8] == sum(part[8] for part in parts)
        if traded:
            assert (hour[1], hour[4]) == (traded[0][1], traded[-1][4])
            assert float(hour[2]) == max(float(part[2]) for part in traded)


async def test_the_halted_symbol_has_no_present(com: Rest, sim: SimServer) -> None:
    assert await com.klines(sim.markets["binance"].listed[-1].product, "5m") == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/klines?symbol=NOPE&interval=5m", -1121),
        ("/klines?symbol=b%20c&interval=5m", -1100),
        ("/klines?symbol=BTCUSDT&interval=7m", -1120),
        ("/klines?symbol=BTCUSDT", -1102),
        ("/klines?interval=5m", -1102),
        ("/klines?symbol=BTCUSDT&interval=5m&limit=x", -1100),
        ("/klines?symbol=BTCUSDT&interval=5m&limit=0", -1130),
        ("/klines?symbol=BTCUSDT&interval=5m&startTime=-5", -1100),
        ("/exchangeInfo?symbol=BTCUSDT&symbols=[]", -1128),
        ('/exchangeInfo?symbols=["BTCUSDT","NOPE"]', -1121),
        ("/ticker/24hr?symbols=BTCUSDT", -1100),
        ("/ticker/price?symbol=NOPE", -1121),
    ],
)
async def test_errors_have_the_real_codes(rest: Rest, path: str, code: int) -> None:
    body = await rest.get(path, 400)

    assert set(body) == {"code", "msg"}
    assert body["code"] == code
    assert rest.used > 0


async def test_tickers_come_alone_in_part_and_all(com: Rest) -> None:
    one = await com.get("/ticker/24hr?symbol=BTCUSDT&type=MINI")
    some = await com.get('/ticker/24hr?symbols=["BTCUSDT","ETHUSDT"]')
    every = await com.get("/ticker/24hr")
    price = await com.get("/ticker/price?symbol=BTCUSDT")

    assert one["symbol"] == "BTCUSDT"
    assert [ticker["symbol"] for ticker in some] == ["BTCUSDT", "ETHUSDT"]
    assert len(every) == len(await com.get("/ticker/price")) == 11
    assert float(one["lowPrice"]) <= float(one["lastPrice"]) <= float(one["highPrice"])
    assert set(price) == {"symbol", "price"}
    assert float(price["price"]) == pytest.approx(float(one["lastPrice"]), rel=0.01)


@pytest.mark.parametrize(
    ("exchange", "weights"), [("binance", [1, 2, 20, 2, 80, 2, 4]), ("binance_us", [1, 1, 10, 1, 40, 1, 2])]
)
async def test_weights_are_those_of_the_edition(
    slow_sim: SimServer, http: aiohttp.ClientSession, exchange: str, weights: list[int]
) -> None:
    rest = Rest(slow_sim, http, exchange)
    paths = ["/ping", "/klines?symbol=BTCUSDT&interval=5m", "/exchangeInfo", "/ticker/24hr?symbol=BTCUSDT"]
    paths += ["/ticker/24hr", "/ticker/price?symbol=BTCUSDT", "/ticker/price"]
    used = [0]
    for path in paths:
        await rest.get(path)
        used.append(rest.used)

    assert [after - before for before, after in pairwise(used)] == weights


async def test_429_with_retry_after_then_418(http: aiohttp.ClientSession) -> None:
    """At speed 0.1 a minute is long enough to use it up."""
    async with serve(settings_of(speed=0.1, start=START // MINUTE * MINUTE)) as sim:
        rest = Rest(sim, http, "binance_us")
        for _ in range(30):
            await rest.get("/ticker/24hr")
        refused = await rest.get("/ping", 429)
        wait = int(rest.headers["Retry-After"])
        for _ in range(IGNORED_BEFORE_BAN - 1):
            await rest.get("/ping", 429)
        banned = await rest.get("/ping", 418)

    assert refused["code"] == banned["code"] == -1003
    assert 60 < wait <= 600
    assert "IP banned until" in banned["msg"]
    assert int(rest.headers["Retry-After"]) > wait
