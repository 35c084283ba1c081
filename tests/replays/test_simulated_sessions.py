"""Real sessions against the simulator, recorded, have the same effects when they are replayed, byte for byte."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from livermore.app.recording import RecordedSession
from livermore.cache.codec.alert import encode_alert
from livermore.core.market.timeframe import HOUR
from livermore.runtime.recording_lines import effect_line
from livermore.sim.settings import SimSettings
from replays.recorded_sessions import BEGINS, SPEED, Witness, record_simulated

SOURCE = Path(__file__).resolve().parents[2] / "src"


def replay(hash_seed: str, *arguments: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "livermore", "replay", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        timeout=50,
        check=False,
    )


@pytest.mark.parametrize("name", ["coinbase", "binance"])
async def test_three_hours_are_replayed_byte_for_byte_here_and_in_other_processes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "session"
    witness = Witness(monkeypatch)
    settings = SimSettings(
        coinbase_port=0, binance_port=0, binance_us_port=0, speed=SPEED, symbols=3, seed=7, start=BEGINS
    )
    store = await record_simulated(path, name, settings, lambda _: witness.watermark > BEGINS + 3 * HOUR)
    monkeypatch.undo()
    seen = witness.lines
    kinds = [json.loads(line)["t"] for line in seen]
    assert {"Commit", "FetchCandles", "PublishTicker"} <= set(kinds)
    assert kinds.count("Commit") > 3 * 12 * 2

    for _ in range(2):
        session = RecordedSession(path)
        assert [effect_line(effect) for effect, _ in session.effects()] == seen
        assert not session.playback.is_cut
    for hash_seed in ("1", "2"):
        outcome = replay(hash_seed, path, "--effects")
        assert (outcome.returncode, outcome.stdout) == (0, b"".join(seen))

    # The alerts that were stored are these; only when they were computed is the session's own to know.
    alerts = [alert for commit in store.commits for alert in commit.alerts]
    replayed = list(RecordedSession(path).alerts())
    assert [one.id for one in replayed[: len(alerts)]] == [one.id for one in alerts]
    printed = replay("3", path, "--json").stdout.splitlines()
    assert printed == [encode_alert(alert) for alert in replayed]
