"""Typed documents: frozen dataclasses read from JSON and written to it, strictly and with every problem named.

The annotations are all there is: what a field may hold is said once, beside it, as ``Annotated[int, Bounds(1, 9)]``,
and serves the parser here, the writer here, and the JSON Schema of `document_schema`. Names are camelCase in JSON.
An optional field that is None is left out, so that null in a merge patch and absence say the same.
"""

import dataclasses
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from livermore.core.account.patch import Json, pointer
from livermore.core.account.secret import looks_like_secret
from livermore.errors import InvalidRequest

PROBLEMS_TOLD: Final = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number from `least` to `most`, both included."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text of `least` to `most` characters that matches `pattern` as a whole; `why_not` may know more reasons."""

    most: int
    least: int = 0
    pattern: str | None = None
    why_not: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """At most so many members; `key` says what the keys of a map have to be."""

    most: int
    key: Text | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What an annotation allows: a type, whether it may be absent, and the limits said beside it."""

    kind: Any
    is_optional: bool
    limit: Bounds | Text | Length | None

    @property
    def origin(self) -> Any:
        """The generic type, such as tuple of ``tuple[int, ...]``, or the type itself."""
        return get_origin(self.kind) or self.kind

    @property
    def inner(self) -> "Shape":
        """What the members of a list or map are."""
        arguments = get_args(self.kind)
        return shape_of(arguments[0] if self.origin is tuple else arguments[1])


def shape_of(hint: Any) -> Shape:
    """What the annotation allows."""
    limit = None
    is_optional = False
    while True:
        if get_origin(hint) is Annotated:
            hint, *notes = get_args(hint)
            limit = next((note for note in notes if isinstance(note, Bounds | Text | Length)), limit)
        elif get_origin(hint) in (Union, types.UnionType):
            is_optional = True
            hint = next(kind for kind in get_args(hint) if kind is not types.NoneType)
        else:
            return Shape(hint, is_optional, limit)


@cache
def shapes_of(kind: type[Any]) -> Mapping[str, Shape]:
    """The shape of each field of a dataclass."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: shape_of(hints[field.name]) for field in dataclasses.fields(kind)}


