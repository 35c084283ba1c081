"""Reading recordings back: cut ones up to their last whole record, damaged ones not at all, and always saying where."""

import random
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from livermore.app.recording import RecordedSession
from livermore.core.alerts.rules import Rules
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import BASE, DAY, Millis
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import CandleSeen, Event, LinkUp
from livermore.core.watch import Watch
from livermore.errors import InvalidRequest, UnknownExchange
from livermore.runtime.recording_files import RecordingFiles, RecordingLimits, began_with, part_path
from livermore.runtime.recording_lines import Continued, Ended, Opened, Record, Taken, line_of
from livermore.runtime.recording_playback import Playback, is_recording
from runtime.fakes import a_candle

NOON = 100 * DAY + DAY // 2
WATCH = Watch(COINBASE, ExchangeTraits(2_000, 300, False), Rules(), False)
BEGAN = began_with(WATCH, ("BTC-USD",), 0, NOON)
DICE = random.Random(5)
EVENTS: list[tuple[Event, Millis]] = [
    (LinkUp(1, NOON, frozenset({"BTC-USD"}), True), NOON),
    *(
        (CandleSeen(1, at, a_candle(BASE.opening(at), 100 + DICE.random()), False), at + 50)
        for at in range(NOON, NOON + 20 * 60_000, 60_000)
    ),
]
Read = tuple[list[tuple[Event, Millis]], str, bool]


def write(path: Path, limits: RecordingLimits = RecordingLimits(), writes: int = 4) -> Path:  # noqa: B008
    files = RecordingFiles(path, "test", limits)
    files.write([BEGAN])
    step = len(EVENTS) // writes + 1
    for at in range(0, len(EVENTS), step):
        files.write([Taken(*one) for one in EVENTS[at : at + step]])
    files.close("enough")
    return path


def write_lines(path: Path, *records: Record | bytes) -> Path:
    lines = b"".join(one if isinstance(one, bytes) else line_of(one) for one in records)
    path.write_bytes(zstandard.ZstdCompressor().compress(lines))
    return path


def read(path: Path) -> Read:
    playback = Playback(path)
    events = [(taken.event, taken.now) for taken in playback.taken()]
    return events, playback.ending, playback.is_cut


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("whole") / "r").read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place") / "r"


def test_a_whole_recording_is_not_cut(tmp_path: Path) -> None:
    assert read(write(tmp_path / "r")) == (EVENTS, "enough", False)


def read_or_error(path: Path) -> Read | str:
    try:
        return read(path)
    except InvalidRequest as error:
        return str(error)


def test_cut_at_any_byte_it_is_a_beginning_of_itself_and_says_where_it_ends(place: Path, whole: bytes) -> None:
    lengths = set()
    for size in range(len(whole)):
        place.write_bytes(whole[:size])
        found = read_or_error(place)
        if isinstance(found, str):
            assert found == f"{place}: the recording is cut before its session began"
            assert not lengths
            continue
        events, ending, is_cut = found
        assert events == EVENTS[: len(events)]
        if is_cut:
            last = f"{place}:{len(events) + 2}" if events else "before the first event"
            assert last in ending
        else:
            # Only the checksum of the last frame is missing, after the line that says how it ended.
            assert (len(events), ending) == (len(EVENTS), "enough")
        lengths.add(len(events))
    assert len(lengths) >= 5, "what was flushed together is cut together at worst"


@given(st.data())
def test_damaged_anywhere_it_is_refused_or_a_beginning_of_itself(
    place: Path, whole: bytes, data: st.DataObject
) -> None:
    """One wrong bit is found by the checksum of its frame before any event of that frame is believed."""
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    place.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])

    found = read_or_error(place)

    if isinstance(found, str):
        assert found.startswith(f"{place}:")
    else:
        assert found[0] == EVENTS[: len(found[0])]


@given(st.binary(max_size=300))
def test_nothing_that_is_no_recording_raises_anything_else(place: Path, noise: bytes) -> None:
    place.write_bytes(noise)
    with pytest.raises(InvalidRequest):
        read(place)
    write_lines(place, noise)
    with pytest.raises(InvalidRequest):
        read(place)


