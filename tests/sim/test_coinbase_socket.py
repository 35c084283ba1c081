"""Coinbase's WebSocket: numbered envelopes, complete subscriptions, holey snapshots, updates, no word of a close."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import pytest

from livermore.core.market.timeframe import Timeframe
from livermore.sim.clock import SimClock
from livermore.sim.coinbase.client import IDLE_FOR, Client
from livermore.sim.coinbase.feed import SNAPSHOT_CANDLES, SNAPSHOT_SPAN
from livermore.sim.connection import Farewell
from livermore.sim.server import SimServer, serve
from sim.conftest import START, Frames, settings_of

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "coinbase"


@pytest.fixture
async def frames(sim: SimServer, http: aiohttp.ClientSession) -> AsyncIterator[Frames]:
    async with http.ws_connect(sim.urls["coinbase"].websocket) as socket:
        yield Frames(socket)


@pytest.fixture
async def hurried(http: aiohttp.ClientSession) -> AsyncIterator[tuple[SimServer, Frames]]:
    """A simulator in which a 5m bucket lasts a second, and a connection to it."""
    async with serve(settings_of(speed=300.0)) as sim, http.ws_connect(sim.urls["coinbase"].websocket) as socket:
        yield sim, Frames(socket)


def subscribe(channel: str, *products: str) -> dict[str, object]:
    return {"type": "subscribe", "channel": channel, **({"product_ids": list(products)} if products else {})}


def of_channel(name: str, kind: str | None = None) -> Callable[[dict], bool]:
    def matches(frame: dict) -> bool:
        return frame.get("channel") == name and kind in (None, frame["events"][0].get("type"))

    return matches


async def test_frames_are_numbered_from_0_over_all_channels(frames: Frames) -> None:
    await frames.send(subscribe("heartbeats"))
    await frames.send(subscribe("candles", "BTC-USD", "ETH-USD"))
    await frames.send(subscribe("ticker", "BTC-USD"))
    for _ in range(60):
        await frames.next()

    assert [frame["sequence_num"] for frame in frames.seen] == list(range(60))
    assert {"subscriptions", "heartbeats", "candles", "ticker"} <= {frame["channel"] for frame in frames.seen}
    stamps = [frame["timestamp"] for frame in frames.seen]
    assert stamps == sorted(stamps)
    assert all(len(stamp) == len("2024-10-04T07:04:40.812675707Z") for stamp in stamps)


async def test_subscriptions_tell_the_complete_set_and_ignore_the_unknown(frames: Frames, sim: SimServer) -> None:
    gone = sim.markets["coinbase"].listed[-1].product
    await frames.send(subscribe("heartbeats"))
    await frames.send(subscribe("candles", "BTC-USD", "NOPE-USD", gone))
    await frames.send(subscribe("candles", "ETH-USDC"))
    for _ in range(3):
        told = await frames.until(of_channel("subscriptions"))

    expected = {"heartbeats": ["heartbeats"], "candles": ["BTC-USD", "ETH-USD"]}
    assert told["events"] == [{"subscriptions": expected}]


async def test_a_subscription_of_nothing_known_is_answered_with_what_there_is(frames: Frames) -> None:
    await frames.send(subscribe("candles", "NOPE-USD"))

    assert (await frames.next())["events"] == [{"subscriptions": {}}]


async def test_unsubscribing_ends_the_updates(frames: Frames) -> None:
    await frames.send(subscribe("heartbeats"))
    await frames.send(subscribe("candles", "BTC-USD"))
    await frames.until(of_channel("candles", "update"))
    await frames.send({"type": "unsubscribe", "channel": "candles", "product_ids": ["BTC-USD"]})
    told = await frames.until(lambda f: of_channel("subscriptions")(f) and len(f["events"][0]["subscriptions"]) == 1)
    later = [await frames.next() for _ in range(20)]

    assert told["events"] == [{"subscriptions": {"heartbeats": ["heartbeats"]}}]
    assert {frame["channel"] for frame in later} == {"heartbeats"}


async def test_a_snapshot_has_holes_and_only_true_candles(frames: Frames, sim: SimServer) -> None:
    await frames.send(subscribe("candles", "BTC-USD"))
    snapshot = (await frames.until(of_channel("candles", "snapshot")))["events"][0]["candles"]
    starts = [int(candle["start"]) for candle in snapshot]
    market = sim.markets["coinbase"]
    rows = market.rows(market.by_product["BTC-USD"], Timeframe.M5, starts[-1] * 1000, starts[0] * 1000, 2 * START)
    opens = {row.opened_at // 1000: row.open / 100 for row in rows}

    assert len(starts) == SNAPSHOT_CANDLES
    assert starts == sorted(starts, reverse=True)
    assert len(starts) < (starts[0] - starts[-1]) // 300 + 1 <= SNAPSHOT_SPAN
    assert all(float(candle["open"]) == opens[int(candle["start"])] for candle in snapshot)


async def test_the_last_update_of_a_bucket_is_the_rest_candle(
    hurried: tuple[SimServer, Frames], http: aiohttp.ClientSession
) -> None:
    """Over four whole buckets of every symbol, and every update is a beginning of the whole."""
    sim, frames = hurried
    names = [listed.product for listed in sim.markets["coinbase"].listed if listed.is_trading]
    await frames.send(subscribe("heartbeats"))
    await frames.send(subscribe("candles", *names))
    first = await frames.next()
    begun = START // 300_000 * 300 + 300
    await frames.until(lambda f: of_channel("heartbeats")(f) and _seconds(f) >= begun + 1_201)

    last: dict[tuple[str, str], dict[str, str]] = {}
    for frame in frames.seen:
        if of_channel("candles", "update")(frame):
            candle = frame["events"][0]["candles"][0]
            known = last.setdefault((candle["product_id"], candle["start"]), candle)
            assert float(known["volume"]) <= float(candle["volume"])
            assert float(known["high"]) <= float(candle["high"])
            assert known["open"] == candle["open"]
            last[candle["product_id"], candle["start"]] = candle
    assert first["sequence_num"] == 0
    base = sim.urls["coinbase"].rest + "/api/v3/brokerage/market/products/"
    for name in names:
        query = f"?granularity=FIVE_MINUTE&start={begun}&end={begun + 900}"
        candles = await _candles(http, f"{base}{name}/candles{query}")
        told = [last.get((name, str(start))) for start in range(begun + 900, begun - 1, -300)]
        assert [{**candle, "product_id": name} for candle in candles] == [one for one in told if one]


async def _candles(http: aiohttp.ClientSession, url: str) -> list[dict[str, str]]:
    """The rows of an answer, however often it takes: a loaded machine bunches requests beyond the limit."""
    while True:
        async with http.get(url) as response:
            body = msgspec.json.decode(await response.read())
        if response.status != 429:
            rows: list[dict[str, str]] = body["candles"]
            return rows


async def test_the_end_of_a_bucket_is_seen_only_after_all_of_it(
    hurried: tuple[SimServer, Frames],
) -> None:
    """No frame is stamped past the end of a bucket while a candle of it is still to come."""
    sim, frames = hurried
    names = [listed.product for listed in sim.markets["coinbase"].listed if listed.is_trading]
    await frames.send(subscribe("heartbeats"))
    await frames.send(subscribe("candles", *names))
    begun = START // 300_000 * 300 + 300
    await frames.until(lambda f: of_channel("heartbeats")(f) and _seconds(f) >= begun + 1_201)

    newest = ""
    for frame in frames.seen:
        if of_channel("candles", "update")(frame):
            ends = int(frame["events"][0]["candles"][0]["start"]) + 300
            assert newest[:19] <= _iso(ends)
        newest = max(newest, str(frame["timestamp"]))


async def test_heartbeats_carry_gos_time_and_an_integer_counter(frames: Frames) -> None:
    await frames.send(subscribe("heartbeats"))
    beats = [(await frames.until(of_channel("heartbeats")))["events"][0] for _ in range(3)]

    assert all(set(beat) == {"current_time", "heartbeat_counter"} for beat in beats)
    counters = [beat["heartbeat_counter"] for beat in beats]
    assert counters == sorted(set(counters))
    assert " +0000 UTC m=+" in beats[0]["current_time"]


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded frames (../shared/data/coinbase)")
@pytest.mark.parametrize(
    ("channel", "items"), [("candles", "candles"), ("ticker", "tickers"), ("market_trades", "trades")]
)
async def test_frames_have_the_fields_of_real_ones(frames: Frames, channel: str, items: str) -> None:
    real = msgspec.json.decode((RECORDED / f"ws_{channel}.json").read_bytes())
    await frames.send(subscribe(channel, "BTC-USD"))
    ours = await frames.until(of_channel(channel))

    assert set(ours) == set(real)
    assert set(ours["events"][0]) == set(real["events"][0])
    assert set(ours["events"][0][items][0]) == set(real["events"][0][items][0])


async def test_ticker_batch_has_no_book(frames: Frames) -> None:
    await frames.send(subscribe("ticker_batch", "BTC-USD"))
    update = await frames.until(of_channel("ticker_batch", "update"))

    assert not [name for name in update["events"][0]["tickers"][0] if name.startswith("best_")]


async def test_trades_are_told_once_each_without_holes(frames: Frames) -> None:
    await frames.send(subscribe("market_trades", "BTC-USD"))
    for _ in range(30):
        await frames.until(of_channel("market_trades"))
    events = [frame["events"][0] for frame in frames.seen if of_channel("market_trades")(frame)]
    ids = [int(trade["trade_id"]) for event in events for trade in reversed(event["trades"])]

    assert [event["type"] for event in events] == ["snapshot"] + ["update"] * 29
    assert ids == list(range(ids[0], ids[0] + len(ids)))


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({"type": "subscribe", "channel": "nope", "product_ids": ["BTC-USD"]}, "channel is not supported"),
        ({"type": "dance", "channel": "candles"}, "unsupported message type"),
        ({"type": "subscribe", "channel": "candles", "product_ids": ["BTC-USD"], "jwt": "x.y.z"}, "authentication"),
        ({"channel": "candles"}, "failure to parse"),
        ([1], "failure to parse"),
    ],
)
async def test_errors_have_neither_channel_nor_number(frames: Frames, message: object, complaint: str) -> None:
    await frames.send(message)
    error = await frames.next()

    assert set(error) == {"type", "message"}
    assert error["type"] == "error"
    assert complaint in str(error["message"])


async def test_a_ninth_message_in_a_second_is_refused(slow_sim: SimServer, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(slow_sim.urls["coinbase"].websocket) as socket:
        frames = Frames(socket)
        for _ in range(20):
            await frames.send(subscribe("heartbeats"))
        error = await frames.until(lambda frame: frame.get("type") == "error")

    assert error["message"] == "rate limit exceeded"
    assert len([frame for frame in frames.seen if frame.get("channel") == "subscriptions"]) >= 8


async def test_who_never_subscribes_is_closed(frames: Frames) -> None:
    assert await frames.closed() == 1008


async def test_a_silent_connection_is_closed_unless_it_hears_heartbeats(http: aiohttp.ClientSession) -> None:
    """At a speed where 90 s pass in no time, with the thinnest of products."""
    async with serve(settings_of(speed=600.0, symbols=30)) as sim:
        thin = min((one for one in sim.markets["coinbase"].listed if one.is_trading), key=lambda one: one.bursts)
        async with http.ws_connect(sim.urls["coinbase"].websocket) as socket:
            frames = Frames(socket)
            await frames.send(subscribe("candles", thin.product))
            assert await frames.closed() == 1001


class Nowhere:
    """Takes frames and drops them."""

    def send(self, channel: str, product: str, text: str) -> None:
        del channel, product, text

    def withholds(self, product: str) -> bool:
        return False

    def is_stalled(self) -> bool:
        return False


def test_deadlines_are_five_and_ninety_seconds() -> None:
    seconds = [0.0]
    clock = SimClock(START, 1.0, lambda: seconds[0])
    client = Client(Nowhere(), clock)
    due = client.due_at()

    assert due == START + 5_000
    assert client.overdue(due - 1) is None
    assert isinstance(client.overdue(due), Farewell)
    seconds[0] = 3.0
    client.subscribed("heartbeats", ["heartbeats"], START + 3_000)
    assert client.due_at() == START + 3_000 + IDLE_FOR
    seconds[0] = 4.0
    client.publish("heartbeats", "", "[]", START)
    assert client.due_at() == START + 4_000 + IDLE_FOR


async def test_many_connections_come_and_go_without_a_trace(sim: SimServer, http: aiohttp.ClientSession) -> None:
    async def visit() -> None:
        async with http.ws_connect(sim.urls["coinbase"].websocket) as socket:
            frames = Frames(socket)
            await frames.send(subscribe("candles", "BTC-USD"))
            await frames.until(of_channel("candles", "update"))

    for _ in range(5):
        async with asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(visit(), name=f"visit {number}")
    assert "coinbase writer" not in {task.get_name() for task in asyncio.all_tasks() if not task.done()}


def _iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _seconds(frame: dict) -> int:
    return int(datetime.fromisoformat(frame["timestamp"][:19]).replace(tzinfo=UTC).timestamp())
