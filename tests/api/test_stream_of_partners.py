"""A partner's key on the live stream: what it asks counts as its requests, and its connections are bounded."""

import asyncio
from contextlib import AsyncExitStack

import pytest
import websockets

from api.stage import Stage
from api.test_stream import a_client
from livermore.api.live import client as live


async def a_key(stage: Stage, **more: object) -> str:
    asked = {"name": "partner", "scopes": ["stream", "alerts", "readings"], **more}
    made = await stage.http.post("/api/v1/keys", json=asked, headers=await stage.headers())
    assert made.status_code in (200, 201), made.text
    return str(made.json()["secret"])


async def test_every_subscription_of_a_key_counts_as_a_request(stage: Stage, address: str) -> None:
    secret = await a_key(stage, requestsPerMinute=3)
    async with a_client(address) as client:
        await client.say(token=secret)
        # A minute may end in between, and then another three are free.
        for _ in range(8):
            await client.say(subscribe=["readings:coinbase"], unsubscribe=["readings:coinbase"])
        refused = await client.kind("error")
        seen = [message["kind"] for message in client.heard]

    assert (refused["data"]["code"], refused["data"]["topic"]) == ("too_many_requests", "readings:coinbase")
    assert "snapshot" in seen


async def test_a_key_that_is_used_up_is_told_to_come_back_later(stage: Stage, address: str) -> None:
    secret = await a_key(stage, requestsPerMinute=1)
    codes = []
    # A minute may end in between, and then another one is free.
    for _ in range(3):
        async with a_client(address) as client:
            await client.say(token=secret, subscribe=["nonsense"])
            try:
                await client.kind("error")
            except websockets.ConnectionClosed:
                codes.append(client.socket.close_code)

    assert set(codes) == {1013}


async def test_a_key_has_only_so_many_connections(stage: Stage, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CONNECTIONS_OF_KEY", 2)
    secret = await a_key(stage)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            client = await stack.enter_async_context(a_client(address))
            await client.say(token=secret, subscribe=["alerts"])
            await client.kind("snapshot")
        third = await stack.enter_async_context(a_client(address))
        await third.say(token=secret, subscribe=["alerts"])
        async with asyncio.timeout(20):
            await third.socket.wait_closed()

    assert third.socket.close_code == 1013


async def test_people_are_not_counted(stage: Stage, address: str) -> None:
    async with a_client(address) as client:
        await client.say(token=await stage.token())
        for _ in range(5):
            await client.say(subscribe=["alerts"])
            await client.kind("snapshot", "alerts")
            await client.say(unsubscribe=["alerts"])

    codes = [message["data"]["code"] for message in client.heard if message["kind"] == "error"]
    assert "too_many_requests" not in codes
