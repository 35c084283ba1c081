"""The way of a command to an instance and of its answers back, over channels that keep nothing.

Whoever sends listens for answers first, then publishes, and learns at once when nobody is there to hear it. Every live
process of an exchange hears every command; `take` lets exactly one have it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ConnectionError

from livermore.cache.codec.commands import decode_answer, decode_command, encode_answer, encode_command
from livermore.cache.command_log import append_step
from livermore.cache.connect import ANSWER_TIMEOUT_SECONDS, answered
from livermore.cache.keys import Keys
from livermore.cache.scripts import Call, run_script, script_named
from livermore.core.instance.command_record import Step, StepTaken, order_of
from livermore.core.instance.commands import Answer, Command, Failure, Heard, Result, Taking
from livermore.core.market.exchange import WATCHED
from livermore.core.market.timeframe import HOUR, Millis
from livermore.errors import CommandUnanswered, MalformedMessage, NobodyListens

ACK_SECONDS: Final = 5.0
RESULT_SECONDS: Final = 600.0
PING_EVERY_SECONDS: Final = 10.0
TAKEN_FOR: Final[Millis] = HOUR
NOBODY: Final = "nobody_listens"

_TAKE = script_named("take")


@asynccontextmanager
async def send(
    redis: Redis,
    keys: Keys,
    command: Command,
    *,
    ack_within_seconds: float = ACK_SECONDS,
    result_within_seconds: float = RESULT_SECONDS,
) -> AsyncIterator[AsyncIterator[Answer]]:
    """Send a command and iterate over its answers, which end with the `Result`.

    Raises:
        NobodyListens: at once, when no instance of the exchange hears it; the audit keeps that too.
        CommandUnanswered: when there is no ack within 5 s, or no result in time; it may still be carried out.
        StoreUnavailable: when Redis cannot be used.
    """
    async with _listening(redis, keys.response_channel) as pubsub:
        async with answered(redis):
            heard_by: int = await redis.publish(keys.command_channel, encode_command(command))
        if not heard_by:
            failure = Failure(NOBODY, "no instance of the exchange runs; start one with livermore instance")
            step = StepTaken(
                command.correlation_id, Step.UNHEARD, command.issued_at, order=order_of(command), error=failure
            )
            await append_step(redis, keys, step)
            raise NobodyListens(failure.message, correlation_id=command.correlation_id)
        yield _answers(redis, pubsub, command, ack_within_seconds, result_within_seconds)


async def _answers(
    redis: Redis, pubsub: Any, command: Command, ack_within_seconds: float, result_within_seconds: float
) -> AsyncIterator[Answer]:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + result_within_seconds
    deadline = min(ends_at, loop.time() + ack_within_seconds)
    is_heard = False
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                answer = await _next_answer(redis, pubsub, command.correlation_id)
        except TimeoutError as exc:
            reason = unanswered(command, is_heard=is_heard)
            raise CommandUnanswered(reason, correlation_id=command.correlation_id) from exc
        is_heard, deadline = True, ends_at
        yield answer
        if isinstance(answer, Result):
            return


def unanswered(command: Command, *, is_heard: bool) -> str:
    """What became of a command that is not answered, and where to look."""
    if not is_heard and command.instance_id is not None:
        return f"no instance {command.instance_id} is there to do it; `livermore network` shows which are"
    what = "the instance does not finish it" if is_heard else "no instance has taken it"
    name = next(exchange.name for exchange in WATCHED if exchange.id == command.exchange_id)
    return f"{command.type}: {what} in time; see `livermore ctl {name} history`"


async def _next_answer(redis: Redis, pubsub: Any, correlation_id: str) -> Answer:
    while True:
        raw = await _next(redis, pubsub)
        try:
            answer = decode_answer(raw)
        except MalformedMessage:
            # Somebody else's words on our channel are for nobody: who waits for an answer goes on waiting.
            continue
        if answer.correlation_id == correlation_id:
            return answer


async def commands_heard(redis: Redis, keys: Keys) -> AsyncIterator[Heard]:
    """All that is said on the command channel of the exchange, until cancelled.

    Raises:
        StoreUnavailable: when the channel is lost; what was said meanwhile is lost too, as its sender will notice.
    """
    async with _listening(redis, keys.command_channel) as pubsub:
        while True:
            raw = await _next(redis, pubsub)
            yield Heard(decode_command(raw, keys.exchange_id), raw)


async def take(
    redis: Redis, keys: Keys, correlation_id: str, instance_id: str, named: str | None
) -> tuple[Taking, str | None]:
    """Whether the instance has a command: it may carry it out once; with GONE, which instance had it before.

    `named` is the instance that the command itself asks for.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    call = Call((keys.status, keys.command_taken(correlation_id)), (instance_id, TAKEN_FOR, named or ""))
    outcome = await run_script(redis, _TAKE, call)
    if isinstance(outcome, list):
        return Taking.GONE, outcome[1].decode()
    return Taking(outcome.decode()), None


async def answer(redis: Redis, keys: Keys, answer: Answer) -> None:
    """Say an answer to whoever listens.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        await redis.publish(keys.response_channel, encode_answer(answer))


@asynccontextmanager
async def _listening(redis: Redis, channel: str) -> AsyncIterator[Any]:
    """A subscription that the server has confirmed."""
    pubsub = redis.pubsub()
    try:
        async with answered(redis):
            await pubsub.subscribe(channel)
            while await pubsub.get_message(timeout=ANSWER_TIMEOUT_SECONDS) is None:
                continue
        yield pubsub
    finally:
        await pubsub.aclose()  # type: ignore[no-untyped-call]


async def _next(redis: Redis, pubsub: Any) -> bytes:
    """The next message; a server that stays silent is asked whether it is still there."""
    is_asked = False
    while True:
        async with answered(redis, PING_EVERY_SECONDS + ANSWER_TIMEOUT_SECONDS):
            message = await pubsub.get_message(timeout=PING_EVERY_SECONDS)
            if message is not None and message["type"] == "message":
                raw: bytes = message["data"]
                return raw
            if message is None and is_asked:
                raise ConnectionError("the channel is silent and does not answer a ping")
            is_asked = message is None
            if is_asked:
                await pubsub.ping()


class ExchangeBus:
    """The bus of one exchange as one of its instances has it; it satisfies the runtime's Bus."""

    def __init__(self, redis: Redis, keys: Keys, instance_id: str) -> None:
        self._redis = redis
        self._keys = keys
        self._instance_id = instance_id

    def heard(self) -> AsyncIterator[Heard]:
        """All that is said on the command channel, until cancelled."""
        return commands_heard(self._redis, self._keys)

    async def take(self, correlation_id: str, named: str | None) -> tuple[Taking, str | None]:
        """Whether the instance has a command, or who had it."""
        return await take(self._redis, self._keys, correlation_id, self._instance_id, named)

    async def answer(self, said: Answer) -> None:
        """Say an answer to whoever listens."""
        await answer(self._redis, self._keys, said)

    async def record(self, step: StepTaken) -> None:
        """Keep a step of a command."""
        await append_step(self._redis, self._keys, step)
