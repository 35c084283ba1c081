"""`livermore doctor` finds what is wrong and names the cure; run as a person runs it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cli.conftest import Livermore
from livermore.app.check_exchange import clock_finding
from livermore.app.check_machine import check_credentials, check_machine
from livermore.app.checkup import Verdict
from livermore.app.own_market import symbols_of_market
from livermore.cache.connect import RedisSettings, open_redis
from livermore.core.market.exchange import COINBASE
from livermore.embedded.lock import locked
from livermore.embedded.valkey import open_valkey
from livermore.errors import ConfigError
from livermore.sim.server import serve
from livermore.sim.settings import SimSettings


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    async with AsyncExitStack() as stack:
        valkey = await stack.enter_async_context(open_valkey(tmp_path / "valkey"))
        settings = RedisSettings(valkey.host, valkey.port, valkey.secret)
        yield await stack.enter_async_context(open_redis(settings))


def variables(redis: Redis) -> dict[str, str]:
    where = redis.connection_pool.connection_kwargs
    return {
        "LIVERMORE_REDIS_HOST": where["host"],
        "LIVERMORE_REDIS_PORT": str(where["port"]),
        "LIVERMORE_REDIS_SECRET": where["password"],
        "LIVERMORE_COINBASE_API_KEY": "never shown",
        "LIVERMORE_COINBASE_API_SECRET": "neither",
    }


async def test_a_sound_place_is_found_sound(redis: Redis, livermore: Livermore) -> None:
    async with serve(SimSettings(0, 0, 0, symbols=3)) as sim:
        urls = sim.urls["coinbase"]
        outcome = await asyncio.to_thread(
            livermore,
            *("doctor", "coinbase", "--json"),
            **variables(redis),
            LIVERMORE_COINBASE_REST_URL=urls.rest,
            LIVERMORE_COINBASE_WS_URL=urls.websocket,
            LIVERMORE_SIMULATED_SPEED="60",
        )

    found = json.loads(outcome.stdout)
    verdicts = {check["name"]: check["verdict"] for check in found["checks"]}
    assert (outcome.returncode, found["healthy"]) == (0, True)
    names = ("Redis", "Redis persistence", "Redis eviction", "Coinbase (simulated) REST", "Coinbase (simulated) feed")
    assert {verdicts[name] for name in (*names, "Coinbase credentials", "data directory")} == {"ok"}
    assert "never shown" not in outcome.stdout


async def test_what_is_wrong_is_told_with_the_cure_and_exits_with_1(redis: Redis, livermore: Livermore) -> None:
    await redis.config_set("appendonly", "no")
    await redis.config_set("maxmemory", 1_000_000_000)
    await redis.config_set("maxmemory-policy", "allkeys-lru")
    outcome = await asyncio.to_thread(
        livermore, "doctor", "coinbase", **variables(redis), LIVERMORE_COINBASE_REST_URL="http://127.0.0.1:1"
    )

    lines = outcome.stdout.splitlines()
    assert (outcome.returncode, outcome.stderr) == (1, "")
    for start, cure in (
        (" warn  Redis persistence", "CONFIG SET appendonly yes"),
        (" FAIL  Redis eviction", "CONFIG SET maxmemory-policy noeviction"),
        (" FAIL  Coinbase REST", "check network"),
    ):
        at = next(number for number, line in enumerate(lines) if line.startswith(start))
        assert cure in lines[at + 1]
    assert any(line.startswith(" skip  Coinbase feed") for line in lines)


def test_a_redis_that_is_away_is_a_failure_with_the_address(livermore: Livermore) -> None:
    outcome = livermore(
        "doctor",
        "coinbase",
        "--json",
        LIVERMORE_REDIS_HOST="127.0.0.1",
        LIVERMORE_REDIS_PORT="1",
        LIVERMORE_COINBASE_REST_URL="http://127.0.0.1:1",
    )

    checks = {check["name"]: check for check in json.loads(outcome.stdout)["checks"]}
    assert outcome.returncode == 1
    assert checks["Redis"]["verdict"] == "failed"
    assert "127.0.0.1:1" in checks["Redis"]["seen"]


@pytest.mark.parametrize(
    ("offset", "verdict", "words"),
    [
        (1_999, Verdict.OK, "2.0 s behind"),
        (2_000, Verdict.WARNING, "2.0 s behind"),
        (-75_000, Verdict.WARNING, "75.0 s ahead of"),
    ],
)
def test_a_clock_that_is_two_seconds_off_is_worth_a_warning(offset: int, verdict: Verdict, words: str) -> None:
    finding = clock_finding("Coinbase", offset)

    assert finding.verdict is verdict
    assert words in finding.seen


def test_half_of_the_credentials_are_a_failure_that_names_the_other_half() -> None:
    finding = check_credentials(COINBASE, {"LIVERMORE_COINBASE_API_KEY": "x"})

    assert finding.verdict is Verdict.FAILED
    assert finding.cure == "set LIVERMORE_COINBASE_API_SECRET"


@pytest.mark.parametrize("kind", [".", "sim"])
@pytest.mark.parametrize("is_link", [True, False])
def test_a_data_directory_that_is_none_is_not_found_sound(kind: str, is_link: bool, tmp_path: Path) -> None:
    home = tmp_path / "data"
    place = home / kind
    place.parent.mkdir(parents=True, exist_ok=True)
    if is_link:
        place.symlink_to(tmp_path / "unmounted")
    else:
        place.write_text("")
    finding = next(one for one in check_machine(home) if one.name == "data directory")

    assert finding.verdict is Verdict.FAILED
    assert ("mount" if is_link else "move it away") in (finding.cure or "")
    with pytest.raises(ConfigError, match=r"not there; mount the disk|Not a directory"), locked(home / "sim"):
        pass


def test_a_damaged_state_of_the_market_is_told_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "sim.json").write_text("{1:2}")
    with pytest.raises(ConfigError, match=f"remove {tmp_path} to begin a new market"):
        symbols_of_market(None, tmp_path)
