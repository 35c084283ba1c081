"""One instance serves an exchange, and everybody knows which."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from cache.examples import a_status
from livermore.cache.codec.status import decode_status
from livermore.cache.instances import STATUS_LIFE, claim, heartbeat, release
from livermore.cache.keys import Keys
from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import CLAIMABLE, State
from livermore.core.instance.status import FeedState
from livermore.errors import CorruptRecord


async def granted(redis: Redis, keys: Keys, instance: str = "one", state: State = State.STARTING) -> int:
    outcome = await claim(redis, keys, a_status(instance, state))
    assert isinstance(outcome, int)
    return outcome


async def test_a_claim_leaves_a_status_with_its_epoch_that_runs_out(redis: Redis, keys: Keys) -> None:
    epoch = await granted(redis, keys)

    assert decode_status(await redis.get(keys.status), keys.status) == a_status(epoch=epoch)
    assert await redis.get(keys.epoch) == str(epoch).encode()
    assert 0 < await redis.pttl(keys.status) <= STATUS_LIFE


async def test_of_two_thousand_claims_at_once_exactly_one_wins(redis: Redis, keys: Keys) -> None:
    limit = asyncio.Semaphore(50)

    async def attempt(number: int) -> int | Refusal:
        async with limit:
            return await claim(redis, keys, a_status(f"i{number}"))

    async with asyncio.TaskGroup() as tasks:
        attempts = [tasks.create_task(attempt(number), name=f"claim {number}") for number in range(2_000)]
    outcomes = [task.result() for task in attempts]

    winners = [number for number, outcome in enumerate(outcomes) if outcome == 1]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(winners) == 1
    assert len(refusals) == 1_999
    assert {refusal.holder.instance_id for refusal in refusals} == {f"i{winners[0]}"}


async def test_the_epoch_grows_with_every_claim(redis: Redis, keys: Keys) -> None:
    epochs = []
    for number in range(20):
        epochs.append(await granted(redis, keys, f"i{number % 3}"))
        await redis.delete(keys.status)

    assert epochs == list(range(1, 21))


@pytest.mark.parametrize("state", State)
async def test_only_an_idle_or_stopped_holder_gives_way(redis: Redis, keys: Keys, state: State) -> None:
    epoch = await granted(redis, keys, "holder", state)
    before = await redis.get(keys.status)

    outcome = await claim(redis, keys, a_status("other"))

    if state in CLAIMABLE:
        assert outcome == epoch + 1
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.holder == a_status("holder", state, epoch)
        assert 0 < outcome.time_left <= STATUS_LIFE
        assert await redis.get(keys.status) == before
        assert await redis.get(keys.epoch) == str(epoch).encode()


async def test_ones_own_claim_may_be_made_again_with_a_new_epoch(redis: Redis, keys: Keys) -> None:
    assert await granted(redis, keys) + 1 == await granted(redis, keys)


async def test_an_epoch_known_elsewhere_is_exceeded_even_where_redis_has_forgotten_it(redis: Redis, keys: Keys) -> None:
    assert await claim(redis, keys, a_status(), least_epoch=41) == 42
    assert await claim(redis, keys, a_status(), least_epoch=41) == 43


@pytest.mark.parametrize(
    "foreign", [b"up", b"[]", b"7", b"null", b"{}", b'{"instanceId":5,"connectionState":"idle"}', b"\xff\x00"]
)
async def test_a_foreign_value_is_reported_and_never_overwritten(redis: Redis, keys: Keys, foreign: bytes) -> None:
    await redis.set(keys.status, foreign)

    with pytest.raises(CorruptRecord, match=keys.status):
        await claim(redis, keys, a_status())
    assert await redis.get(keys.status) == foreign
    assert await redis.get(keys.epoch) is None


async def test_a_foreign_value_stops_the_heartbeat_with_an_error(redis: Redis, keys: Keys) -> None:
    epoch = await granted(redis, keys)
    await redis.set(keys.status, b"up")

    with pytest.raises(CorruptRecord, match=keys.status):
        await heartbeat(redis, keys, a_status(epoch=epoch))
    assert await redis.get(keys.status) == b"up"


async def test_a_heartbeat_writes_the_whole_status_and_renews_the_claim(redis: Redis, keys: Keys) -> None:
    epoch = await granted(redis, keys)
    await redis.pexpire(keys.status, 5_000)
    status = replace(a_status(epoch=epoch), connection_state=State.ACTIVE, feed_state=FeedState.DOWN, symbol_count=9)

    assert await heartbeat(redis, keys, status)
    assert decode_status(await redis.get(keys.status), keys.status) == status
    assert await redis.pttl(keys.status) > 5_000


@pytest.mark.parametrize(("instance", "epoch_offset"), [("other", 0), ("one", -1), ("one", 1)])
async def test_a_heartbeat_of_another_instance_or_epoch_changes_nothing(
    redis: Redis, keys: Keys, instance: str, epoch_offset: int
) -> None:
    epoch = await granted(redis, keys)
    before = await redis.get(keys.status)
    stranger = a_status(instance, State.ACTIVE, epoch + epoch_offset)

    assert not await heartbeat(redis, keys, stranger)
    assert not await release(redis, keys, stranger)
    assert not await release(redis, keys, stranger, is_forgotten=True)
    assert await redis.get(keys.status) == before


async def test_a_claim_that_has_run_out_cannot_be_renewed(redis: Redis, keys: Keys) -> None:
    epoch = await granted(redis, keys)
    await redis.delete(keys.status)

    assert not await heartbeat(redis, keys, a_status(epoch=epoch))
    assert await redis.get(keys.status) is None


async def test_a_released_exchange_shows_it_for_a_while_and_is_free(redis: Redis, keys: Keys) -> None:
    epoch = await granted(redis, keys)

    assert await release(redis, keys, a_status(state=State.STOPPED, epoch=epoch))
    assert 0 < await redis.pttl(keys.status) <= STATUS_LIFE
    assert await granted(redis, keys, "other") == epoch + 1


async def test_a_release_can_leave_nothing_but_the_epoch(redis: Redis, keys: Keys) -> None:
    epoch = await granted(redis, keys)

    assert await release(redis, keys, a_status(epoch=epoch), is_forgotten=True)
    assert await redis.keys() == [keys.epoch.encode()]


async def test_claims_work_on_a_server_that_has_forgotten_the_script(redis: Redis, keys: Keys) -> None:
    await granted(redis, keys)
    await redis.script_flush()

    assert await granted(redis, keys) == 2
