"""No window of the exchange ever sees more requests than it allows, however long they take to arrive."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.examples import FastClock
from livermore.exchanges.limiter import Budget, Sent, spread
from livermore.exchanges.window import CREDIT_SECONDS, LATEST_ARRIVAL_SECONDS, MARGIN_SECONDS, SlidingWindow

COUNT, WINDOW = 10, 1.0
WAYS = st.lists(st.tuples(st.floats(0.001, 0.9), st.floats(0.001, 2.0)), min_size=40, max_size=120)


@settings(max_examples=50)
@given(WAYS, st.integers(1, 12))
def test_in_no_window_do_more_arrive_than_are_allowed(ways: list[tuple[float, float]], count: int) -> None:
    """Each request takes its own time there and back; nothing is known but when its answer comes."""
    window = SlidingWindow(count, WINDOW)
    now, arrivals, pending = 0.0, [], []
    for there, back in ways:
        while True:
            for one in sorted((one for one in pending if one[0] <= now), key=lambda one: one[:2]):
                pending.remove(one)
                window.answered(one[2], one[1], one[0])
            wait = window.wait(now)
            if wait == 0.0:
                break
            now = min([now + wait, *(one[0] for one in pending)])
        pending.append((now + there + back, now, window.take(now)))
        arrivals.append(now + there)

    # What is taken for granted and is not so costs the exactness of as much.
    shortest = min(there for there, _ in ways) + min(back for _, back in ways)
    error = max(0.0, CREDIT_SECONDS - shortest - MARGIN_SECONDS)
    arrivals.sort()
    for early, late in zip(arrivals, arrivals[count:], strict=False):
        assert late - early >= WINDOW - error - 1e-9


@given(st.floats(0.001, CREDIT_SECONDS), st.integers(30, 300))
def test_when_all_answers_take_the_same_time_hardly_anything_is_lost(took: float, requests: int) -> None:
    window = SlidingWindow(COUNT, WINDOW)
    now = 0.0
    pending: list[tuple[float, float, object]] = []
    for _ in range(requests):
        while True:
            done = [one for one in pending if one[0] <= now]
            pending = [one for one in pending if one[0] > now]
            for answered_at, sent_at, place in done:
                window.answered(place, sent_at, answered_at)
            wait = window.wait(now)
            if wait == 0.0:
                break
            now = min([now + wait, *(one[0] for one in pending)])
        pending.append((now + took, now, window.take(now)))

    assert now <= (requests - 1) // COUNT * (WINDOW + MARGIN_SECONDS) + 1e-6


def test_a_request_that_is_never_answered_frees_its_place_after_a_while() -> None:
    window = SlidingWindow(1, WINDOW)
    window.take(5.0)
    assert window.wait(5.0) == pytest.approx(LATEST_ARRIVAL_SECONDS + WINDOW + MARGIN_SECONDS)


def test_an_answer_that_comes_after_its_place_was_taken_again_changes_nothing() -> None:
    window = SlidingWindow(1, WINDOW)
    place = window.take(0.0)
    window.take(10.0)
    window.answered(place, 0.0, 10.5)
    assert window.wait(10.5) == pytest.approx(LATEST_ARRIVAL_SECONDS + WINDOW + MARGIN_SECONDS - 0.5)


@pytest.mark.parametrize("count", [250, 1_000])
async def test_a_warm_up_takes_a_tenth_longer_at_most_than_the_limit_asks_for(count: int) -> None:
    """Ten in any second, of which ten may be at once; each of ours wakes up 10 ms late and is answered 30 ms later."""
    clock = FastClock()
    unanswered: list[Sent] = []

    async def oversleep(seconds: float) -> None:
        wakes_at = clock.seconds + seconds + 0.01
        while unanswered and unanswered[0].at + 0.03 <= wakes_at:
            clock.seconds = max(clock.seconds, unanswered[0].at + 0.03)
            budget.answered(unanswered.pop(0))
        clock.seconds = wakes_at

    budget = Budget(*spread(10.0, 1.0, 1.0), clock=clock.now, sleep=oversleep)
    began, times = clock.now(), []
    for _ in range(count):
        unanswered.append(await budget.spend())
        times.append(unanswered[-1].at)

    assert clock.now() - began <= 1.1 * (count - 10) / 10
    assert all(late - early >= 1.0 for early, late in zip(times, times[10:], strict=False))
    assert min(late - early for early, late in pairwise(times)) > 0.049, "spread, not ten at once"


async def test_less_than_one_request_in_a_window_is_one_in_a_longer_one() -> None:
    clock = FastClock()
    budget = Budget(*spread(0.5, 1.0, 1.0), clock=clock.now, sleep=clock.sleep)
    times = []
    for _ in range(4):
        sent = await budget.spend()
        budget.answered(sent)
        times.append(sent.at)
        await asyncio.sleep(0)

    assert all(late - early == pytest.approx(2.0 + MARGIN_SECONDS) for early, late in pairwise(times))


async def test_whoever_waits_for_a_place_goes_on_when_an_answer_frees_it() -> None:
    """Without its answer a place is given up for a second; a budget that slept through answers would be that slow."""
    budget = Budget(*spread(1.0, 0.001, 1.0))
    async with asyncio.timeout(10):
        for _ in range(40):
            sent = await budget.spend()
            async with asyncio.TaskGroup() as tasks:
                next_one = tasks.create_task(budget.spend(), name="next")
                await asyncio.sleep(0)
                budget.answered(sent)
            budget.answered(next_one.result())
