"""The audit against real instances that watch a simulated market, undamaged and damaged."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from livermore.app.audit import Audit, AuditSettings, run_audit
from livermore.app.audit_rows import stands
from livermore.audit.explain import utc
from livermore.audit.finding import DAMAGE, ExchangeAudit, Finding, Kind
from livermore.cache.codec.alert import decode_alert, encode_alert
from livermore.cache.codec.candle import decode_candle, encode_candle
from livermore.cache.connect import RedisSettings, open_redis
from livermore.cache.keys import Keys
from livermore.config import Environment
from livermore.core.market.exchange import BINANCE, COINBASE, ExchangeIdentity
from livermore.core.market.timeframe import BASE, DAY, HOUR, MINUTE
from livermore.embedded.valkey import open_valkey
from livermore.errors import ConfigError, InvalidRequest
from livermore.sim.server import SimServer, serve
from livermore.sim.settings import SimSettings

SOURCE = Path(__file__).resolve().parents[2] / "src"
SPEED = 1_200.0
SYMBOLS = 6
# A midnight is passed, where all timeframes close together.
EVENING = 1_795_392_000_000 - 2 * HOUR
WATCHED = (COINBASE, BINANCE)
NO_REDIS = Environment(redis_host=None)

pytestmark = pytest.mark.timeout(150)


class Stage:
    """A simulated market, a store beside it where `livermore up` would keep it, and instances to be started."""

    def __init__(self, directory: Path, sim: SimServer, redis: Redis, variables: Mapping[str, str]) -> None:
        self.directory = directory
        self.home = directory / ".livermore"
        self.sim = sim
        self.redis = redis
        self._variables = variables

    async def livermore(self, *arguments: str, **variables: str) -> Process:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
        told = {**bare, "PYTHONPATH": str(SOURCE), **variables}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "livermore", *arguments, cwd=self.directory, env=told, stdout=PIPE, stderr=PIPE
        )

    @asynccontextmanager
    async def instance(self, exchange: ExchangeIdentity) -> AsyncIterator[None]:
        process = await self.livermore("instance", exchange.name, "--autostart", **self._variables)
        try:
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()

    async def alerts(self, exchange: ExchangeIdentity) -> int:
        return int(await self.redis.xlen(Keys(exchange.id).alerts))

    async def until_raised(self, exchange: ExchangeIdentity, count: int) -> None:
        async with asyncio.timeout(60):
            while await self.alerts(exchange) < count:
                await asyncio.sleep(0.05)

    async def audit(self, **settings: Any) -> Audit:
        return await run_audit(AuditSettings(**settings), NO_REDIS, self.home)


@asynccontextmanager
async def a_stage(directory: Path) -> AsyncIterator[Stage]:
    settings = SimSettings(0, 0, 0, speed=SPEED, symbols=SYMBOLS, seed=5, start=EVENING)
    async with open_valkey(directory / ".livermore" / "sim" / "valkey") as valkey, serve(settings) as sim:
        variables = {
            "LIVERMORE_REDIS_HOST": valkey.host,
            "LIVERMORE_REDIS_PORT": str(valkey.port),
            "LIVERMORE_REDIS_SECRET": valkey.secret,
            "LIVERMORE_SYMBOLS": str(SYMBOLS),
            "LIVERMORE_SIMULATED_SPEED": f"{SPEED:g}",
        }
        addresses = {name: {"rest": urls.rest, "ws": urls.websocket} for name, urls in sim.urls.items()}
        for name, urls in addresses.items():
            variables |= {f"LIVERMORE_{name.upper()}_{kind.upper()}_URL": url for kind, url in urls.items()}
        (directory / ".livermore" / "sim" / "addresses.json").write_bytes(msgspec.json.encode(addresses))
        async with open_redis(RedisSettings(valkey.host, valkey.port, valkey.secret)) as redis:
            yield Stage(directory, sim, redis, variables)


async def stream(stage: Stage, exchange: ExchangeIdentity) -> list[tuple[bytes, dict[bytes, bytes]]]:
    entries: list[tuple[bytes, dict[bytes, bytes]]] = await stage.redis.xrange(Keys(exchange.id).alerts)
    return entries


def of(audit: Audit, exchange: ExchangeIdentity) -> ExchangeAudit:
    return next(one for one in audit.exchanges if one.exchange == exchange)


def damage(audit: ExchangeAudit) -> dict[Kind, list[Finding]]:
    found: dict[Kind, list[Finding]] = {}
    for finding in audit.outcome.findings:
        if finding.kind in DAMAGE:
            found.setdefault(finding.kind, []).append(finding)
    return found


async def test_hours_of_a_simulated_market_audit_clean_and_every_damage_is_found(tmp_path: Path) -> None:
    """Two exchanges are watched, one through a stop of an hour; then the stream is damaged in every way."""
    async with a_stage(tmp_path) as stage:
        async with stage.instance(BINANCE):
            async with stage.instance(COINBASE):
                await stage.until_raised(COINBASE, 12)
            resumes_at = stage.sim.clock.now() + HOUR
            before = await stage.alerts(COINBASE)
            await stage.sim.clock.wait_until(resumes_at)
            async with stage.instance(COINBASE):
                await stage.until_raised(COINBASE, before + 12)
            await stage.until_raised(BINANCE, 12)

            check_clean(await stage.audit())
            stood = await stands(stage.redis, Keys(BINANCE.id), None)
            assert any(one.is_heard for one in stood.values())

        check_clean(await stage.audit(is_from_store=True))
        audit = await stage.audit()
        check_clean(audit)
        assert of(audit, COINBASE).counts[Kind.LATE] > 0, "the stop was caught up with"
        assert all(one.counts[Kind.UNJUDGED] == 0 for one in audit.exchanges)
        await check_narrowed(stage, of(audit, COINBASE))
        await check_refusals(stage, of(audit, COINBASE))
        await check_each_damage(stage)
        await check_command(stage)


def check_clean(audit: Audit) -> None:
    assert [one.exchange for one in audit.exchanges] == list(WATCHED)
    for one in audit.exchanges:
        assert not damage(one), damage(one)
        assert one.is_simulated
        assert one.outcome.found == one.outcome.expected > 0
    assert audit.is_clean


async def check_narrowed(stage: Stage, whole: ExchangeAudit) -> None:
    """The halves of a period, and the symbols one by one, hold together what the whole holds."""
    middle = (whole.since + whole.until) // 2
    halves = [
        await stage.audit(exchanges=(COINBASE,), since=since, until=until)
        for since, until in ((whole.since, middle), (middle, whole.until))
    ]
    symbols = sorted({name.decode().split(":")[2] async for name in stage.redis.scan_iter("candles:1:*:5m")})
    singles = [await stage.audit(exchanges=(COINBASE,), symbols=(symbol,)) for symbol in symbols]

    for parts in (halves, singles):
        assert all(part.is_clean for part in parts)
        assert sum(part.exchanges[0].outcome.found for part in parts) == whole.outcome.found


async def check_refusals(stage: Stage, whole: ExchangeAudit) -> None:
    day = {"exchanges": (COINBASE,), "since": whole.since - 9 * DAY, "until": whole.since - 8 * DAY}
    with pytest.raises(InvalidRequest, match="no candle of Coinbase was watched between") as caught:
        await stage.audit(**day)
    assert utc(day["since"]) in str(caught.value)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="there is nothing to judge"):
        await stage.audit(exchanges=(COINBASE,), since=whole.until - MINUTE, until=whole.until - MINUTE + 1)
    with pytest.raises(InvalidRequest, match="not after its beginning"):
        await stage.audit(since=whole.until, until=whole.since)
    with pytest.raises(InvalidRequest, match="no candles of NOPE-USD"):
        await stage.audit(symbols=("NOPE-USD",))
    addresses = stage.home / "sim" / "addresses.json"
    kept = addresses.read_bytes()
    addresses.write_bytes(kept.replace(b'"coinbase"', b'"elsewhere"'))
    with pytest.raises(ConfigError, match="LIVERMORE_COINBASE_REST_URL"):
        await stage.audit(exchanges=(COINBASE,))
    swapped = json.loads(kept) | {"coinbase": json.loads(kept)["binance"]}
    addresses.write_text(json.dumps(swapped))
    with pytest.raises(ConfigError, match="is not the simulated Coinbase"):
        await stage.audit(exchanges=(COINBASE,))
    addresses.write_bytes(kept)


async def check_each_damage(stage: Stage) -> None:
    keys = Keys(COINBASE.id)
    entries = await stream(stage, COINBASE)
    alerts = [decode_alert(fields[b"alert"], keys.alerts) for _, fields in entries]
    gone = next(index for index, alert in enumerate(alerts) if alert.timeframe is BASE)
    model = alerts[gone + 1]
    false = replace(model, id="5b0c", label="level_1000")
    await stage.redis.xdel(keys.alerts, entries[gone][0])
    await stage.redis.xadd(keys.alerts, {"alert": encode_alert(false)})
    await stage.redis.xadd(keys.alerts, {"alert": entries[gone + 2][1][b"alert"]})
    await stage.redis.xadd(keys.alerts, {"alert": b"{}"})

    for is_from_store in (False, True):
        found = damage(of(await stage.audit(exchanges=(COINBASE,), is_from_store=is_from_store), COINBASE))
        assert {kind: len(findings) for kind, findings in found.items()} == {
            Kind.MISSED: 1, Kind.FALSE: 2, Kind.DUPLICATE: 1
        }  # fmt: skip
        assert found[Kind.MISSED][0].alert_id == alerts[gone].id
        assert found[Kind.MISSED][0].reason is None
        assert {finding.alert_id for finding in found[Kind.FALSE]} >= {"5b0c"}
        assert found[Kind.DUPLICATE][0].alert_id == alerts[gone + 2].id

    lost = alerts[gone]
    await change_candle(stage, lost.symbol, lost.opened_at, lambda close: close * 1.5)
    (missed,) = damage(of(await stage.audit(exchanges=(COINBASE,)), COINBASE))[Kind.MISSED]
    assert missed.reason is not None
    assert missed.reason.startswith(f"the stored candle of {utc(lost.opened_at)} has ")


async def change_candle(stage: Stage, symbol: str, opened_at: int, change: Callable[[float], float]) -> None:
    """Store another high; an alert may stand on an empty candle, which cannot have one: then it was traded, too."""
    key = Keys(COINBASE.id).candles(symbol, BASE)
    (raw,) = await stage.redis.zrangebyscore(key, opened_at, opened_at)
    candle = decode_candle(raw, key)
    high = change(candle.high)
    await stage.redis.zrem(key, raw)
    damaged = replace(candle, high=high, volume=max(candle.volume, 1.0), is_empty=False)
    await stage.redis.zadd(key, {encode_candle(damaged): opened_at})


async def check_command(stage: Stage) -> None:
    """The verb finds the store and the simulator by itself, says what is wrong and fails."""
    process = await stage.livermore("audit", "--json")
    out, err = await process.communicate()

    assert (process.returncode, err) == (1, b"")
    told = json.loads(out)
    assert told["isClean"] is False
    counts = {one["exchangeName"]: one["counts"] for one in told["exchanges"]}
    assert (counts["coinbase"]["missed"], counts["coinbase"]["false"], counts["coinbase"]["duplicate"]) == (1, 2, 1)
    assert (counts["binance"]["missed"], counts["binance"]["false"], counts["binance"]["duplicate"]) == (0, 0, 0)

    process = await stage.livermore("audit", "--exchange", "binance")
    out, err = await process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert b"nothing missed, nothing false, nothing twice" in out
