"""What can be ordered, and what cannot even be said."""

import pytest

from livermore.core.instance.commands import (
    PAYLOADS,
    PRIORITY,
    AddSymbol,
    BulkAddSymbols,
    ClearCache,
    Command,
    CommandType,
    ForceBackfill,
    Pause,
    RemoveSymbol,
    Stop,
    a_command,
)


def test_every_command_has_a_payload_and_a_priority() -> None:
    assert set(PAYLOADS) == set(PRIORITY) == set(CommandType)
    assert len(set(PAYLOADS.values())) == len(PAYLOADS)


def test_what_ends_a_session_goes_before_what_takes_long() -> None:
    assert PRIORITY[CommandType.STOP] < PRIORITY[CommandType.SWITCH_MODE] < PRIORITY[CommandType.FORCE_BACKFILL]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ForceBackfill(()), "symbols"),
        (lambda: ForceBackfill(("BTC-USD",), ()), "timeframe"),
        (lambda: ForceBackfill(("BTC-USD",), None, 0), "candles"),
        (lambda: ForceBackfill(("BTC-USD",), None, 1_001), "candles"),
        (lambda: ClearCache(), "confirm"),
        (lambda: ClearCache(()), "symbols"),
        (lambda: AddSymbol("BTC-USD", 3), "tier"),
        (lambda: AddSymbol("BTC-USD", 2), "user"),
        (lambda: AddSymbol("BTC-USD", 1, "ada"), "user"),
        (lambda: BulkAddSymbols(("BTC-USD",) * 2_001), "symbols"),
        (lambda: RemoveSymbol("BTC"), "symbol"),
    ],
)
def test_a_payload_that_makes_no_sense_cannot_be_built(make: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()  # type: ignore[operator]


def test_a_command_expires_a_minute_after_its_issue_unless_it_says_otherwise() -> None:
    assert a_command(1, "c1", Stop(), "ada@example.org", 5_000).expires_at == 65_000
    assert a_command(1, "c1", Stop(), "ada@example.org", 5_000, lives_for=1).expires_at == 5_001


def test_a_command_carries_the_payload_of_its_type_and_a_sound_id() -> None:
    with pytest.raises(TypeError, match="Pause is no payload of stop"):
        Command("c1", 1, CommandType.STOP, Pause(), "ada", 0, 1, 1)
    with pytest.raises(ValueError, match="correlationId"):
        a_command(1, "a b", Stop(), "ada", 0)
    with pytest.raises(ValueError, match="priority"):
        Command("c1", 1, CommandType.STOP, Stop(), "ada", 0, 1, 0)
