"""`livermore ctl`, in a process of its own, with a test in the place of the instance."""

import asyncio
import io
import json
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from rich.console import Console

from cli.conftest import SOURCE, Livermore, hears_ctrl_c
from livermore.app.ctl import issuer
from livermore.app.ctl_words import Words
from livermore.cache.bus import Heard, answer, commands_heard
from livermore.cache.connect import RedisSettings, keys_on, open_redis
from livermore.config import FIRST_ADMIN, Environment
from livermore.core.instance.command_record import CommandRecord, Step, order_of
from livermore.core.instance.commands import (
    Ack,
    Answer,
    ClearCache,
    Command,
    Failure,
    Progress,
    Result,
    Start,
    SwitchMode,
    TestConnection,
    a_command,
)
from livermore.embedded.valkey import open_valkey

NOON = 1_769_083_200_000
Answering = Callable[[Command], Sequence[Answer]]


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    async with AsyncExitStack() as stack:
        valkey = await stack.enter_async_context(open_valkey(tmp_path / "valkey"))
        settings = RedisSettings(valkey.host, valkey.port, valkey.secret)
        yield await stack.enter_async_context(open_redis(settings))


def variables(redis: Redis) -> dict[str, str]:
    where = redis.connection_pool.connection_kwargs
    return {
        "LIVERMORE_REDIS_HOST": where["host"],
        "LIVERMORE_REDIS_PORT": str(where["port"]),
        "LIVERMORE_REDIS_SECRET": where["password"],
        "LIVERMORE_ADMIN_EMAIL": "ada@example.org",
    }


@asynccontextmanager
async def an_instance(redis: Redis, answering: Answering) -> AsyncIterator[list[Heard]]:
    """Hear the commands to Coinbase's instance and answer each."""
    keys = keys_on(redis, 1)
    heard: list[Heard] = []

    async def run() -> None:
        async with aclosing(commands_heard(redis, keys)) as coming:
            async for one in coming:
                heard.append(one)
                if isinstance(one.message, Command):
                    for said in answering(one.message):
                        await answer(redis, keys, said)

    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(run(), name="instance")
        async with asyncio.timeout(20):
            while not (await redis.pubsub_numsub(keys.command_channel))[0][1]:
                await asyncio.sleep(0.01)
        yield heard
        listening.cancel()


def done(command: Command) -> Sequence[Answer]:
    identity = command.correlation_id
    return (
        Ack(identity, "0f3a77aa55", NOON),
        Progress(identity, NOON, 1, 2, "half of it"),
        Result(identity, NOON, True, {"before": "active", "verdicts": [{"symbol": "A-B", "outcome": "added"}]}),
    )


def refused(command: Command) -> Sequence[Answer]:
    identity = command.correlation_id
    failure = Failure("not_possible_now", "it is idle")
    return Ack(identity, "0f3a77aa55", NOON), Result(identity, NOON, False, {}, failure)


async def test_ack_progress_and_result_are_shown_and_it_exits_with_0(redis: Redis, livermore: Livermore) -> None:
    async with an_instance(redis, done) as heard:
        outcome = await asyncio.to_thread(
            livermore, "ctl", "coinbase", "switch-mode", "position-monitor", **variables(redis)
        )

    (one,) = heard
    assert isinstance(one.message, Command)
    assert (one.message.issued_by, type(one.message.payload)) == ("ada@example.org", SwitchMode)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout.splitlines() == [
        "switch-mode: instance 0f3a77aa has heard it",
        "1/2 half of it",
        "switch-mode: done",
        "  before: active",
        "  verdicts:",
        "    symbol A-B, outcome added",
    ]


async def test_a_failure_is_told_and_exits_with_1(redis: Redis, livermore: Livermore) -> None:
    async with an_instance(redis, refused):
        outcome = await asyncio.to_thread(livermore, "ctl", "coinbase", "stop", **variables(redis))

    assert outcome.returncode == 1
    assert outcome.stderr == "livermore: stop failed: it is idle\n"


def not_connected(command: Command) -> Sequence[Answer]:
    details = {"isConnected": False, "error": "HOME holds no key"}
    return Ack(command.correlation_id, "0f3a77aa55", NOON), Result(command.correlation_id, NOON, True, details)


async def test_a_connection_that_does_not_work_is_no_success(redis: Redis, livermore: Livermore) -> None:
    async with an_instance(redis, not_connected):
        outcome = await asyncio.to_thread(livermore, "ctl", "coinbase", "test-connection", **variables(redis))

    assert outcome.returncode == 1
    assert outcome.stderr == "livermore: test-connection failed: HOME holds no key\n"
    assert "done" not in outcome.stdout


def test_the_history_tells_of_a_connection_that_does_not_work_why() -> None:
    order = order_of(a_command(1, "c", TestConnection(), "ada", NOON))
    record = CommandRecord(
        "c", order, Step.DONE, None, None, details={"isConnected": False, "error": "HOME holds no key"}
    )
    console = Console(file=io.StringIO(), width=200)
    Words(console, console).history([record])
    row = console.file.getvalue().splitlines()[1]  # type: ignore[attr-defined]

    assert "failed" in row
    assert "HOME holds no key" in row


