"""A period in which no candle closes, and a series that stands still, are told from those in which all is well."""

import pytest

from livermore.app.audit import closes_within, stands_still
from livermore.app.audit_rows import Stand
from livermore.core.market.timeframe import BASE, DAY, HOUR, MINUTE, Millis, Timeframe


@pytest.mark.parametrize(
    ("since", "until", "is_so"),
    [
        (DAY, DAY + 1, False),
        (DAY - 1, DAY, True),
        (DAY + 123, DAY + 124, False),
        (DAY, DAY + 5 * MINUTE - 1, False),
        (DAY, DAY + 5 * MINUTE, True),
        (DAY, DAY, False),
    ],
)
def test_a_candle_closes_after_the_beginning_and_up_to_the_end(since: Millis, until: Millis, is_so: bool) -> None:
    assert closes_within(BASE.millis, since, until) is is_so


@pytest.mark.parametrize(
    ("timeframe", "due_until", "is_heard", "is_so"),
    [
        (BASE, DAY + 5 * MINUTE, True, True),
        (BASE, DAY + 5 * MINUTE - 1, True, False),
        (BASE, 9 * DAY, False, False),  # it was given up: what is stored of it stays
        (Timeframe.H1, DAY + HOUR - 1, True, False),
        (Timeframe.H1, DAY + HOUR, True, True),
    ],
)
def test_a_series_stands_still_when_its_next_candle_was_due_and_there_is_news_of_its_symbol(
    timeframe: Timeframe, due_until: Millis, is_heard: bool, is_so: bool
) -> None:
    stand = Stand("BTC-USD", timeframe, 0, DAY - timeframe.millis, 0, 0, (), is_heard)

    assert stands_still(stand, due_until) is is_so
