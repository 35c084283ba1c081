"""A whole instance on a Cluster of three nodes, whose slot is moved while it works, and the audit after it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from cache.nodes import Nodes, three_nodes
from livermore.cache.connect import keys_on, open_redis
from livermore.cache.readers import newest_alerts, statuses
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import Status
from livermore.sim.server import serve
from livermore.sim.settings import SimSettings

SOURCE = Path(__file__).resolve().parents[2] / "src"

pytestmark = [pytest.mark.timeout(280), pytest.mark.xdist_group("journeys")]


def variables(nodes: Nodes, rest: str, ws: str) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    return {
        **bare,
        "PYTHONPATH": str(SOURCE),
        "LIVERMORE_REDIS_MODE": "cluster",
        "LIVERMORE_REDIS_HOST": nodes.settings.host,
        "LIVERMORE_REDIS_PORT": str(nodes.settings.port),
        "LIVERMORE_REDIS_SECRET": str(nodes.settings.secret),
        "LIVERMORE_REDIS_NODES": ",".join(map(str, nodes.settings.nodes)),
        "LIVERMORE_COINBASE_REST_URL": rest,
        "LIVERMORE_COINBASE_WS_URL": ws,
        "LIVERMORE_SIMULATED_SPEED": "300",
        "LIVERMORE_SYMBOLS": "6",
    }


async def livermore(environment: dict[str, str], home: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "livermore", *arguments), cwd=home, env=environment, stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(120):
        said, complaint = await process.communicate()
    return process.returncode or 0, (said or complaint).decode()


async def test_an_instance_works_on_a_cluster_while_its_slot_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    async with three_nodes(tmp_path, monkeypatch) as nodes, serve(SimSettings(0, 0, 0, symbols=6, speed=300)) as sim:
        environment = variables(nodes, sim.urls["coinbase"].rest, sim.urls["coinbase"].websocket)
        instance = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "livermore", "instance", "coinbase", "--autostart"),
            cwd=home,
            env=environment,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await until_alerts(nodes, 2)
            for to in (2, 0, 1):
                await nodes.reshard("exchange:{1}:status", to)
                await until_alerts(nodes, 2)
            code, said = await livermore(environment, home, "ctl", "coinbase", "stop", "--json")
            assert (code, json.loads(said.splitlines()[-1])["type"]) == (0, "success")
            code, said = await livermore(environment, home, "audit", "--exchange", "coinbase")
        finally:
            instance.terminate()
            await instance.wait()

    assert code == 0, said
    assert "nothing missed, nothing false, nothing twice" in said


async def until_alerts(nodes: Nodes, more: int) -> None:
    """Return once the instance is active and has raised some more alerts."""
    async with asyncio.timeout(120), open_redis(nodes.settings) as redis:
        keys = keys_on(redis, 1)
        before = len(await newest_alerts(redis, keys, 10_000))
        while True:
            status = (await statuses(redis, [keys])).get(1)
            is_active = isinstance(status, Status) and status.connection_state is State.ACTIVE
            if is_active and len(await newest_alerts(redis, keys, 10_000)) >= before + more:
                return
            await asyncio.sleep(0.1)
