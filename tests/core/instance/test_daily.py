"""What the message of the day says of each exchange."""

from dataclasses import replace

import pytest

from core.instance.test_overview import ACTIVE, NOW
from livermore.core.instance.daily import daily_lines, daily_title, is_watching
from livermore.core.instance.lifecycle import State
from livermore.core.instance.overview import HEARTBEAT_OVERDUE, Sighting, network_rows
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import BINANCE, COINBASE


def rows_of(status: Status | None):
    return network_rows([Sighting(COINBASE, status), Sighting(BINANCE)], NOW)


def test_all_is_well() -> None:
    rows = rows_of(ACTIVE)

    assert daily_title(rows) == "Livermore is watching"
    assert daily_lines(rows, 3, {"delivered": 2, "failed": 0, "suppressed": 1}) == (
        "Coinbase: alive, active, 0 symbols, feed live",
        "The last 24 hours: 3 alerts; deliveries: 2 delivered, 1 suppressed.",
    )


@pytest.mark.parametrize(
    "status",
    [
        replace(ACTIVE, connection_state=State.WARMING),
        replace(ACTIVE, connection_state=State.STOPPED),
        replace(ACTIVE, feed_state=FeedState.DOWN),
        replace(ACTIVE, last_heartbeat=NOW - HEARTBEAT_OVERDUE - 1),
    ],
)
def test_whatever_keeps_an_exchange_from_being_watched_is_in_the_title(status: Status) -> None:
    rows = rows_of(status)

    assert daily_title(rows) == "Livermore is not watching Coinbase"
    assert not is_watching(rows[0])


def test_an_exchange_that_was_never_served_is_not_missed() -> None:
    assert daily_title(rows_of(None)) == "Livermore is watching"
    assert len(daily_lines(rows_of(None), 0, {})) == 1
