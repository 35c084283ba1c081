"""All streams that anybody listens to, moved through time."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from livermore.core.market.timeframe import Millis, Timeframe
from livermore.sim.binance.client import Client
from livermore.sim.binance.streams import Closing, KlineStream, Stream, stream_named
from livermore.sim.faults.exchange import Admission, ExchangeFaults
from livermore.sim.instruments import Listed
from livermore.sim.market import Market


class BinanceFeed:
    """The streams and their listeners; a stream lives as long as it has one."""

    def __init__(
        self, market: Market, faults: ExchangeFaults, seed: int, push_every: Callable[[Millis], Millis]
    ) -> None:
        self.now = faults.now()
        self._faults = faults
        self._late: list[_Late] = []
        self._market = market
        self._seed = seed
        self._push_every = push_every
        self._streams: dict[str, Stream] = {}
        self._clients: dict[str, dict[Client, None]] = {}

    async def subscribe(self, client: Client, names: Iterable[str]) -> None:
        """Let a client listen to these streams, whether there is such a thing or not."""
        for name in names:
            admission = self._faults.admission(_product_of(name))
            if admission is not Admission.IGNORED:
                client.streams[name] = None
            if admission is not Admission.GRANTED:
                continue
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
        for stream in self._streams.values():
            for closing in stream.closings(now):
                delay = self._faults.close_delay(closing.product, closing.opened_at)
                if delay is not None:
                    self._late.append(_Late(closing.at + delay, closing))
        due = [late for late in self._late if late.at <= now]
        self._late = [late for late in self._late if late.at > now]
        for late in sorted(due, key=_told_at):
            self._tell(late)
        for name, stream in self._streams.items():
            for event in stream.updates(now):
                self._push(name, event)

    def revised(self, listed: Listed, opened_at: Millis) -> None:
        """Tell the closing frames again that a change of a closed 5m row has made wrong."""
        for name in (f"{listed.product.lower()}@kline_{timeframe}" for timeframe in Timeframe):
            stream = self._streams.get(name)
            closing = stream.told_closing(opened_at, self.now) if isinstance(stream, KlineStream) else None
            if closing is not None and self._faults.close_delay(closing.product, closing.opened_at) is not None:
                self._tell(_Late(closing.at, closing))

    def replay(self, listed: Listed, age: Millis) -> None:
        """Tell the klines of a product again that were told so long ago."""
        for name in (f"{listed.product.lower()}@kline_{timeframe}" for timeframe in Timeframe):
            stream = self._streams.get(name)
            if isinstance(stream, KlineStream):
                for event in stream.told_at(self.now - age):
                    self._push(name, event)

    def _tell(self, late: "_Late") -> None:
        stream = self._streams.get(late.closing.stream)
        if isinstance(stream, KlineStream):
            self._push(late.closing.stream, stream.closing_event(late.closing.opened_at, late.at))

    def _push(self, name: str, event: object) -> None:
        raw = msgspec.json.encode(event).decode()
        combined = f'{{"stream":{msgspec.json.encode(name).decode()},"data":{raw}}}'
        product = _product_of(name)
        for client in self._clients[name]:
            client.push(name, product, raw, combined)


def _product_of(name: str) -> str:
    return name.partition("@")[0].upper()


@dataclass(frozen=True, slots=True)
class _Late:
    """A closing frame, and when it is told."""

    at: Millis
    closing: Closing


def _told_at(late: _Late) -> Millis:
    return late.at
