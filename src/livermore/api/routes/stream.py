"""The live stream, as a WebSocket."""

from fastapi import APIRouter, WebSocket

from livermore.api.live.client import LiveClient
from livermore.api.window import Window

router = APIRouter()


@router.websocket("/stream")
async def follow(socket: WebSocket) -> None:
    """One connection; the token comes in its first message, never in the address, which logs keep."""
    window: Window = socket.app.state.window
    await socket.accept()
    await LiveClient(socket, window).run()
