"""The table of the network fits any terminal, and leaves out first what is least needed."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from livermore.app.network_table import ago, network_table
from livermore.core.instance.lifecycle import State
from livermore.core.instance.overview import NetworkRow, Presence, Sighting, network_rows
from livermore.core.instance.status import FeedState, Lag, Status, WarmupProgress
from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE
from livermore.core.market.timeframe import DAY, HOUR, MINUTE, SECOND

NOW = 1_769_093_700_000
STATUS = Status(
    1, "coinbase", "one", 14, State.ACTIVE, FeedState.LIVE, NOW - HOUR, NOW, NOW - HOUR,
    "a-box-in-frankfurt.example.org", 4711, "0.1.0", 100, NOW - HOUR, "a.very.long.name@department.example.org",
    ip_address="203.0.113.117",
    warmup=WarmupProgress(3, 4, 90_000), lag=Lag(120, 3), last_error="feed_lost: it broke",
    last_error_at=NOW - MINUTE,
)  # fmt: skip
CUT = {"a-box-in-frankfur…", "a.very.long.name@department…"}
WARMING = replace(STATUS, connection_state=State.WARMING, last_error=None, last_error_at=None)


def drawn(rows: tuple[NetworkRow, ...], width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(network_table(rows, width, NOW))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


ROWS = network_rows(
    [Sighting(COINBASE, STATUS), Sighting(BINANCE, WARMING), Sighting(BINANCE_US)],
    NOW,
)


@pytest.mark.parametrize("width", [60, 80, 100, 180])
def test_no_cell_is_cut_in_any_width(width: int) -> None:
    table = drawn(ROWS, width)[:4]

    assert {word for line in table for word in line.split() if "…" in word} <= CUT
    assert [line.split("  ")[0].strip() for line in table] == ["exchange", "Coinbase", "Binance", "Binance US"]
    assert "active" in table[1]
    assert "never seen" in table[3]


def test_a_wide_terminal_shows_all_and_a_narrow_one_what_matters() -> None:
    wide, narrow = drawn(ROWS, 200)[0], drawn(ROWS, 52)[0]

    assert wide.split() == [
        "exchange", "state", "feed", "symbols", "warm-up", "uptime", "heartbeat", "mode", "lag", "epoch", "host",
        "IP", "admin", "version",
    ]  # fmt: skip
    assert narrow.split() == ["exchange", "state", "feed", "uptime", "heartbeat"]


def test_the_last_error_stands_below_with_its_age() -> None:
    assert "Coinbase: last error: feed_lost: it broke (1m ago)" in drawn(ROWS, 100)


def test_a_silent_instance_does_not_look_alive() -> None:
    rows = network_rows([Sighting(COINBASE, replace(STATUS, last_heartbeat=NOW - 20 * SECOND))], NOW)

    assert rows[0].presence is Presence.SILENT
    assert "silent, was active" in drawn(rows, 100)[1]
    assert " down " in drawn(rows, 100)[1]


@pytest.mark.parametrize(
    ("duration", "words"),
    [(0, "0s"), (59 * SECOND, "59s"), (200 * SECOND, "3m 20s"), (HOUR, "1h"), (2 * DAY + 3 * HOUR, "2d 3h")],
)
def test_durations_have_two_units_at_most(duration: int, words: str) -> None:
    assert ago(duration) == words


def test_a_pause_is_seen_at_once_with_who_asked_for_it() -> None:
    paused = replace(STATUS, paused_by="ada@example.org", paused_at=NOW, feed_state=FeedState.DOWN, last_error=None)
    lines = drawn(network_rows([Sighting(COINBASE, paused)], NOW), 120)

    assert "active, paused" in lines[1]
    assert any("Coinbase: paused by ada@example.org" in line for line in lines)


def test_a_feed_that_is_not_live_is_told_with_its_reasons() -> None:
    slow = replace(STATUS, feed_state=FeedState.DEGRADED, feed_reasons=("2 symbols are silent",), last_error=None)
    lines = drawn(network_rows([Sighting(COINBASE, slow)], NOW), 120)

    assert any("Coinbase: feed degraded: 2 symbols are silent" in line for line in lines)
