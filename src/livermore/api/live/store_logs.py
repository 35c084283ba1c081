"""The streams behind the topics that lose nothing: their entries, their extent, and the mark of the store."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from livermore.api.live.cursor import StreamExtent
from livermore.api.live.topics import Kind
from livermore.api.network_shape import activity_shown
from livermore.cache.activity import read_activity
from livermore.cache.activity_stream import StreamedActivity
from livermore.cache.codec.alert import decode_alert
from livermore.cache.connect import answered, keys_on
from livermore.cache.keys import STREAM_MARK, activity_key
from livermore.core.instance.commands import Progress
from livermore.core.market.exchange import ExchangeIdentity
from livermore.errors import CorruptRecord

ENTRIES_PER_READ: Final = 500
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_OBJECTS: Final = ("order", "data", "error")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a stream as the live stream tells it; `data` is JSON, None for one that is not ours."""

    exchange_id: int
    id: str
    data: bytes | None


def stream_of(redis: Redis, kind: Kind, exchange: ExchangeIdentity) -> str:
    """The key of the stream that a topic of this kind is read from."""
    keys = keys_on(redis, exchange.id)
    if kind is Kind.ACTIVITY:
        return activity_key(exchange.name)
    return keys.alerts if kind is Kind.ALERTS else keys.commands


async def mark_of_store(redis: Redis) -> str:
    """The mark of this store, made when there is none.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    made = secrets.token_hex(6)
    async with answered(redis):
        # A store that is full still answers a question, and takes no answer.
        held: Any = await redis.get(STREAM_MARK)
        if held is None:
            held = await redis.set(STREAM_MARK, made, nx=True, get=True)
    return made if held is None else held.decode(errors="replace")


async def extent_of(redis: Redis, name: str) -> StreamExtent | None:
    """What the stream holds, None where there is none.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        try:
            found: Any = await redis.xinfo_stream(name)
        except ResponseError as exc:
            if "no such key" in str(exc):
                return None
            raise
    first = found.get("first-entry")
    last = found["last-generated-id"]
    return StreamExtent(
        None if not first else first[0].decode(),
        last.decode(),
        found.get("entries-added", found["length"]) != found["length"],
    )


async def entries_after(
    redis: Redis, kind: Kind, exchange: ExchangeIdentity, place: str, count: int = ENTRIES_PER_READ
) -> list[Entry]:
    """The first entries after a place, oldest first.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    name = stream_of(redis, kind, exchange)
    async with answered(redis):
        entries: Any = await redis.xrange(name, min=f"({place}", count=count)
    return [entry_of(kind, exchange, raw_id, fields) for raw_id, fields in entries]


async def newest_of(redis: Redis, kind: Kind, exchange: ExchangeIdentity, count: int) -> list[Entry]:
    """The newest entries, newest first.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        entries: Any = await redis.xrevrange(stream_of(redis, kind, exchange), count=count)
    return [entry_of(kind, exchange, raw_id, fields) for raw_id, fields in entries]


def entry_of(kind: Kind, exchange: ExchangeIdentity, raw_id: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    """An entry as it is told."""
    entry_id = raw_id.decode()
    try:
        data = _told(kind, exchange, entry_id, fields)
    except (CorruptRecord, msgspec.MsgspecError, ValueError, KeyError):
        data = None
    return Entry(exchange.id, entry_id, data)


def _told(kind: Kind, exchange: ExchangeIdentity, entry_id: str, fields: Mapping[bytes, bytes]) -> bytes | None:
    if kind is Kind.ALERTS:
        raw = fields[b"alert"]
        decode_alert(raw, entry_id)
        return _encode({"simulated": False, **_decode(raw)})
    if kind is Kind.ACTIVITY:
        activity = read_activity(fields, entry_id)
        shown = activity_shown(StreamedActivity(exchange.name, entry_id, activity))
        return None if shown is None else shown.model_dump_json().encode()
    return _encode(_step(exchange, fields))


def told_progress(exchange: ExchangeIdentity, progress: Progress) -> bytes:
    """How far a command is, in the shape of its steps: one called progress, which is kept nowhere."""
    return _encode(
        {
            "correlationId": progress.correlation_id,
            "exchangeId": exchange.id,
            "step": "progress",
            "time": progress.at,
            "instanceId": None,
            "epoch": None,
            "order": None,
            "data": {"done": progress.done, "total": progress.total, "text": progress.text},
            "error": None,
        }
    )


def _step(exchange: ExchangeIdentity, raw: Mapping[bytes, bytes]) -> dict[str, Any]:
    fields: dict[str, Any] = {name.decode(): value.decode() for name, value in raw.items()}
    told: dict[str, Any] = {
        "correlationId": fields["correlationId"],
        "exchangeId": exchange.id,
        "step": fields["step"],
        "time": int(fields["timestamp"]),
        "instanceId": fields.get("instanceId"),
        "epoch": int(fields["epoch"]) if "epoch" in fields else None,
    }
    return told | {name: _decode(fields[name]) if name in fields else None for name in _OBJECTS}


def last_place(entries: Sequence[Entry], default: str) -> str:
    """Where one stands after these entries, oldest first."""
    return entries[-1].id if entries else default
