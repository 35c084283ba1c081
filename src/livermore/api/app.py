"""The API put together: its routes, its errors, its description, and what surrounds every request."""

import re
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from livermore import __version__
from livermore.api.access import Need, role_table
from livermore.api.errors import MEDIA_TYPE, add_problems
from livermore.api.frame import Frame
from livermore.api.models.shape import Problem
from livermore.api.routes import (
    alerts,
    control,
    cross,
    deliveries,
    exchanges,
    health,
    logs,
    network,
    notifications,
    people,
    portfolio,
    provenance,
    readings,
    settings,
    signing,
    stream,
    symbols,
)
from livermore.api.ui_files import add_screens
from livermore.api.window import Window

PREFIX: Final = "/api/v1"
DESCRIPTION: Final = """\
Watch crypto markets: candles, MACD-V readings and alerts, and the instances that make them.

Times are milliseconds since the Unix epoch, UTC. Money is text, exact. Lists have `items` and `next`: hand `next` on as
`cursor`. Errors are problems by RFC 9457 with a stable `code`. Sign in for a bearer token, or use the key of a partner
(tag *partner*), whose requests are counted: see the RateLimit headers. Changes come over the live stream at
`/api/v1/stream`, which docs/asyncapi.yaml describes.
"""
ROUTERS: Final[tuple[APIRouter, ...]] = (
    signing.router,
    people.router,
    exchanges.router,
    readings.router,
    alerts.router,
    provenance.router,
    deliveries.router,
    cross.router,
    symbols.router,
    network.router,
    control.router,
    settings.router,
    notifications.router,
    portfolio.router,
    logs.router,
)


def create_app() -> FastAPI:
    """The API without anything to stand on: enough to describe it."""
    app = FastAPI(
        title="Livermore",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        generate_unique_id_function=_operation_id,
        strict_content_type=False,
    )
    add_problems(app)
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(stream.router, prefix=PREFIX)
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    return app


def serving(window: Window, screens: Path | None) -> ASGIApp:
    """The API over the stores of `window`, with the built screens of the folder `screens` beside it."""
    app = create_app()
    app.state.window = window
    add_screens(app, screens)
    return Frame(app, window.metrics.count_request, {} if window.clerk is None else window.clerk.allowances)


def _operation_id(route: APIRoute) -> str:
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), route.name)


def _description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, with what each operation needs and every error as a problem."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/"}],
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    found["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "an access token, or the key of a partner"}
    }
    asked = {(path, method.lower()): need for method, path, need in role_table(app)}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _describe(operation, asked.get((path, method)))
    app.openapi_schema = found
    return found


def _describe(operation: dict[str, Any], asked: object) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "a problem by RFC 9457",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if isinstance(asked, Need):
        operation["security"] = [{"bearer": []}]
        operation["x-roles"] = sorted(asked.roles)
        if asked.scope is not None:
            operation["x-key-scope"] = asked.scope.value
    else:
        operation["security"] = []
