"""Faults of what is pushed, over real sockets: each does what it says, and afterwards the feed agrees with REST."""

import asyncio
from itertools import pairwise

import aiohttp
import msgspec
import pytest

from livermore.sim.server import SimServer, serve
from sim.conftest import PATIENCE_SECONDS, Frames, settings_of
from sim.fault_client import FIVE, candle_of, hits, is_candle, listening, post, product_of, rows, symbol_of

MARK = "somethingNew"
BOTH = pytest.mark.parametrize("exchange", ["coinbase", "binance"])


def final(frame: dict) -> list[object]:
    """The candle of a frame as a REST row."""
    if frame.get("e") == "kline":
        return [frame["k"][key] for key in "tohlcv"]
    candle = frame["events"][0]["candles"][0]
    return [int(candle["start"]) * 1_000, *(candle[key] for key in ("open", "high", "low", "close", "volume"))]


async def agrees(sim: SimServer, http: aiohttp.ClientSession, exchange: str, frames: Frames, base: str) -> None:
    """The next whole candle that is pushed is the one that REST has."""
    begun = sim.clock.now() // FIVE * FIVE + FIVE
    product = product_of(exchange, base)
    last: dict = {}
    while True:
        frame = await frames.next()
        told = candle_of(frame)
        if told is None or told[0] != product:
            continue
        if told[1] > begun:
            break
        if told[1] == begun:
            last = frame
    by_opening = {row[0]: row for row in await rows(sim, http, exchange, base)}
    assert final(last) == by_opening[begun]


def numbers(frames: Frames) -> list[int]:
    return [frame["sequence_num"] for frame in frames.seen if "sequence_num" in frame]


@BOTH
async def test_a_stalled_socket_stays_open_says_nothing_and_goes_on(http: aiohttp.ClientSession, exchange: str) -> None:
    """At 300 times the speed of the world, so that pongs would be missed and idle connections closed meanwhile."""
    async with serve(settings_of(speed=300.0)) as sim, listening(sim, http, exchange, "BTC") as frames:
        begun = sim.clock.now()
        post(sim, kind="stall", exchange=exchange, duration=1_800)
        before = len(frames.seen)
        await frames.until(lambda frame: is_candle(frame) and sim.clock.now() >= begun + 1_800_000)
        told = [candle for frame in frames.seen[before:] if (candle := candle_of(frame))]

        assert hits(sim)[0] > 3
        # What was on its way, and then what was told after half an hour.
        assert not [one for one in told if begun + FIVE <= one[1] < begun + 1_800_000 - 2 * FIVE]
        if exchange == "coinbase":
            assert max(later - earlier for earlier, later in pairwise(numbers(frames))) > 3
        await agrees(sim, http, exchange, frames, "BTC")


@BOTH
async def test_a_silent_symbol_trades_unheard_and_no_number_betrays_it(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str
) -> None:
    async with listening(sim, http, exchange, "BTC", "ETH") as frames:
        post(sim, kind="silent_symbol", exchange=exchange, symbols=[symbol_of(exchange, "BTC")], duration=1_200)
        ends_at = sim.faults.posted[0].window.ends_at
        begun = sim.clock.now() // FIVE * FIVE + FIVE
        before = len(frames.seen)
        await frames.until(lambda frame: (candle_of(frame) or ("", 0))[1] >= begun + 2 * FIVE)
        told = {candle for frame in frames.seen[before:] if (candle := candle_of(frame))}

        assert sim.clock.now() < ends_at
        assert (product_of(exchange, "ETH"), begun) in told
        assert (product_of(exchange, "BTC"), begun) not in told
        assert begun in [row[0] for row in await rows(sim, http, exchange, "BTC")]
        await frames.until(lambda frame: (candle_of(frame) or ("", 0))[0] == product_of(exchange, "BTC"))
        assert [later - earlier for earlier, later in pairwise(numbers(frames))] == [1] * max(
            0, len(numbers(frames)) - 1
        )
        await agrees(sim, http, exchange, frames, "BTC")


