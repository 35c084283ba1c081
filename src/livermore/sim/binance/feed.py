"""All streams that anybody listens to, moved through time."""

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from livermore.core.market.timeframe import Millis
from livermore.sim.binance.client import Client
from livermore.sim.binance.streams import Stream, stream_named
from livermore.sim.market import Market


class BinanceFeed:
    """The streams and their listeners; a stream lives as long as it has one."""

    def __init__(self, market: Market, seed: int, now: Millis, push_every: Callable[[Millis], Millis]) -> None:
        self.now = now
        self._market = market
        self._seed = seed
        self._push_every = push_every
        self._streams: dict[str, Stream] = {}
        self._clients: dict[str, dict[Client, None]] = {}

    async def subscribe(self, client: Client, names: Iterable[str]) -> None:
        """Let a client listen to these streams, whether there is such a thing or not."""
        for name in names:
            client.streams[name] = None
            if name not in self._streams:
                self._streams[name] = stream_named(self._market, self._seed, name, self.now, self._push_every)
            self._clients.setdefault(name, {})[client] = None
            # A thousand new streams take a while; the others must go on meanwhile.
            await asyncio.sleep(0)

    def unsubscribe(self, client: Client, names: Iterable[str]) -> None:
        """Let a client listen to these streams no longer."""
        for name in names:
            client.streams.pop(name, None)
            clients = self._clients.get(name, {})
            clients.pop(client, None)
            if not clients:
                self._clients.pop(name, None)
                self._streams.pop(name, None)

    def forget(self, client: Client) -> None:
        """Take a client out that is gone."""
        self.unsubscribe(client, tuple(client.streams))

    def step(self, now: Millis) -> None:
        """Tell everybody what is due: first the buckets that are over, in the order of their closing, then the rest."""
        self.now = now
        closings = [(event, name) for name, stream in self._streams.items() for event in stream.closings(now)]
        for event, name in sorted(closings, key=_told_at):
            self._push(name, event)
        for name, stream in self._streams.items():
            for event in stream.updates(now):
                self._push(name, event)

    def _push(self, name: str, event: object) -> None:
        raw = msgspec.json.encode(event).decode()
        combined = f'{{"stream":{msgspec.json.encode(name).decode()},"data":{raw}}}'
        product = name.partition("@")[0].upper()
        for client in self._clients[name]:
            client.push(name, product, raw, combined)


def _told_at(closing: tuple[object, str]) -> int:
    event = closing[0]
    return int(event["E"]) if isinstance(event, dict) else 0
