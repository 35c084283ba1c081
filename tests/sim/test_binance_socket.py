"""Binance's WebSocket: requests, klines that close late and never when empty, pings, limits, in both editions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import aiohttp
import msgspec
import pytest

from livermore.core.market.timeframe import DAY, MINUTE, SECOND, Timeframe
from livermore.sim.binance.client import Client
from livermore.sim.binance.profile import BINANCE_COM, BINANCE_US
from livermore.sim.binance.streams import KlineStream
from livermore.sim.clock import SimClock
from livermore.sim.connection import Farewell, Ping
from livermore.sim.server import SimServer, market_of, serve
from livermore.sim.settings import SimSettings
from sim.conftest import PATIENCE_SECONDS, START, Frames, settings_of

FIVE = 5 * MINUTE


@pytest.fixture(params=["binance", "binance_us"])
async def frames(sim: SimServer, http: aiohttp.ClientSession, request: pytest.FixtureRequest) -> AsyncIterator[Frames]:
    async with http.ws_connect(sim.urls[request.param].websocket + "/ws") as socket:
        yield Frames(socket)


def of_kline(*, is_closed: bool | None = None, interval: str = "5m") -> Callable[[dict], bool]:
    def matches(frame: dict) -> bool:
        body = frame.get("data", frame)
        kline = body.get("k", {})
        return kline.get("i") == interval and is_closed in (None, kline.get("x"))

    return matches


def is_reply(frame: dict) -> bool:
    return "id" in frame


async def ask(frames: Frames, method: str, params: object = None, number: object = 1) -> dict[str, object]:
    body = {"method": method, "id": number} | ({} if params is None else {"params": params})
    await frames.send(body)
    return await frames.until(is_reply)


async def test_requests_are_answered_with_their_id(frames: Frames) -> None:
    answers = [
        await ask(frames, "SUBSCRIBE", ["btcusdt@kline_5m", "nope@kline_5m", "btcusdt@kline_9m"]),
        await ask(frames, "LIST_SUBSCRIPTIONS", number="two"),
        await ask(frames, "UNSUBSCRIBE", ["nope@kline_5m"], number=3),
        await ask(frames, "LIST_SUBSCRIPTIONS", number=None),
    ]

    assert answers == [
        {"result": None, "id": 1},
        {"result": ["btcusdt@kline_5m", "nope@kline_5m", "btcusdt@kline_9m"], "id": "two"},
        {"result": None, "id": 3},
        {"result": ["btcusdt@kline_5m", "btcusdt@kline_9m"], "id": None},
    ]


async def test_combined_is_a_property_that_changes_the_frames(frames: Frames) -> None:
    assert (await ask(frames, "GET_PROPERTY", ["combined"]))["result"] is False
    await ask(frames, "SUBSCRIBE", ["btcusdt@kline_5m"])
    raw = await frames.until(of_kline())
    assert (await ask(frames, "SET_PROPERTY", ["combined", True]))["result"] is None
    combined = await frames.until(of_kline())

    assert "stream" not in raw
    assert combined["stream"] == "btcusdt@kline_5m"
    assert set(combined) == {"stream", "data"}
    assert set(combined["data"]) == set(raw)


@pytest.mark.parametrize(
    ("text", "code", "number"),
    [
        ("{", 3, ...),
        ("[]", 2, ...),
        ('{"method":"DANCE","id":4}', 2, 4),
        ('{"id":5}', 2, 5),
        ('{"method":"SUBSCRIBE","params":[7],"id":6}', 2, 6),
        ('{"method":"SUBSCRIBE","params":[],"id":7}', 2, 7),
        ('{"method":"SUBSCRIBE","params":"x","id":8}', 2, 8),
        ('{"method":"SUBSCRIBE","params":["a"],"id":1.5}', 2, None),
        ('{"method":"GET_PROPERTY","params":["x"],"id":9}', 0, 9),
        ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":10}', 1, 10),
    ],
)
async def test_bad_requests_are_answered_with_a_code(frames: Frames, text: str, code: int, number: object) -> None:
    await frames.socket.send_str(text)
    error = await frames.next()

    assert error["code"] == code
    assert isinstance(error["msg"], str)
    assert error.get("id", ...) == number


async def test_streams_in_the_path_speak_at_once(sim: SimServer, http: aiohttp.ClientSession) -> None:
    base = sim.urls["binance"].websocket
    async with http.ws_connect(f"{base}/ws/btcusdt@kline_5m") as socket:
        raw = await Frames(socket).next()
    async with http.ws_connect(f"{base}/stream?streams=btcusdt@miniTicker/ethusdt@ticker") as socket:
        frames = Frames(socket)
        mini = await frames.until(lambda frame: frame["stream"] == "btcusdt@miniTicker")
        full = await frames.until(lambda frame: frame["stream"] == "ethusdt@ticker")

    assert raw["e"] == "kline"
    assert set(mini["data"]) == set("EsEcohlvq") | {"e"}
    assert mini["data"]["e"] == "24hrMiniTicker"
    assert full["data"]["e"] == "24hrTicker"
    assert {"p", "P", "w", "x", "c", "Q", "b", "B", "a", "A", "O", "C", "F", "L", "n"} <= set(full["data"])


async def test_the_array_holds_only_what_has_traded(sim: SimServer, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(sim.urls["binance"].websocket + "/ws/!miniTicker@arr") as socket:
        frames = Frames(socket)
        arrays = [await frames.next() for _ in range(20)]
    names = [{ticker["s"] for ticker in array} for array in arrays]
    thin = sim.markets["binance"].listed[9].product

    assert "BTCUSDT" in set.union(*names)
    assert sum(thin in some for some in names) < 5
    assert all(some for some in names)


async def test_every_traded_bucket_closes_once_as_rest_has_it_and_no_empty_one(http: aiohttp.ClientSession) -> None:
    """On both editions, over three buckets of every symbol, and every update is a beginning of the whole."""
    begun = START + FIVE
    async with serve(settings_of(speed=300.0)) as sim:
        for exchange in ("binance", "binance_us"):
            names = [listed.product for listed in sim.markets[exchange].listed if listed.is_trading]
            begun = max(begun, sim.clock.now() // FIVE * FIVE + FIVE)
            streams = "/".join(f"{name.lower()}@kline_5m" for name in names)
            async with http.ws_connect(f"{sim.urls[exchange].websocket}/stream?streams={streams}") as socket:
                frames = Frames(socket)
                await frames.until(lambda frame, end=begun + 3 * FIVE + 3 * SECOND: frame["data"]["E"] >= end)
            for name in names:
                await _compare(sim, http, exchange, name, frames, begun)


async def _compare(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, name: str, frames: Frames, begun: int
) -> None:
    told = [frame["data"] for frame in frames.seen if frame["data"]["s"] == name]
    closed = [event for event in told if event["k"]["x"] and begun <= event["k"]["t"] < begun + 3 * FIVE]
    query = f"symbol={name}&interval=5m&startTime={begun}&endTime={begun + 3 * FIVE - 1}"
    async with http.get(f"{sim.urls[exchange].rest}/api/v3/klines?{query}") as response:
        rows = msgspec.json.decode(await response.read())
    keys = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")

    assert len(rows) == 3
    assert [[event["k"][key] for key in keys] for event in closed] == [row for row in rows if row[8]]
    assert all(200 <= event["E"] - event["k"]["T"] - 1 <= 2000 for event in closed)
    assert all(event["k"]["L"] - event["k"]["f"] + 1 == event["k"]["n"] for event in told)
    for earlier, later in pairwise(told):
        assert (earlier["k"]["t"], earlier["k"]["n"]) <= (later["k"]["t"], later["k"]["n"])
        if earlier["k"]["t"] != later["k"]["t"]:
            assert earlier["k"]["x"]
            assert later["k"]["f"] > earlier["k"]["L"]


async def test_pings_come_and_their_pongs_keep_the_connection(sim: SimServer) -> None:
    """At 60 times the speed of the world a pong is due within two seconds, and there are three pings a second."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(sim.urls["binance"].websocket + "/ws", autoping=False) as socket,
    ):
        payloads = set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(payloads) < 8:
                message = await socket.receive()
                assert message.type is aiohttp.WSMsgType.PING
                payloads.add(bytes(message.data))
                await socket.pong(message.data)
            closing = await Frames(socket).closed()

    assert closing == 1008


