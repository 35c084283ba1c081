"""How a recording is spelled: one JSON object a line, floats bit for bit.

The first line of every file says which recording it is part of, the second line of the first file what the session
began with, and one line for each restored series follows. After them comes each event as the engine took it, with the
instant at which it was received; the last line says how the file ends. Shortened::

    {"t":"Opened","e":{"recording":"5d0c…","part":0,"livermore":"0.1.0","format":1}}
    {"t":"Began","e":{"watch":{"exchange":{"name":"coinbase",…},"traits":{"grace":2000,…},"rules":{…},…},
     "rule_version":"macdv-1-ea023311","symbols":["BTC-USD"],"series":1,"began_at":1769093702000}}
    {"t":"RestoredSeries","e":{"symbol":"BTC-USD","timeframe":"5m","candles":[…],"snapshot":{…}}}
    {"t":"Heard","now":1769093702013,"e":{"link":1,"at":1769093702001}}
    {"t":"Ended","e":{"reason":"the session has ended"}}

An effect is spelled the same way. Sets are written sorted, so that the same values are the same bytes in every process.
"""

from typing import Any, Final, TypeAlias, get_args

import msgspec

from livermore.core.market.timeframe import Millis
from livermore.core.messages import Effect, Event
from livermore.core.restored import RestoredSeries
from livermore.core.watch import Watch
from livermore.errors import InvalidCandle, MalformedMessage

FORMAT: Final = 1


class Opened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a file: the recording it is part of, and who wrote it."""

    recording: str
    part: int
    livermore: str
    format: int = FORMAT


class Began(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a session began with, but for the `series` restored series on the lines after it.

    `rule_version` is what the rules of `watch` were called by the program that wrote them.
    """

    watch: Watch
    rule_version: str
    symbols: tuple[str, ...]
    series: int
    began_at: Millis


class Taken(msgspec.Struct, frozen=True):
    """An event as the engine took it, and when it was received by our clock."""

    event: Event
    now: Millis


class Continued(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line of a file that is full: the next one goes on."""

    part: int


class Ended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line of a recording, and why there are no more."""

    reason: str


Record: TypeAlias = Opened | Began | RestoredSeries | Taken | Continued | Ended


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    t: str
    e: msgspec.Raw
    now: Millis | None = None


_encode = msgspec.json.Encoder(order="deterministic").encode
_line = msgspec.json.Decoder(_Line)
_events: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in get_args(Event)
}
_others: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in (Opened, Began, RestoredSeries, Continued, Ended)
}


def line_of(record: Record) -> bytes:
    """A record as one line with its end.

    Raises:
        TypeError, ValueError: when a value cannot be spelled; nothing that an adapter builds is such a value.
    """
    if isinstance(record, Taken):
        event = record.event
        return b'{"t":"%b","now":%d,"e":%b}\n' % (_name(event), record.now, _encode(event))
    return _spelled(record)


def effect_line(effect: Effect) -> bytes:
    """An effect as one line with its end; equal effects are equal bytes in every process."""
    return _spelled(effect)


def record_of(line: bytes) -> Record:
    """The record that a line spells.

    Raises:
        MalformedMessage: when it spells none.
    """
    try:
        found = _line.decode(line)
        if found.now is not None and found.t in _events:
            return Taken(_events[found.t].decode(found.e), found.now)
        if found.now is None and found.t in _others:
            record: Record = _others[found.t].decode(found.e)
            return record
    except (msgspec.MsgspecError, UnicodeDecodeError, InvalidCandle) as exc:
        raise MalformedMessage(str(exc)) from exc
    raise MalformedMessage(f"a recording has no {found.t!r} {'without' if found.now is None else 'with'} an instant")


def _spelled(value: object) -> bytes:
    return b'{"t":"%b","e":%b}\n' % (_name(value), _encode(value))


def _name(value: object) -> bytes:
    return type(value).__name__.encode()
