"""What an instance can say of its budgets: what is used, of how much, and who waits."""

import asyncio

from exchanges.examples import FastClock
from livermore.core.instance.status import BudgetUse
from livermore.exchanges.limiter import Budget, Budgets, TokenBucket, spread


async def test_a_budget_says_what_is_used_in_the_last_minute_of_how_much() -> None:
    clock = FastClock()
    budget = Budget(*spread(10.0, 1.0, 1.0), clock=clock.now, sleep=clock.sleep)
    for _ in range(30):
        await budget.spend()

    assert budget.use("api.example.org") == BudgetUse("api.example.org", 30.0, 600.0, 0, 0)


async def test_the_weight_that_the_host_counts_is_said_where_it_is_more() -> None:
    clock = FastClock()
    budget = Budget(TokenBucket(100.0, 100.0, window_limit=6_000.0), clock=clock.now, sleep=clock.sleep)
    await budget.spend(4)
    budget.spent(1_200)
    budget.hold(0.5)

    assert budget.use("x") == BudgetUse("x", 1_200.0, 6_000.0, 0, 1)


async def test_the_minute_of_a_fast_market_is_the_exchanges_own() -> None:
    clock = FastClock()
    budget = Budget(*spread(10.0, 1.0, 60.0), speed=60.0, clock=clock.now, sleep=clock.sleep)
    await budget.spend()

    assert budget.use("x").limit == 600.0


async def test_whoever_waits_for_a_turn_is_counted_until_it_came_or_was_given_up() -> None:
    budget = Budget(TokenBucket(0.001, 1.0))
    await budget.spend()
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(budget.spend(), name="waiting") for _ in range(3)]
        await asyncio.sleep(0)
        assert budget.use("x").waiting == 3
        for task in waiting:
            task.cancel()

    assert budget.use("x").waiting == 0


def test_only_budgets_for_requests_are_told_of() -> None:
    budgets = Budgets()
    for name in ("api.example.org", "connections stream.example.org"):
        budgets.of(name, lambda: Budget(TokenBucket(1.0, 1.0)))

    assert [use.host for use in budgets.uses()] == ["api.example.org"]
