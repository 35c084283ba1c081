"""Simulated time runs as fast as it is told, and every end of a bucket is an instant of its own."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.timeframe import BASE
from livermore.sim.clock import SimClock
from livermore.sim.simulation import stops_between

MIDNIGHT = 1_795_305_600_000


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@given(st.floats(0.1, 10_000), st.floats(0, 1e6))
def test_time_passes_at_its_speed(speed: float, seconds: float) -> None:
    ticks = Ticks()
    clock = SimClock(MIDNIGHT, speed, ticks)
    ticks.seconds += seconds

    assert abs(clock.now() - (MIDNIGHT + seconds * speed * 1_000)) <= 1 + seconds * speed * 1e-6
    assert abs(clock.real_seconds(clock.now() - MIDNIGHT) - seconds) < 0.02


def test_deadlines_for_a_reaction_do_not_shrink_below_real_time() -> None:
    fast, slow = SimClock(MIDNIGHT, 60.0), SimClock(MIDNIGHT, 1.0)

    assert fast.at_least(5_000, 2.0) == 120_000
    assert slow.at_least(5_000, 2.0) == 5_000


@given(st.integers(0, 10**7), st.integers(1, 10**6))
def test_no_end_of_a_bucket_is_stepped_over(into: int, step: int) -> None:
    last = MIDNIGHT + into
    now = last + step
    stops = stops_between(last, now)
    ends = [end for end in range(MIDNIGHT, now + 1, BASE.millis) if last < end]

    assert stops == sorted(set(stops))
    assert stops[0] > last
    assert stops[-1] == now
    assert set(ends) <= set(stops)
