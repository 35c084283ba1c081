"""Documents are read strictly, and every problem is named with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.account.documents import documents, json_values
from livermore.core.account.document import Bounds, Length, Text, parse, to_json
from livermore.errors import InvalidRequest


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Wheel:
    radius: Annotated[float, Bounds(0, 10)]
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Cart:
    seat_count: Annotated[int, Bounds(1, 9)] = 1
    is_open: bool = False
    name: Annotated[str, Text(20)] | None = None
    wheels: Annotated[tuple[Wheel, ...], Length(4)] = ()
    by_name: Annotated[Mapping[str, Wheel], Length(2, Text(5, 1, "[a-z]+"))] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name == "Titanic":
            raise ValueError("that name brings bad luck")


@given(documents(Cart))
def test_what_is_written_is_read_again(cart: Cart) -> None:
    assert parse(Cart, to_json(cart)) == cart


@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        found = parse(Cart, value)
    except InvalidRequest as exc:
        problems = exc.context["problems"]
    else:
        problems = to_json(found)
    assert problems


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"seats": 1}, "/seats is unknown"),
        ({"seatCount": 0}, "/seatCount must be from 1 to 9"),
        ({"seatCount": 1.0}, "/seatCount must be a whole number, not a number"),
        ({"seatCount": True}, "/seatCount must be a whole number, not true or false"),
        ({"seatCount": None}, "/seatCount must be a whole number, not null"),
        ({"name": "Titanic"}, "/ that name brings bad luck"),
        ({"isOpen": 1}, "/isOpen must be true or false, not a number"),
        ({"name": 1}, "/name must be a text, not a number"),
        ({"name": "x" * 21}, "/name must have 0 to 20 characters"),
        ({"name": "a\nb"}, "/name holds characters that cannot be seen"),
        ({"name": "a\x00b"}, "/name holds characters that cannot be seen"),
        ({"wheels": {}}, "/wheels must be a list, not an object"),
        ({"wheels": [{}]}, "/wheels/0/radius is missing"),
        ({"wheels": [{"radius": 1, "colour": "green"}]}, "/wheels/0/colour must be one of red, blue"),
        ({"wheels": [{"radius": float("nan")}]}, "/wheels/0/radius must be from 0 to 10"),
        ({"wheels": [{"radius": 10**400}]}, "/wheels/0/radius must be from 0 to 10"),
        ({"wheels": [{"radius": 1}] * 5}, "/wheels has 5 entries; 4 are allowed"),
        ({"byName": {"A": {"radius": 1}}}, "/byName/A as a name does not match [a-z]+"),
        ({"byName": []}, "/byName must be an object, not a list"),
        ({"byName": {name: {"radius": 1} for name in "abc"}}, "/byName has 3 entries; 2 are allowed"),
        ([], "/ must be an object, not a list"),
    ],
)
def test_each_problem_is_named_with_its_place(document: Any, problem: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(Cart, document)
    assert str(refused.value) == problem


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(Cart, {"seats": 1, "isOpen": "no", "wheels": [{"radius": -1}]})
    assert set(refused.value.context["problems"]) == {"/seats", "/isOpen", "/wheels/0/radius"}  # type: ignore[call-overload]


@given(st.integers(30, 60))
def test_a_flood_of_problems_is_told_in_part(count: int) -> None:
    with pytest.raises(InvalidRequest, match=f"and {count - 20} more"):
        parse(Cart, {f"unknown{number}": 1 for number in range(count)})


def test_null_where_nothing_is_needed_is_absence() -> None:
    assert parse(Cart, {"name": None}) == Cart()


def test_a_whole_number_is_a_number() -> None:
    assert parse(Wheel, {"radius": 1}) == Wheel(1.0)
    assert isinstance(parse(Wheel, {"radius": 1}).radius, float)


def test_a_secret_in_any_text_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="/name looks like a secret"):
        parse(Cart, {"name": "AKIAIOSFODNN7EXAMPL"})
