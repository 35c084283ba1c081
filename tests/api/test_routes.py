"""What the routes answer, with real stores, and what they answer when a store is away."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from api.stage import NOW, Stage, a_market, a_stage, raise_alert
from cache.examples import a_candle, an_alert
from livermore.api.log_files import LogFilter, log_page
from livermore.cache.activity import append_activity
from livermore.cache.codec.alert import encode_alert
from livermore.cache.instruments import store_listing
from livermore.cache.keys import Keys
from livermore.core.account.people import Role
from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.indicators.macdv import MacdV
from livermore.core.instance.activity import Actor, StateChanged
from livermore.core.instance.lifecycle import State
from livermore.core.market.instrument import Instrument
from livermore.database.alert_rows import Place
from livermore.database.alerts import Said, record_alerts
from livermore.database.connect import DatabaseSettings, Pool, open_pool, transaction
from livermore.database.symbols import deactivate_symbols, save_symbols


async def get(stage: Stage, path: str, role: Role = Role.ADMIN, **query: Any) -> Any:
    return await stage.http.get(f"/api/v1{path}", headers=await stage.headers(role), params=query)


async def test_the_matrix_has_every_symbol_with_all_its_timeframes(stage: Stage, redis: Redis, keys: Keys) -> None:
    await a_market(redis, keys, ["BTC-USD", "ETH-USD"], until=NOW())
    await redis.hset(keys.readings, "ETH-USD:5m", "not ours")  # type: ignore[misc]
    matrix = (await get(stage, "/exchanges/coinbase/readings")).json()

    assert [row["symbol"] for row in matrix["items"]] == ["BTC-USD", "ETH-USD"]
    assert list(matrix["items"][0]["readings"]) == ["5m", "15m", "1h", "4h", "1d"]
    assert [one["name"] for one in matrix["unreadable"]] == ["ETH-USD 5m"]


async def test_candles_come_page_by_page_with_the_readings_that_were_published(
    stage: Stage, redis: Redis, keys: Keys
) -> None:
    """The readings beside the candles are those of a fold over all of them, and the last one is the stored one."""
    await a_market(redis, keys, ["BTC-USD"], until=NOW(), count=90)
    headers = await stage.headers()
    path = "/api/v1/exchanges/coinbase/candles/BTC-USD/1h"
    pages: list[Any] = []
    cursor = None
    while not pages or cursor is not None:
        query = {"limit": 40} | ({} if cursor is None else {"cursor": cursor})
        page = (await stage.http.get(path, headers=headers, params=query)).json()
        pages.insert(0, page["items"])
        cursor = page["next"]
    candles = [candle for page in pages for candle in page]
    matrix = (await get(stage, "/exchanges/coinbase/readings")).json()
    fold = MacdV()
    expected = []
    for candle in candles:
        fold.step(candle["high"], candle["low"], candle["close"], candle["isEmpty"])
        expected.append(fold.value if fold.is_defined else None)

    assert [len(page) for page in pages] == [10, 40, 40]
    assert [candle["reading"] and candle["reading"]["value"] for candle in candles] == expected
    assert candles[-1]["reading"] == matrix["items"][0]["readings"]["1h"]


async def test_activity_of_all_exchanges_is_paged_without_loss_or_repetition(stage: Stage, redis: Redis) -> None:
    names = ("coinbase", "binance", "binance_us")
    now = NOW()
    for number in range(30):
        index = number % 3
        actor = Actor(index + 1, names[index], f"instance-{number}", 1, "box")
        await append_activity(redis, StateChanged(now - number, actor, State.IDLE, State.STARTING))
    headers = await stage.headers()
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 7} | ({} if cursor is None else {"cursor": cursor})
        page = (await stage.http.get("/api/v1/network/activity", headers=headers, params=query)).json()
        seen += [entry["instanceId"] for entry in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == 30
    assert sorted(seen) == sorted({f"instance-{number}" for number in range(30)})


async def test_the_network_says_of_each_exchange_how_alive_it_is(stage: Stage) -> None:
    network = (await get(stage, "/network")).json()

    assert {row["exchangeName"]: row["liveness"] for row in network["items"]} == dict.fromkeys(
        ("coinbase", "binance", "binance_us"), "never"
    )


async def test_a_command_that_nobody_hears_is_answered_at_once_and_kept(stage: Stage) -> None:
    headers = await stage.headers()
    path = "/api/v1/exchanges/coinbase/commands"
    answer = await stage.http.post(path, json={"type": "stop", "correlationId": "abc"}, headers=headers)
    history = (await stage.http.get(path, headers=headers)).json()
    one = (await stage.http.get(f"{path}/abc", headers=headers)).json()
    wrong = await stage.http.post(path, json={"type": "switch-mode", "payload": {"mode": "no"}}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (503, "nobody_listens")
    assert [record["step"] for record in history["items"]] == ["unheard"]
    assert one["issuedBy"].startswith("admin-")
    assert wrong.status_code == 422


async def test_alerts_come_from_the_stream_until_the_ledger_has_them(
    stage: Stage, redis: Redis, pool: Pool, keys: Keys
) -> None:
    alerts = [an_alert(a_candle(number)) for number in range(5)]
    for alert in alerts:
        await raise_alert(redis, keys, alert)
    async with transaction(pool) as connection:
        entries = [Said(alert, Place(1, NOW(), number)) for number, alert in enumerate(alerts)]
        await record_alerts(connection, entries, NOW())
    headers = await stage.headers()
    ledger: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await stage.http.get("/api/v1/alerts", headers=headers, params=query)).json()
        assert page["source"] == "ledger"
        ledger += [alert["id"] for alert in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    one = (await stage.http.get(f"/api/v1/alerts/{alerts[0].id}", headers=headers)).json()
    none = await stage.http.get("/api/v1/alerts", headers=headers, params={"exchange": "binance"})

    assert ledger == [alert.id for alert in reversed(alerts)]
    assert one["closeTime"] == alerts[0].closes_at
    assert none.json()["items"] == []


async def test_without_postgresql_the_market_goes_on_and_the_rest_says_when_to_try_again(
    redis: Redis, settings: DatabaseSettings, keys: Keys, tmp_path: Path
) -> None:
    await a_market(redis, keys, ["BTC-USD"], until=NOW())
    for number in range(3):
        await raise_alert(redis, keys, an_alert(a_candle(number)))
    async with open_pool(settings) as pool, a_stage(redis, pool, tmp_path) as stage:
        headers = await stage.headers()
        await stage.http.get("/api/v1/users/me", headers=headers)
        await pool.close()
        market = await stage.http.get("/api/v1/exchanges/coinbase/readings", headers=headers)
        alerts = await stage.http.get("/api/v1/alerts", headers=headers, params={"limit": 2})
        rest = await stage.http.get(
            "/api/v1/alerts", headers=headers, params={"limit": 2, "cursor": alerts.json()["next"]}
        )
        people = await stage.http.get("/api/v1/settings", headers=headers)
        ready = await stage.http.get("/readyz")

    assert market.status_code == 200
    assert (alerts.json()["source"], len(alerts.json()["items"]), len(rest.json()["items"])) == ("stream", 2, 1)
    assert (people.status_code, people.json()["code"]) == (503, "store_unavailable")
    assert people.headers["retry-after"]
    assert people.headers["content-type"] == "application/problem+json"
    assert (ready.status_code, ready.json()["postgres"], ready.json()["redis"]) == (503, False, True)


async def test_settings_are_replaced_only_by_whoever_has_seen_them(stage: Stage) -> None:
    headers = await stage.headers(Role.USER)
    path = "/api/v1/settings"
    first = await stage.http.get(path, headers=headers)
    tag = {**headers, "if-match": first.headers["etag"]}
    changed = await stage.http.put(path, json={"profile": {"name": "Ada"}}, headers=tag)
    stale = await stage.http.put(path, json={"profile": {"name": "Eve"}}, headers=tag)
    patched = await stage.http.patch(path, json={"profile": {"name": "Bob"}}, headers=headers)
    secret = await stage.http.patch(
        path, json={"exchanges": {"coinbase": {"apiKeyEnv": "sk_live_9fK2mZ81LqPp0xWvTn4RbYcD"}}}, headers=headers
    )
    unknown = await stage.http.patch(path, json={"nonsense": 1}, headers=headers)
    history = (await stage.http.get(f"{path}/history", headers=headers)).json()
    same = await stage.http.get(path, headers={**headers, "if-none-match": patched.headers["etag"]})

    assert changed.json()["settings"]["profile"]["name"] == "Ada"
    assert (stale.status_code, patched.status_code) == (409, 200)
    assert (secret.status_code, unknown.status_code) == (422, 422)
    assert secret.json()["errors"]
    assert [entry["version"] for entry in history["items"]] == [2, 1]
    assert same.status_code == 304


async def test_an_exported_document_is_taken_in_again(stage: Stage) -> None:
    headers = await stage.headers(Role.USER)
    await stage.http.patch("/api/v1/settings", json={"profile": {"name": "Ada"}}, headers=headers)
    export = (await stage.http.get("/api/v1/settings/export", headers=headers)).json()
    await stage.http.patch("/api/v1/settings", json={"profile": {"name": "Eve"}}, headers=headers)
    path = "/api/v1/settings/import"
    dry = (await stage.http.post(path, json={"document": export}, headers=headers)).json()
    done = await stage.http.post(path, json={"document": export}, headers=headers, params={"dryRun": False})
    after = (await stage.http.get("/api/v1/settings", headers=headers)).json()

    assert [(change["path"], change["before"], change["after"]) for change in dry["changes"]] == [
        ("/profile/name", "Eve", "Ada")
    ]
    assert done.status_code == 200
    assert after["settings"]["profile"]["name"] == "Ada"


async def test_a_pasted_list_of_symbols_has_a_verdict_for_each(stage: Stage, redis: Redis, keys: Keys) -> None:
    listed = [Instrument(f"{base}-USD", f"{base}-USD", base, "USD", base != "DEAD", 1.0) for base in ("BTC", "DEAD")]
    await store_listing(redis, keys, listed, NOW())
    headers = await stage.headers()
    path = "/api/v1/exchanges/coinbase/symbols/plan"
    plan = (await stage.http.post(path, json={"text": "btc/usd, DEAD-USD\nnonsense"}, headers=headers)).json()
    found = (await get(stage, "/exchanges/coinbase/instruments", search="btc")).json()

    assert plan["symbols"] == ["BTC-USD"]
    assert [verdict["symbol"] for verdict in plan["verdicts"]] == ["BTC-USD", None, None]
    assert [one["symbol"] for one in found["items"]] == ["BTC-USD"]


async def test_a_symbol_that_was_given_up_is_no_longer_watched(stage: Stage, redis: Redis, keys: Keys) -> None:
    """What is stored of it stays, but it can be pasted in again, and no list of what is watched has it."""
    await a_market(redis, keys, ["BTC-USD", "ETH-USD"], until=NOW())
    listed = [Instrument(f"{base}-USD", f"{base}-USD", base, "USD", True, 1.0) for base in ("BTC", "ETH")]
    await store_listing(redis, keys, listed, NOW())
    async with transaction(stage.window.pool) as connection:
        await save_symbols(connection, 1, [MonitoredSymbol("BTC-USD", rank=1)], by="ann", at=NOW())
    headers = await stage.headers()
    assert (await pasted(stage, "btc-usd", headers))["symbols"] == []
    async with transaction(stage.window.pool) as connection:
        assert await deactivate_symbols(connection, 1, ["BTC-USD"], by="ann", at=NOW()) == 1

    assert (await pasted(stage, "btc-usd", headers))["symbols"] == ["BTC-USD"]
    matrix = (await stage.http.get("/api/v1/exchanges/coinbase/readings", headers=headers)).json()
    assert [row["symbol"] for row in matrix["items"]] == ["ETH-USD"], "nobody gave up what nobody wrote down"


async def pasted(stage: Stage, text: str, headers: Mapping[str, str]) -> dict[str, Any]:
    answer = await stage.http.post("/api/v1/exchanges/coinbase/symbols/plan", json={"text": text}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_partner_is_told_how_often_it_may_still_ask(stage: Stage, redis: Redis, keys: Keys) -> None:
    await a_market(redis, keys, ["BTC-USD"], until=NOW())
    asked = {"name": "partner", "scopes": ["readings"], "requestsPerMinute": 2}
    made = (await stage.http.post("/api/v1/keys", json=asked, headers=await stage.headers())).json()
    headers = {"authorization": f"Bearer {made['secret']}"}
    answers = [await stage.http.get("/api/v1/exchanges/coinbase/readings", headers=headers) for _ in range(6)]
    listed = (await get(stage, "/keys")).json()

    assert answers[0].headers["ratelimit-limit"] == "2"
    # A minute may end in between, and gives two more.
    assert [answer.status_code for answer in answers].count(429) >= 2
    assert next(answer for answer in answers if answer.status_code == 429).headers["retry-after"]
    assert listed["items"][0]["lastUsedAt"] is not None
    assert made["secret"] not in json.dumps(listed)


async def test_a_body_that_is_too_large_is_refused(stage: Stage) -> None:
    headers = await stage.headers()
    answer = await stage.http.patch("/api/v1/settings", content=b'{"a":"' + b"x" * 1_100_000, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "request_entity_too_large")


async def test_every_answer_has_an_id_and_says_what_a_browser_may_do(stage: Stage) -> None:
    answer = await stage.http.get("/healthz", headers={"x-request-id": "abc"})

    assert answer.headers["x-request-id"] == "abc"
    assert "unsafe-inline" not in answer.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_screens_are_kept_where_they_never_change(redis: Redis, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html>" + "x" * 2_000)
    (tmp_path / "dist" / "assets" / "app-1a2b.js").write_text("let a = 1;" * 500)
    async with a_stage(redis, pool, tmp_path, screens=tmp_path / "dist") as stage:
        page = await stage.http.get("/network")
        asset = await stage.http.get("/assets/app-1a2b.js")
        missing = await stage.http.get("/assets/app-old.js")
        unknown = await stage.http.get("/api/v1/nothing")

    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-encoding"] == "gzip"
    assert (missing.status_code, unknown.status_code) == (404, 404)
    assert unknown.headers["content-type"] == "application/problem+json"


async def test_without_screens_a_page_says_how_to_build_them(stage: Stage) -> None:
    assert "make up" in (await stage.http.get("/")).text


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_a_log_is_read_backwards_without_loss_over_its_rotated_parts(tmp_path: Path, limit: int) -> None:
    lines = [json.dumps({"level": "info", "event": f"e{n}", "text": "ü" * (n % 400)}) for n in range(600)]
    (tmp_path / "server.log.1").write_text("\n".join(lines[:300]) + "\n")
    (tmp_path / "server.log").write_text("\n".join(lines[300:]) + "\n")
    seen: list[str] = []
    cursor = None
    while True:
        page = log_page(tmp_path, LogFilter(file="server.log"), limit, cursor)
        seen += [line.event for line in page.lines]
        cursor = page.next
        if cursor is None:
            break

    assert seen == [f"e{n}" for n in reversed(range(600))]


async def test_what_is_counted_is_told_to_prometheus(stage: Stage) -> None:
    await stage.http.get("/healthz")
    text = (await stage.http.get("/metrics")).text

    assert 'livermore_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert 'livermore_store_up{store="redis"} 1.0' in text
    assert 'livermore_instance_up{exchange="coinbase"} 0.0' in text


async def test_without_redis_people_and_settings_go_on_and_the_market_says_when_to_try_again(
    pool: Pool, tmp_path: Path
) -> None:
    """Nobody listens at the port where Redis should be."""
    async with (
        Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)) as away,
        a_stage(away, pool, tmp_path) as stage,
    ):
        headers = await stage.headers()
        market = await stage.http.get("/api/v1/exchanges/coinbase/readings", headers=headers)
        network = await stage.http.get("/api/v1/network", headers=headers)
        people = await stage.http.get("/api/v1/settings", headers=headers)

    assert (market.status_code, network.status_code, people.status_code) == (503, 503, 200)
    assert market.headers["retry-after"]
    assert "127.0.0.1" not in market.text, "where a store is, is for operators alone"


async def test_a_store_that_is_full_is_not_ready_though_it_answers(stage: Stage, redis: Redis) -> None:
    """Nothing is evicted and nothing more is taken: reads go on, and all that matters does not."""
    await redis.config_set("maxmemory", 1)
    try:
        ready = await stage.http.get("/readyz")
        metrics = await stage.http.get("/metrics")
    finally:
        await redis.config_set("maxmemory", 0)

    assert (ready.status_code, ready.json()["redis"]) == (503, False)
    assert 'livermore_store_up{store="redis"} 0.0' in metrics.text
    assert "livermore_instance_up" in metrics.text, "what can be read is said all the same"


async def test_a_ledger_that_has_not_caught_up_is_not_shown_as_all(stage: Stage, redis: Redis, keys: Keys) -> None:
    """The alert stands in the stream for longer than a ledger takes, and the ledger does not have it."""
    alert = an_alert(a_candle(1))
    await redis.xadd(keys.alerts, {"alert": encode_alert(alert)}, id=f"{NOW() - 60_000}-0")
    page = (await get(stage, "/alerts")).json()

    assert (page["source"], [one["id"] for one in page["items"]]) == ("stream", [alert.id])
