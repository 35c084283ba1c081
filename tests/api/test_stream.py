"""The live stream: a snapshot, then changes, and nothing lost by whoever comes back."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection

from api.stage import NOW, Stage, a_market, raise_alert
from cache.examples import SYMBOL, a_candle, a_commit, an_alert
from livermore.api.live.outbox import LOG_ENTRIES
from livermore.api.live.topics import topic_named
from livermore.cache.keys import STREAM_MARK, Keys
from livermore.cache.store import MarketStore
from livermore.core.account.people import Role
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import Timeframe
from livermore.core.messages import Commit, PublishTicker


class Client:
    """A client that remembers what it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def until(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message of that kind."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                self.heard.append(message)
                if is_it(message):
                    return message

    async def kind(self, kind: str, topic: str | None = None) -> dict[str, Any]:
        return await self.until(lambda m: m["kind"] == kind and topic in (None, m["topic"]))


@asynccontextmanager
async def a_client(address: str) -> AsyncIterator[Client]:
    async with websockets.connect(f"ws://{address}/api/v1/stream") as socket:
        yield Client(socket)


async def alert_number(redis: Redis, keys: Keys, number: int) -> str:
    """Raise an alert of its own; answers with its id."""
    alert = an_alert(a_candle(number))
    await raise_alert(redis, keys, alert)
    return alert.id


async def test_readings_begin_with_the_matrix_and_go_on_with_each_new_one(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    until = NOW()
    await a_market(redis, keys, ["BTC-USD"], until=until)
    async with a_client(address) as client:
        await client.say(token=await stage.token(Role.SUBSCRIBER_BASIC), subscribe=["readings:coinbase"])
        snapshot = await client.kind("snapshot")
        await a_market(redis, keys, ["BTC-USD"], until=until + 300_000)
        change = await client.until(lambda m: m["kind"] == "change" and m["data"]["timeframe"] == "5m")

    assert [row["symbol"] for row in snapshot["data"]["items"]] == ["BTC-USD"]
    assert change["topic"] == "readings:coinbase"
    shown = snapshot["data"]["items"][0]["readings"]["5m"]
    assert change["data"]["symbol"] == "BTC-USD"
    assert change["data"]["closeTime"] == shown["closeTime"] + 300_000
    assert change["data"].keys() == shown.keys() | {"symbol", "timeframe"}


async def test_candles_of_one_series_come_as_they_close(stage: Stage, address: str, redis: Redis, keys: Keys) -> None:
    until = NOW()
    await a_market(redis, keys, ["BTC-USD"], until=until)
    topic = "candles:coinbase:BTC-USD:5m"
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=[topic])
        snapshot = await client.kind("snapshot", topic)
        await a_market(redis, keys, ["BTC-USD", "ETH-USD"], until=until + 300_000)
        last = snapshot["data"]["items"][-1]
        change = await client.until(lambda m: m["kind"] == "change" and m["data"]["openTime"] > last["openTime"])

    assert len(snapshot["data"]["items"]) == 60
    assert {m["data"]["symbol"] for m in client.heard if m["kind"] == "change"} == {"BTC-USD"}
    assert change["data"]["openTime"] == last["closeTime"]


async def test_a_candle_that_is_corrected_later_is_told_again(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    await redis.set(keys.epoch, 1)
    store = MarketStore(redis, keys, 1)
    await store.commit([a_commit([a_candle(5)])], NOW())
    topic = f"candles:coinbase:{SYMBOL}:5m"
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=[topic, "candles:coinbase"])
        await client.kind("snapshot", topic)
        await client.kind("snapshot", "candles:coinbase")
        await store.commit([a_commit([a_candle(5, close=101.0, revision=1, is_confirmed=True)])], NOW())
        changes = [await client.kind("change", name) for name in ("candles:coinbase", topic)]

    for change in changes:
        told = change["data"]
        assert (told["openTime"], told["close"], told["revision"], told["isConfirmed"]) == (
            a_candle(5).opened_at,
            101.0,
            1,
            True,
        )


async def test_a_series_of_a_store_that_was_emptied_is_said_to_be_gone_and_followed_on(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    await redis.set(keys.epoch, 1)
    await MarketStore(redis, keys, 1).commit([a_commit([a_candle(5)])], NOW())
    topic = f"candles:coinbase:{SYMBOL}:5m"
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=[topic])
        await client.kind("snapshot", topic)
        await redis.delete(keys.readings, keys.candles(SYMBOL, Timeframe.M5), keys.indicator(SYMBOL, Timeframe.M5))
        stage.window.symbols.note(1, "ANOTHER-USD")
        for outbox in stage.window.hub._outboxes:
            outbox.doubt(topic_named(topic))
        gone = await client.kind("error")
        await MarketStore(redis, keys, 1).commit([a_commit([a_candle(6)])], NOW())
        change = await client.kind("change", topic)

    assert (gone["data"]["code"], gone["data"]["topic"]) == ("not_found", topic)
    assert change["data"]["openTime"] == a_candle(6).opened_at


async def test_prices_are_the_latest_ones(stage: Stage, address: str, redis: Redis, keys: Keys) -> None:
    await a_market(redis, keys, ["BTC-USD"], until=NOW())
    async with a_client(address) as client:
        await client.say(token=await stage.token(), subscribe=["tickers:coinbase"])
        await client.kind("snapshot")
        store = MarketStore(redis, keys, 1)
        await store.publish_tickers([PublishTicker(Ticker("BTC-USD", NOW(), 64_000.5, 1.0, None, None, None, None))])
        change = await client.kind("change")

    assert (change["data"]["symbol"], change["data"]["price"]) == ("BTC-USD", 64_000.5)


async def test_alerts_missed_while_away_come_when_the_client_is_back(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    token = await stage.token()
    first = await alert_number(redis, keys, 1)
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["alerts"])
        snapshot = await client.kind("snapshot")
    missed = [await alert_number(redis, keys, number) for number in range(2, 5)]
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["alerts"], cursors={"alerts": snapshot["cursor"]})
        came = [(await client.kind("change"))["data"]["id"] for _ in missed]
        live = await alert_number(redis, keys, 9)
        after = (await client.kind("change"))["data"]["id"]

    assert [alert["id"] for alert in snapshot["data"]] == [first]
    assert came == missed
    assert after == live


