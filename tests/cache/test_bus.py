"""Commands and answers over a real server."""

import asyncio
from contextlib import aclosing

import pytest
from redis.asyncio import Redis

from cache.examples import NOON, a_status
from livermore.cache.bus import answer, commands_heard, send, take, unanswered
from livermore.cache.codec.status import encode_status
from livermore.cache.command_log import RETENTION, append_step, command_history
from livermore.cache.keys import Keys
from livermore.core.instance.command_record import Step, StepTaken, order_of
from livermore.core.instance.commands import (
    Ack,
    Answer,
    Command,
    Failure,
    Progress,
    RefusedMessage,
    Result,
    Stop,
    SwitchMode,
    Taking,
    a_command,
)
from livermore.core.watch import Mode
from livermore.errors import CommandUnanswered, CorruptRecord, NobodyListens, StoreUnavailable

pytestmark = pytest.mark.timeout(60)


def an_order(name: str = "c1") -> Command:
    return a_command(1, name, Stop(), "ada@example.org", NOON)


async def listening(redis: Redis, keys: Keys) -> None:
    """Return once somebody hears commands."""
    async with asyncio.timeout(10):
        while not (await redis.pubsub_numsub(keys.command_channel))[0][1]:
            await asyncio.sleep(0.01)


async def answering(redis: Redis, keys: Keys, *answers: Answer, messages: int = 1) -> list[Command | RefusedMessage]:
    """Hear so many messages, say all answers to each."""
    heard = []
    async with aclosing(commands_heard(redis, keys)) as channel:  # type: ignore[type-var]
        async for one in channel:
            heard.append(one.message)
            for each in answers:
                await answer(redis, keys, each)
            if len(heard) == messages:
                break
    return heard


async def test_a_command_is_heard_and_all_its_answers_come_back(redis: Redis, keys: Keys) -> None:
    answers = (
        Ack("c1", "one", NOON),
        Progress("c1", NOON, 1, 2, "half"),
        Result("c1", NOON, True, {"before": "active"}),
    )
    others = (Ack("c2", "two", NOON), *answers)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        instance = tasks.create_task(answering(redis, keys, *others), name="instance")
        await listening(redis, keys)
        async with send(redis, keys, an_order()) as got:
            received = [one async for one in got]

    assert tuple(received) == answers
    assert instance.result() == [an_order()]


async def test_where_nobody_listens_the_sender_learns_it_at_once_and_the_audit_keeps_it(
    redis: Redis, keys: Keys
) -> None:
    with pytest.raises(NobodyListens, match="livermore instance"):
        async with send(redis, keys, an_order()):
            pytest.fail("nobody listens")

    (record,) = (await command_history(redis, keys, 10)).records
    assert (record.step, record.order.issued_by, record.order.type) == (Step.UNHEARD, "ada@example.org", "stop")


@pytest.mark.parametrize("answers", [(), (Ack("c1", "one", NOON),)])
async def test_an_instance_that_does_not_answer_is_not_waited_for_forever(
    redis: Redis, keys: Keys, answers: tuple[Answer, ...]
) -> None:
    with pytest.raises(CommandUnanswered, match="finish" if answers else "taken"):
        async with asyncio.timeout(20):
            await _unanswered(redis, keys, answers)


async def _unanswered(redis: Redis, keys: Keys, answers: tuple[Answer, ...]) -> None:
    instance = asyncio.TaskGroup()
    async with instance:
        hearing = instance.create_task(answering(redis, keys, *answers, messages=2), name="instance")
        await listening(redis, keys)
        try:
            async with send(
                redis, keys, an_order(), ack_within_seconds=0.3 if not answers else 20, result_within_seconds=0.6
            ) as got:
                async for _ in got:
                    continue
        except CommandUnanswered as error:
            hearing.cancel()
            problem = error
    raise problem


async def test_garbage_on_the_channels_reaches_the_instance_as_such_and_disturbs_no_sender(
    redis: Redis, keys: Keys
) -> None:
    last = Result("c1", NOON, True)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        instance = tasks.create_task(answering(redis, keys, last, messages=2), name="instance")
        await listening(redis, keys)
        await redis.publish(keys.command_channel, b"\xff{")
        async with send(redis, keys, an_order()) as got:
            await redis.publish(keys.response_channel, b"[]")
            received = [one async for one in got]

    assert received == [last]
    first, second = instance.result()
    assert isinstance(first, RefusedMessage)
    assert second == an_order()


async def test_of_all_who_hear_a_command_the_one_whose_status_is_shown_has_it_once(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.status, encode_status(a_status("one")))

    assert await take(redis, keys, "c1", "two", None) == (Taking.OTHER, None)
    assert await take(redis, keys, "c1", "one", None) == (Taking.TAKEN, None)
    assert await take(redis, keys, "c1", "one", None) == (Taking.AGAIN, None)


