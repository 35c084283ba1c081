"""One command with all its steps: for admins, and for whoever has issued it."""

from typing import Any

from redis.asyncio import Redis

from api.stage import NOW, Stage
from livermore.cache.command_log import append_step, command_steps
from livermore.cache.connect import keys_on
from livermore.cache.keys import Keys
from livermore.core.account.people import Role
from livermore.core.instance.command_record import Order, Step, StepTaken
from livermore.core.instance.commands import Failure


async def issued(redis: Redis, keys: Keys, name: str, by: str, at: int) -> None:
    order = Order("force-backfill", {"symbols": ["BTC-USD"]}, by, at)
    for number, step in enumerate((Step.HEARD, Step.RUNNING, Step.FAILED)):
        is_first, is_last = step is Step.HEARD, step is Step.FAILED
        taken = StepTaken(
            name,
            step,
            at + number,
            "one",
            4,
            order if is_first else None,
            {"series": 3} if is_last else {},
            Failure("busy", "too much") if is_last else None,
        )
        await append_step(redis, keys, taken)


async def asked(stage: Stage, name: str, role: Role, email: str | None = None) -> Any:
    headers = await stage.headers(role, email)
    return await stage.http.get(f"/api/v1/commands/{name}", headers=headers)


async def test_an_admin_sees_every_step_with_its_time_on_whichever_exchange(stage: Stage, redis: Redis) -> None:
    now = NOW()
    await issued(redis, keys_on(redis, 2), "one", "ada@example.org", now)
    shown = (await asked(stage, "one", Role.ADMIN)).json()

    assert (shown["exchangeId"], shown["step"], shown["issuedBy"]) == (2, "failed", "ada@example.org")
    assert [(step["step"], step["time"]) for step in shown["steps"]] == [
        ("heard", now),
        ("running", now + 1),
        ("failed", now + 2),
    ]
    assert shown["steps"][-1]["details"] == {"series": 3}
    assert shown["steps"][-1]["error"] == {"code": "busy", "message": "too much"}
    assert shown["steps"][0]["error"] is None


async def test_whoever_issued_it_sees_it_and_to_others_there_is_none(stage: Stage, redis: Redis, keys: Keys) -> None:
    await issued(redis, keys, "mine", "eve@example.org", NOW())

    assert (await asked(stage, "mine", Role.USER, "eve@example.org")).status_code == 200
    assert (await asked(stage, "mine", Role.USER)).status_code == 404
    assert (await asked(stage, "another", Role.ADMIN)).status_code == 404
    assert (await asked(stage, "mine", Role.SUBSCRIBER_BASIC)).status_code == 403


async def test_steps_of_others_in_between_are_none_of_it(redis: Redis, keys: Keys) -> None:
    await issued(redis, keys, "one", "ada@example.org", 5)
    await issued(redis, keys, "two", "eve@example.org", 9)

    assert [step.at for step in await command_steps(redis, keys, "one")] == [5, 6, 7]
    assert await command_steps(redis, keys, "three") == ()
