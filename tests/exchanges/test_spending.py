"""What was spent in the last minute, to a sixtieth of it."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.exchanges.spending import PIECES, Spending

requests = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 10)), max_size=100)


@given(requests, st.sampled_from([60.0, 1.0]))
def test_all_of_the_last_minute_counts_and_nothing_older(course: list[tuple[float, int]], minute: float) -> None:
    spending, now, spent = Spending(minute), 1_000.0, []
    for pause, weight in course:
        now += pause * minute / 60
        spending.spend(weight, now)
        spent.append((now, weight))
    surely = sum(weight for at, weight in spent if now - at <= minute * (1 - 1 / PIECES) - 1e-6)
    at_most = sum(weight for at, weight in spent if now - at <= minute + 1e-6)

    assert surely <= spending.within(now) <= at_most
    assert spending.within(now + minute * (1 + 1 / PIECES)) == 0


def test_what_the_host_counts_is_believed_where_it_is_more_for_as_long_as_its_window() -> None:
    spending = Spending(60.0)
    spending.spend(5, 100.0)
    spending.told(700.0, 101.0)

    assert spending.within(102.0) == 700.0
    assert spending.within(162.0) == 0.0
