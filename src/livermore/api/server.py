"""The HTTP server as one more task of ours: it begins when its task does and ends when that is cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from livermore.api.live.asked import MESSAGE_BYTES
from livermore.errors import ConfigError

BACKLOG: Final = 512
GRACE_SECONDS: Final = 5
HEADER_BYTES: Final = 32 * 1024


class _OwnedServer(uvicorn.Server):
    """A server that leaves the signals to whoever owns it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens, so that its address is known before anybody serves it; port 0 takes a free one.

    Raises:
        ConfigError: when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, for asyncio sends without delay only what says so of itself: unsaid, each answer waits 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError as exc:
            raise ConfigError(
                f"the server cannot listen at {host}:{port} ({exc.strerror}); see LIVERMORE_HTTP_HOST and _PORT"
            ) from exc
        listener.setblocking(False)
        yield listener


def address_of(listener: socket.socket) -> str:
    """Where the socket is reached from this machine.

    >>> with listening("127.0.0.1", 0) as listener:
    ...     address_of(listener).startswith("http://127.0.0.1:")
    True
    """
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


async def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until cancelled; requests in flight are answered first, for at most 5 s."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        http="h11",
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=2 * MESSAGE_BYTES,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _OwnedServer(config)
    try:
        await server.serve(sockets=[listener])
    finally:
        if server.started:
            async with asyncio.timeout(2 * GRACE_SECONDS):
                await server.shutdown(sockets=[listener])
