"""What Coinbase pushes: candle updates while trades happen, tickers, trades, heartbeats; never a word about a close."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np

from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.sim.coinbase.client import CANDLES, HEARTBEATS, MARKET_TRADES, TICKER, TICKER_BATCH, Client
from livermore.sim.coinbase.products import price_text, ticker
from livermore.sim.coinbase.rest import candle
from livermore.sim.coinbase.stamps import go_time, rfc3339
from livermore.sim.faults.exchange import Admission, ExchangeFaults
from livermore.sim.instruments import Listed
from livermore.sim.market import Market
from livermore.sim.noise import chance_of, key_of, uniform
from livermore.sim.numbers import trimmed
from livermore.sim.rows import Row
from livermore.sim.simulation import next_turn
from livermore.sim.tape import BUCKET
from livermore.sim.trades import Trade, Trades

HEARTBEAT_EVERY: Millis = SECOND
BATCH_EVERY: Millis = 5 * SECOND
# A snapshot holds at most 100 candles, picked out of the last 161 buckets, as the probes of January 2026 found.
SNAPSHOT_CANDLES = 100
SNAPSHOT_SPAN = 161
_MOST_TRADES_IN_EVENT = 100


@dataclass(slots=True)
class _Mark:
    """How far a product has been told: so many trades of the bucket that opened then; and when it has its next turn."""

    opened_at: Millis
    count: int
    phase: float
    next_at: Millis


@dataclass(frozen=True, slots=True)
class _Advance:
    """Trades of one bucket that have not been told yet."""

    trades: Trades
    since: int
    until: int


class CoinbaseFeed:
    """All subscriptions of all clients, moved through time by `step`."""

    def __init__(
        self, market: Market, faults: ExchangeFaults, seed: int, push_every: Callable[[Millis], Millis]
    ) -> None:
        now = faults.now()
        self.now = now
        self._push_every = push_every(SECOND)
        self._batch_every = push_every(BATCH_EVERY)
        self._faults = faults
        self._market = market
        self._seed = seed
        self._started_at = now
        self._clients: dict[str, dict[str, dict[Client, None]]] = {}
        self._listeners: dict[Client, None] = {}
        self._marks: dict[str, _Mark] = {}
        self._batched: dict[str, None] = {}
        self._heartbeat_at = now
        self._batch_at = now

    def known(self, names: list[str]) -> list[str]:
        """The products that trade among these names, under the names they are answered with; others are ignored."""
        listed = (self._market.by_product.get(name) for name in names)
        return list(dict.fromkeys(one.product for one in listed if one is not None and one.is_trading))

    async def subscribe(self, client: Client, channel: str, products: list[str]) -> None:
        """Begin a channel of these products for a client, with the snapshots it begins with."""
        if channel == HEARTBEATS:
            self._listeners[client] = None
            client.subscribed(channel, [HEARTBEATS], self.now)
            return
        admissions = {product: self._faults.admission(product) for product in products}
        granted = [product for product, admission in admissions.items() if admission is not Admission.IGNORED]
        client.subscribed(channel, granted, self.now)
        for product in granted:
            if admissions[product] is Admission.DEAD:
                continue
            self._clients.setdefault(product, {}).setdefault(channel, {})[client] = None
            self._marks.setdefault(product, self._present(product))
            self._send_snapshot({client: None}, channel, self._market.by_product[product])
            # A thousand snapshots take a while; the feed must go on meanwhile.
            await asyncio.sleep(0)

    def unsubscribe(self, client: Client, channel: str, products: list[str]) -> None:
        """End a channel of these products for a client."""
        if channel == HEARTBEATS:
            self._listeners.pop(client, None)
        for product in products:
            self._remove(client, channel, product)
        client.unsubscribed(channel, products, self.now)

    def forget(self, client: Client) -> None:
        """Take a client out that is gone."""
        self._listeners.pop(client, None)
        for channel, products in client.products_by_channel.items():
            for product in products:
                self._remove(client, channel, product)

    def step(self, now: Millis) -> None:
        """Tell everybody what has happened since the last step."""
        self.now = now
        for product in tuple(self._clients):
            mark = self._marks[product]
            # What belongs to a bucket is out when it is over, whosever turn it is: heartbeats prove its close.
            if now >= mark.next_at or now >= mark.opened_at + BUCKET:
                mark.next_at = next_turn(mark.phase, self._push_every, now)
                self._tell(self._market.by_product[product])
        if now >= self._batch_at:
            self._batch_at = next_turn(0.0, self._batch_every, now)
            self._send_batches()
        if now >= self._heartbeat_at:
            self._heartbeat_at = now - now % HEARTBEAT_EVERY + HEARTBEAT_EVERY
            self._send_heartbeats()

    def replay(self, listed: Listed, age: Millis) -> None:
        """Tell all who listen the candles of a product as they were so long ago."""
        clients = self._clients.get(listed.product, {}).get(CANDLES)
        if clients:
            self._send_candles(CANDLES, listed, "snapshot", self._snapshot_rows(listed, self.now - age), clients)

    def _remove(self, client: Client, channel: str, product: str) -> None:
        channels = self._clients.get(product, {})
        clients = channels.get(channel, {})
        clients.pop(client, None)
        if not clients:
            channels.pop(channel, None)
        if not channels and product in self._clients:
            del self._clients[product]
            self._marks.pop(product, None)

    def _present(self, product: str) -> _Mark:
        trades = self._market.trades(self._market.by_product[product], self.now)
        phase = chance_of(self._seed, "turn", product)
        return _Mark(trades.row.opened_at, trades.count_at(self.now), phase, self.now)

    def _tell(self, listed: Listed) -> None:
        channels = self._clients[listed.product]
        for advance in self._advances(listed):
            if CANDLES in channels:
                self._send_candles(CANDLES, listed, "update", [advance.trades.first(advance.until)], channels[CANDLES])
            if MARKET_TRADES in channels:
                since = max(advance.since, advance.until - _MOST_TRADES_IN_EVENT)
                trades = advance.trades.between(since, advance.until)
                self._send(MARKET_TRADES, listed, _trades_event("update", listed, trades), channels[MARKET_TRADES])
            if TICKER in channels:
                self._send(TICKER, listed, self._ticker_event("update", listed, with_book=True), channels[TICKER])
            if TICKER_BATCH in channels:
                self._batched[listed.product] = None

    def _advances(self, listed: Listed) -> list[_Advance]:
        mark = self._marks[listed.product]
        advances = []
        while True:
            trades = self._market.trades(listed, mark.opened_at)
            count = trades.count_at(self.now)
            if count > mark.count:
                advances.append(_Advance(trades, mark.count, count))
                mark.count = count
            if mark.opened_at + BUCKET > self.now:
                return advances
            mark.opened_at, mark.count = mark.opened_at + BUCKET, 0

    def _send_snapshot(self, clients: dict[Client, None], channel: str, listed: Listed) -> None:
        if channel == CANDLES:
            self._send_candles(channel, listed, "snapshot", self._snapshot_rows(listed, self.now), clients)
        elif channel == MARKET_TRADES:
            trades = self._market.recent_trades(listed, self.now, _MOST_TRADES_IN_EVENT)
            self._send(channel, listed, _trades_event("snapshot", listed, trades[::-1]), clients)
        else:
            event = self._ticker_event("snapshot", listed, with_book=channel == TICKER)
            self._send(channel, listed, event, clients)

    def _snapshot_rows(self, listed: Listed, now: Millis) -> list[Row]:
        """Rows with holes even where trades were, newest first."""
        since = now - now % BUCKET - (SNAPSHOT_SPAN - 1) * BUCKET
        rows = self._market.rows(listed, Timeframe.M5, since, now, now)
        rows = [row for row in rows if row.trades]
        chances = uniform(key_of(self._seed, "hole", listed.symbol, now), np.arange(len(rows), dtype=np.int64))
        # The newest candle is always among them.
        chances[-1:] = 1.0
        kept = sorted(np.argsort(chances)[-SNAPSHOT_CANDLES:].tolist(), reverse=True)
        return [rows[number] for number in kept]

    def _ticker_event(self, kind: str, listed: Listed, *, with_book: bool) -> dict[str, object]:
        return {"type": kind, "tickers": [ticker(self._market, listed, self.now, with_book=with_book)]}

    def _send_candles(
        self, channel: str, listed: Listed, kind: str, rows: list[Row], clients: dict[Client, None]
    ) -> None:
        candles = [{**candle(listed, row), "product_id": listed.product} for row in rows]
        self._send(channel, listed, {"type": kind, "candles": candles}, clients)

    def _send(self, channel: str, listed: Listed, event: dict[str, object], clients: dict[Client, None]) -> None:
        events = msgspec.json.encode([event]).decode()
        for client in clients:
            client.publish(channel, listed.product, events, self.now)

    def _send_batches(self) -> None:
        for product in self._batched:
            clients = self._clients.get(product, {}).get(TICKER_BATCH, {})
            listed = self._market.by_product[product]
            self._send(TICKER_BATCH, listed, self._ticker_event("update", listed, with_book=False), clients)
        self._batched.clear()

    def _send_heartbeats(self) -> None:
        event = {
            "current_time": go_time(self.now, self._started_at),
            "heartbeat_counter": self.now // HEARTBEAT_EVERY - self._started_at // HEARTBEAT_EVERY,
        }
        events = msgspec.json.encode([event]).decode()
        for client in self._listeners:
            client.publish(HEARTBEATS, "", events, self.now)


def _trades_event(kind: str, listed: Listed, trades: list[Trade]) -> dict[str, object]:
    """``{"product_id":"ETH-USDT","trade_id":"22381691","price":"2375.56","size":"0.5","time":…,"side":"BUY"}``, newest
    first; `side` is the maker's.
    """
    told = [
        {
            "product_id": listed.product,
            "trade_id": str(trade.id),
            "price": price_text(listed, trade.price),
            "size": trimmed(trade.size, listed.size_decimals),
            "time": rfc3339(trade.at, 0),
            "side": "SELL" if trade.is_buy else "BUY",
        }
        for trade in reversed(trades)
    ]
    return {"type": kind, "trades": told}