async def test_a_command_may_name_its_instance(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.status, encode_status(a_status("one")))

    assert await take(redis, keys, "c1", "one", "two") == (Taking.OTHER, None)
    assert await take(redis, keys, "c1", "two", "two") == (Taking.TAKEN, None)


async def test_what_another_instance_had_is_not_carried_out_again(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.status, encode_status(a_status("one")))
    await take(redis, keys, "c1", "one", None)
    await redis.set(keys.status, encode_status(a_status("two")))

    assert await take(redis, keys, "c1", "two", None) == (Taking.GONE, "one")


@pytest.mark.parametrize("foreign", [b"up", b"[]", b"\xff", b"null"])
async def test_under_a_foreign_status_nobody_has_a_command(redis: Redis, keys: Keys, foreign: bytes) -> None:
    await redis.set(keys.status, foreign)

    assert await take(redis, keys, "c1", "one", None) == (Taking.OTHER, None)


async def test_of_many_who_ask_at_once_one_has_it(redis: Redis, keys: Keys) -> None:
    await redis.set(keys.status, encode_status(a_status("one")))
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(take(redis, keys, "c1", "one", None), name=f"{n}") for n in range(30)]

    outcomes = [task.result()[0] for task in asked]
    assert (outcomes.count(Taking.TAKEN), outcomes.count(Taking.AGAIN)) == (1, 29)


async def test_the_history_tells_of_each_command_once_and_goes_on_page_by_page(redis: Redis, keys: Keys) -> None:
    for number in range(7):
        name, order = f"c{number}", order_of(a_command(1, f"c{number}", SwitchMode(Mode.SCALPER_MACDV), "ada", NOON))
        await append_step(redis, keys, StepTaken(name, Step.HEARD, NOON, "one", 4, order))
        if number:
            # The one before ends only after this one has begun, as it does where commands wait.
            await append_step(redis, keys, StepTaken(f"c{number - 1}", Step.DONE, NOON + 1, "one", 4))

    pages, before = [], None
    while True:
        page = await command_history(redis, keys, 3, before)
        pages.append([(record.correlation_id, record.step) for record in page.records])
        before = page.before
        if before is None:
            break

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [entry for page in pages for entry in page] == [("c6", Step.HEARD)] + [
        (f"c{number}", Step.DONE) for number in reversed(range(6))
    ]


async def test_a_step_keeps_all_that_it_says(redis: Redis, keys: Keys) -> None:
    order = order_of(a_command(1, "c1", SwitchMode(Mode.POSITION_MONITOR), "ada", NOON))
    await append_step(redis, keys, StepTaken("c1", Step.HEARD, NOON, "one", 4, order))
    await append_step(redis, keys, StepTaken("c1", Step.RUNNING, NOON + 1, "one", 4))
    failed = StepTaken("c1", Step.FAILED, NOON + 2, "one", 4, details={"a": [1]}, error=Failure("no", "not now"))
    await append_step(redis, keys, failed)

    (record,) = (await command_history(redis, keys, 10)).records

    assert record.order == order
    assert record.order.payload == {"mode": "position-monitor"}
    assert (record.heard_at, record.began_at, record.ended_at) == (NOON, NOON + 1, NOON + 2)
    assert (record.details, record.error) == (failed.details, failed.error)


async def test_steps_of_more_than_90_days_ago_are_dropped(redis: Redis, keys: Keys) -> None:
    await redis.xadd(keys.commands, {"step": "done"}, id=f"{NOON - RETENTION - 1}-0")
    await append_step(redis, keys, StepTaken("c1", Step.UNHEARD, NOON))

    assert await redis.xlen(keys.commands) == 1


async def test_a_foreign_entry_is_reported_as_such(redis: Redis, keys: Keys) -> None:
    await redis.xadd(keys.commands, {"hello": "world"})

    with pytest.raises(CorruptRecord, match=keys.commands):
        await command_history(redis, keys, 10)


async def test_a_lost_channel_is_said(redis: Redis, keys: Keys) -> None:
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        hearing = tasks.create_task(_heard_until_lost(redis, keys), name="instance")
        await listening(redis, keys)
        await redis.client_kill_filter(_type="pubsub")

    assert hearing.result()


async def _heard_until_lost(redis: Redis, keys: Keys) -> bool:
    try:
        await answering(redis, keys)
    except StoreUnavailable:
        return True
    return False


def test_what_is_not_answered_says_where_to_look() -> None:
    anyone = a_command(1, "c", SwitchMode(Mode.SCALPER_MACDV), "ada", NOON)
    named = a_command(1, "c", SwitchMode(Mode.SCALPER_MACDV), "ada", NOON, instance_id="abcdef")

    assert unanswered(anyone, is_heard=False).endswith("in time; see `livermore ctl coinbase history`")
    assert "does not finish it" in unanswered(named, is_heard=True)
    assert "no instance abcdef is there" in unanswered(named, is_heard=False)
