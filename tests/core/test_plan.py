from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, STEP, SYMBOL
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import FetchCandles, FetchReason
from livermore.core.plan import WARMUP_ORDER, urgency

ORDERS = st.builds(
    FetchCandles,
    st.just(SYMBOL),
    st.sampled_from(Timeframe),
    st.just(DAWN),
    st.just(DAWN + STEP),
    st.sampled_from(FetchReason),
)


@given(orders=st.lists(ORDERS, min_size=2, max_size=20))
def test_holes_come_before_history_and_history_before_verification(orders: list[FetchCandles]) -> None:
    ranks = [FetchReason.GAP, FetchReason.REPAIR, FetchReason.WARMUP, FetchReason.VERIFY]
    found = sorted(orders, key=urgency)

    assert [ranks.index(order.reason) for order in found] == sorted(ranks.index(order.reason) for order in orders)
    for before, after in pairwise(found):
        if before.reason is after.reason is not FetchReason.VERIFY:
            assert WARMUP_ORDER.index(before.timeframe) <= WARMUP_ORDER.index(after.timeframe)


@given(orders=st.lists(ORDERS.filter(lambda order: order.reason is FetchReason.VERIFY), min_size=2, max_size=20))
def test_verifications_are_asked_in_the_order_they_came(orders: list[FetchCandles]) -> None:
    """They never end: were the short timeframes preferred, a slow exchange would never be asked for the long ones."""
    assert sorted(orders, key=urgency) == orders


def test_every_timeframe_has_its_turn() -> None:
    assert set(WARMUP_ORDER) == set(Timeframe)
    assert WARMUP_ORDER[0] is Timeframe.M5
