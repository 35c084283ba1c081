"""The JSON Schema is one, and says what the parser says."""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from core.account.documents import a_settings
from livermore.core.account.settings import parse_settings, settings_json, settings_schema
from livermore.errors import InvalidRequest

VALIDATOR = jsonschema_rs.Draft202012Validator(settings_schema())


def test_it_is_a_schema() -> None:
    jsonschema_rs.meta.validate(settings_schema())


@settings(max_examples=50)
@given(a_settings)
def test_it_takes_every_document_that_we_write(document: Any) -> None:
    VALIDATOR.validate(settings_json(document))


@pytest.mark.parametrize(
    "document",
    [
        {"unknown": 1},
        {"alerts": {"levelStep": 0}},
        {"runtime": {"mode": "fast"}},
        {"alerts": {"symbols": {"BTC": "off"}}},
        {"notifications": {"channels": [{"id": "x"}]}},
        {"exchanges": {"coinbase": {"apiKeyEnv": "not a name"}}},
        [],
    ],
)
def test_it_refuses_what_the_parser_refuses(document: Any) -> None:
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(InvalidRequest):
        parse_settings(document)


def test_it_explains_every_part() -> None:
    parts = settings_schema()["$defs"]
    assert isinstance(parts, dict)
    assert len(parts) > 8
    assert all(part["description"] for part in parts.values())  # type: ignore[index, call-overload]
