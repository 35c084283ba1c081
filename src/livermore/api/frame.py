"""What surrounds every request: an id, a limit on its body, security headers, a line in the log, and the last net."""

import re
import secrets
import time
from collections.abc import Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livermore import __version__
from livermore.api.errors import problem

log = structlog.get_logger("livermore.api")

NONE: Final = "'none' "
BODY_BYTES: Final = 1024 * 1024
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
CONTENT_SECURITY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Charts and virtual lists place what they draw by style attributes.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob: https:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'none'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"x-livermore-version", __version__.encode()),
)

Count = Callable[[str, str, int, float], None]


def content_security(allowances: Mapping[str, str]) -> str:
    """The content security policy with what is allowed besides, by directive.

    >>> content_security({"frame-src": "https://a.example"}).split("; ")[8]
    'frame-src https://a.example'
    """
    merged = CONTENT_SECURITY | {name: f"{CONTENT_SECURITY[name]} {more}" for name, more in allowances.items()}
    # Beside anything else 'none' would be no source and means nothing.
    return "; ".join(f"{name} {sources.removeprefix(NONE)}" for name, sources in merged.items())


class Frame:
    """The outermost part of the API; `count` is told method, route, status and seconds of every request.

    What stands in `allowances`, by directive, a browser may load besides what is ours.
    """

    def __init__(self, app: ASGIApp, count: Count, allowances: Mapping[str, str]) -> None:
        self._app = app
        self._count = count
        policy = content_security(allowances)
        self._headers = (*SECURITY, (b"content-security-policy", policy.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever else is spoken goes by."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Request(scope).headers.get("x-request-id", "")
        scope["livermore.request_id"] = request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        await self._served(scope, receive, send, request_id)

    async def _served(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = self._added(message, request_id)
                message["headers"] = [*message.get("headers", ()), *added, *scope.get("livermore.headers", ())]
            await send(message)

        try:
            await self._app(scope, _limited(scope, receive), sending)
        except Exception as exc:
            # The last net: whoever asked is told the id under which the log tells the rest.
            log.exception("request.broken", correlation_id=request_id, path=scope["path"], error=repr(exc))
            if status == 0:
                words = "something went wrong inside; the log knows more by the correlation id"
                answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", words, request_id)
                await answer(scope, receive, sending)
        finally:
            self._note(scope, status, time.perf_counter() - began, request_id)

    def _added(self, message: Message, request_id: str) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in message.get("headers", ())}
        added = [(name, value) for name, value in self._headers if name not in present]
        if b"cache-control" not in present:
            added.append((b"cache-control", b"no-store"))
        return [*added, (b"x-request-id", request_id.encode())]

    def _note(self, scope: MutableMapping[str, Any], status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._count(scope["method"], route, status, seconds)
        log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            ms=round(seconds * 1_000, 1),
            correlation_id=request_id,
            who=scope.get("livermore.who"),
        )


def _limited(scope: Scope, receive: Receive) -> Receive:
    """The body as it comes, until it is too large; what is raised then is answered as any error of HTTP."""
    left = BODY_BYTES
    declared = Request(scope).headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > BODY_BYTES:
        left = -1

    async def limited() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {BODY_BYTES} bytes")
        return message

    return limited
