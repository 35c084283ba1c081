"""The API does what its description says, whatever it is asked."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from redis.asyncio import Redis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.stage import NOW, Stage, a_market, listening_stage, raise_alert
from cache.examples import a_candle, an_alert
from livermore.api.app import create_app
from livermore.cache.instruments import store_listing
from livermore.cache.keys import Keys
from livermore.core.market.instrument import Instrument

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 6
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NOBODY_LISTENS = 503


def ask_everything(address: str, headers: Mapping[str, str]) -> list[str]:
    """Ask each operation for what its description allows and does not allow; answers with what went wrong."""
    schema = schemathesis.openapi.from_dict(create_app().openapi())
    wrong: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Case) -> None:
            answer = case.call(base_url=f"http://{address}", headers=headers)
            if answer.status_code == NOBODY_LISTENS and answer.json()["code"] == "nobody_listens":
                return
            case.validate_response(answer, checks=CHECKS)

        try:
            ask()
        except AssertionError as exc:
            wrong.append(f"{operation.label}: {exc}")
        except BaseExceptionGroup as group:
            wrong.append(f"{operation.label}: {group.exceptions[0]}")
    return wrong


async def test_every_operation_answers_as_it_is_described(stage: Stage, redis: Redis, keys: Keys) -> None:
    await a_market(redis, keys, ["BTC-USD", "ETH-USD"], until=NOW())
    await raise_alert(redis, keys, an_alert(a_candle(1)))
    await store_listing(redis, keys, [Instrument("BTC-USD", "BTC-USD", "BTC", "USD", True, 1e9)], NOW())
    headers = await stage.headers()
    async with listening_stage(stage) as address:
        wrong = await asyncio.to_thread(ask_everything, address, headers)

    assert not wrong, "\n\n".join(wrong)


def test_the_description_is_checked_in_as_the_routes_say_it() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "openapi.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, timeout=50, check=False)

    assert done.returncode == 0, done.stderr


def test_every_operation_has_a_name_of_its_own_in_camel_case() -> None:
    description = create_app().openapi()
    names = [
        operation["operationId"] for operations in description["paths"].values() for operation in operations.values()
    ]

    assert description["openapi"].startswith("3.1")
    assert len(set(names)) == len(names)
    assert all(name.isalnum() and name[0].islower() for name in names)
