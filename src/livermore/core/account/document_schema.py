"""The JSON Schema (2020-12) of a typed document, for editors that check and complete while one types."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

from livermore.core.account.document import Bounds, Length, Shape, Text, json_name, shapes_of, to_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: type[Any], title: str) -> dict[str, Any]:
    """The schema of documents that `parse` takes for a `kind`; it allows a little more where words cannot say it."""
    definitions: dict[str, Any] = {}
    root = _object(kind, definitions)
    return {"$schema": DIALECT, "title": title, **root, "$defs": dict(sorted(definitions.items()))}


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    shapes = shapes_of(kind)
    for field in dataclasses.fields(kind):
        name = json_name(field.name)
        properties[name] = _property(shapes[field.name], field, definitions)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append(name)
    description = " ".join((kind.__doc__ or "").split())
    schema: dict[str, Any] = {"type": "object", "description": description, "properties": properties}
    if required:
        schema["required"] = required
    return {**schema, "additionalProperties": False}


def _property(shape: Shape, field: dataclasses.Field[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(shape, definitions)
    if shape.is_optional:
        # Null says the same as absence.
        schema = {"anyOf": [schema, {"type": "null"}]}
    description = field.metadata.get("description")
    if description:
        schema = {**schema, "description": description}
    if field.default is not dataclasses.MISSING and field.default is not None:
        return {**schema, "default": to_json(field.default)}
    return schema


def _schema(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    kind = shape.origin
    if dataclasses.is_dataclass(kind):
        name = getattr(kind, "__name__", "")
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = _object(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if kind is tuple:
        most = {"maxItems": shape.limit.most} if isinstance(shape.limit, Length) else {}
        return {"type": "array", "items": _schema(shape.inner, definitions), **most}
    if kind is Mapping:
        return _map(shape, definitions)
    if issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if kind is bool:
        return {"type": "boolean"}
    if kind is str:
        return _text(shape.limit) if isinstance(shape.limit, Text) else {"type": "string"}
    number: dict[str, Any] = {"type": "integer" if kind is int else "number"}
    if isinstance(shape.limit, Bounds):
        number |= {"minimum": shape.limit.least, "maximum": shape.limit.most}
    return number


def _map(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": _schema(shape.inner, definitions)}
    if isinstance(shape.limit, Length):
        schema["maxProperties"] = shape.limit.most
        if shape.limit.key is not None:
            schema["propertyNames"] = _text(shape.limit.key)
    return schema


def _text(limit: Text) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": limit.most}
    if limit.least:
        schema["minLength"] = limit.least
    if limit.pattern is not None:
        schema["pattern"] = f"^(?:{limit.pattern})$"
    return schema
