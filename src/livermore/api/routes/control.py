"""Control: commands put on the bus, and what became of them."""

import secrets
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response, status

from livermore.api.access import ADMINS, PEOPLE, need
from livermore.api.auth.person import Person
from livermore.api.models.control import (
    CommandAsked,
    CommandShown,
    CommandStep,
    CommandWhole,
    FailureShown,
    ProgressShown,
    StepShown,
)
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE, Page
from livermore.api.window import EXCHANGES, TheExchange, TheWindow, Window
from livermore.cache.bus import send
from livermore.cache.codec.commands import decode_command
from livermore.cache.command_log import command_history, command_steps
from livermore.core.account.people import Role
from livermore.core.instance.command_record import CommandRecord, StepTaken, order_of, recorded
from livermore.core.instance.commands import PRIORITY, Ack, Command, Progress, RefusedMessage, Result
from livermore.core.market.exchange import ExchangeIdentity
from livermore.errors import InvalidRequest, NotFound

CURSOR: Final = r"^\d{1,16}-\d{1,10}$"
LOOKED_THROUGH: Final = 2_000
PER_LOOK: Final = 200

router = APIRouter(tags=["control"])
Admin = Annotated[Person, Depends(need(ADMINS))]
Owner = Annotated[Person, Depends(need(PEOPLE))]
TheCommand = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", examples=["6f1c2a"])]


@router.post(
    "/exchanges/{exchange}/commands",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send a command to the instance of an exchange",
)
async def send_command(
    exchange: TheExchange, asked: CommandAsked, person: Admin, window: TheWindow, response: Response
) -> CommandShown:
    """Answered once an instance has heard it; when none is there, that is said at once (503, `nobody_listens`)."""
    shown = await ordered(window, exchange, asked, person)
    response.headers["Location"] = f"/api/v1/exchanges/{exchange.name}/commands/{shown.correlation_id}"
    return shown


async def ordered(window: Window, exchange: ExchangeIdentity, asked: CommandAsked, person: Person) -> CommandShown:
    """Have a command heard: what is known of it by then.

    Raises:
        InvalidRequest: when the payload is not one of its type.
        NobodyListens: when there is no instance.
        CommandUnanswered: when no instance takes it within 5 s.
        StoreUnavailable: when Redis cannot be used.
    """
    command = _command(exchange, asked, person, window.now())
    async with send(window.redis, window.keys(exchange), command) as answers:
        async for answer in answers:
            return _told(command, answer)
    raise InvalidRequest("the command had no answer")


def _command(exchange: ExchangeIdentity, asked: CommandAsked, person: Person, now: int) -> Command:
    # The codec checks what a type may carry; whoever comes by HTTP is told the same as whoever comes by the bus.
    raw = msgspec.json.encode(
        {
            "correlationId": asked.correlation_id or secrets.token_hex(12),
            "type": asked.type.value,
            "payload": asked.payload,
            "issuedBy": person.email,
            "timestamp": now,
            "expiresAt": now + asked.expires_in,
            "priority": PRIORITY[asked.type],
            "instanceId": asked.instance_id,
        }
    )
    command = decode_command(raw, exchange.id)
    if isinstance(command, RefusedMessage):
        raise InvalidRequest(command.reason)
    return command


def _told(command: Command, answer: Ack | Progress | Result) -> CommandShown:
    order = order_of(command)
    is_result = isinstance(answer, Result)
    step = CommandStep.HEARD
    if isinstance(answer, Result):
        step = CommandStep.DONE if answer.is_success else CommandStep.FAILED
    return CommandShown(
        correlation_id=command.correlation_id,
        exchange_id=command.exchange_id,
        step=step,
        type=order.type,
        payload=order.payload,
        issued_by=order.issued_by,
        issued_at=order.issued_at,
        expires_at=order.expires_at,
        priority=order.priority,
        instance_id=answer.instance_id if isinstance(answer, Ack) else command.instance_id,
        epoch=None,
        heard_at=answer.at if isinstance(answer, Ack) else None,
        began_at=None,
        ended_at=answer.at if is_result else None,
        details=answer.details if isinstance(answer, Result) else {},
        error=_failure(answer) if isinstance(answer, Result) else None,
    )


def _failure(answer: Result) -> FailureShown | None:
    return None if answer.error is None else FailureShown(code=answer.error.code, message=answer.error.message)


@router.get(
    "/exchanges/{exchange}/commands",
    dependencies=[Depends(need(ADMINS))],
    summary="The commands of the last 90 days",
)
async def list_commands(
    exchange: TheExchange,
    window: TheWindow,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> Page[CommandShown]:
    """The newest first, each with what became of it."""
    page = await command_history(window.redis, window.keys(exchange), limit, cursor)
    return Page(items=[command_shown(window, exchange.id, record) for record in page.records], next=page.before)


@router.get(
    "/exchanges/{exchange}/commands/{correlation_id}",
    dependencies=[Depends(need(ADMINS))],
    summary="One command and what became of it",
)
async def show_command(
    exchange: TheExchange,
    correlation_id: TheCommand,
    window: TheWindow,
) -> CommandShown:
    """Looked for among the newest 2,000 commands of the exchange."""
    before: str | None = None
    for _ in range(LOOKED_THROUGH // PER_LOOK):
        page = await command_history(window.redis, window.keys(exchange), PER_LOOK, before)
        for record in page.records:
            if record.correlation_id == correlation_id:
                return command_shown(window, exchange.id, record)
        before = page.before
        if before is None:
            break
    raise NotFound("there is no such command among the newest ones")


@router.get("/commands/{correlation_id}", summary="One command with all its steps")
async def show_whole_command(correlation_id: TheCommand, person: Owner, window: TheWindow) -> CommandWhole:
    """Of any exchange: for admins, and for whoever has issued it; to others there is no such command."""
    for exchange in EXCHANGES:
        steps = await command_steps(window.redis, window.keys(exchange), correlation_id)
        for record in recorded(steps):
            if person.role is Role.ADMIN or record.order.issued_by == person.email:
                shown = command_shown(window, exchange.id, record)
                return CommandWhole(**dict(shown), steps=[_step_shown(step) for step in steps])
    raise NotFound("there is no such command among the newest ones")


def _step_shown(step: StepTaken) -> StepShown:
    error = step.error
    return StepShown(
        step=CommandStep(step.step.value),
        time=step.at,
        instance_id=step.instance_id,
        epoch=step.epoch,
        details=step.details,
        error=None if error is None else FailureShown(code=error.code, message=error.message),
    )


def command_shown(window: Window, exchange_id: int, record: CommandRecord) -> CommandShown:
    """A command in the API's shape, with the progress that was heard of it last."""
    order, error = record.order, record.error
    progress = window.hub.progress_of(record.correlation_id)
    return CommandShown(
        correlation_id=record.correlation_id,
        exchange_id=exchange_id,
        step=CommandStep(record.step.value),
        type=order.type,
        payload=order.payload,
        issued_by=order.issued_by,
        issued_at=order.issued_at,
        expires_at=order.expires_at,
        priority=order.priority,
        instance_id=record.instance_id,
        epoch=record.epoch,
        heard_at=record.heard_at,
        began_at=record.began_at,
        ended_at=record.ended_at,
        progress=None
        if progress is None or record.ended_at is not None
        else ProgressShown(time=progress.at, done=progress.done, total=progress.total, text=progress.text),
        details=record.details,
        error=None if error is None else FailureShown(code=error.code, message=error.message),
    )
