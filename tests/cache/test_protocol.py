"""docs/protocol.md says what the code does: every name is there, and every example is one that we can read."""

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from livermore.cache import keys as names
from livermore.cache.activity import read_activity
from livermore.cache.codec.alert import decode_alert, encode_alert
from livermore.cache.codec.candle import decode_candle, encode_candle
from livermore.cache.codec.commands import decode_answer, decode_command, encode_answer
from livermore.cache.codec.indicator import decode_indicator, decode_reading
from livermore.cache.codec.status import decode_status, encode_status
from livermore.cache.codec.ticker import decode_ticker, encode_ticker
from livermore.cache.command_log import read_step
from livermore.cache.instruments import read_listing
from livermore.cache.keys import Keys
from livermore.core.indicators.reading import Stage
from livermore.core.instance.commands import Command, CommandType
from livermore.core.instance.lifecycle import State
from livermore.core.market.timeframe import Timeframe
from livermore.errors import CorruptRecord

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
EXAMPLES = re.findall(r"<!-- example: (\w+) -->\n```json\n(.+?)\n```", TEXT, re.DOTALL)
SAMPLES = {
    "symbol": "BTC-USD",
    "timeframe": Timeframe.M5,
    "user": "7",
    "correlation_id": "6f1c2a",
    "exchange_name": "coinbase",
    "user_id": 7,
    "day": "2026-11-22",
    "digest": "9f86d081",
    "api_key": 12,
    "minute": 29484901,
}
ON_THE_WAY = {"reading_field", "series"}
"""What makes no name of its own."""


def called(function: Callable[..., Any]) -> str:
    wanted = [name for name in inspect.signature(function).parameters if name != "self"]
    return str(function(*(SAMPLES[name] for name in wanted)))


def all_names() -> list[str]:
    """Every key and channel that keys.py spells, for one exchange."""
    keys = Keys(1)
    found = []
    for name, member in inspect.getmembers(Keys):
        if name.startswith("_") or name in ON_THE_WAY or name in {"exchange_id", "has_hash_tag"}:
            continue
        found.append(str(getattr(keys, name)) if isinstance(member, property) else called(getattr(keys, name)))
    for name, member in inspect.getmembers(names):
        if inspect.isfunction(member) and member.__module__ == names.__name__:
            found.append(called(member))
        elif name.isupper() and isinstance(member, str):
            found.append(member)
    return found


@pytest.mark.parametrize("name", all_names())
def test_every_name_is_described(name: str) -> None:
    assert f"| `{name}` |" in TEXT


def fields_of(raw: bytes) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in json.loads(raw).items()}


def round_trip(decode: Callable[[bytes, str], Any], encode: Callable[[Any], bytes]) -> Callable[[bytes], None]:
    """It is read, and written as it was."""

    def check(raw: bytes) -> None:
        assert json.loads(encode(decode(raw, "example"))) == json.loads(raw)

    return check


def check_command(raw: bytes) -> None:
    command = decode_command(raw, 1)
    assert isinstance(command, Command), command


def check_answer(raw: bytes) -> None:
    written = json.loads(encode_answer(decode_answer(raw)))
    assert {name: value for name, value in json.loads(raw).items() if value != {}} == {
        name: value for name, value in written.items() if value != {}
    }


def check_reading(raw: bytes) -> None:
    reading = decode_reading(raw, "example")
    assert reading is not None
    assert reading.value == json.loads(raw)["value"]["macdV"]


def check_indicator(raw: bytes) -> None:
    check_reading(raw)
    assert decode_indicator(raw, "example").snapshot is not None


CHECKS: dict[str, Callable[[bytes], object]] = {
    "candle": round_trip(decode_candle, encode_candle),
    "ticker": round_trip(decode_ticker, encode_ticker),
    "alert": round_trip(decode_alert, encode_alert),
    "status": round_trip(decode_status, encode_status),
    "reading": check_reading,
    "indicator": check_indicator,
    "command": check_command,
    "answer": check_answer,
    "step": lambda raw: read_step(fields_of(raw), "example"),
    "activity": lambda raw: read_activity(fields_of(raw), "example"),
    "listing": lambda raw: read_listing(raw, "example"),
}


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _ in EXAMPLES} == set(CHECKS)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_every_example_is_read_by_our_own_decoder(kind: str, example: str) -> None:
    CHECKS[kind](example.encode())


def test_an_example_that_is_spoiled_is_refused() -> None:
    for kind, example in EXAMPLES:
        if kind in {"candle", "ticker", "alert", "status"}:
            spoiled = dict.fromkeys(msgspec.json.decode(example), "x")
            with pytest.raises(CorruptRecord, match="example"):
                CHECKS[kind](json.dumps(spoiled).encode())


@pytest.mark.parametrize("word", [*CommandType, *Stage, *State, *Timeframe])
def test_every_word_is_named(word: str) -> None:
    assert f"`{word}`" in TEXT