async def test_a_client_that_disconnects_at_random_has_what_one_that_never_did_has(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    """A hundred alerts, and a client that leaves after a few of them, often in the middle of what it is told."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    token = await stage.token()
    total = 120
    steady: list[str] = []
    flighty: list[str] = []

    async def follow_steadily() -> None:
        async with a_client(address) as client:
            await client.say(token=token, subscribe=["alerts"])
            await client.kind("snapshot")
            ready.set()
            while len(steady) < total:
                steady.append((await client.kind("change"))["data"]["id"])

    async def follow_at_random() -> None:
        cursor = None
        while len(flighty) < total:
            async with a_client(address) as client:
                await client.say(token=token, subscribe=["alerts"], cursors={"alerts": cursor} if cursor else {})
                if cursor is None:
                    cursor = (await client.kind("snapshot"))["cursor"]
                    began.set()
                for _ in range(chance.randrange(6)):
                    if len(flighty) < total:
                        message = await client.kind("change")
                        flighty.append(message["data"]["id"])
                        cursor = message["cursor"]
                # It does not say goodbye, nor read what is still on its way.
                client.socket.transport.abort()

    async def raise_them() -> None:
        await ready.wait()
        await began.wait()
        for number in range(total):
            await alert_number(redis, keys, number)
            if chance.random() < 0.2:
                await asyncio.sleep(0)

    ready, began = asyncio.Event(), asyncio.Event()
    async with asyncio.timeout(50), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow_steadily(), name="steady")
        tasks.create_task(follow_at_random(), name="flighty")
        tasks.create_task(raise_them(), name="raise")

    assert len(set(steady)) == total
    assert flighty == steady


async def test_a_cursor_of_another_store_is_told_and_all_is_shown_anew(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    token = await stage.token()
    await alert_number(redis, keys, 1)
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["alerts"])
        cursor = (await client.kind("snapshot"))["cursor"]
    await redis.delete(STREAM_MARK)
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["alerts"], cursors={"alerts": cursor})
        dropped = await client.kind("dropped")
        snapshot = await client.kind("snapshot")

    assert dropped["topic"] == "alerts"
    assert len(snapshot["data"]) == 1


async def test_a_cursor_before_what_is_kept_is_told(stage: Stage, address: str, redis: Redis, keys: Keys) -> None:
    token = await stage.token()
    await alert_number(redis, keys, 1)
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["alerts:coinbase"])
        cursor = (await client.kind("snapshot"))["cursor"]
    for number in range(2, 5):
        await alert_number(redis, keys, number)
    await redis.xtrim(keys.alerts, maxlen=1, approximate=False)
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["alerts:coinbase"], cursors={"alerts:coinbase": cursor})
        dropped = await client.kind("dropped")

    assert "not kept" in dropped["data"]["reason"]


@pytest.mark.parametrize(
    "said",
    [
        {"subscribe": ["nonsense"]},
        {"subscribe": ["candles:kraken"]},
        {"subscribe": ["candles:coinbase:NOPE-USD:5m"]},
        {"subscribe": ["alerts"], "cursors": {"alerts": "nonsense"}},
        {"subscribe": ["commands:coinbase"]},
        {"unknown": 1},
    ],
)
async def test_nonsense_is_answered_on_the_same_connection(stage: Stage, address: str, said: dict[str, Any]) -> None:
    async with a_client(address) as client:
        await client.say(token=await stage.token(Role.USER), subscribe=["network"])
        await client.kind("snapshot")
        await client.say(**said)
        error = await client.kind("error")
        await client.say(unsubscribe=["network"], subscribe=["alerts"])
        await client.kind("snapshot", "alerts")

    assert error["data"]["code"] in {"invalid_request", "forbidden", "not_found"}


@pytest.mark.parametrize("text", ["no json", "[1]", '{"subscribe": "alerts"}', "x" * 40_000])
async def test_what_is_no_message_is_answered_on_the_same_connection(stage: Stage, address: str, text: str) -> None:
    async with a_client(address) as client:
        await client.say(token=await stage.token())
        await client.socket.send(text)
        await client.kind("error")
        await client.say(subscribe=["network"])
        await client.kind("snapshot", "network")


@pytest.mark.parametrize("token", [None, "nonsense", "lvm_nonsense"])
async def test_whoever_says_no_token_is_shown_out(address: str, token: str | None) -> None:
    async with a_client(address) as client:
        await client.say(**({} if token is None else {"token": token}), subscribe=["alerts"])
        async with asyncio.timeout(20):
            await client.socket.wait_closed()

    assert client.socket.close_code == 4401


async def test_a_revoked_key_ends_its_open_connections_at_once(stage: Stage, address: str) -> None:
    admin = await stage.headers()
    asked = {"name": "partner", "scopes": ["stream", "alerts"]}
    made = (await stage.http.post("/api/v1/keys", json=asked, headers=admin)).json()
    async with a_client(address) as client:
        await client.say(token=made["secret"], subscribe=["alerts", "readings:coinbase"])
        await client.kind("snapshot", "alerts")
        refused = await client.kind("error")
        await stage.http.delete(f"/api/v1/keys/{made['key']['id']}", headers=admin)
        async with asyncio.timeout(20):
            await client.socket.wait_closed()

    assert refused["data"]["code"] == "forbidden"
    assert client.socket.close_code == 4401


async def test_a_deactivated_user_loses_open_connections_at_once(stage: Stage, address: str) -> None:
    admin = await stage.headers()
    token = await stage.token(Role.USER)
    me = (await stage.http.get("/api/v1/users/me", headers={"authorization": f"Bearer {token}"})).json()
    async with a_client(address) as client:
        await client.say(token=token, subscribe=["network"])
        await client.kind("snapshot")
        await stage.http.patch(f"/api/v1/users/{me['id']}", json={"isActive": False}, headers=admin)
        async with asyncio.timeout(20):
            await client.socket.wait_closed()
    again = await stage.http.get("/api/v1/users/me", headers={"authorization": f"Bearer {token}"})

    assert again.status_code == 403


async def test_a_client_that_does_not_read_loses_nothing_and_hurts_nobody(
    stage: Stage, address: str, redis: Redis, keys: Keys
) -> None:
    """More alerts than are kept for a client and than its connection takes in, while it sleeps."""
    token = await stage.token()
    total = 3 * LOG_ENTRIES
    alerts = [an_alert(a_candle(number)) for number in range(total)]
    async with a_client(address) as slow, a_client(address) as quick:
        for client in (slow, quick):
            await client.say(token=token, subscribe=["alerts"])
            await client.kind("snapshot")
        await redis.set(keys.epoch, 1)
        store = MarketStore(redis, keys, 1)
        for start in range(0, total, 100):
            await store.commit([Commit(SYMBOL, (), tuple(alerts[start : start + 100]))], NOW())
        seen = [(await quick.kind("change"))["data"]["id"] for _ in alerts]
        late = [(await slow.kind("change"))["data"]["id"] for _ in alerts]

    assert seen == [alert.id for alert in alerts]
    assert late == seen
