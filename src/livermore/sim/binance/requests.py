"""What a client may ask on Binance's market WebSocket, and the answers."""

from dataclasses import dataclass
from typing import TypeAlias

import msgspec

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
_LONGEST_ID = 36

RequestId: TypeAlias = int | str | None


@dataclass(frozen=True, slots=True)
class Request:
    """``{"method":"SUBSCRIBE","params":["btcusdt@kline_5m"],"id":1}``."""

    method: str
    params: list[object]
    id: RequestId


def read_request(text: str) -> Request | dict[str, object]:
    """The request, or the error it is answered with.

    ``{"code":2,"msg":"Invalid request: …","id":…}``; code 3 is for what is not JSON.
    """
    try:
        body = msgspec.json.decode(text)
    except msgspec.DecodeError as exc:
        return {"code": 3, "msg": f"Invalid JSON: {exc}"}
    if not isinstance(body, dict):
        return {"code": 2, "msg": "Invalid request: expected an object"}
    number = body.get("id")
    if not is_id(number):
        return _invalid("request ID must be an unsigned integer", None)
    method = body.get("method")
    if method is None:
        return _invalid("missing field `method`", number)
    if method not in METHODS:
        return _invalid(f"unknown variant `{method}`, expected one of {', '.join(METHODS)}", number)
    params = body.get("params", [])
    if not isinstance(params, list):
        return _invalid("params must be an array", number)
    return Request(method, params, number)


def stream_names(request: Request) -> list[str] | dict[str, object]:
    """The streams a request names, or the error it is answered with."""
    names = [name for name in request.params if isinstance(name, str)]
    if not names or len(names) != len(request.params):
        return _invalid("property name must be a string", request.id)
    return names


def is_id(number: object) -> bool:
    """Whether an id may be used: a 64-bit integer, a short string, or none."""
    if isinstance(number, bool):
        return False
    if isinstance(number, int):
        return -(2**63) <= number < 2**63
    return number is None or (isinstance(number, str) and len(number) <= _LONGEST_ID)


def result(request: Request, value: object) -> dict[str, object]:
    """``{"result":null,"id":1}``."""
    return {"result": value, "id": request.id}


def unknown_property(request: Request) -> dict[str, object]:
    """The answer to any property but ``combined``."""
    return {"code": 0, "msg": "Unknown property", "id": request.id}


def not_a_boolean(request: Request) -> dict[str, object]:
    """The answer to a value of ``combined`` that is neither true nor false."""
    return {"code": 1, "msg": "Invalid value type: expected Boolean", "id": request.id}


def _invalid(why: str, number: object) -> dict[str, object]:
    return {"code": 2, "msg": f"Invalid request: {why}", "id": number}
