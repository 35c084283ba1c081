"""Commands in motion: heard, acknowledged at once, carried out one at a time, answered, and kept in the audit.

Of those that wait the lowest priority goes first, then the earliest. A command has the turn while it acts; what remains
to be waited for afterwards, such as history, holds nobody up. A repeated command is answered again and not carried out
again; an expired one is refused when its turn comes. Nothing that a command does ends the process.
"""

import asyncio
import hashlib
import heapq
import itertools
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import structlog

from livermore.core.instance.command_record import Step, StepTaken, order_of
from livermore.core.instance.commands import (
    CORRELATION_ID,
    Ack,
    Answer,
    Command,
    CommandType,
    Failure,
    Heard,
    Json,
    Progress,
    RefusedMessage,
    Result,
    Taking,
)
from livermore.core.instance.status import Status
from livermore.errors import LivermoreError, StoreError
from livermore.runtime.ports import Bus, Clock

REMEMBERED: Final = 1_000
WAITING_LIMIT: Final = 1_000
PROGRESS_EVERY_SECONDS: Final = 0.25
HEAR_AGAIN_SECONDS: Final = 0.5
FAREWELL_SECONDS: Final = 1.0

Details: TypeAlias = Mapping[str, Json]
Tell: TypeAlias = Callable[[int, int, str], None]
"""Told how much of a command is done, of how much, and in words."""


@dataclass(frozen=True, slots=True)
class Later:
    """The rest of a command that only waits, and so lets others act meanwhile."""

    rest: Callable[[], Awaitable[Details]]


Executor: TypeAlias = Callable[[Command, Tell], Awaitable[Details | Later]]


