from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, STEP, SYMBOL
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import FetchCandles, FetchReason
from livermore.core.plan import WARMUP_ORDER, urgency


def orders_for(reasons: st.SearchStrategy[FetchReason]) -> st.SearchStrategy[list[FetchCandles]]:
    timeframes = st.sampled_from(Timeframe)
    order = st.builds(FetchCandles, st.just(SYMBOL), timeframes, st.just(DAWN), st.just(DAWN + STEP), reasons)
    return st.lists(order, min_size=2, max_size=20)


@given(orders=orders_for(st.sampled_from(FetchReason)))
def test_holes_come_before_history_and_history_before_verification(orders: list[FetchCandles]) -> None:
    ranks = [FetchReason.GAP, FetchReason.REPAIR, FetchReason.WARMUP, FetchReason.VERIFY]
    found = sorted(orders, key=urgency)

    assert [ranks.index(order.reason) for order in found] == sorted(ranks.index(order.reason) for order in orders)
    for before, after in pairwise(found):
        if before.reason is after.reason is not FetchReason.VERIFY:
            assert WARMUP_ORDER.index(before.timeframe) <= WARMUP_ORDER.index(after.timeframe)


@given(orders=orders_for(st.just(FetchReason.VERIFY)))
def test_verifications_are_asked_in_the_order_they_came(orders: list[FetchCandles]) -> None:
    """They never end: were the short timeframes preferred, a slow exchange would never be asked for the long ones."""
    assert sorted(orders, key=urgency) == orders


def test_every_timeframe_has_its_turn() -> None:
    assert set(WARMUP_ORDER) == set(Timeframe)
    assert WARMUP_ORDER[0] is Timeframe.M5
