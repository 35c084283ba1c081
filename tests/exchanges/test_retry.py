"""Waits between attempts are random, bounded and endless."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import ExchangeRefused, ExchangeUnavailable, RateLimited
from livermore.exchanges.retry import backoff, is_transient


@given(st.integers(), st.floats(0.01, 10), st.floats(0.01, 100))
def test_every_wait_lies_under_a_ceiling_that_doubles_up_to_the_cap(seed: int, first: float, cap: float) -> None:
    waits = list(itertools.islice(backoff(random.Random(seed), first=first, cap=cap), 40))

    assert all(0 <= wait <= min(first * 2**i, cap) for i, wait in enumerate(waits))


def test_the_same_seed_gives_the_same_waits() -> None:
    one, other = backoff(random.Random(3)), backoff(random.Random(3))

    assert list(itertools.islice(one, 9)) == list(itertools.islice(other, 9))


def test_waits_are_spread_over_the_whole_range() -> None:
    """Many clients thrown out at once must not come back at once."""
    firsts = [next(backoff(random.Random(seed), first=1.0)) for seed in range(200)]

    assert min(firsts) < 0.1
    assert max(firsts) > 0.9


def test_only_what_may_pass_is_transient() -> None:
    assert is_transient(ExchangeUnavailable())
    assert is_transient(RateLimited(retry_after_seconds=1))
    assert not is_transient(ExchangeRefused())
