"""Changes to a JSON document: merge patches (RFC 7396) and what differs between two documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Document: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs: its JSON Pointer (RFC 6901) and what stood and stands there, None for nothing."""

    path: str
    before: Json
    after: Json


def merged(target: Json, patch: Json) -> Json:
    """The target as the merge patch wants it: null removes, objects go down, all else replaces.

    >>> merged({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}})
    {'b': {'c': 4, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patch_between(before: Document, after: Document) -> dict[str, Json]:
    """The merge patch that leads from one document to the other; neither may hold null."""
    patch: dict[str, Json] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            if inner := patch_between(old, value):
                patch[name] = inner
        elif name not in before or not is_same(old, value):
            patch[name] = value
    return patch


def changes_between(before: Json, after: Json, path: str = "") -> tuple[Change, ...]:
    """Every place that differs, in the order of the paths; lists are compared whole.

    >>> changes_between({"a": {"b": 1}}, {"a": {"b": 2}})
    (Change(path='/a/b', before=1, after=2),)
    """
    return tuple(_changes(before, after, path))


def _changes(before: Json, after: Json, path: str) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            inner = pointer(path, name)
            if name not in before or name not in after:
                yield Change(inner, before.get(name), after.get(name))
            else:
                yield from _changes(before[name], after[name], inner)
    elif not is_same(before, after):
        yield Change(path, before, after)


def is_same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(is_same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    return one == other


def pointer(path: str, name: str | int) -> str:
    """The JSON Pointer one step further.

    >>> pointer("/a", "b/c")
    '/a/b~1c'
    """
    return f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"
