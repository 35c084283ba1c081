"""What happened to the instances of an exchange, as a stream that keeps 90 days.

An entry; ``error`` entries have ``error`` and ``state`` in place of the two states, ``paused`` and ``resumed`` ones
``by`` and ``state``::

    event=state_transition timestamp=1769093400000 fromState=idle toState=starting exchangeId=1 exchangeName=coinbase
    instanceId=0f3a… epoch=4 hostname=box ip=192.0.2.7 adminEmail=ada@example.org
"""

from collections.abc import Mapping
from typing import Any, Final

from redis.asyncio import Redis

from livermore.cache.codec.record import corrupt
from livermore.cache.connect import answered
from livermore.cache.keys import activity_key
from livermore.core.instance.activity import Activity, Actor, ErrorSeen, PauseChanged, StateChanged
from livermore.core.instance.lifecycle import State
from livermore.core.market.timeframe import DAY, Millis

RETENTION: Final[Millis] = 90 * DAY
ERROR_LENGTH: Final = 2_000
PAUSED: Final = "paused"
RESUMED: Final = "resumed"


async def append_activity(redis: Redis, entry: Activity) -> None:
    """Add an entry, and drop those that are more than 90 days older than it.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        await redis.xadd(
            activity_key(entry.actor.exchange_name),
            _fields(entry),  # type: ignore[arg-type]
            minid=max(0, entry.at - RETENTION),
        )


async def newest_activity(redis: Redis, exchange_name: str, count: int, now: Millis) -> tuple[Activity, ...]:
    """The newest entries of the last 90 days, newest first.

    Raises:
        CorruptRecord: when an entry is not ours.
        StoreUnavailable: when Redis cannot be used.
    """
    key = activity_key(exchange_name)
    async with answered(redis):
        entries: Any = await redis.xrevrange(key, min=str(max(0, now - RETENTION)), count=count)
    return tuple(read_activity(fields, key) for _, fields in entries)


def _fields(entry: Activity) -> dict[str, str | int]:
    actor = entry.actor
    fields: dict[str, str | int] = {"timestamp": entry.at}
    match entry:
        case StateChanged():
            fields |= {"event": "state_transition", "fromState": entry.from_state, "toState": entry.to_state}
        case PauseChanged():
            event = PAUSED if entry.is_paused else RESUMED
            fields |= {"event": event, "by": entry.by[:ERROR_LENGTH], "state": entry.state}
        case ErrorSeen():
            fields |= {"event": "error", "error": entry.error[:ERROR_LENGTH], "state": entry.state}
    fields |= {
        "exchangeId": actor.exchange_id,
        "exchangeName": actor.exchange_name,
        "instanceId": actor.instance_id,
        "epoch": actor.epoch,
        "hostname": actor.hostname,
    }
    if actor.ip_address is not None:
        fields["ip"] = actor.ip_address
    if actor.admin_email is not None:
        fields["adminEmail"] = actor.admin_email
    return fields


def read_activity(raw: Mapping[bytes, bytes], key: str) -> Activity:
    """The activity that an entry of a stream spells.

    Raises:
        CorruptRecord: when it is none; the message names `key`.
    """
    try:
        fields = {name.decode(): value.decode() for name, value in raw.items()}
        actor = Actor(
            int(fields["exchangeId"]),
            fields["exchangeName"],
            fields["instanceId"],
            int(fields["epoch"]),
            fields["hostname"],
            fields.get("ip"),
            fields.get("adminEmail"),
        )
        at = int(fields["timestamp"])
        if fields["event"] == "error":
            return ErrorSeen(at, actor, fields["error"], State(fields["state"]))
        if fields["event"] in (PAUSED, RESUMED):
            return PauseChanged(at, actor, fields["event"] == PAUSED, fields["by"], State(fields["state"]))
        return StateChanged(at, actor, State(fields["fromState"]), State(fields["toState"]))
    except (KeyError, ValueError) as exc:
        raise corrupt(key, f"an entry is no activity ({exc})") from exc
