"""The audit of commands: a stream with one entry for each step, kept for 90 days, and the records made of it.

The first entry of a command says what was ordered, the last one what came of it::

    step=heard correlationId=6f1c… timestamp=1769093400003 instanceId=0f3a… epoch=4
      order={"type":"stop","payload":{},"issuedBy":"ada@example.org","issuedAt":1769093400000,…}
    step=running correlationId=6f1c… …
    step=done correlationId=6f1c… … data={"before":"active"}
    step=failed correlationId=6f1c… … error={"code":"expired","message":"…"}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from livermore.cache.codec.record import corrupt
from livermore.cache.connect import answered
from livermore.cache.keys import Keys
from livermore.core.instance.command_record import FIRST, CommandRecord, Order, Step, StepTaken, recorded
from livermore.core.instance.commands import Failure
from livermore.core.market.timeframe import DAY, Millis

RETENTION: Final[Millis] = 90 * DAY
ENTRIES_PER_READ: Final = 500
ENTRIES_PER_PAGE: Final = 10_000
ENTRIES_PER_SEARCH: Final = 20_000
ERROR_LENGTH: Final = 2_000


class _OrderRecord(msgspec.Struct, rename="camel", omit_defaults=True):
    type: str | None = None
    payload: dict[str, Any] = {}
    issued_by: str | None = None
    issued_at: int | None = None
    priority: int | None = None
    expires_at: int | None = None


class _FailureRecord(msgspec.Struct):
    code: str
    message: str


_encode = msgspec.json.Encoder().encode
_orders = msgspec.json.Decoder(_OrderRecord)
_failures = msgspec.json.Decoder(_FailureRecord)
_data = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Commands, the newest first, and where to go on; None at the end."""

    records: tuple[CommandRecord, ...]
    before: str | None


async def append_step(redis: Redis, keys: Keys, step: StepTaken) -> None:
    """Add a step, and drop those that are more than 90 days older than it.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        await redis.xadd(keys.commands, _fields(step), minid=max(0, step.at - RETENTION), approximate=False)  # type: ignore[arg-type]


async def command_history(redis: Redis, keys: Keys, count: int, before: str | None = None) -> HistoryPage:
    """The `count` newest commands, or those that were heard `before` where the page before this one ended.

    Raises:
        CorruptRecord: when an entry is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    beginnings, is_end = await _beginnings(redis, keys, count, before)
    if not beginnings:
        return HistoryPage((), None)
    oldest = next(reversed(beginnings))
    wanted = set(beginnings.values())
    async with answered(redis):
        entries: Any = await redis.xrange(keys.commands, min=oldest, count=ENTRIES_PER_PAGE)
    steps = [read_step(fields, keys.commands) for _, fields in entries]
    records = recorded(step for step in steps if step.correlation_id in wanted)
    return HistoryPage(tuple(reversed(records)), None if is_end else oldest)


async def command_steps(redis: Redis, keys: Keys, correlation_id: str) -> tuple[StepTaken, ...]:
    """All steps of a command in their order; none where its beginning is not among the newest 20,000 of the exchange.

    Raises:
        CorruptRecord: when an entry is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    found: list[StepTaken] = []
    until, wanted = "+", correlation_id.encode()
    for _ in range(ENTRIES_PER_SEARCH // ENTRIES_PER_READ):
        async with answered(redis):
            entries: Any = await redis.xrevrange(keys.commands, max=until, count=ENTRIES_PER_READ)
        for _, fields in entries:
            if fields.get(b"correlationId") == wanted:
                found.append(read_step(fields, keys.commands))
                if found[-1].step in FIRST:
                    return tuple(reversed(found))
        if len(entries) < ENTRIES_PER_READ:
            break
        until = f"({entries[-1][0].decode()}"
    return ()


async def _beginnings(redis: Redis, keys: Keys, count: int, before: str | None) -> tuple[dict[str, str], bool]:
    """The correlation ids of the newest commands by the place of their first entry, and whether there are no older."""
    found: dict[str, str] = {}
    until = "+" if before is None else f"({before}"
    while len(found) < count:
        async with answered(redis):
            entries: Any = await redis.xrevrange(keys.commands, max=until, count=ENTRIES_PER_READ)
        for place, fields in entries:
            step = read_step(fields, keys.commands)
            if step.step in FIRST and len(found) < count:
                found[place.decode()] = step.correlation_id
        if len(entries) < ENTRIES_PER_READ:
            return found, len(found) < count
        until = f"({entries[-1][0].decode()}"
    return found, False


def _fields(step: StepTaken) -> dict[str, str | int | bytes]:
    fields: dict[str, str | int | bytes] = {
        "step": step.step.value,
        "correlationId": step.correlation_id,
        "timestamp": step.at,
    }
    if step.instance_id is not None:
        fields["instanceId"] = step.instance_id
    if step.epoch is not None:
        fields["epoch"] = step.epoch
    if step.order is not None:
        fields["order"] = _encode(_order_record(step.order))
    if step.details:
        fields["data"] = _encode(dict(step.details))
    if step.error is not None:
        fields["error"] = _encode(_FailureRecord(step.error.code, step.error.message[:ERROR_LENGTH]))
    return fields


def _order_record(order: Order) -> _OrderRecord:
    return _OrderRecord(
        order.type, dict(order.payload), order.issued_by, order.issued_at, order.priority, order.expires_at
    )


def _order(record: _OrderRecord) -> Order:
    return Order(record.type, record.payload, record.issued_by, record.issued_at, record.priority, record.expires_at)


def read_step(raw: Mapping[bytes, bytes], key: str) -> StepTaken:
    """The step that an entry of the stream spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    try:
        fields = {name.decode(): value for name, value in raw.items()}
        epoch, instance = fields.get("epoch"), fields.get("instanceId")
        order, error = fields.get("order"), fields.get("error")
        failure = None if error is None else _failures.decode(error)
        return StepTaken(
            correlation_id=fields["correlationId"].decode(),
            step=Step(fields["step"].decode()),
            at=int(fields["timestamp"]),
            instance_id=None if instance is None else instance.decode(),
            epoch=None if epoch is None else int(epoch),
            order=None if order is None else _order(_orders.decode(order)),
            details=_data.decode(fields["data"]) if "data" in fields else {},
            error=None if failure is None else Failure(failure.code, failure.message),
        )
    except (KeyError, ValueError, msgspec.MsgspecError) as exc:
        raise corrupt(key, f"an entry is no step of a command ({exc})") from exc
