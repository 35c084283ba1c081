"""A period in which no candle closes is told from one in which all is well."""

import pytest

from livermore.app.audit import closes_within
from livermore.core.market.timeframe import BASE, DAY, MINUTE, Millis


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