@BOTH
async def test_lost_frames_leave_a_gap_in_the_numbers_where_there_are_numbers(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str
) -> None:
    async with listening(sim, http, exchange, "BTC") as frames:
        post(sim, kind="sequence_gap", exchange=exchange, duration=600, probability=0.5, seed=3)
        ends_at = sim.faults.posted[0].window.ends_at
        before = len(frames.seen)
        await frames.until(lambda frame: is_candle(frame) and sim.clock.now() > ends_at)
        lost = hits(sim)[0]
        got = len(frames.seen) - before

        assert lost > 3
        assert got > 3
        if exchange == "coinbase":
            steps = [later - earlier for earlier, later in pairwise(numbers(frames))]
            assert sum(step - 1 for step in steps) == lost
            assert min(steps) == 1
        await agrees(sim, http, exchange, frames, "BTC")


@BOTH
async def test_duplicates_follow_each_other_and_stop(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str
) -> None:
    async with listening(sim, http, exchange, "BTC", "ETH") as frames:
        symbol, product = symbol_of(exchange, "BTC"), product_of(exchange, "BTC")
        post(sim, kind="duplicate", exchange=exchange, symbols=[symbol], duration=300)
        ends_at = sim.faults.posted[0].window.ends_at
        before = len(frames.seen)
        await frames.until(lambda frame: is_candle(frame) and sim.clock.now() > ends_at + 30_000)
        repeated = [
            (candle_of(earlier) or ("",))[0] for earlier, later in pairwise(frames.seen[before:]) if earlier == later
        ]

        assert set(repeated) == {product}
        assert len(repeated) == hits(sim)[0] > 2
        await agrees(sim, http, exchange, frames, "BTC")


async def test_reordered_frames_are_overtaken_and_none_is_lost(sim: SimServer, http: aiohttp.ClientSession) -> None:
    async with listening(sim, http, "coinbase", "BTC") as frames:
        post(sim, kind="reorder", exchange="coinbase", duration=300, probability=0.3, behind=2, seed=1)
        ends_at = sim.faults.posted[0].window.ends_at
        await frames.until(lambda frame: is_candle(frame) and sim.clock.now() > ends_at + 60_000)
        got = numbers(frames)

        assert hits(sim)[0] > 2
        assert got != sorted(got)
        assert sorted(got) == list(range(len(got)))
        await agrees(sim, http, "coinbase", frames, "BTC")


async def test_a_frame_that_nothing_overtakes_comes_in_the_end(sim: SimServer, http: aiohttp.ClientSession) -> None:
    async with listening(sim, http, "binance", "BTC") as frames:
        post(sim, kind="reorder", exchange="binance", behind=1_000, within=30)
        first = await frames.until(is_candle)

        assert sim.clock.now() >= first["E"] + 30_000


@BOTH
async def test_candles_are_told_again_as_they_were(sim: SimServer, http: aiohttp.ClientSession, exchange: str) -> None:
    async with listening(sim, http, exchange, "BTC", "ETH") as frames:
        await frames.until(is_candle)
        post(sim, kind="snapshot_replay", exchange=exchange, symbols=[symbol_of(exchange, "BTC")], age=900)
        old = sim.clock.now() - 2 * FIVE
        if exchange == "coinbase":

            def is_again(frame: dict) -> bool:
                events = frame.get("events", [{}])
                return events[0].get("type") == "snapshot" and int(events[0]["candles"][0]["start"]) * 1_000 < old

            snapshot = await frames.until(is_again)
            assert {one["product_id"] for one in snapshot["events"][0]["candles"]} == {"BTC-USD"}
        else:
            again = await frames.until(lambda frame: is_candle(frame) and not frame["k"]["x"] and frame["E"] < old)
            assert again["k"]["s"] == "BTCUSDT"
            assert again["k"]["t"] <= again["E"] < again["k"]["T"]
        assert hits(sim) == [1]
        await agrees(sim, http, exchange, frames, "BTC")


