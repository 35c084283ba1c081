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
from redis.exceptions import NoScriptError, ResponseError

from livermore.cache.connect import answered

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
    """A few calls as one write."""

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
    """Run the script once for each call, in order.

    Calls are sent while later ones are still being made, so that the server works meanwhile. Where it has forgotten the
    script, that is loaded and the trip is made again: this is only for scripts that may be repeated.

    Raises:
        ClaimLost: when the script says so.
        StoreUnavailable: when Redis cannot be used; it is not known how many of the calls were made.
    """
    parcels = _parcels(script, calls)
    for first in parcels:
        sent: list[_Parcel] = []
        async with answered(redis):
            try:
                await _trip(redis, _remembered(first, parcels, sent))
            except NoScriptError:
                await redis.script_load(script.text)
                await _trip(redis, sent)


async def _trip(redis: Redis, parcels: Iterable[_Parcel]) -> None:
    """Send the parcels, then read all answers, which are too short to fill any buffer; raise the first refusal."""
    refusals: list[ResponseError] = []
    async with _connection(redis) as connection:
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
    for call in calls:
        command = ("EVALSHA", script.sha, len(call.keys), *call.keys, *call.arguments)
        frame: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]
        frames.append(frame)
        size += len(frame)
        if len(frames) == CALLS_PER_PARCEL or size >= PARCEL_BYTES:
            yield _Parcel(len(frames), b"".join(frames))
            frames, size = [], 0
    if frames:
        yield _Parcel(len(frames), b"".join(frames))


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
async def _connection(redis: Redis) -> AsyncIterator[AbstractConnection]:
    """A connection to oneself; one that was left in the middle of a trip is not used again."""
    pool = redis.connection_pool
    connection: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        yield connection
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    finally:
        await pool.release(connection)
