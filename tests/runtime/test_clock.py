"""The clocks."""

import time

from livermore.runtime.clock import SimulatedClock, SystemClock


def test_the_system_clock_tells_the_time_of_the_machine() -> None:
    before = time.time_ns() // 1_000_000
    told = SystemClock().now()

    assert before <= told <= time.time_ns() // 1_000_000


def test_a_simulated_clock_starts_at_its_anchor_and_runs_at_its_speed() -> None:
    before = time.monotonic()
    clock = SimulatedClock(1_000_000, 1_000.0)
    first = clock.now()
    told = clock.now()
    elapsed = time.monotonic() - before

    assert 1_000_000 <= first <= told <= 1_000_000 + elapsed * 1_000_000 + 1
