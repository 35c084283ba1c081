"""Every error as a problem by RFC 9457, made in one place, and nothing told that is not meant for the caller."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from livermore.api.models.shape import FieldProblem, Problem
from livermore.errors import (
    CommandUnanswered,
    ConfigError,
    Conflict,
    CorruptRecord,
    DataError,
    Forbidden,
    InvalidRequest,
    LivermoreError,
    NobodyListens,
    NotFound,
    RequestError,
    StateError,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
)

log = structlog.get_logger("livermore.api")

MEDIA_TYPE: Final = "application/problem+json"
RETRY_STORE_SECONDS: Final = 5
ERRORS_LISTED: Final = 20
INPUT_LENGTH: Final = 200
UNKNOWN_REQUEST: Final = "unknown"

# The first class that fits counts: what is more special stands before what is more general.
STATUSES: Final[Sequence[tuple[type[LivermoreError], HTTPStatus, str]]] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED, "unauthenticated"),
    (Forbidden, HTTPStatus.FORBIDDEN, "forbidden"),
    (NotFound, HTTPStatus.NOT_FOUND, "not_found"),
    (Conflict, HTTPStatus.CONFLICT, "conflict"),
    (NobodyListens, HTTPStatus.SERVICE_UNAVAILABLE, "nobody_listens"),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
    (InvalidRequest, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request"),
    (RequestError, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request"),
    (ConfigError, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request"),
    (DataError, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request"),
    (CommandUnanswered, HTTPStatus.GATEWAY_TIMEOUT, "command_unanswered"),
    (StateError, HTTPStatus.CONFLICT, "not_possible_now"),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE, "store_unavailable"),
    (CorruptRecord, HTTPStatus.BAD_GATEWAY, "corrupt_record"),
)


def request_id_of(request: Request) -> str:
    """The id of the request, which its problem and its line in the log share."""
    found = request.scope.get("livermore.request_id", UNKNOWN_REQUEST)
    return str(found)


def add_problems(app: FastAPI) -> None:
    """Have every error that a route raises answered as a problem."""
    app.add_exception_handler(LivermoreError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    request_id: str,
    *,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Response:
    """The answer that says what went wrong."""
    body = Problem(
        title=status.phrase,
        status=status.value,
        detail=detail,
        code=code,
        correlation_id=request_id,
        errors=errors,
        context=dict(context or {}),
    )
    return JSONResponse(body.model_dump(mode="json"), status.value, headers, MEDIA_TYPE)


def answer_to(exc: LivermoreError) -> tuple[HTTPStatus, str]:
    """The HTTP status and the stable code of an error of ours."""
    for kind, status, code in STATUSES:
        if isinstance(exc, kind):
            return status, code
    return HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"


async def _ours(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, LivermoreError):
        raise exc
    status, code = answer_to(exc)
    request_id = request_id_of(request)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request.failed", code=code, reason=str(exc), correlation_id=request_id)
    # What a store says of itself names addresses, which are for operators alone.
    detail = STORE_WORDS.get(code, str(exc))
    plain = ((name, value) for name, value in exc.context.items() if isinstance(value, str | int | float | bool))
    context = {to_camel(name): value for name, value in plain}
    told = {} if code in STORE_WORDS else context
    return problem(status, code, detail, request_id, errors=_places(exc), headers=_headers(exc), context=told)


def _places(exc: LivermoreError) -> list[FieldProblem]:
    """What is wrong where, of a document that names all its problems."""
    found = exc.context.get("problems")
    if not isinstance(found, dict):
        return []
    return [FieldProblem(path=str(path), message=str(reason)) for path, reason in list(found.items())[:ERRORS_LISTED]]


STORE_WORDS: Final[Mapping[str, str]] = {
    "store_unavailable": "a store that this needs cannot be reached at the moment; try again soon",
    "corrupt_record": "the store holds something there that Livermore has not written",
    "internal_error": "something went wrong inside; the log knows more by the correlation id",
}


def _headers(exc: LivermoreError) -> dict[str, str]:
    match exc:
        case StoreUnavailable():
            return {"Retry-After": str(RETRY_STORE_SECONDS)}
        case TooManyRequests():
            return {"Retry-After": str(max(1, round(exc.retry_after_seconds)))}
        case Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case _:
            return {}


async def _invalid(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, RequestValidationError):
        raise exc
    errors = [
        FieldProblem(
            path=".".join(str(part)[:INPUT_LENGTH] for part in one.get("loc", ())),
            message=str(one.get("msg", "invalid")),
        )
        for one in exc.errors()[:ERRORS_LISTED]
    ]
    detail = "; ".join(f"{one.path}: {one.message}" for one in errors[:3]) or "the request is not valid"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", detail, request_id_of(request), errors=errors)


async def _http(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, HTTPException):
        raise exc
    status = HTTPStatus(exc.status_code)
    code = status.name.lower()
    return problem(status, code, str(exc.detail), request_id_of(request), headers=exc.headers)
