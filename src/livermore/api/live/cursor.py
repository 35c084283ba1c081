"""Where a client stands in the streams of a topic, as a text that it keeps and hands back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from livermore.errors import InvalidRequest

CURSOR_LENGTH: Final = 300
START: Final = "0-0"
_CURSOR: Final = re.compile(r"([0-9a-f]{1,32})((?:\.\d{1,3}_\d{1,16}-\d{1,12}){1,20})")

Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The id of the last entry seen in the stream of each exchange; `store` marks which store gave them.

    A store that was emptied, or put back to an older state, has another mark: ids of it mean nothing any more.

    >>> cursor_of("ab12.1_1769093400000-0.2_0-0").places
    {1: '1769093400000-0', 2: '0-0'}
    """

    store: str
    places: Mapping[int, str]

    def __str__(self) -> str:
        return self.store + "".join(f".{exchange}_{place}" for exchange, place in sorted(self.places.items()))


def cursor_of(text: str) -> Cursor:
    """The cursor that a client hands back.

    Raises:
        InvalidRequest: when it is none of ours.
    """
    found = _CURSOR.fullmatch(text) if len(text) <= CURSOR_LENGTH else None
    if found is None:
        raise InvalidRequest("that is no cursor of this stream")
    parts = (part.split("_") for part in found.group(2).split(".")[1:])
    return Cursor(found.group(1), {int(exchange): place for exchange, place in parts})


def place_of(entry_id: str) -> Place:
    """The id of an entry as what can be compared."""
    at, _, step = entry_id.partition("-")
    return int(at), int(step or 0)


@dataclass(frozen=True, slots=True)
class StreamExtent:
    """What a stream still holds: its first entry, its last id ever, and whether entries have been dropped from it."""

    first: str | None
    last: str
    is_trimmed: bool


def is_complete_after(place: str, extent: StreamExtent | None) -> bool:
    """Whether all that was written after `place` is still there; `extent` is None where there is no stream.

    What cannot be known counts as lost: a notice too many costs a reload, one too few a gap.
    """
    at = place_of(place)
    if extent is None:
        return at == (0, 0)
    if at > place_of(extent.last):
        return False
    if extent.first is not None and at >= place_of(extent.first):
        return True
    return not extent.is_trimmed or (extent.first is None and at == place_of(extent.last))
