"""Commands: heard, carried out in order, once, and answered whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.instance.command_record import CommandRecord, Step, StepTaken, recorded
from livermore.core.instance.commands import (
    Ack,
    Answer,
    ClearCache,
    Command,
    CommandType,
    Heard,
    Pause,
    Payload,
    Progress,
    RefreshListing,
    RefusedMessage,
    Result,
    Resume,
    Start,
    Stop,
    SyncAccounts,
    Taking,
    a_command,
)
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.errors import NotPossibleNow, StoreUnavailable
from livermore.runtime.control import WAITING_LIMIT, Control, Details, Later, Tell
from runtime.fakes import FakeClock

STATUS = Status(1, "coinbase", "one", 4, State.ACTIVE, FeedState.LIVE, 1, 2, 3, "box", 1, "0")


class FakeBus:
    """A bus in memory."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[Heard] = asyncio.Queue()
        self.said: list[Answer] = []
        self.steps: list[StepTaken] = []
        self.takings: dict[str, tuple[Taking, str | None]] = {}
        self.taken: set[str] = set()
        self.losses = 0
        self.is_away = False

    async def heard(self) -> AsyncIterator[Heard]:
        """What the test puts in."""
        while True:
            if self.losses:
                self.losses -= 1
                raise StoreUnavailable("the channel is lost")
            yield await self.inbox.get()

    async def take(self, correlation_id: str, named: str | None) -> tuple[Taking, str | None]:
        """Ours, once, unless the test says otherwise."""
        if correlation_id in self.takings:
            return self.takings[correlation_id]
        if named not in (None, "one"):
            return Taking.OTHER, None
        if correlation_id in self.taken:
            return Taking.AGAIN, None
        self.taken.add(correlation_id)
        return Taking.TAKEN, None

    async def answer(self, said: Answer) -> None:
        """Keep it."""
        if self.is_away:
            raise StoreUnavailable("Redis is away")
        self.said.append(said)

    async def record(self, step: StepTaken) -> None:
        """Keep it."""
        if self.is_away:
            raise StoreUnavailable("Redis is away")
        self.steps.append(step)


