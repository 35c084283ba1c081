"""The live stream where two things happen at once: a snapshot and a change, a renewed token and lost access."""

import asyncio
import json
from dataclasses import replace
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from starlette.websockets import WebSocket

from api.stage import NOW, Stage, raise_alert
from api.test_stream import a_client
from cache.examples import a_candle, an_alert
from livermore.api.auth.gate import Gate
from livermore.api.auth.person import Person
from livermore.api.live.client import LiveClient
from livermore.api.live.topics import Kind, topic_named
from livermore.cache.keys import Keys
from livermore.core.account.people import Role

PAUSE_MILLIS = 1_500


class Wire:
    """The server's end of a socket whose other end is the test."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: list[dict[str, Any]] = []
        self.code: int | None = None

    def say(self, **message: object) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def receive(self) -> dict[str, Any]:
        return await self.said.get()

    async def send_text(self, text: str) -> None:
        self.heard.append(json.loads(text))

    async def close(self, code: int, _reason: str) -> None:
        self.code = code


class SlowGate(Gate):
    """A gate whose answer comes when the test says so."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.visitors: set[object] = set()
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.asked = 0

    async def person_of(self, token: str) -> Person:
        self.asked += 1
        await self.is_open.wait()
        return self.person

    def join(self, visitor: object) -> None:
        self.visitors.add(visitor)

    def leave(self, visitor: object) -> None:
        self.visitors.discard(visitor)


async def test_a_change_never_overtakes_the_snapshot_of_its_topic(stage: Stage, address: str, redis: Redis) -> None:
    """The store answers the snapshot late; what is published meanwhile is newer than it and comes after it."""
    hub = stage.window.hub
    topic = topic_named("readings:coinbase")
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=["cross"])
        await client.kind("snapshot", "cross")
        await redis.client_pause(PAUSE_MILLIS)
        await client.say(subscribe=[str(topic)])
        async with asyncio.timeout(20):
            while not hub.is_wanted(Kind.READINGS):
                await asyncio.sleep(0.01)
        hub.offer(topic, "BTC-USD 5m", b'"newer"')
        await client.kind("change", str(topic))

    assert [message["kind"] for message in client.heard if message["topic"] == str(topic)] == ["snapshot", "change"]


@pytest.mark.parametrize("is_renewing", [False, True], ids=["while it waits", "in the turn in which it is renewed"])
async def test_access_that_ends_is_ended_and_forgotten(stage: Stage, *, is_renewing: bool) -> None:
    gate = SlowGate(Person(1, "ann@example.org", Role.ADMIN, None))
    window = replace(stage.window, gate=gate)
    wire = Wire()
    client = LiveClient(cast("WebSocket", wire), window)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(client.run(), name="client")
        wire.say(token="first")
        while not window.hub.clients:
            await asyncio.sleep(0)
        assert gate.visitors == {client}
        if is_renewing:
            gate.is_open.clear()
            wire.say(token="renewed")
            while gate.asked < 2:
                await asyncio.sleep(0)
            gate.is_open.set()
        client.shut()

    assert wire.code == 4401
    assert gate.visitors == set()
    assert window.hub.clients == 0


async def test_the_open_stream_of_a_key_ends_when_the_key_does(stage: Stage, address: str) -> None:
    admin = await stage.headers()
    until = NOW() + 3_000
    asked = {"name": "partner", "scopes": ["stream", "alerts"], "expiresAt": until}
    made = (await stage.http.post("/api/v1/keys", json=asked, headers=admin)).json()
    async with a_client(address) as client:
        await client.say(token=made["secret"], subscribe=["alerts"])
        await client.kind("snapshot", "alerts")
        async with asyncio.timeout(30):
            await client.socket.wait_closed()

    assert client.socket.close_code == 4401
    assert NOW() >= until


async def test_a_store_that_is_replaced_under_an_open_stream_is_told_and_shown_anew(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    """What was lost with it nobody knows, so nobody is let believe that nothing was."""
    alerts = [an_alert(a_candle(number)) for number in range(3)]
    await raise_alert(redis, keys, alerts[0])
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=["alerts"])
        await client.kind("snapshot", "alerts")
        await redis.flushall()
        await raise_alert(redis, keys, alerts[1])
        # The connections of the server end with the old store.
        await redis.client_kill_filter(_type="normal", skipme=True)
        await client.kind("dropped", "alerts")
        snapshot = await client.kind("snapshot", "alerts")
        await raise_alert(redis, keys, alerts[2])
        change = await client.until(lambda m: m["kind"] == "change" and m["data"]["id"] == alerts[2].id)

    assert [item["id"] for item in snapshot["data"]] == [alerts[1].id]
    assert change["cursor"]