def json_name(name: str) -> str:
    """How a field is called in JSON.

    >>> json_name("first_level")
    'firstLevel'
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def to_json(value: Any) -> Any:
    """A document, or a part of one, as JSON."""
    if dataclasses.is_dataclass(value):
        found = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {json_name(name): to_json(inner) for name, inner in found.items() if inner is not None}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(inner) for inner in value]
    if isinstance(value, Mapping):
        return {name: to_json(inner) for name, inner in value.items()}
    return value


def parse(kind: type[T], document: Json) -> T:
    """The document that the JSON spells; what is absent has its default.

    Raises:
        InvalidRequest: naming every place that is wrong and why; `context["problems"]` maps JSON Pointers to reasons.
    """
    problems: dict[str, str] = {}
    parsed = _read(Shape(kind, False, None), document, "", problems)
    if problems:
        told = [f"{path or '/'} {reason}" for path, reason in problems.items()]
        more = f"; and {len(told) - PROBLEMS_TOLD} more" if len(told) > PROBLEMS_TOLD else ""
        raise InvalidRequest("; ".join(told[:PROBLEMS_TOLD]) + more, problems=problems)
    result: T = parsed
    return result


def _read(shape: Shape, value: Json, path: str, problems: dict[str, str]) -> Any:
    origin = shape.origin
    if dataclasses.is_dataclass(origin):
        return _read_object(origin, value, path, problems)
    if origin is tuple:
        return _read_list(shape, value, path, problems)
    if origin is Mapping:
        return _read_map(shape, value, path, problems)
    reason = _why_not(shape, value)
    if reason is not None:
        problems[path] = reason
        return None
    if issubclass(origin, Enum) or origin is float:
        return origin(value)
    return value


def _read_object(kind: Any, value: Json, path: str, problems: dict[str, str]) -> Any:
    if not isinstance(value, dict):
        problems[path] = f"must be an object, not {_kind(value)}"
        return None
    shapes = shapes_of(kind)
    names = {json_name(name): name for name in shapes}
    before = len(problems)
    found: dict[str, Any] = {}
    for name, inner in value.items():
        place = pointer(path, name[:100])
        if name not in names:
            problems[place] = "is unknown"
        elif not (inner is None and shapes[names[name]].is_optional):
            found[names[name]] = _read(shapes[names[name]], inner, place, problems)
    for field in dataclasses.fields(kind):
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and field.name not in found:
            problems.setdefault(pointer(path, json_name(field.name)), "is missing")
    if len(problems) > before:
        return None
    try:
        return kind(**found)
    except ValueError as exc:
        problems[path] = str(exc)
        return None


def _read_list(shape: Shape, value: Json, path: str, problems: dict[str, str]) -> Any:
    if not isinstance(value, list):
        problems[path] = f"must be a list, not {_kind(value)}"
        return None
    if isinstance(shape.limit, Length) and len(value) > shape.limit.most:
        problems[path] = f"has {len(value)} entries; {shape.limit.most} are allowed"
        return None
    return tuple(_read(shape.inner, inner, pointer(path, index), problems) for index, inner in enumerate(value))


def _read_map(shape: Shape, value: Json, path: str, problems: dict[str, str]) -> Any:
    if not isinstance(value, dict):
        problems[path] = f"must be an object, not {_kind(value)}"
        return None
    limit = shape.limit if isinstance(shape.limit, Length) else None
    if limit is not None and len(value) > limit.most:
        problems[path] = f"has {len(value)} entries; {limit.most} are allowed"
        return None
    found = {}
    for name, inner in value.items():
        place = pointer(path, name[:100])
        reason = None if limit is None or limit.key is None else _why_no_text(limit.key, name)
        if reason is not None:
            problems[place] = f"as a name {reason}"
            continue
        found[name] = _read(shape.inner, inner, place, problems)
    return found


def _why_not(shape: Shape, value: Json) -> str | None:
    kind = shape.origin
    if issubclass(kind, Enum):
        members = [member.value for member in kind]
        known = isinstance(value, str) and value in members
        return None if known else f"must be one of {', '.join(members)}"
    if kind is bool:
        return None if isinstance(value, bool) else f"must be true or false, not {_kind(value)}"
    if kind is str:
        if not isinstance(value, str):
            return f"must be a text, not {_kind(value)}"
        return _why_no_text(shape.limit if isinstance(shape.limit, Text) else Text(1_000), value)
    return _why_no_number(shape, value)


def _why_no_number(shape: Shape, value: Json) -> str | None:
    is_whole = shape.kind is int
    numbers = int if is_whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, numbers):
        return f"must be a {'whole ' if is_whole else ''}number, not {_kind(value)}"
    bounds = shape.limit if isinstance(shape.limit, Bounds) else Bounds(-(2**53), 2**53)
    # NaN is in no order, and so refused.
    if not bounds.least <= value <= bounds.most:
        return f"must be from {bounds.least:g} to {bounds.most:g}"
    return None


def _why_no_text(limit: Text, value: str) -> str | None:
    if limit.why_not is not None and (reason := limit.why_not(value)):
        return reason
    if not limit.least <= len(value) <= limit.most:
        return f"must have {limit.least} to {limit.most} characters"
    if any(not character.isprintable() for character in value):
        return "holds characters that cannot be seen"
    if limit.pattern is not None and not re.fullmatch(limit.pattern, value):
        return f"does not match {limit.pattern}"
    if limit.why_not is None and looks_like_secret(value):
        return "looks like a secret; secrets belong in environment variables"
    return None


def _kind(value: Json) -> str:
    names = {bool: "true or false", str: "a text", dict: "an object", list: "a list", types.NoneType: "null"}
    return names.get(type(value), "a number")
