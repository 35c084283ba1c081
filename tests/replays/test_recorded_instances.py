"""`livermore instance --record` as a person runs it: what its alert stream has, a replay of its recording has too."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from livermore.cache.codec.alert import decode_alert, encode_alert
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.core.alerts.alert import Alert
from livermore.core.market.exchange import COINBASE
from livermore.embedded.valkey import EmbeddedValkey, open_valkey
from livermore.sim.server import SimUrls, serve
from livermore.sim.settings import SimSettings
from replays.recorded_sessions import BEGINS, SPEED

GOLDEN = Path(__file__).resolve().parent / "coinbase-btc.recording"
ALERTS = GOLDEN.with_suffix(".alerts.jsonl")
SOURCE = Path(__file__).resolve().parents[2] / "src"


def environment(valkey: EmbeddedValkey, urls: SimUrls) -> Mapping[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "LIVERMORE_REDIS_HOST": valkey.host,
        "LIVERMORE_REDIS_PORT": str(valkey.port),
        "LIVERMORE_REDIS_SECRET": valkey.secret,
        "LIVERMORE_COINBASE_REST_URL": urls.rest,
        "LIVERMORE_COINBASE_WS_URL": urls.websocket,
        "LIVERMORE_SIMULATED_SPEED": str(SPEED),
        "LIVERMORE_SYMBOLS": "3",
    }


async def stream_of(valkey: EmbeddedValkey, at_least: int) -> list[Alert]:
    """What the alert stream has, once it has that many."""
    async with open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)) as redis:
        key = Keys(COINBASE.id).alerts
        while await redis.xlen(key) < at_least:
            await asyncio.sleep(0.05)
        entries = await redis.xrange(key)
    return [decode_alert(fields[b"alert"], key) for _, fields in entries]


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def grown(path: Path) -> None:
    before = size_of(path)
    while size_of(path) == before:
        await asyncio.sleep(0.05)


async def run(*arguments: str) -> tuple[int | None, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "livermore", "replay", *arguments),
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out, err


def as_of_the_engine(alert: Alert) -> bytes:
    """The alert without the instants that its session added after the engine."""
    return encode_alert(replace(alert, times=replace(alert.times, computed=None, committed=None)))


def of_symbol(alerts: list[Alert], symbol: str) -> list[bytes]:
    return [as_of_the_engine(alert) for alert in alerts if alert.symbol == symbol]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["told to end", "killed"])
async def test_a_replay_has_the_alerts_of_the_stream(end: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "day.recording"
    settings = SimSettings(
        coinbase_port=0, binance_port=0, binance_us_port=0, speed=SPEED, symbols=3, seed=7, start=BEGINS
    )
    async with asyncio.timeout(100), open_valkey(tmp_path / "valkey") as valkey, serve(settings) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "livermore", "instance", "coinbase", "--autostart", "--record", str(path)),
            env=environment(valkey, server.urls["coinbase"]),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        try:
            await stream_of(valkey, 3)
            # What was taken before these alerts is in the file once two more writes are.
            await grown(path)
            await grown(path)
        finally:
            process.send_signal(end)
            await process.wait()
        streamed = await stream_of(valkey, 3)
        code, out, err = await run(str(path), "--json")

    replayed = [decode_alert(line, "replay") for line in out.splitlines()]
    assert code == 0
    # Commits are in order symbol by symbol. At the end either may be ahead: by an alert that is not committed yet, or
    # by one whose event is not yet in the file.
    pairs = [
        (of_symbol(streamed, symbol), of_symbol(replayed, symbol)) for symbol in {alert.symbol for alert in streamed}
    ]
    common = [(left[: len(right)], right[: len(left)]) for left, right in pairs]
    assert sum(len(left) for left, _ in common) >= 3
    assert [left for left, _ in common] == [right for _, right in common]
    if end is signal.SIGTERM:
        assert [len(left) for left, _ in pairs] == [len(left) for left, _ in common]
        assert err == b""
    else:
        assert b"the recording is cut; its last whole record is " in err


async def test_a_recording_knows_its_exchange_and_takes_no_other_words(tmp_path: Path) -> None:
    candles = tmp_path / "candles.csv"
    candles.write_text("timestamp,open,high,low,close,volume\n1700000100000,1,2,0.5,1.5,3\n")
    for arguments, reason in (
        ((str(GOLDEN), "--symbol", "BTC-USD"), "it knows its exchange and its symbols"),
        ((str(GOLDEN), str(GOLDEN)), "name only its first file"),
        ((str(ALERTS),), "coinbase-btc.alerts.jsonl"),
        ((str(candles),), "Missing option '--exchange'"),
        (
            (str(ALERTS), "--exchange", "coinbase", "--symbol", "A-B", "--effects"),
            "only a rec",
        ),
    ):
        code, out, err = await run(*arguments)
        assert (code, out) == (2, b"")
        assert reason in err.decode()


async def test_a_cut_recording_prints_what_it_has_and_says_so(tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(GOLDEN.read_bytes()[:-3_000])

    code, out, err = await run(str(cut), "--effects")
    _, whole, _ = await run(str(GOLDEN), "--effects")

    assert code == 0
    assert whole.startswith(out)
    assert 100 < len(out.splitlines()) < len(whole.splitlines())
    assert f"{cut}: the recording is cut; its last whole record is {cut}:".encode() in err
    assert {json.loads(line)["t"] for line in out.splitlines()} >= {"Commit", "FetchCandles", "PublishTicker"}


async def test_a_damaged_recording_is_one_line_that_names_the_range(tmp_path: Path) -> None:
    golden = GOLDEN.read_bytes()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(golden[:30_000] + b"\0" * 16 + golden[30_016:])

    code, out, err = await run(str(damaged))

    assert (code, out) == (2, b"")
    assert err.startswith(f"livermore: {damaged}: bytes 0 to ".encode())
    assert err.count(b"\n") == 1