@BOTH
@pytest.mark.parametrize(
    "how",
    ["truncated", "html", "nan", "negative_volume", "high_below_low", "off_grid", "unknown_field", "unknown_kind"],
)
async def test_damaged_frames_are_damaged_as_told(
    sim: SimServer, http: aiohttp.ClientSession, exchange: str, how: str
) -> None:
    async with listening(sim, http, exchange, "BTC") as frames:
        symbol = symbol_of(exchange, "BTC")
        post(sim, kind="malformed", exchange=exchange, symbols=[symbol], how=how)
        text = ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not ("html" in text if how == "html" else "kline" in text or '"update"' in text or MARK in text):
                text = (await frames.socket.receive()).data
        sim.faults.clear()
        if how in ("truncated", "html"):
            with pytest.raises(msgspec.DecodeError):
                msgspec.json.decode(text)
        else:
            _is_damaged(msgspec.json.decode(text), how)
    async with listening(sim, http, exchange, "BTC") as later:
        await agrees(sim, http, exchange, later, "BTC")


def _is_damaged(frame: dict, how: str) -> None:
    kline = frame.get("k") or frame["events"][0]["candles"][0]
    opened_at = kline["t"] if "t" in kline else int(kline["start"]) * 1_000
    high, low = (kline.get(one[0]) or kline.get(one) for one in ("high", "low"))
    facts = {
        "nan": "NaN" in (kline.get("c"), kline.get("close")),
        "negative_volume": float(kline.get("v") or kline.get("volume")) < 0,
        "high_below_low": float(high) < float(low),
        "off_grid": bool(opened_at % FIVE),
        "unknown_field": "zz_new" in frame and "zz_new" in kline,
        "unknown_kind": "somethingNew" in (frame.get("e"), frame.get("channel")),
    }
    assert [name for name, is_so in facts.items() if is_so] == [how]


async def test_closing_frames_come_late_with_the_time_they_are_told_at(http: aiohttp.ClientSession) -> None:
    async with serve(settings_of(speed=240.0)) as sim, listening(sim, http, "binance", "BTC", "ETH") as frames:
        post(sim, kind="late_close", symbols=["BTC-USDT"], delay=30)
        closes = {"BTCUSDT": [], "ETHUSDT": []}
        while min(map(len, closes.values())) < 3:
            frame = await frames.until(lambda frame: is_candle(frame) and frame["k"]["x"])
            closes[frame["k"]["s"]].append(frame)
        late = {name: [one["E"] - one["k"]["T"] - 1 for one in told] for name, told in closes.items()}
        told = {row[0]: row for row in await rows(sim, http, "binance", "BTC")}

    assert all(6_000 <= one <= 32_000 for one in late["BTCUSDT"])
    assert all(200 <= one <= 2_000 for one in late["ETHUSDT"])
    assert all(final(one) == told[one["k"]["t"]] for one in closes["BTCUSDT"])


async def test_missing_closing_frames_never_come(http: aiohttp.ClientSession) -> None:
    async with serve(settings_of(speed=240.0)) as sim, listening(sim, http, "binance", "BTC", "ETH") as frames:
        post(sim, kind="missing_close", symbols=["BTC-USDT"])
        begun = sim.clock.now()
        await frames.until(lambda frame: is_candle(frame) and frame["E"] > begun + 4 * FIVE)
        closed = [frame["k"]["s"] for frame in frames.seen if is_candle(frame) and frame["k"]["x"]]
        begun_rows = {frame["k"]["t"] for frame in frames.seen if is_candle(frame) and frame["k"]["s"] == "BTCUSDT"}

        assert closed.count("BTCUSDT") == 0
        assert closed.count("ETHUSDT") >= 3
        assert len(begun_rows) >= 4
        sim.faults.clear()
        await agrees(sim, http, "binance", frames, "BTC")
