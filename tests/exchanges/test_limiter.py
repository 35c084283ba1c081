"""The budget never sends more than allowed, and hardly less."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.examples import FastClock
from livermore.errors import RateLimited
from livermore.exchanges.binance.exchange import shares
from livermore.exchanges.limiter import PATIENCE_SECONDS, Budget, Budgets, TokenBucket, steady


def sent(bucket: TokenBucket, weights: list[float], idle: list[float]) -> list[tuple[float, float]]:
    """When each weight goes when it is asked for after the given idle time, one after another."""
    now, out = 0.0, []
    for weight, pause in zip(weights, idle, strict=True):
        now += pause
        while (wait := bucket.reserve(weight, now)) > 0:
            now += wait
        out.append((now, weight))
    return out


RATES = st.floats(0.5, 500)
BURSTS = st.integers(1, 50).map(float)


@given(RATES, BURSTS, st.lists(st.tuples(st.floats(0.1, 1), st.floats(0, 3)), min_size=1, max_size=60))
def test_no_stretch_of_time_carries_more_than_the_burst_and_the_rate(
    rate: float, burst: float, asked: list[tuple[float, float]]
) -> None:
    out = sent(TokenBucket(rate, burst), [weight for weight, _ in asked], [pause for _, pause in asked])

    for i, (began, _) in enumerate(out):
        for j in range(i, len(out)):
            weight = sum(weight for _, weight in out[i : j + 1])
            assert weight <= burst + rate * (out[j][0] - began) + 1e-6 * len(out) * rate


@given(RATES, BURSTS, st.integers(60, 400))
def test_many_requests_take_as_long_as_the_rate_says(rate: float, burst: float, count: int) -> None:
    ends = sent(TokenBucket(rate, burst), [1.0] * count, [0.0] * count)[-1][0]

    assert ends == pytest.approx((count - burst) / rate, rel=1e-6)


async def test_a_thousand_concurrent_requests_are_within_a_tenth_of_the_exchange_limit() -> None:
    """Ten a second and ten at once, as Coinbase allows; ours go one by one, and each wakes up 10 ms late."""
    clock = FastClock()
    budget = Budget(steady(10.0, 1.0, 1.0), clock=clock.now, sleep=clock.oversleep)
    began = clock.now()

    await asyncio.gather(*(budget.spend() for _ in range(1000)))

    assert (1000 - 10) / 10 <= clock.now() - began <= 1.1 * (1000 - 10) / 10


@given(st.floats(1_000, 10_000), st.sampled_from([1.0, 2.0, 20.0, 40.0]))
def test_no_minute_carries_more_weight_than_binance_allows(limit: float, weight: float) -> None:
    rate, burst, _ = shares(limit, 1.0)
    count = int(3 * limit / weight)
    out = sent(TokenBucket(rate, burst), [weight] * count, [0.0] * count)

    fullest = max(sum(w for at, w in out if began <= at < began + 60) for began in (0.0, 20.0, 59.0, 60.0, 90.0))
    assert fullest <= limit


@given(st.floats(0.1, 50), st.integers(1, 20))
def test_nothing_is_sent_while_silence_is_asked_for(pause: float, count: int) -> None:
    bucket = TokenBucket(10.0, 5.0)
    bucket.reserve(1.0, 0.0)
    bucket.hold_until(0.5 + pause, 0.5)

    out = sent(bucket, [1.0] * count, [0.6] + [0.0] * (count - 1))

    assert out[0][0] >= 0.5 + pause
    assert out[-1][0] >= 0.5 + pause + count / 10.0 - 1e-6, "the burst must not be waiting at the end of a ban"


def test_the_weight_used_by_others_is_respected() -> None:
    bucket = TokenBucket(90.0, 180.0, window_limit=6000.0)
    bucket.reserve(2.0, 0.0)

    bucket.spent(5950.0, 1.0)

    assert bucket.reserve(2.0, 1.0) == pytest.approx(10.0)


def test_a_weight_above_the_burst_still_goes() -> None:
    bucket = TokenBucket(10.0, 5.0)

    assert bucket.reserve(40.0, 0.0) == 0.0
    assert bucket.reserve(1.0, 0.0) == pytest.approx(3.6)


async def test_a_long_ban_is_told_and_not_slept_through() -> None:
    clock = FastClock()
    budget = Budget(TokenBucket(10.0, 5.0), clock=clock.now, sleep=clock.sleep)
    budget.hold(PATIENCE_SECONDS + 100)

    with pytest.raises(RateLimited) as told:
        await budget.spend()

    assert told.value.retry_after_seconds == pytest.approx(PATIENCE_SECONDS + 100)


async def test_a_ban_that_comes_while_others_wait_holds_them_too() -> None:
    clock = FastClock()
    budget = Budget(TokenBucket(1.0, 1.0), clock=clock.now, sleep=clock.sleep)
    times: list[float] = []

    async def ask() -> None:
        await budget.spend()
        times.append(clock.now())
        if len(times) == 3:
            budget.hold(30.0)

    await asyncio.gather(*(ask() for _ in range(6)))

    assert times[3] >= times[2] + 30.0
    assert times[4] >= times[3] + 1.0 - 1e-6


@given(st.integers(2, 20), st.sampled_from([1.0, 10.0, 60.0]), st.lists(st.floats(0, 0.06), min_size=60, max_size=60))
def test_a_steady_rate_keeps_every_window_also_when_requests_arrive_bunched(
    count: int, speed: float, delays: list[float]
) -> None:
    out = sent(steady(count, 1.0, speed), [1.0] * len(delays), [0.0] * len(delays))
    arrivals = sorted(at + delay for (at, _), delay in zip(out, delays, strict=True))

    for began in arrivals:
        assert sum(began <= at < began + 1.0 / speed - 1e-9 for at in arrivals) <= count


def test_one_host_has_one_budget() -> None:
    budgets = Budgets()

    def make() -> Budget:
        return Budget(TokenBucket(1.0, 1.0))

    assert budgets.of("a", make) is budgets.of("a", make)
    assert budgets.of("a", make) is not budgets.of("b", make)