async def test_a_pong_with_another_payload_does_not_count(sim: SimServer) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(sim.urls["binance"].websocket + "/ws", autoping=False) as socket,
    ):
        await socket.pong(b"hello")
        assert await Frames(socket).closed() == 1008


async def test_a_sixth_message_in_a_second_ends_the_connection(
    slow_sim: SimServer, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect(slow_sim.urls["binance"].websocket + "/ws") as socket:
        frames = Frames(socket)
        for number in range(40):
            await frames.send({"method": "LIST_SUBSCRIPTIONS", "id": number})
        assert await frames.closed() == 1008


async def test_1025_streams_are_too_many(sim: SimServer, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(sim.urls["binance"].websocket + "/ws") as socket:
        frames = Frames(socket)
        assert (await ask(frames, "SUBSCRIBE", [f"x{number}@kline_5m" for number in range(1024)]))["result"] is None
        await frames.send({"method": "SUBSCRIBE", "params": ["btcusdt@kline_5m"], "id": 2})
        assert await frames.closed() == 1008


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Nowhere:
    """Takes frames and drops them."""

    def send(self, channel: str, product: str, text: str) -> None:
        del channel, product, text

    def withholds(self, product: str) -> bool:
        return False

    def is_stalled(self) -> bool:
        return False


@pytest.mark.parametrize(("profile", "every"), [(BINANCE_COM, 20 * SECOND), (BINANCE_US, 3 * MINUTE)])
def test_a_day_of_pings_and_pongs_ends_after_24_hours(profile, every: int) -> None:
    ticks = Ticks()
    clock = SimClock(START, 1.0, ticks)
    client = Client(Nowhere(), clock, profile, is_combined=False)
    pings = []
    while not isinstance(verdict := client.overdue(client.due_at()), Farewell):
        assert isinstance(verdict, Ping)
        pings.append(client.due_at())
        client.ponged(verdict.payload)

    assert len(pings) == DAY // every - 1
    assert client.due_at() == START + DAY
    assert "24 hours" in verdict.reason


def test_a_kline_stream_never_goes_back_and_closes_every_traded_bucket() -> None:
    """Whatever steps it is moved in."""
    market = market_of(SimSettings(symbols=12), "binance", ())
    for listed in (market.listed[0], market.listed[11]):
        for timeframe in (Timeframe.M5, Timeframe.M15):
            stream = KlineStream(market, 7, listed, timeframe, START + MINUTE, 2 * SECOND)
            events, now = [], START + MINUTE
            for number in range(2_000):
                now += 500 + 3_700 * (number % 7)
                events += [stream.closing_event(one.opened_at, one.at) for one in stream.closings(now)]
                events += stream.updates(now)
            closed = [event["k"]["t"] for event in events if event["k"]["x"]]
            until = now - timeframe.millis - 2 * SECOND
            rows = market.rows(listed, timeframe, START, until, now)

            assert [at for at in closed if at <= until] == [row.opened_at for row in rows if row.trades]
            assert [e["E"] for e in events if not e["k"]["x"]] == sorted(e["E"] for e in events if not e["k"]["x"])
            assert events[-1]["k"]["n"] <= market.closed_row(listed, timeframe, events[-1]["k"]["t"]).trades


async def test_a_late_subscriber_still_gets_the_closing_frame(http: aiohttp.ClientSession) -> None:
    market = market_of(SimSettings(symbols=12), "binance", ())
    listed = market.listed[0]
    end = START + FIVE
    stream = KlineStream(market, 7, listed, Timeframe.M5, end + 150, 2 * SECOND)

    closings = stream.closings(end + 2 * SECOND)

    assert [closing.opened_at for closing in closings] == [START]
    assert KlineStream(market, 7, listed, Timeframe.M5, end + 2 * SECOND, 2 * SECOND).closings(end + MINUTE) == []