def a_record(number: int) -> CommandRecord:
    payload = ClearCache((f"BTC{number}-USD", "ETH-USD"), confirm=True)
    order = order_of(a_command(1, f"c{number}", payload, "somebody@example.org", NOON))
    error = Failure("invalid_request", "not watched: a symbol that nobody has ever heard of")
    return CommandRecord(f"c{number}", order, Step.FAILED, None, None, NOON, NOON, NOON, error=error)


@pytest.mark.parametrize(("width", "is_terminal"), [(60, True), (80, True), (200, True), (80, False)])
def test_the_history_breaks_no_word_and_tells_nothing_that_goes_without_saying(width: int, is_terminal: bool) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=is_terminal, color_system=None)
    Words(console, console).history([a_record(1), a_record(2)])
    said: str = console.file.getvalue()  # type: ignore[attr-defined]

    for word in (
        "22 Jan 12:00:00",
        "clear-cache",
        "failed",
        "symbols=BTC1-USD,ETH-USD",
        "symbols=BTC2-USD,ETH-USD",
        "watched:",
        "somebody@example.org",
    ):
        assert word in said
    assert "confirm" not in said
    assert len(said.splitlines()) == 3 or is_terminal


def test_an_instant_is_told_as_people_read_it() -> None:
    console = Console(file=io.StringIO(), width=200)
    command = a_command(1, "c", Start(), "ada", NOON)
    Words(console, console).answer(command, Result("c", NOON, True, {"pausedAt": NOON}))

    assert "pausedAt: 22 Jan 12:00:00 UTC" in console.file.getvalue()  # type: ignore[attr-defined]


async def test_as_json_each_answer_is_one_line(redis: Redis, livermore: Livermore) -> None:
    async with an_instance(redis, done):
        outcome = await asyncio.to_thread(livermore, "ctl", "coinbase", "stop", "--json", **variables(redis))

    said = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [one["type"] for one in said] == ["sent", "ack", "progress", "success"]
    assert len({one["correlationId"] for one in said}) == 1


async def test_when_nobody_listens_it_says_so_at_once_and_history_keeps_it(redis: Redis, livermore: Livermore) -> None:
    outcome = await asyncio.to_thread(livermore, "ctl", "coinbase", "stop", **variables(redis))
    history = await asyncio.to_thread(livermore, "ctl", "coinbase", "history", **variables(redis))

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("livermore: stop failed: no instance of the exchange runs")
    assert history.returncode == 0
    assert "stop" in history.stdout
    assert "ada@example.org" in history.stdout
    assert "unheard" in history.stdout


async def test_ctrl_c_leaves_the_command_running_and_says_so(redis: Redis) -> None:
    async with an_instance(redis, lambda command: done(command)[:1]):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "livermore", "ctl", "coinbase", "stop"),
            env={"PYTHONPATH": str(SOURCE), **variables(redis)},
            stdout=PIPE,
            stderr=PIPE,
            preexec_fn=hears_ctrl_c,
        )
        assert process.stdout is not None
        async with asyncio.timeout(40):
            assert b"has heard it" in await process.stdout.readline()
            process.send_signal(2)
            _, complaint = await process.communicate()

    assert process.returncode == 130
    assert complaint.startswith(b"livermore: stop goes on on the instance; `livermore ctl")
    assert complaint.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("coinbse", "stop"), "did you mean coinbase?"),
        (("coinbase", "stopp"), "did you mean stop?"),
        (("coinbase", "stop", "--candles", "3"), "--candles has no meaning for stop"),
        (("coinbase", "clear-cache"), "add --yes"),
    ],
)
def test_wrong_use_is_one_plain_line_and_exits_with_2(
    livermore: Livermore, arguments: tuple[str, ...], reason: str
) -> None:
    outcome = livermore("ctl", *arguments)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert reason in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_who_gives_a_command_is_who_is_named_or_the_admin_of_our_own_up_or_the_user_of_this_host() -> None:
    named = Environment(admin_email="ada@example.org", redis_host="box")
    ours, theirs = Environment(admin_email=None), Environment(admin_email=None, redis_host="box")

    assert issuer(named) == "ada@example.org"
    assert issuer(ours) == FIRST_ADMIN
    assert issuer(theirs).endswith(f"@{socket.gethostname()}")


def test_of_many_rows_a_person_sees_the_first_and_how_many_more_there_are() -> None:
    console = Console(file=io.StringIO(), width=200)
    command = a_command(1, "c", Start(), "ada", NOON)
    rows = [{"symbol": f"S{number}-USD", "side": None, "otherFees": []} for number in range(50)]
    Words(console, console).answer(command, Result("c", NOON, True, {"lines": rows}))
    said = console.file.getvalue().splitlines()  # type: ignore[attr-defined]

    assert said[2] == "    symbol S0-USD"
    assert said[-1] == "    … and 42 more; --json shows all"
    assert len(said) == 2 + 8 + 1
