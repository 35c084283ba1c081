"""Follow the alerts of all exchanges over the live stream, and go on after a break where it was left."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import websockets

TOPIC = "alerts"
LONGEST_PAUSE_SECONDS = 30.0
SILENCE_SECONDS = 30.0
FINAL_CODES = {4401: "the key is not taken", 4403: "the key may not listen to alerts"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="such as ws://127.0.0.1:8800/api/v1/stream")
    parser.add_argument("--place", type=Path, default=Path("stream.place"), help="where to remember what was heard")
    parser.add_argument("--count", type=int, help="end after so many alerts, or a few more")
    asked = parser.parse_args()
    asyncio.run(Follower(asked.url, os.environ["LIVERMORE_KEY"], asked.place, asked.count).run())


class Follower:
    """Prints each alert, then remembers it: after a crash the last ones may come again, but none is missed."""

    def __init__(self, url: str, key: str, place: Path, count: int | None) -> None:
        self.url = url
        self.key = key
        self.place = place
        self.left = count

    async def run(self) -> None:
        """Follow until there are enough, through any number of lost connections."""
        pause = 1.0
        while self.left is None or self.left > 0:
            try:
                async with websockets.connect(self.url, max_size=16_000_000) as socket:
                    await socket.send(json.dumps(self.hello()))
                    async for message in told(socket):
                        pause = 1.0
                        self.hear(message)
                        if self.left == 0:
                            return
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                code = error.rcvd.code if isinstance(error, websockets.ConnectionClosed) and error.rcvd else None
                if code in FINAL_CODES:
                    sys.exit(FINAL_CODES[code])
                say(f"the stream is away ({error}); again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def hello(self) -> dict[str, Any]:
        hello: dict[str, Any] = {"token": self.key, "subscribe": [TOPIC]}
        if self.place.exists():
            hello["cursors"] = {TOPIC: self.place.read_text().strip()}
        return hello

    def hear(self, message: dict[str, Any]) -> None:
        if message["kind"] == "error":
            say(f"the server says: {message['data']}")
        elif message["kind"] == "dropped":
            say(f"something was lost: {message['data']}; what follows is the newest there is")
        elif message["kind"] == "snapshot":
            # The newest hundred, newest first; whoever comes back with a place gets what came since instead.
            for alert in reversed(message["data"]):
                self.tell(alert)
        elif message["kind"] == "change":
            self.tell(message["data"])
        if message.get("cursor"):
            self.place.write_text(message["cursor"])

    def tell(self, alert: dict[str, Any]) -> None:
        print(json.dumps(alert), flush=True)
        self.left = None if self.left is None else max(0, self.left - 1)


async def told(socket: websockets.ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """What the server says; it says something at least every 8 s, so a longer silence is a dead connection."""
    while True:
        yield json.loads(await asyncio.wait_for(socket.recv(), SILENCE_SECONDS))


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