def test_a_damaged_range_is_named_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "r"
    lines = [line_of(Taken(*one)) for one in EVENTS]
    first = zstandard.ZstdCompressor().compress(b"".join(map(line_of, [Opened("a", 0, "1"), BEGAN])) + lines[0])
    second = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(b"".join(lines[1:])))
    second[-1] ^= 1
    path.write_bytes(first + second)
    playback = Playback(path)
    taken = playback.taken()

    assert next(taken).event == EVENTS[0][0]
    with pytest.raises(InvalidRequest, match=f"r: bytes {len(first)} to {len(first) + len(second)} cannot be read"):
        next(taken)


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ((BEGAN,), "r:1: not a recording: it does not begin as one"),
        ((Opened("a", 0, "1", 2), BEGAN), "r:1: recorded in format 2; this version reads format 1"),
        ((Opened("a", 1, "1"), Taken(*EVENTS[0])), "r:1: this is part 1 of a recording; replay it from its first file"),
        ((Opened("a", 0, "1"), Ended("x")), "r:2: the session does not begin where it should"),
        ((Opened("a", 0, "1"),), "r: the recording is cut before its session began"),
        (
            (Opened("a", 0, "1"), began_with(WATCH, (), 1, 0), Taken(*EVENTS[0])),
            "r:3: a restored series was to be here",
        ),
        ((Opened("a", 0, "1"), BEGAN, Taken(*EVENTS[0]), b"{}\n"), "r:4: Object missing required field `t`"),
        ((Opened("a", 0, "1"), BEGAN, Taken(*EVENTS[0]), BEGAN), "r:4: Began among the events"),
    ],
)
def test_a_line_in_the_wrong_place_is_named(tmp_path: Path, records: tuple[Record | bytes, ...], reason: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(write_lines(tmp_path / "r", *records))

    assert reason in str(caught.value)


def test_parts_are_one_recording_and_a_missing_one_is_a_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "r", RecordingLimits(file_bytes=1, files=1_000), writes=5)
    parts = len(list(tmp_path.iterdir()))
    assert parts > 2
    assert read(path) == (EVENTS, "enough", False)

    part_path(path, 2).unlink()
    events, ending, is_cut = read(path)

    assert events == EVENTS[: len(events)]
    assert is_cut
    assert str(part_path(path, 1)) in ending


def test_a_part_of_another_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    limits = RecordingLimits(file_bytes=1, files=1_000)
    path, other = write(tmp_path / "r", limits), write(tmp_path / "other" / "r", limits)
    part_path(other, 1).replace(part_path(path, 1))

    with pytest.raises(InvalidRequest, match=r"r\.1:1: this part is of another recording"):
        read(path)


def test_a_later_part_by_itself_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "r", RecordingLimits(file_bytes=1, files=1_000))

    with pytest.raises(InvalidRequest, match="replay it from its first file"):
        read(part_path(path, 1))


def test_an_unknown_exchange_is_refused_by_name(tmp_path: Path) -> None:
    mtgox = write_lines(tmp_path / "r", Opened("a", 0, "1"), line_of(BEGAN).replace(b'"coinbase"', b'"mtgox"'))

    with pytest.raises(UnknownExchange, match="mtgox"):
        RecordedSession(mtgox)


def test_a_recording_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "candles.csv").write_text("timestamp,open,high,low,close,volume\n")

    assert is_recording(write(tmp_path / "r"))
    assert not is_recording(tmp_path / "candles.csv")
    with pytest.raises(InvalidRequest, match="No such file"):
        is_recording(tmp_path / "absent")


def test_a_file_that_ends_in_a_promise_is_cut(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r", Opened("a", 0, "1"), BEGAN, Taken(*EVENTS[0]), Continued(1))

    assert read(path) == (EVENTS[:1], f"the recording is cut; its last whole record is {path}:3", True)


def test_it_says_when_another_version_or_other_rules_may_explain_a_difference(tmp_path: Path) -> None:
    by_another = write_lines(tmp_path / "a", Opened("a", 0, "0.0.1"), BEGAN)
    # The name stands in the rules too, where it is not read but computed.
    other_rules = line_of(BEGAN).replace(Rules().version.encode(), b"macdv-0")
    with_others = write_lines(tmp_path / "b", Opened("a", 0, "0.0.1"), other_rules)

    assert "recorded by livermore 0.0.1" in str(RecordedSession(by_another).caution)
    assert "its rules were macdv-0" in str(RecordedSession(with_others).caution)