class Desk:
    """A control among fakes; each type of command does what the test has put under it."""

    def __init__(self) -> None:
        self.bus = FakeBus()
        self.clock = FakeClock(1_000)
        self.done: list[str] = []
        self.reports: list[tuple[str, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.control = Control(
            self.bus,
            self.clock,
            {
                CommandType.STOP: self._note,
                CommandType.CLEAR_CACHE: self._note,
                CommandType.REFRESH_LISTING: self._note,
                CommandType.START: self._long,
                CommandType.PAUSE: self._refuse,
                CommandType.RESUME: self._break,
            },
            lambda: STATUS,
            lambda kind, text: self.reports.append((kind, text)),
        )

    async def _note(self, command: Command, tell: Tell) -> Details:
        await self.gate.wait()
        self.done.append(command.correlation_id)
        return {"done": command.correlation_id}

    async def _long(self, command: Command, tell: Tell) -> Later:
        self.done.append(command.correlation_id)

        async def rest() -> Details:
            tell(1, 2, "half")
            await self.gate.wait()
            tell(2, 2, "all")
            return {"warm": True}

        return Later(rest)

    async def _refuse(self, command: Command, tell: Tell) -> Details:
        raise NotPossibleNow("not now")

    async def _break(self, command: Command, tell: Tell) -> Details:
        raise ZeroDivisionError("a bug")

    async def hears(self, *messages: Command | RefusedMessage) -> None:
        for message in messages:
            await self.bus.inbox.put(Heard(message, repr(message).encode()))

    async def until(self, is_so: Callable[[], object]) -> None:
        while not is_so():
            await asyncio.sleep(0.001)

    def results(self) -> list[Result]:
        return [one for one in self.bus.said if isinstance(one, Result)]

    def record(self, name: str) -> CommandRecord:
        (record,) = [one for one in recorded(self.bus.steps) if one.correlation_id == name]
        return record

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            living = tasks.create_task(self.control.run(), name="control")
            yield
            living.cancel()


def order(name: str, payload: Payload, at: int = 1_000) -> Command:
    return a_command(1, name, payload, "ada@example.org", at)


async def test_a_command_is_acknowledged_carried_out_answered_and_audited() -> None:
    desk = Desk()
    async with desk.running():
        await desk.hears(order("c1", Stop()))
        await desk.until(desk.results)

    assert desk.bus.said == [Ack("c1", "one", 1_000), Result("c1", 1_000, True, {"done": "c1"})]
    assert [step.step for step in desk.bus.steps] == [Step.HEARD, Step.RUNNING, Step.DONE]
    record = desk.record("c1")
    assert (record.order.issued_by, record.instance_id, record.epoch) == ("ada@example.org", "one", 4)
    assert record.details == {"done": "c1"}


async def test_a_command_given_twice_is_done_once_and_answered_twice() -> None:
    desk = Desk()
    async with desk.running():
        await desk.hears(order("c1", Stop()))
        await desk.until(desk.results)
        await desk.hears(order("c1", Stop()))
        await desk.until(lambda: len(desk.results()) == 2)

    assert desk.done == ["c1"]
    assert desk.bus.said[:2] == desk.bus.said[2:]
    assert [step.step for step in desk.bus.steps] == [Step.HEARD, Step.RUNNING, Step.DONE]


async def test_what_is_given_again_while_it_waits_is_acknowledged_again_and_done_once() -> None:
    desk = Desk()
    desk.gate.clear()
    async with desk.running():
        await desk.hears(order("c1", Stop()), order("c2", Stop()), order("c2", Stop()))
        await desk.until(lambda: [one for one in desk.bus.said if one.correlation_id == "c2"][1:])
        desk.gate.set()
        await desk.until(lambda: len(desk.results()) == 2)

    assert desk.done == ["c1", "c2"]


async def test_of_those_that_wait_the_lowest_priority_goes_first_then_the_earliest() -> None:
    desk = Desk()
    desk.gate.clear()
    async with desk.running():
        await desk.hears(order("first", Stop()))
        await desk.until(lambda: desk.bus.steps[1:])
        slow = [order(f"slow{number}", ClearCache(None, True)) for number in range(2)]
        middle, urgent = order("middle", RefreshListing()), [order(f"urgent{number}", Stop()) for number in range(2)]
        await desk.hears(*slow, middle, *urgent)
        await desk.until(lambda: len([one for one in desk.bus.said if isinstance(one, Ack)]) == 6)
        desk.gate.set()
        await desk.until(lambda: len(desk.results()) == 6)

    assert desk.done == ["first", "urgent0", "urgent1", "middle", "slow0", "slow1"]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=12))
def test_any_mixture_of_priorities_is_done_in_their_order(priorities: Sequence[int]) -> None:
    async def go() -> list[str]:
        desk = Desk()
        desk.gate.clear()
        async with desk.running():
            await desk.hears(order("first", Stop()))
            await desk.until(lambda: desk.bus.steps[1:])
            named = enumerate(priorities)
            await desk.hears(*(replace(order(f"c{number}", Stop()), priority=one) for number, one in named))
            await desk.until(lambda: len(desk.bus.said) == len(priorities) + 1)
            desk.gate.set()
            await desk.until(lambda: len(desk.results()) == len(priorities) + 1)
        return desk.done

    wanted = [f"c{number}" for number, _ in sorted(enumerate(priorities), key=lambda one: (one[1], one[0]))]
    assert asyncio.run(go()) == ["first", *wanted]


async def test_a_command_that_has_expired_when_its_turn_comes_is_refused() -> None:
    desk = Desk()
    desk.gate.clear()
    async with desk.running():
        await desk.hears(order("c1", Stop()), order("c2", Stop(), at=2_000))
        await desk.until(lambda: [step for step in desk.bus.steps if step.correlation_id == "c2"])
        desk.clock.at = 62_001
        desk.gate.set()
        await desk.until(lambda: len(desk.results()) == 2)

    assert desk.done == ["c1"]
    error = desk.results()[1].error
    assert error is not None
    assert error.code == "expired"
    assert desk.record("c2").step is Step.FAILED


