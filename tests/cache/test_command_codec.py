"""Commands and answers on the wire."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.cache.codec.commands import (
    MESSAGE_BYTES,
    decode_answer,
    decode_command,
    encode_answer,
    encode_command,
)
from livermore.core.instance.commands import (
    PAYLOADS,
    Ack,
    AddSymbol,
    Answer,
    BulkAddSymbols,
    ClearCache,
    Command,
    Failure,
    ForceBackfill,
    Payload,
    Progress,
    RefusedMessage,
    RemoveSymbol,
    Result,
    SwitchMode,
    a_command,
)
from livermore.core.market.timeframe import Timeframe
from livermore.core.watch import Mode
from livermore.errors import MalformedMessage

ids = st.from_regex(r"[A-Za-z0-9_.:-]{1,64}", fullmatch=True)
names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
instants = st.integers(min_value=0, max_value=2**45)
symbols = st.from_regex(r"[A-Z0-9]{1,8}-[A-Z]{1,5}", fullmatch=True)
several = st.lists(symbols, min_size=1, max_size=4).map(tuple)
bare = [kind() for kind in PAYLOADS.values() if not fields(kind)]
payloads: st.SearchStrategy[Payload] = st.one_of(
    st.sampled_from(bare),
    st.builds(SwitchMode, st.sampled_from(Mode)),
    st.builds(
        ForceBackfill,
        several,
        st.none() | st.lists(st.sampled_from(Timeframe), min_size=1, max_size=3).map(tuple),
        st.none() | st.integers(1, 1_000),
    ),
    st.builds(ClearCache, several, st.booleans()) | st.just(ClearCache(None, True)),
    st.builds(AddSymbol, symbols) | st.builds(AddSymbol, symbols, st.just(2), names),
    st.builds(RemoveSymbol, symbols, st.none() | names),
    st.builds(BulkAddSymbols, several),
)
commands = st.builds(
    a_command, st.just(1), ids, payloads, names, instants, lives_for=instants, instance_id=st.none() | names
)
details = st.dictionaries(names, st.integers(0, 9) | st.none() | names | st.booleans(), max_size=3)
answers: st.SearchStrategy[Answer] = st.one_of(
    st.builds(Ack, ids, names, instants),
    st.builds(Progress, ids, instants, st.integers(0, 99), st.integers(0, 99), st.text(max_size=20)),
    st.builds(Result, ids | st.none(), instants, st.booleans(), details, st.none() | st.builds(Failure, names, names)),
)


@given(commands)
def test_a_command_comes_back_as_it_was_sent(command: Command) -> None:
    assert decode_command(encode_command(command), 1) == command


@given(answers)
def test_an_answer_comes_back_as_it_was_given(answer: Answer) -> None:
    assert decode_answer(encode_answer(answer)) == answer


@given(st.binary(max_size=400) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_message_is_a_command_or_is_refused_with_a_reason(raw: bytes | str) -> None:
    outcome = decode_command(raw if isinstance(raw, bytes) else raw.encode(), 1)

    assert isinstance(outcome, RefusedMessage)
    assert outcome.reason


@given(commands, st.data())
def test_damage_gives_a_command_or_a_reason(command: Command, data: st.DataObject) -> None:
    raw = bytearray(encode_command(command))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    outcome = decode_command(bytes(raw), 1)

    assert isinstance(outcome, Command) or outcome.reason


@given(st.binary(max_size=200))
def test_what_is_no_answer_is_a_malformed_message(raw: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_answer(raw)


WHOLE: dict[str, Any] = {"correlationId": "c1", "type": "stop", "issuedBy": "ada@example.org", "timestamp": 1_000}


def read(**changes: Any) -> Command | RefusedMessage:
    return decode_command(json.dumps({**WHOLE, **changes}).encode(), 1)


def test_what_may_be_left_out_has_its_default() -> None:
    command = read()

    assert isinstance(command, Command)
    assert (command.exchange_id, command.priority, command.expires_at) == (1, 1, 61_000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "explode"}, "no command 'explode'"),
        ({"exchangeId": 2}, "for exchange 2"),
        ({"payload": {"force": True}}, "no 'force'"),
        ({"payload": 5}, "payload"),
        ({"type": "switch-mode", "payload": {"mode": "yolo"}}, "yolo"),
        ({"type": "switch-mode"}, "mode"),
        ({"type": "add-symbol", "payload": {"symbol": 5}}, "symbol"),
        ({"type": "clear-cache"}, "confirm"),
        ({"correlationId": "a b"}, "correlationId"),
        ({"correlationId": None}, "correlation"),
        ({"priority": 0}, "priority"),
        ({"timestamp": "now"}, "timestamp"),
        ({"issuedBy": ""}, "issuedBy"),
        ({"issuedBy": "a\nb"}, "issuedBy"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_who_asked(changes: dict[str, Any], reason: str) -> None:
    refused = read(**changes)

    assert isinstance(refused, RefusedMessage)
    assert reason in refused.reason
    assert refused.issued_by in ("ada@example.org", None)
    assert refused.correlation_id in ("c1", "a b", None)


def test_a_message_of_more_than_64_kib_is_not_even_read() -> None:
    refused = decode_command(b" " * (MESSAGE_BYTES + 1), 1)

    assert isinstance(refused, RefusedMessage)
    assert "bytes" in refused.reason
