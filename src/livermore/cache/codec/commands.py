"""Commands and their answers as JSON, as they go over the bus and into the audit stream.

::

    {"correlationId":"6f1c…","exchangeId":1,"type":"force-backfill","payload":{"symbols":["BTC-USD"],"timeframes":["1h"]},
     "issuedBy":"ada@example.org","timestamp":1769093400000,"priority":20,"expiresAt":1769093460000}

    {"correlationId":"6f1c…","type":"ack","instanceId":"0f3a…","timestamp":1769093400003}
    {"correlationId":"6f1c…","type":"progress","timestamp":1769093400900,"done":3,"total":10,"message":"3 of 10 series"}
    {"correlationId":"6f1c…","type":"success","timestamp":1769093402000,"data":{"backfilled":10}}
    {"correlationId":"6f1c…","type":"error","timestamp":1769093402000,"data":{},"error":{"code":"expired","message":"…"}}

In a command ``exchangeId``, ``payload``, ``priority``, ``expiresAt`` and ``instanceId`` may be left out.
"""

import dataclasses
import re
from typing import Any, Final

import msgspec

from livermore.core.instance.commands import (
    COMMAND_LIFE,
    PAYLOADS,
    PRIORITY,
    Ack,
    Answer,
    Command,
    CommandType,
    Failure,
    Payload,
    Progress,
    RefusedMessage,
    Result,
    payload_fields,
)
from livermore.errors import MalformedMessage

MESSAGE_BYTES: Final = 64 * 1024
TEXT_LENGTH: Final = 200

_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class _CommandRecord(msgspec.Struct, rename="camel", omit_defaults=True):
    correlation_id: str
    type: str
    issued_by: str
    timestamp: int
    payload: dict[str, Any] | None = None
    exchange_id: int | None = None
    priority: int | None = None
    expires_at: int | None = None
    instance_id: str | None = None


class _FailureRecord(msgspec.Struct):
    code: str
    message: str


class _AnswerRecord(msgspec.Struct, rename="camel", omit_defaults=True):
    correlation_id: str | None
    type: str
    timestamp: int
    instance_id: str | None = None
    done: int | None = None
    total: int | None = None
    message: str | None = None
    data: dict[str, Any] | None = None
    error: _FailureRecord | None = None


_encode = msgspec.json.Encoder().encode
_commands = msgspec.json.Decoder(_CommandRecord)
_answers = msgspec.json.Decoder(_AnswerRecord)
_anything = msgspec.json.Decoder()


def encode_command(command: Command) -> bytes:
    """The command as JSON."""
    return _encode(
        _CommandRecord(
            correlation_id=command.correlation_id,
            exchange_id=command.exchange_id,
            type=command.type.value,
            payload=payload_fields(command.payload),
            issued_by=command.issued_by,
            timestamp=command.issued_at,
            priority=command.priority,
            expires_at=command.expires_at,
            instance_id=command.instance_id,
        )
    )


def decode_command(raw: bytes, exchange_id: int) -> Command | RefusedMessage:
    """The command for the exchange `exchange_id` that `raw` spells, or why it is none; never raises."""
    if len(raw) > MESSAGE_BYTES:
        return RefusedMessage(f"the message has {len(raw)} bytes; {MESSAGE_BYTES} are the most")
    try:
        return _command(_commands.decode(raw), exchange_id)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as exc:
        return _refused(raw, f"the message is no command: {exc}")


def _command(record: _CommandRecord, exchange_id: int) -> Command:
    if record.exchange_id not in (None, exchange_id):
        raise ValueError(f"it is for exchange {record.exchange_id}, this is exchange {exchange_id}")
    if not _PRINTABLE.fullmatch(record.issued_by):
        raise ValueError("issuedBy names nobody")
    kind = _type_named(record.type)
    expires_at = record.timestamp + COMMAND_LIFE if record.expires_at is None else record.expires_at
    return Command(
        correlation_id=record.correlation_id,
        exchange_id=exchange_id,
        type=kind,
        payload=_payload(kind, record.payload or {}),
        issued_by=record.issued_by,
        issued_at=record.timestamp,
        expires_at=expires_at,
        priority=PRIORITY[kind] if record.priority is None else record.priority,
        instance_id=record.instance_id,
    )


def _type_named(name: str) -> CommandType:
    try:
        return CommandType(name)
    except ValueError:
        raise ValueError(f"there is no command {name[:TEXT_LENGTH]!r}; known are {', '.join(CommandType)}") from None


def _payload(kind: CommandType, fields: dict[str, Any]) -> Payload:
    wanted = PAYLOADS[kind]
    names = {field.name for field in dataclasses.fields(wanted)}
    unknown = sorted(fields.keys() - names)
    if unknown:
        known = ", ".join(sorted(names)) or "nothing"
        raise ValueError(f"the payload of {kind} has no {unknown[0][:TEXT_LENGTH]!r}; it has {known}")
    return msgspec.convert(fields, wanted)


def _refused(raw: bytes, reason: str) -> RefusedMessage:
    """The refusal, with what can still be read of the message, so that its sender learns of it."""
    try:
        seen = _anything.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        seen = None
    fields = seen if isinstance(seen, dict) else {}

    def text(name: str) -> str | None:
        value = fields.get(name)
        return value if isinstance(value, str) and _PRINTABLE.fullmatch(value) else None

    return RefusedMessage(reason, text("correlationId"), text("type"), text("issuedBy"), text("instanceId"))


def encode_answer(answer: Answer) -> bytes:
    """The answer as JSON."""
    record = _AnswerRecord(answer.correlation_id, "ack", answer.at)
    match answer:
        case Ack():
            record.instance_id = answer.instance_id
        case Progress():
            record.type = "progress"
            record.done, record.total, record.message = answer.done, answer.total, answer.text
        case Result():
            record.type = "success" if answer.is_success else "error"
            record.data = dict(answer.details)
            if answer.error is not None:
                record.error = _FailureRecord(answer.error.code, answer.error.message)
    return _encode(record)


def decode_answer(raw: bytes) -> Answer:
    """The answer that `raw` spells.

    Raises:
        MalformedMessage: when it is none.
    """
    try:
        return _answer(_answers.decode(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise MalformedMessage(f"what was answered is no answer: {exc}") from exc


def _answer(record: _AnswerRecord) -> Answer:
    correlation_id = record.correlation_id
    if record.type in ("success", "error"):
        error = None if record.error is None else Failure(record.error.code, record.error.message)
        return Result(correlation_id, record.timestamp, record.type == "success", record.data or {}, error)
    if correlation_id is None:
        raise ValueError("it has no correlationId")
    if record.type == "ack" and record.instance_id is not None:
        return Ack(correlation_id, record.instance_id, record.timestamp)
    if record.type == "progress" and record.done is not None and record.total is not None:
        return Progress(correlation_id, record.timestamp, record.done, record.total, record.message or "")
    raise ValueError(f"it is no {record.type[:TEXT_LENGTH]!r}")
