"""Reading a stored value, or naming the key whose value is not ours."""

from typing import TypeVar

import msgspec

from livermore.errors import CorruptRecord

T = TypeVar("T")

_SAMPLE_LENGTH = 120


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes, key: str) -> T:
    """The record that `raw`, found under `key`, spells.

    Raises:
        CorruptRecord: when it is not such a record.
    """
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise corrupt(key, str(exc), raw) from exc


def corrupt(key: str, reason: str, raw: bytes = b"") -> CorruptRecord:
    """The error that says what is wrong with the value under `key`."""
    sample = raw[:_SAMPLE_LENGTH].decode(errors="replace")
    return CorruptRecord(f"the value of {key} is not ours: {reason}", key=key, reason=reason, sample=sample)
