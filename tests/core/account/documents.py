"""Documents of any kind, drawn from the annotations of their dataclasses."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from livermore.core.account.document import Bounds, Length, Shape, Text, shapes_of
from livermore.core.account.secret import looks_like_secret
from livermore.core.account.settings import Settings


def texts(limit: Text) -> st.SearchStrategy[str]:
    drawn = (
        st.text(st.characters(categories=("L", "N", "P")), min_size=limit.least, max_size=min(limit.most, 11))
        if limit.pattern is None
        else st.from_regex(limit.pattern, fullmatch=True, alphabet=st.characters(min_codepoint=33, max_codepoint=126))
    )
    return drawn.filter(
        lambda text: (
            limit.least <= len(text) <= limit.most
            and text.isprintable()
            and not looks_like_secret(text)
            and not (limit.why_not and limit.why_not(text))
        )
    )


def values(shape: Shape) -> st.SearchStrategy[Any]:
    drawn = _values(shape)
    return st.none() | drawn if shape.is_optional else drawn


def _values(shape: Shape) -> st.SearchStrategy[Any]:
    kind = shape.origin
    if dataclasses.is_dataclass(kind):
        return documents(kind)
    if kind is tuple:
        # What has an id has one of its own.
        return st.lists(values(shape.inner), max_size=2, unique_by=lambda value: getattr(value, "id", object())).map(
            tuple
        )
    if kind is Mapping:
        assert isinstance(shape.limit, Length)
        return st.dictionaries(texts(shape.limit.key or Text(20)), values(shape.inner), max_size=2)
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if kind is bool:
        return st.booleans()
    if kind is str:
        return texts(shape.limit if isinstance(shape.limit, Text) else Text(20))
    bounds = shape.limit
    assert isinstance(bounds, Bounds)
    if kind is int:
        return st.integers(int(bounds.least), int(bounds.most))
    return st.floats(bounds.least, bounds.most)


def documents(kind: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: values(shape) for name, shape in shapes_of(kind).items()})


a_settings: st.SearchStrategy[Settings] = documents(Settings)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=3)
    | st.floats(allow_nan=False, allow_infinity=False, width=16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc/~"), inner, max_size=3),
    max_leaves=12,
)
json_objects: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from("abc/~"), json_values, max_size=4)
