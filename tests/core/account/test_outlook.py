"""The outlook is the first of its rules that holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.account.outlook import Outlook, outlook_of
from livermore.core.market.timeframe import Timeframe

values = st.floats(-300, 300, allow_nan=False)
MIRROR = {
    Outlook.STRONG_BUY: Outlook.STRONG_SELL,
    Outlook.BULLISH: Outlook.BEARISH,
    Outlook.REVERSAL_UP: Outlook.REVERSAL_DOWN,
    Outlook.MIXED: Outlook.MIXED,
}
MIRROR |= {down: up for up, down in MIRROR.items()}


def seen(hour: float | None, quarter: float | None, day: float | None) -> Outlook:
    return outlook_of({Timeframe.M5: 400.0, Timeframe.H1: hour, Timeframe.H4: quarter, Timeframe.D1: day})


@pytest.mark.parametrize(
    ("hour", "quarter", "day", "outlook"),
    [
        (51, 51, 1, Outlook.STRONG_BUY),
        (50, 51, 1, Outlook.BULLISH),
        (51, 51, 0, Outlook.MIXED),
        (-51, -51, -1, Outlook.STRONG_SELL),
        (-1, -1, -1, Outlook.BEARISH),
        (51, -1, 1, Outlook.REVERSAL_UP),
        (51, -1, -1, Outlook.REVERSAL_UP),
        (-51, 1, 1, Outlook.REVERSAL_DOWN),
        (50, -1, 1, Outlook.MIXED),
        (51, 0, -1, Outlook.MIXED),
        (0, 0, 0, Outlook.MIXED),
    ],
)
def test_the_first_rule_that_holds_decides(hour: float, quarter: float, day: float, outlook: Outlook) -> None:
    assert seen(hour, quarter, day) is outlook


@given(values, values, values)
def test_the_other_side_of_the_market_gives_the_other_outlook(hour: float, quarter: float, day: float) -> None:
    assert seen(-hour, -quarter, -day) is MIRROR[seen(hour, quarter, day)]


@pytest.mark.parametrize("missing", range(3))
def test_without_all_three_timeframes_there_is_no_data(missing: int) -> None:
    given = [60.0, 60.0, 60.0]
    hour, quarter, day = (None if place == missing else value for place, value in enumerate(given))

    assert seen(hour, quarter, day) is Outlook.NO_DATA
    assert outlook_of({}) is Outlook.NO_DATA
