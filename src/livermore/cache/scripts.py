"""The Lua scripts, and running them whether or not the server knows them yet."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, TypeAlias

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import MovedError, NoScriptError, ResponseError

from livermore.cache.cluster import ClusteredRedis
from livermore.cache.connect import answered

TRIPS: Final = 4
PARCELS_PER_TRIP: Final = 40
CALLS_PER_PARCEL: Final = 25
PARCEL_BYTES: Final = 256 * 1024

Argument: TypeAlias = bytes | str | int


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script under the name that Redis gives it."""

    text: str
    sha: str


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a script: what it touches and what it is told."""

    keys: Sequence[Argument]
    arguments: Sequence[Argument]


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A few calls as one write, and a key of theirs, which tells the node that it goes to on a Cluster."""

    key: Argument
    calls: int
    frames: bytes


def script_named(name: str) -> Script:
    """The script in the file `name`.lua beside this module."""
    text = files(__package__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


async def run_script(redis: Redis, script: Script, call: Call) -> Any:
    """What the script answers; it is loaded where the server has forgotten it.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        try:
            return await redis.evalsha(script.sha, len(call.keys), *call.keys, *call.arguments)
        except NoScriptError:
            return await redis.eval(script.text, len(call.keys), *call.keys, *call.arguments)


async def run_calls(redis: Redis, script: Script, calls: Iterable[Call]) -> None:
    """Run the script once for each call, in order; on a Cluster the keys of all calls share a slot.

    Calls are sent while later ones are still being made, so that the server works meanwhile. Where it has forgotten the
    script, that is loaded and the trip is made again, as it is where the keys have moved to another node: this is only
    for scripts that may be repeated.

    Raises:
        ClaimLost: when the script says so.
        StoreUnavailable: when Redis cannot be used; it is not known how many of the calls were made.
    """
    parcels = _parcels(script, calls)
    for first in parcels:
        sent: list[_Parcel] = []
        async with answered(redis):
            await _arrive(redis, script, first.key, _remembered(first, parcels, sent), sent)


async def _arrive(
    redis: Redis, script: Script, key: Argument, parcels: Iterable[_Parcel], sent: Sequence[_Parcel]
) -> None:
    """Make the trip, as often as it takes to find the node that has the keys and to teach it the script."""
    for trip in range(1, TRIPS + 1):
        try:
            await _trip(redis, key, parcels)
        except NoScriptError:
            if trip == TRIPS:
                raise
            await redis.script_load(script.text)
        except MovedError as moved:
            if trip == TRIPS or not isinstance(redis, ClusteredRedis):
                raise
            await redis.follow(moved)
        else:
            return
        parcels = sent


async def _trip(redis: Redis, key: Argument, parcels: Iterable[_Parcel]) -> None:
    """Send the parcels, then read all answers, which are too short to fill any buffer; raise the first refusal."""
    refusals: list[ResponseError] = []
    async with _connection(redis, key) as connection:
        calls = 0
        for parcel in parcels:
            await connection.send_packed_command(parcel.frames)
            calls += parcel.calls
        for _ in range(calls):
            try:
                await connection.read_response()
            except ResponseError as refusal:
                refusals.append(refusal)
    if refusals:
        raise refusals[0]


def _parcels(script: Script, calls: Iterable[Call]) -> Iterator[_Parcel]:
    frames: list[bytes] = []
    size = 0
    key: Argument = b""
    for call in calls:
        key = call.keys[0]
        command = ("EVALSHA", script.sha, len(call.keys), *call.keys, *call.arguments)
        frame: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]
        frames.append(frame)
        size += len(frame)
        if len(frames) == CALLS_PER_PARCEL or size >= PARCEL_BYTES:
            yield _Parcel(key, len(frames), b"".join(frames))
            frames, size = [], 0
    if frames:
        yield _Parcel(key, len(frames), b"".join(frames))


def _remembered(first: _Parcel, others: Iterator[_Parcel], sent: list[_Parcel]) -> Iterator[_Parcel]:
    """The parcels of one trip, each noted as it leaves."""
    sent.append(first)
    yield first
    while len(sent) < PARCELS_PER_TRIP:
        following = next(others, None)
        if following is None:
            return
        sent.append(following)
        yield following


@asynccontextmanager
async def _connection(redis: Redis, key: Argument) -> AsyncIterator[AbstractConnection]:
    """A connection to oneself, to where `key` is; one that was left in the middle of a trip is not used again."""
    if isinstance(redis, ClusteredRedis):
        async with redis.connection_for(key) as to_node:
            yield to_node
        return
    pool = redis.connection_pool
    connection: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        yield connection
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    finally:
        await pool.release(connection)
