"""Budgets are what the exchanges publish, in simulated time."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.timeframe import MINUTE
from livermore.sim.limits import IGNORED_BEFORE_BAN, RollingLimit, WeightMeter

MIDNIGHT = 1_795_305_600_000


@given(st.lists(st.integers(0, 300), max_size=200))
def test_no_window_ever_holds_more_than_the_limit(steps: list[int]) -> None:
    limit, now, admitted = RollingLimit(5, 1_000), MIDNIGHT, []
    for step in steps:
        now += step
        if limit.admits("one", now):
            admitted.append(now)

    assert all(later - earlier >= 1_000 for earlier, later in zip(admitted, admitted[5:], strict=False))


def test_clients_have_budgets_of_their_own() -> None:
    limit = RollingLimit(1, 1_000)

    assert limit.admits("one", MIDNIGHT)
    assert not limit.admits("one", MIDNIGHT + 999)
    assert limit.admits("other", MIDNIGHT + 999)
    assert limit.admits("one", MIDNIGHT + 1_000)


def test_weight_is_counted_by_the_calendar_minute() -> None:
    meter = WeightMeter(10)

    assert meter.charge("one", 10, MIDNIGHT + 59_000).status == 200
    refused = meter.charge("one", 1, MIDNIGHT + 59_500)
    assert (refused.status, refused.wait) == (429, 500)
    assert meter.charge("one", 1, MIDNIGHT + MINUTE).used == 1


def test_who_does_not_heed_429_is_banned_and_longer_every_time() -> None:
    meter, now, bans = WeightMeter(10), MIDNIGHT, []
    for _ in range(3):
        meter.charge("one", 10, now)
        charges = [meter.charge("one", 1, now + 1) for _ in range(IGNORED_BEFORE_BAN + 1)]
        assert [charge.status for charge in charges] == [429] * IGNORED_BEFORE_BAN + [418]
        bans.append(charges[-1].wait)
        now += 1 + charges[-1].wait
        assert meter.charge("one", 0, now - 1).status == 418

    assert bans == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
