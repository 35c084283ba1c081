"""How all that the API says and hears is shaped: camelCase, times in ms UTC, money as text, pages with a cursor."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from starlette.responses import Response

PAGE_SIZE: Final = 50
PAGE_LIMIT: Final = 500
CURSOR_LENGTH: Final = 200
NAME_LENGTH: Final = 200

Item = TypeVar("Item")

Instant: TypeAlias = Annotated[
    int, Field(description="milliseconds since the Unix epoch, UTC", examples=[1769093700000])
]
Money: TypeAlias = Annotated[
    Decimal,
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    Field(description="a decimal number as text, exact", examples=["0.006"]),
]


class Shown(BaseModel):
    """What the API says."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True, from_attributes=True, frozen=True
    )


class Asked(BaseModel):
    """What the API hears: a field that nobody knows is refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Page(Shown, Generic[Item]):
    """Some of a list, and where to go on."""

    items: Sequence[Item]
    next: str | None = Field(description="the cursor of what follows; null at the end", examples=[None])


def said(shown: Shown) -> Response:
    """The value as an answer that is not checked once more on its way out: for long lists."""
    return Response(shown.model_dump_json(), media_type="application/json")


class FieldProblem(Shown):
    """What is wrong with one value of a request."""

    path: str = Field(description="where the value stands", examples=["body.symbol"])
    message: str


class Problem(Shown):
    """An error by RFC 9457; `code` is stable, `detail` is for people."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no such alert"])
    code: str = Field(examples=["not_found"])
    correlation_id: str = Field(description="the id of the request, also in the log", examples=["6f1c2a"])
    errors: Sequence[FieldProblem] = ()
    context: dict[str, Any] = Field(default_factory=dict, description="what a program may need of the reason")
