"""Merge patches keep the laws of RFC 7396, and differences lead from one document to the other."""

from typing import Any

import pytest
from hypothesis import given

from core.account.documents import json_objects, json_values
from livermore.core.account.patch import Change, changes_between, is_same, merged, patch_between

# The examples of RFC 7396, appendix A: target, patch, result.
RFC_7396: tuple[tuple[Any, Any, Any], ...] = (
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
)


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396)
def test_the_examples_of_the_standard(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


@given(json_values, json_values)
def test_a_patch_applied_twice_is_applied_once(target: Any, patch: Any) -> None:
    once = merged(target, patch)
    assert is_same(merged(once, patch), once)


@given(json_objects)
def test_an_empty_patch_changes_nothing(target: dict[str, Any]) -> None:
    assert is_same(merged(target, {}), target)


@given(json_objects, json_objects)
def test_the_patch_between_two_documents_leads_from_one_to_the_other(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert is_same(merged(one, patch_between(one, other)), other)


@given(json_objects, json_objects)
def test_documents_differ_exactly_where_there_are_changes(one: dict[str, Any], other: dict[str, Any]) -> None:
    changes = changes_between(one, other)
    assert (not changes) == is_same(one, other)
    assert len({change.path for change in changes}) == len(changes)
    for change in changes:
        assert is_same(found(one, change.path), change.before)
        assert is_same(found(other, change.path), change.after)


def found(document: Any, path: str) -> Any:
    """What stands at a JSON Pointer, None for nothing."""
    for step in path.split("/")[1:]:
        document = document.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(document, dict) else None
    return document


def test_true_is_not_one() -> None:
    assert changes_between({"a": True}, {"a": 1}) == (Change("/a", True, 1),)
    assert patch_between({"a": [True]}, {"a": [1]}) == {"a": [1]}