class Control:
    """The commands of one instance; `executors` know what to do, `status` tells who the instance is."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        executors: Mapping[CommandType, Executor],
        status: Callable[[], Status],
        report: Callable[[str, str], None],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._executors = executors
        self._status = status
        self._report = report
        self._arrivals = itertools.count()
        self._waiting: list[tuple[int, int, Command]] = []
        self._has_waiting = asyncio.Event()
        self._answers: OrderedDict[str, list[Answer]] = OrderedDict()
        self._unfinished: dict[str, Command] = {}
        self._news: dict[str, Progress] = {}
        self._has_news = asyncio.Event()
        self._voice = asyncio.Lock()
        self._log = structlog.get_logger("livermore")

    async def run(self) -> None:
        """Hear and carry out commands until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(), name="hearing")
                tasks.create_task(self._tell_news(), name="progress")
                await self._carry_out(tasks)
        finally:
            await self._give_up()

    # ------------------------------------------------------------------------------------------- hearing

    async def _hear(self) -> None:
        while True:
            try:
                async for heard in self._bus.heard():
                    await self._take(heard)
            except StoreError as error:
                self._report("commands_unheard", str(error))
            await asyncio.sleep(HEAR_AGAIN_SECONDS)

    async def _take(self, heard: Heard) -> None:
        message = heard.message
        name = _name_of(heard)
        taking, other = await self._bus.take(name, message.instance_id)
        if taking is Taking.OTHER:
            return
        if isinstance(message, RefusedMessage):
            await self._refuse(message, name, taking)
        elif taking is Taking.GONE:
            failure = Failure("already_taken", f"instance {other} had this command; the history says what came of it")
            await self._say(Result(name, self._clock.now(), False, error=failure))
        elif taking is Taking.AGAIN:
            for said in tuple(self._answers.get(name, ())):
                await self._say(said)
        else:
            await self._accept(message)

    async def _accept(self, command: Command) -> None:
        name = command.correlation_id
        self._unfinished[name] = command
        self._answers[name] = []
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        await self._answer(Ack(name, self._status().instance_id, self._clock.now()))
        await self._keep(StepTaken(name, Step.HEARD, self._clock.now(), order=order_of(command)))
        if len(self._waiting) >= WAITING_LIMIT:
            await self._fail(command, Failure("busy", f"{WAITING_LIMIT} commands are waiting already"))
            return
        heapq.heappush(self._waiting, (command.priority, next(self._arrivals), command))
        self._has_waiting.set()

    async def _refuse(self, message: RefusedMessage, name: str, taking: Taking) -> None:
        failure = Failure("invalid_command", message.reason)
        if taking is Taking.TAKEN:
            step = StepTaken(name, Step.REFUSED, self._clock.now(), order=order_of(message), error=failure)
            await self._keep(step)
            self._log.warning("command.refused", reason=message.reason, by=message.issued_by)
        await self._say(Result(message.correlation_id, self._clock.now(), False, error=failure))

    # ------------------------------------------------------------------------------------------- carrying out

    async def _carry_out(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            while not self._waiting:
                self._has_waiting.clear()
                await self._has_waiting.wait()
            _, _, command = heapq.heappop(self._waiting)
            if command.expires_at < self._clock.now():
                await self._fail(command, Failure("expired", "its time had passed before its turn came"))
                continue
            executor = self._executors.get(command.type)
            if executor is None:
                await self._fail(command, Failure("not_available", f"{command.type} is not available here"))
                continue
            await self._keep(StepTaken(command.correlation_id, Step.RUNNING, self._clock.now()))
            outcome = await self._performed(command, executor(command, self._teller(command)))
            if isinstance(outcome, Later):
                tasks.create_task(self._finish(command, outcome), name=f"rest of {command.type}")

    async def _finish(self, command: Command, outcome: Later) -> None:
        await self._performed(command, outcome.rest())

    async def _performed(self, command: Command, work: Awaitable[Details | Later]) -> Details | Later | None:
        """What came of the work, which is answered unless there is more to come; None where it failed."""
        try:
            outcome = await work
        except LivermoreError as error:
            await self._fail(command, Failure(_code_of(error), str(error)))
            return None
        except Exception as error:  # noqa: BLE001 - one of the four places of docs/house.md
            self._log.exception("command.failed", type=command.type.value)
            words = f"{type(error).__name__}: {error}"
            self._report("command_failed", f"{command.type}: {words}")
            await self._fail(command, Failure("internal_error", words))
            return None
        if not isinstance(outcome, Later):
            await self._end(command, Step.DONE, Result(command.correlation_id, self._clock.now(), True, outcome))
        return outcome

    async def _fail(self, command: Command, failure: Failure) -> None:
        await self._end(command, Step.FAILED, Result(command.correlation_id, self._clock.now(), False, error=failure))

    async def _end(self, command: Command, step: Step, result: Result) -> None:
        name = command.correlation_id
        self._unfinished.pop(name, None)
        await self._tell_latest(name)
        # The audit first: who has a result may look it up.
        await self._keep(StepTaken(name, step, result.at, details=result.details, error=result.error))
        await self._answer(result)
        reason = None if result.error is None else result.error.message
        self._log.info("command.ended", type=command.type.value, by=command.issued_by, step=step.value, reason=reason)

    async def _give_up(self) -> None:
        """Tell whoever waits for a command that the process ends, if the store can still be told within a second."""
        failure = Failure("instance_ended", "the instance ended before it had done this")
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                for command in tuple(self._unfinished.values()):
                    await self._fail(command, failure)
        except TimeoutError:
            self._log.warning("farewell.failed", reason="commands are left without an answer")

    # ------------------------------------------------------------------------------------------- answering

    def _teller(self, command: Command) -> Tell:
        def tell(done: int, total: int, text: str) -> None:
            name = command.correlation_id
            self._news[name] = Progress(name, self._clock.now(), done, total, text)
            self._has_news.set()

        return tell

    async def _tell_news(self) -> None:
        """Say how far things are, of each command the latest, and not more often than people can read."""
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            for name in tuple(self._news):
                await self._tell_latest(name)
            await asyncio.sleep(PROGRESS_EVERY_SECONDS)

    async def _tell_latest(self, name: str) -> None:
        progress = self._news.pop(name, None)
        if progress is not None:
            await self._answer(progress)

    async def _answer(self, answer: Answer) -> None:
        """Say an answer and remember it; of progress only the latest is worth it."""
        said = self._answers.get(answer.correlation_id or "")
        if said is not None:
            if said and isinstance(said[-1], Progress):
                said.pop()
            said.append(answer)
        await self._say(answer)

    async def _say(self, answer: Answer) -> None:
        try:
            async with self._voice:
                await self._bus.answer(answer)
        except StoreError as error:
            self._report("answer_lost", str(error))

    async def _keep(self, step: StepTaken) -> None:
        status = self._status()
        whole = StepTaken(
            step.correlation_id,
            step.step,
            step.at,
            status.instance_id,
            status.epoch,
            step.order,
            step.details,
            step.error,
        )
        try:
            await self._bus.record(whole)
        except StoreError as error:
            self._report("audit_lost", str(error))


def _name_of(heard: Heard) -> str:
    """The correlation id, or for what has none a name made of what was said, so that it is refused once."""
    name = heard.message.correlation_id
    if name is not None and CORRELATION_ID.fullmatch(name):
        return name
    return f"malformed:{hashlib.sha256(heard.raw).hexdigest()[:32]}"


def _code_of(error: LivermoreError) -> str:
    """The stable name of an error, as in ``already_served``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