async def test_a_command_that_waits_holds_nobody_up_and_tells_how_far_it_is() -> None:
    desk = Desk()
    desk.gate.clear()
    async with desk.running():
        await desk.hears(order("long", Start()))
        await desk.until(lambda: any(isinstance(one, Progress) for one in desk.bus.said))
        await desk.hears(order("no", Pause()))
        await desk.until(desk.results)
        assert desk.results()[0].correlation_id == "no"
        desk.gate.set()
        await desk.until(lambda: len(desk.results()) == 2)

    told = [one for one in desk.bus.said if one.correlation_id == "long"]
    assert [type(one) for one in told] == [Ack, Progress, Progress, Result]
    assert [one.done for one in told if isinstance(one, Progress)] == [1, 2]


async def test_an_expected_no_and_a_bug_both_fail_the_command_and_not_the_process() -> None:
    desk = Desk()
    async with desk.running():
        await desk.hears(
            order("no", Pause()), order("bug", Resume()), order("other", SyncAccounts()), order("c", Stop())
        )
        await desk.until(lambda: len(desk.results()) == 4)

    errors = {one.correlation_id: one.error.code for one in desk.results() if one.error is not None}
    assert errors == {"no": "not_possible_now", "bug": "internal_error", "other": "not_available"}
    assert desk.reports == [("command_failed", "resume: ZeroDivisionError: a bug")]
    assert desk.done == ["c"]


async def test_what_is_for_another_instance_is_left_alone() -> None:
    desk = Desk()
    async with desk.running():
        await desk.hears(replace(order("c1", Stop()), instance_id="two"), order("c2", Stop()))
        await desk.until(desk.results)

    assert {one.correlation_id for one in desk.bus.said} == {"c2"}


async def test_what_an_instance_that_is_gone_had_is_answered_and_not_done() -> None:
    desk = Desk()
    desk.bus.takings["c1"] = (Taking.GONE, "zero")
    async with desk.running():
        await desk.hears(order("c1", Stop()))
        await desk.until(desk.results)

    (result,) = desk.results()
    assert result.error is not None
    assert (result.error.code, "zero" in result.error.message) == ("already_taken", True)
    assert not desk.done


async def test_what_is_no_command_is_refused_with_the_reason_and_audited_once() -> None:
    desk = Desk()
    garbage = RefusedMessage("the message is no command")
    named = RefusedMessage("there is no command 'explode'", "c9", "explode", "ada")
    async with desk.running():
        await desk.hears(garbage, garbage, named)
        await desk.until(lambda: len(desk.results()) == 3)

    assert [one.correlation_id for one in desk.results()] == [None, None, "c9"]
    assert {one.error.code for one in desk.results() if one.error} == {"invalid_command"}
    assert [step.step for step in desk.bus.steps] == [Step.REFUSED, Step.REFUSED]
    assert desk.record("c9").order.issued_by == "ada"


async def test_more_than_can_wait_are_refused() -> None:
    desk = Desk()
    desk.gate.clear()
    async with desk.running():
        await desk.hears(*(order(f"c{number}", Stop()) for number in range(WAITING_LIMIT + 2)))
        await desk.until(desk.results)
        result = desk.results()[0]
        desk.gate.set()

    assert result.error is not None
    assert (result.is_success, result.error.code) == (False, "busy")


async def test_a_lost_channel_is_reported_and_listened_to_again() -> None:
    desk = Desk()
    desk.bus.losses = 1
    async with desk.running():
        await desk.hears(order("c1", Stop()))
        await desk.until(desk.results)

    assert desk.reports == [("commands_unheard", "the channel is lost")]


async def test_what_was_taken_is_done_even_if_nobody_can_be_told() -> None:
    desk = Desk()
    desk.bus.is_away = True
    async with desk.running():
        await desk.hears(order("c1", Stop()))
        await desk.until(lambda: desk.done and len(desk.reports) == 5)

    assert {kind for kind, _ in desk.reports} == {"answer_lost", "audit_lost"}


async def test_whoever_waits_is_told_that_the_process_ends() -> None:
    desk = Desk()
    desk.gate.clear()
    async with desk.running():
        await desk.hears(order("c1", Stop()), order("c2", Stop()), order("long", Start()))
        await desk.until(lambda: len([one for one in desk.bus.said if isinstance(one, Ack)]) == 3)

    codes = {one.correlation_id: one.error.code for one in desk.results() if one.error is not None}
    assert codes == dict.fromkeys(("c1", "c2", "long"), "instance_ended")
    assert desk.record("c2").step is Step.FAILED
