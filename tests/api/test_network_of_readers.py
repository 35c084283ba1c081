"""Whoever only reads the market sees that it is alive, and not where it runs nor who runs it."""

import asyncio
import json
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from api.stage import NOW, Stage
from api.test_stream import a_client
from cache.examples import a_status
from livermore.api.live.network_watch import run_network_watch
from livermore.cache.instances import claim, heartbeat
from livermore.cache.keys import Keys
from livermore.core.account.people import Role
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import BudgetUse

SECRETS = ("host-one", "192.0.2.7", "ada@example.org", "Ada Lovelace", "it broke", "api.example.org", "4711", '"one"')


async def serving(redis: Redis, keys: Keys, symbols: int) -> None:
    now = NOW()
    status = replace(
        a_status("one", State.ACTIVE),
        registered_at=now,
        last_heartbeat=now,
        ip_address="192.0.2.7",
        admin_email="ada@example.org",
        admin_display_name="Ada Lovelace",
        last_error="it broke",
        last_error_at=now,
        paused_by="ada@example.org",
        feed_reasons=("no connection: it broke",),
        budgets=(BudgetUse("api.example.org", 1.0, 2.0, 0, 0),),
        symbol_count=symbols,
    )
    epoch = await redis.get(keys.epoch)
    if epoch is None:
        epoch = await claim(redis, keys, status)
    assert await heartbeat(redis, keys, replace(status, epoch=int(epoch)))


@pytest.mark.parametrize("role", [Role.SUBSCRIBER_BASIC, Role.SUBSCRIBER_PRO])
async def test_a_subscriber_sees_that_an_exchange_is_served_and_nothing_of_the_house(
    stage: Stage, redis: Redis, keys: Keys, role: Role
) -> None:
    await serving(redis, keys, 7)
    less = await stage.http.get("/api/v1/network", headers=await stage.headers(role))
    whole = await stage.http.get("/api/v1/network", headers=await stage.headers(Role.USER))

    assert less.status_code == 200
    coinbase = less.json()["items"][0]
    assert (coinbase["liveness"], coinbase["status"]["connectionState"]) == ("live", "active")
    assert (coinbase["status"]["feedState"], coinbase["status"]["symbolCount"]) == ("live", 7)
    assert coinbase["status"]["pausedBy"] == "an admin"
    assert [word for word in SECRETS if word in less.text] == []
    assert [word for word in SECRETS if word not in whole.text] == []


async def test_on_the_live_stream_each_sees_as_much_as_over_http(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    await serving(redis, keys, 7)
    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(run_network_watch(stage.window), name="watch")
        async with a_client(address) as reader, a_client(address) as user:
            for client, role in ((reader, Role.SUBSCRIBER_BASIC), (user, Role.USER)):
                await client.say(token=await stage.token(role), subscribe=["network"])
                await client.kind("snapshot", "network")
            await serving(redis, keys, 8)
            for client in (reader, user):
                await client.until(
                    lambda m: m["kind"] == "change" and m["data"]["status"] and m["data"]["status"]["symbolCount"] == 8
                )
        watch.cancel()

    assert [word for word in SECRETS if word in json.dumps(reader.heard)] == []
    assert [word for word in SECRETS if word not in json.dumps(user.heard)] == []
