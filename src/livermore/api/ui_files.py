"""The built screens, served as they must be: hashed files for ever, the page itself never kept, and compressed."""

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from livermore.api.errors import problem, request_id_of

INDEX: Final = "index.html"
ASSETS: Final = "assets/"
FOR_EVER: Final = "public, max-age=31536000, immutable"
NEVER: Final = "no-cache"
SMALLEST_COMPRESSED: Final = 1_024
COMPRESSIBLE: Final = frozenset({".html", ".js", ".css", ".svg", ".json", ".map", ".webmanifest", ".txt"})
ABSENT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Livermore</title>
<h1>Livermore</h1><p>The server runs. Its screens have not been built: <code>make up</code> builds them, or run
<code>scripts/ui build</code>. The <a href="/api/v1/docs">API is described here</a>.</p></html>
"""
HERE: Final = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class _Screen:
    body: bytes
    compressed: bytes | None
    kind: str
    caching: str
    tag: str


def add_screens(app: FastAPI, folder: Path | None) -> None:
    """Serve the screens of `folder` at every path that the API does not know, and the description of the API."""
    screens = _read(folder) if folder is not None and (folder / INDEX).is_file() else {}
    own = _read(HERE)

    @app.get("/api/v1/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return _answer(request, own["docs.html"])

    @app.get("/api/v1/docs/{name}", include_in_schema=False)
    async def docs_file(name: str, request: Request) -> Response:
        found = own.get(name)
        return _absent(request) if found is None else _answer(request, found)

    @app.get("/{path:path}", include_in_schema=False)
    async def screen(path: str, request: Request) -> Response:
        if path.startswith("api/"):
            return _absent(request)
        found = screens.get(path)
        if found is not None:
            return _answer(request, found)
        if path.startswith(ASSETS) or "." in path.rpartition("/")[2]:
            return _absent(request)
        index = screens.get(INDEX)
        return HTMLResponse(ABSENT, headers={"cache-control": NEVER}) if index is None else _answer(request, index)


def _read(folder: Path) -> Mapping[str, _Screen]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            found[name] = _screen(name, path)
    return found


def _screen(name: str, path: Path) -> _Screen:
    body = path.read_bytes()
    is_worth_it = path.suffix in COMPRESSIBLE and len(body) >= SMALLEST_COMPRESSED
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json")):
        kind += "; charset=utf-8"
    compressed = gzip.compress(body, 9, mtime=0) if is_worth_it else None
    caching = FOR_EVER if name.startswith(ASSETS) else NEVER
    return _Screen(body, compressed, kind, caching, f'"{len(body):x}-{path.stat().st_mtime_ns:x}"')


def _answer(request: Request, screen: _Screen) -> Response:
    headers = {"cache-control": screen.caching, "etag": screen.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == screen.tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = screen.body
    if screen.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = screen.compressed, "gzip"
    return Response(body, media_type=screen.kind, headers=headers)


def _absent(request: Request) -> Response:
    words = f"there is nothing at {request.url.path}"
    return problem(HTTPStatus.NOT_FOUND, "not_found", words, request_id_of(request))
