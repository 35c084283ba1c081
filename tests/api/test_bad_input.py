"""Whatever is asked badly is told so in 4xx, as a problem, and leaves nothing behind."""

from typing import Any

import pytest

from api.stage import Stage
from livermore.core.account.people import Role
from livermore.database.connect import transaction

SQL = "'; DROP TABLE livermore.users; --"
SCRIPT = "<script>alert(1)</script>"
NUL = "BTC\0USD"
ODD = (SQL, SCRIPT, NUL, "BTC-USD\r\nSET a b", "../../etc/passwd", "x" * 50_000)
COINBASE = "/api/v1/exchanges/coinbase"

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'livermore' ORDER BY tablename"

BODIES: dict[str, tuple[str, str, bytes, int]] = {
    "no JSON": ("PATCH", "/api/v1/settings", b"{", 422),
    "no object": ("PATCH", "/api/v1/settings", b"[1]", 422),
    "not UTF-8": ("PATCH", "/api/v1/settings", b'{"profile":{"name":"\xff"}}', 400),
    "far too deep": ("PATCH", "/api/v1/settings", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    "an unknown field": ("PATCH", "/api/v1/settings", b'{"profile":{"colour":"red"}}', 422),
    "a number that is none": ("PATCH", "/api/v1/settings", b'{"alerts":{"firstLevel":NaN}}', 422),
    "a time zone of Mars": ("PATCH", "/api/v1/settings", b'{"profile":{"timezone":"Mars/Base"}}', 422),
    "a number beyond all": ("PATCH", "/api/v1/settings", b'{"alerts":{"firstLevel":1e999}}', 422),
    "too much": ("PATCH", "/api/v1/settings", b'{"a":"' + b"x" * 2_000_000 + b'"}', 413),
    "a command nobody knows": ("POST", f"{COINBASE}/commands", b'{"type":"explode"}', 422),
    "a command with more": ("POST", f"{COINBASE}/commands", b'{"type":"stop","payload":{"now":true}}', 422),
    "an id with a space": ("POST", f"{COINBASE}/commands", b'{"type":"stop","correlationId":"a b"}', 422),
    "a key without scope": ("POST", "/api/v1/keys", b'{"name":"partner","scopes":[]}', 422),
    "a key with an unknown scope": ("POST", "/api/v1/keys", b'{"name":"partner","scopes":["all"]}', 422),
    "a key that outlives the calendar": (
        "POST",
        "/api/v1/keys",
        b'{"name":"a","scopes":["alerts"],"expiresAt":1000000000000000000}',
        422,
    ),
    "a key named with a NUL": ("POST", "/api/v1/keys", b'{"name":"a\\u0000b","scopes":["alerts"]}', 422),
    "an empty list": ("POST", f"{COINBASE}/symbols/plan", b'{"text":""}', 422),
    "a tier beyond": ("POST", f"{COINBASE}/symbols", b'{"symbol":"BTC-USD","tier":3}', 422),
}

QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a page of nothing": ("/api/v1/alerts", {"limit": 0}),
    "a page of all": ("/api/v1/alerts", {"limit": 10**9}),
    "less than nothing": ("/api/v1/alerts", {"limit": -1}),
    "half an alert": ("/api/v1/alerts", {"limit": 1.5}),
    "a made-up cursor": ("/api/v1/alerts", {"cursor": "l1_zzz"}),
    "a cursor of another list": ("/api/v1/network/activity", {"cursor": "l1_0"}),
    "a time before all": ("/api/v1/alerts", {"since": -1}),
    "a time after all": ("/api/v1/alerts", {"until": 2**63}),
    "a stretch that ends before it begins": ("/api/v1/alerts", {"since": 5, "until": 2}),
    "a summary of nothing": ("/api/v1/alerts/summary", {"since": 5, "until": 5}),
    "a page far away": (f"{COINBASE}/instruments", {"cursor": "99999999999999999999"}),
    "too many candles": (f"{COINBASE}/candles/BTC-USD/5m", {"limit": 1_001}),
    "a timeframe of nobody": (f"{COINBASE}/candles/BTC-USD/7m", {}),
    "an exchange of nobody": ("/api/v1/exchanges/mtgox/readings", {}),
    "a user beyond": ("/api/v1/users", {"cursor": "9" * 30}),
}


async def counts(stage: Stage) -> Any:
    """How many rows each table has, and what Redis holds."""
    async with transaction(stage.window.pool) as connection:
        names = [row[0] for row in await (await connection.execute(TABLES)).fetchall()]
        whole = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM livermore.{name}" for name in names)
        rows = await (await connection.execute(whole)).fetchall()
    return rows, sorted([name async for name in stage.window.redis.scan_iter()])


def check(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"title", "status", "detail", "code", "correlationId"} <= set(problem)
    assert len(answer.content) < 10_000, "what was sent is not sent back"
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("what", BODIES)
async def test_a_bad_body_is_refused_and_nothing_is_stored(stage: Stage, what: str) -> None:
    method, path, body, status = BODIES[what]
    headers = {**await stage.headers(), "content-type": "application/json"}
    before = await counts(stage)
    answer = await stage.http.request(method, path, content=body, headers=headers)

    check(answer, status)
    assert await counts(stage) == before


@pytest.mark.parametrize("what", QUERIES)
async def test_absurd_questions_are_refused(stage: Stage, what: str) -> None:
    path, query = QUERIES[what]
    answer = await stage.http.get(path, params=query, headers=await stage.headers())

    check(answer, 404, 422)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
async def test_text_that_looks_like_code_is_no_symbol_no_variable_and_no_address(stage: Stage, text: str) -> None:
    headers = await stage.headers()
    before = await counts(stage)
    sent = [
        ("POST", f"{COINBASE}/symbols", {"symbol": text}),
        ("PUT", f"{COINBASE}/watchlist", {"symbols": [text]}),
        ("PUT", "/api/v1/account/exchanges/coinbase", {"apiKeyEnv": text}),
        ("POST", "/api/v1/auth/links", {"email": text}),
        ("POST", f"{COINBASE}/commands", {"type": "stop", "correlationId": text}),
        ("PATCH", "/api/v1/settings", {"symbols": {"always": [text]}}),
        ("PATCH", "/api/v1/settings", {"profile": {"timezone": text}}),
        ("PATCH", "/api/v1/settings", {"notifications": {"channels": [{"id": text, "kind": "discord"}]}}),
    ]
    for method, path, body in sent:
        check(await stage.http.request(method, path, json=body, headers=headers), 422)

    assert await counts(stage) == before


@pytest.mark.parametrize("text", [SQL, SCRIPT, "%_\\", "' OR 1=1 --"])
async def test_a_search_takes_text_for_text(stage: Stage, text: str) -> None:
    """Nothing is found, nothing is broken, and nothing is found that was not asked for."""
    headers = await stage.headers(email="ada@example.org")
    for path, name in (("/api/v1/users", "search"), ("/api/v1/alerts", "symbol")):
        answer = await stage.http.get(path, params={name: text}, headers=headers)
        assert (answer.status_code, answer.json()["items"]) == (200, []), (path, answer.text[:200])


async def test_a_name_that_looks_like_code_is_shown_as_it_was_written(stage: Stage) -> None:
    """It is somebody's name: it is kept as text, and comes back as JSON that no browser takes for a page."""
    headers = await stage.headers(Role.USER)
    answer = await stage.http.patch("/api/v1/settings", json={"profile": {"name": SCRIPT}}, headers=headers)

    assert answer.json()["settings"]["profile"]["name"] == SCRIPT
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
