"""docs/asyncapi.yaml says what the code of the live stream does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from livermore import __version__
from livermore.api.errors import STATUSES
from livermore.api.live import client
from livermore.api.live.asked import asked_in
from livermore.api.live.sendable import frame
from livermore.api.live.snapshots import ALLOWED
from livermore.api.live.store_logs import told_progress
from livermore.api.live.topics import Kind, topic_named
from livermore.core.instance.command_record import Step
from livermore.core.instance.commands import Progress
from livermore.core.market.exchange import COINBASE
from livermore.errors import InvalidRequest

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
SCHEMAS = DOCUMENT["components"]["schemas"]
SOURCE = Path(client.__file__).read_text(encoding="utf-8")


def test_it_is_of_this_version_and_format() -> None:
    assert DOCUMENT["asyncapi"].startswith("3.")
    assert DOCUMENT["info"]["version"] == __version__


def test_every_example_of_a_topic_is_one_and_every_kind_has_one() -> None:
    topics = [topic_named(name) for name in SCHEMAS["Topic"]["examples"]]

    assert [str(topic) for topic in topics] == SCHEMAS["Topic"]["examples"]
    assert {topic.kind for topic in topics} == set(Kind) == set(ALLOWED)


def test_a_client_may_say_what_is_described_and_nothing_else() -> None:
    for name, schema in SCHEMAS["Asked"]["properties"].items():
        value = {"array": '["alerts"]', "object": "{}"}.get(str(schema["type"]), "null")
        more = ',"subscribe":["alerts"]' if name == "cursor" else ""
        asked_in(f'{{"{name}":{value}{more}}}')
    with pytest.raises(InvalidRequest):
        asked_in('{"another":1}')


def test_the_server_says_the_kinds_that_are_described() -> None:
    said = set(re.findall(r'_send\(\s*(?:None|[\w.]+), "(\w+)"', SOURCE))

    assert said == set(SCHEMAS["Told"]["properties"]["kind"]["enum"])


def test_a_frame_has_the_fields_that_are_described() -> None:
    found = yaml.safe_load(frame(None, "heartbeat", None, b'{"time":1}'))

    assert list(found) == SCHEMAS["Told"]["required"]


def test_a_step_has_the_fields_and_words_that_are_described() -> None:
    shown = SCHEMAS["Step"]
    progress = json.loads(told_progress(COINBASE, Progress("a", 1, 2, 3, "2 of 3")))

    assert list(progress) == shown["required"] == list(shown["properties"])
    assert set(shown["properties"]["step"]["enum"]) == {*Step, "progress"}


def test_the_codes_of_errors_that_are_named_are_ours() -> None:
    named = set(re.findall(r"\b[a-z]+_[a-z_]+\b", SCHEMAS["Error"]["description"])) | {"forbidden"}

    assert named <= {code for _, _, code in STATUSES}


def test_the_codes_of_closing_are_described() -> None:
    codes = {value for name, value in vars(client).items() if name.startswith("CLOSE_")}

    assert codes == {int(code) for code in re.findall(r"\b(?:44\d\d|1013)\b", TEXT)}


def test_the_shapes_it_names_are_in_the_openapi_document() -> None:
    described = (Path(__file__).resolve().parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
    names = set(re.findall(r"\b(?:[A-Z]\w+Shown|Matrix|CandlePage|CrossSignals)\b", TEXT))

    assert names
    assert not {name for name in names if f'"{name}"' not in described}
