from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.instance.activity import ErrorSeen, StateChanged, actor_of
from livermore.core.instance.lifecycle import State
from livermore.core.instance.overview import HEARTBEAT_OVERDUE, Presence, Sighting, counts, network_rows
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import COINBASE, WATCHED
from livermore.core.market.timeframe import HOUR, SECOND

NOW = 1_769_093_700_000
ACTIVE = Status(
    1, "coinbase", "one", 4, State.ACTIVE, FeedState.LIVE, NOW - HOUR, NOW - SECOND, NOW - HOUR, "box", 4711, "0.1.0",
    connected_at=NOW - HOUR, last_error="feed_lost: closed", last_error_at=NOW - HOUR,
)  # fmt: skip


def row_of(**changes: object):
    (row,) = network_rows([replace(Sighting(COINBASE), **changes)], NOW)
    return row


def test_an_instance_that_sends_heartbeats_is_alive_with_its_ages_and_its_last_error() -> None:
    row = row_of(status=ACTIVE)

    assert (row.presence, row.uptime, row.heartbeat_age, row.problem) == (
        Presence.ALIVE, HOUR, SECOND, "feed_lost: closed",
    )  # fmt: skip


def test_an_instance_is_silent_once_three_heartbeats_are_overdue() -> None:
    just = replace(ACTIVE, last_heartbeat=NOW - HEARTBEAT_OVERDUE)

    assert row_of(status=just).presence is Presence.ALIVE
    assert row_of(status=replace(just, last_heartbeat=NOW - HEARTBEAT_OVERDUE - 1)).presence is Presence.SILENT


def test_one_that_has_stopped_need_not_send_heartbeats() -> None:
    stopped = replace(ACTIVE, connection_state=State.STOPPED, last_heartbeat=NOW - HOUR)

    assert row_of(status=stopped).presence is Presence.ALIVE
    assert row_of(status=stopped).uptime is None


@pytest.mark.parametrize(
    ("state", "presence"),
    [
        (State.ACTIVE, Presence.DEAD),
        (State.WARMING, Presence.DEAD),
        (State.STARTING, Presence.DEAD),
        (State.STOPPING, Presence.DEAD),
        (State.STOPPED, Presence.OFFLINE),
        (State.IDLE, Presence.OFFLINE),
    ],
)
def test_whose_status_has_run_out_is_dead_unless_it_said_farewell(state: State, presence: Presence) -> None:
    actor = actor_of(ACTIVE)
    for latest in (
        StateChanged(NOW - HOUR, actor, State.IDLE, state),
        ErrorSeen(NOW - HOUR, actor, "x", state),
    ):
        row = row_of(latest=latest)

        assert (row.presence, row.seen_ago, row.last_host, row.uptime) == (presence, HOUR, "box", None)


def test_an_exchange_without_a_trace_was_never_seen() -> None:
    assert row_of().presence is Presence.NEVER


def test_a_foreign_status_is_told_as_such() -> None:
    row = row_of(unreadable="it is no status", latest=None)

    assert (row.presence, row.problem) == (Presence.UNREADABLE, "it is no status")


def test_processes_that_do_not_serve_are_spares() -> None:
    idle = replace(ACTIVE, instance_id="two", connection_state=State.IDLE)

    assert row_of(status=ACTIVE, instances=(ACTIVE, idle)).spares == (idle,)
    assert row_of(instances=(idle,)).spares == (idle,)


@given(st.lists(st.sampled_from(WATCHED)), st.integers(0, 2 * NOW))
def test_there_is_one_row_for_each_sighting_and_no_age_is_negative(exchanges: list, now: int) -> None:
    rows = network_rows([Sighting(exchange, ACTIVE) for exchange in exchanges], now)

    assert [row.exchange for row in rows] == exchanges
    assert all((row.heartbeat_age or 0) >= 0 and (row.uptime or 0) >= 0 for row in rows)
    assert sum(counts(rows).values()) == len(rows)
