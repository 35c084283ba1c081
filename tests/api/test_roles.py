"""Every route says who may call it, and nobody else gets through."""

import json
import re
from pathlib import Path

from api.stage import Stage
from livermore.api.access import Need, Open, role_table
from livermore.api.app import create_app
from livermore.core.account.people import Role

ROOT = Path(__file__).resolve().parents[2]
TABLE = list(role_table(create_app()))
EXAMPLES = {
    "exchange": "coinbase",
    "symbol": "BTC-USD",
    "timeframe": "5m",
    "correlation_id": "6f1c2a",
    "alert_id": "5b0c2a9e-0000-5000-8000-000000000000",
    "user_id": "999999",
    "key_id": "999999",
    "delivery_id": "999999",
    "channel_id": "my-phone",
}


def a_path(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: EXAMPLES[found.group(1)], path)


def test_every_route_says_who_may_call_it() -> None:
    assert TABLE
    assert not [f"{method} {path}" for method, path, need in TABLE if need is None]


def test_the_description_says_who_may_call_what() -> None:
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    for method, path, need in TABLE:
        operation = described[path][method.lower()]
        if isinstance(need, Need):
            scope = None if need.scope is None else need.scope.value
            assert (operation["x-roles"], operation.get("x-key-scope")) == (sorted(need.roles), scope), path
        else:
            assert isinstance(need, Open)
            assert operation["security"] == [], path


async def test_every_route_lets_its_roles_in_and_nobody_else(stage: Stage) -> None:
    """A role that may call gets anything but 401 and 403; one that may not gets 403; nobody gets 401."""
    headers = {role: await stage.headers(role) for role in Role}
    wrong = []
    for method, path, need in TABLE:
        url = a_path(path)
        if not isinstance(need, Need):
            continue
        nobody = await stage.http.request(method, url)
        if nobody.status_code != 401:
            wrong.append(f"{method} {path} answers nobody with {nobody.status_code}")
        for role in Role:
            answer = await stage.http.request(method, url, headers=headers[role])
            may = role in need.roles
            refused = answer.status_code in (401, 403) and answer.json()["detail"].startswith("that needs the role")
            if refused is may:
                wrong.append(f"{method} {path} answers {role} with {answer.status_code}: {answer.text[:120]}")
            if answer.status_code >= 500 and answer.json()["code"] != "nobody_listens":
                wrong.append(f"{method} {path} answers {role} with {answer.status_code}: {answer.text[:200]}")

    assert not wrong


async def test_a_key_opens_only_the_routes_of_its_scopes(stage: Stage) -> None:
    admin = await stage.headers()
    asked = {"name": "partner", "scopes": ["readings"]}
    secret = (await stage.http.post("/api/v1/keys", json=asked, headers=admin)).json()["secret"]
    headers = {"authorization": f"Bearer {secret}"}
    opened = set()
    for method, path, need in TABLE:
        if isinstance(need, Need):
            answer = await stage.http.request(method, a_path(path), headers=headers)
            if answer.status_code not in (401, 403):
                opened.add(f"{method} {path}")

    assert opened == {
        "GET /api/v1/exchanges/{exchange}/readings",
        "GET /api/v1/exchanges/{exchange}/tickers",
        "GET /api/v1/signals/cross",
    }
