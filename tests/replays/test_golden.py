"""Recorded sessions give the alerts that were agreed on, whatever has been changed since.

`coinbase-btc.recording` is three hours of one symbol of the simulated Coinbase at 1,200 times its speed, as
`livermore instance --record` writes them; its alerts stand beside it as `livermore replay --json` prints them. A
difference is either a mistake or a change that its author can explain, and then writes down by
``livermore replay tests/replays/coinbase-btc.recording --json > tests/replays/coinbase-btc.alerts.jsonl``.
"""

import json
from pathlib import Path

import pytest

from livermore.app.recording import RecordedSession
from livermore.cache.codec.alert import encode_alert

HERE = Path(__file__).resolve().parent
LARGEST = 100_000


@pytest.mark.parametrize("name", ["coinbase-btc"])
def test_a_recorded_session_gives_its_alerts_byte_for_byte(name: str) -> None:
    session = RecordedSession(HERE / f"{name}.recording")

    found = [encode_alert(alert) for alert in session.alerts()]

    assert found == (HERE / f"{name}.alerts.jsonl").read_bytes().splitlines()
    assert not session.playback.is_cut


def test_the_golden_alerts_are_more_than_none() -> None:
    """Both directions of proof: levels on two timeframes, each alert once."""
    alerts = [json.loads(line) for line in (HERE / "coinbase-btc.alerts.jsonl").read_text().splitlines()]

    assert {alert["timeframe"] for alert in alerts} == {"5m", "15m"}
    assert len({alert["id"] for alert in alerts}) == len(alerts) == 5
    assert all(alert["simulated"] for alert in alerts)


def test_recordings_stay_small() -> None:
    assert all(path.stat().st_size < LARGEST for path in HERE.iterdir() if path.is_file())
