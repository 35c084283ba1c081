"""Budgets are what the exchanges publish, in simulated time."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.timeframe import MINUTE
from livermore.sim.clock import SimClock
from livermore.sim.limits import IGNORED_BEFORE_BAN, RollingLimit, WeightMeter, frames_limit

MIDNIGHT = 1_795_305_600_000


@given(st.lists(st.integers(0, 300), max_size=200))
def test_no_window_ever_holds_more_than_the_limit(steps: list[int]) -> None:
    limit, now, admitted = RollingLimit(5, 1_000), MIDNIGHT, []
    for step in steps:
        now += step
        if limit.admits("one", now):
            admitted.append(now)

    assert all(later - earlier >= 1_000 for earlier, later in zip(admitted, admitted[5:], strict=False))


@given(st.sampled_from([0.5, 1.0, 60.0, 600.0]), st.integers(1, 40))
def test_frames_may_bunch_within_a_real_second_and_no_further(speed: float, per_second: int) -> None:
    clock = SimClock(MIDNIGHT, speed)
    limit = frames_limit(per_second, clock)
    most = int(per_second * max(speed, 1.0))

    admitted = [limit.admits("one", MIDNIGHT) for _ in range(most + 1)]
    assert admitted == [True] * most + [False]
    # At the speed of the real world, and below, a second is the exchange's own.
    window = clock.at_least(1_000, 1.0)
    assert not limit.admits("one", MIDNIGHT + window - 1)
    assert limit.admits("one", MIDNIGHT + window)


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
