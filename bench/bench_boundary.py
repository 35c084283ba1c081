"""Midnight: 1,000 symbols on five timeframes close together, and a part of them raises an alert on each.

Measured is, for each alert, from the frame that proved the close, as the inbox gets it, to Valkey's acknowledgement of
the commit that holds the alert. In between are the real wire, inbox, engine, outbox and store.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from bench.midnight import (
    MIDNIGHT,
    RULES,
    SYMBOLS,
    CoinbaseFrames,
    binance_greeted,
    closes,
    instruments,
    kline,
    restored,
)
from bench.street import PreparedExchange, Street, percentiles
from pytest_benchmark.fixture import BenchmarkFixture

from livermore.cache.connect import RedisSettings
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.timeframe import SECOND
from livermore.core.market.traits import ExchangeTraits
from livermore.core.restored import RestoredSeries
from livermore.core.watch import Watch
from livermore.embedded.valkey import open_valkey
from livermore.exchanges.binance.wire import BinanceWire
from livermore.exchanges.coinbase.wire import CoinbaseWire

ROUNDS = 7
ON_BINANCE = ExchangeTraits(grace=5 * SECOND, rows_per_request=1_000, lists_silence=True)
ON_COINBASE = ExchangeTraits(grace=2 * SECOND, rows_per_request=300, lists_silence=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSettings]:
    directory: Path = tmp_path_factory.mktemp("valkey")
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="valkey")
    thread.start()
    opened = open_valkey(directory)
    try:
        valkey = asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(30)
        yield RedisSettings(valkey.host, valkey.port, valkey.secret)
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def series() -> Iterator[tuple[RestoredSeries, ...]]:
    made = tuple(restored(SYMBOLS))
    # An instance lets these 720,000 candles go once it has them in arrays; we keep them for the next round, out of the
    # collector's sight.
    gc.collect()
    gc.freeze()
    yield made
    gc.unfreeze()


def on_binance(leaping: int) -> PreparedExchange:
    """Each symbol's own final frame, all of them in one burst."""
    wire = BinanceWire(1, SYMBOLS, instruments())
    wire.greeting()
    burst = [
        kline(symbol, MIDNIGHT + 40 + number // 10, prices, is_final=True)
        for number, (symbol, prices) in enumerate(closes(leaping).items())
    ]
    return PreparedExchange(BINANCE, ON_BINANCE, wire, binance_greeted(), burst)


def on_coinbase(leaping: int) -> PreparedExchange:
    """All candles are known, and one heartbeat past the grace proves that they have closed."""
    wire, frames = CoinbaseWire(1, SYMBOLS), CoinbaseFrames()
    wire.greeting()
    before = [frames.greeted()]
    before += [frames.candle(symbol, MIDNIGHT - SECOND, prices) for symbol, prices in closes(leaping).items()]
    return PreparedExchange(COINBASE, ON_COINBASE, wire, before, [frames.heartbeat(MIDNIGHT + 3 * SECOND)])


EXCHANGES = {
    "binance": (Watch(BINANCE, ON_BINANCE, RULES, is_simulated=True), on_binance),
    "coinbase": (Watch(COINBASE, ON_COINBASE, RULES, is_simulated=True), on_coinbase),
}


@pytest.mark.timeout(0)
@pytest.mark.parametrize("leaping", [50, 250])
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_midnight(
    benchmark: BenchmarkFixture,
    server: RedisSettings,
    series: tuple[RestoredSeries, ...],
    exchange: str,
    leaping: int,
    row: Callable[[str, str], None],
) -> None:
    watch, prepare = EXCHANGES[exchange]
    streets: list[Street] = []

    def stand_ready() -> tuple[tuple[Street], dict[str, object]]:
        if streets:
            streets[-1].close()
        streets.append(Street(server, watch, series, SYMBOLS, lambda: prepare(leaping)))
        return (streets[-1],), {}

    alerts = benchmark.pedantic(Street.let_go, setup=stand_ready, rounds=ROUNDS)
    streets[-1].close()
    assert alerts >= 4 * leaping

    delays = [delay for street in streets for delay in street.alert_delays]
    last = sorted(max(street.alert_delays) for street in streets)
    benchmark.extra_info["alerts"] = alerts
    benchmark.extra_info.update({f"alert_{name}_ms": value for name, value in percentiles(delays)})
    benchmark.extra_info["last_alert_ms"] = [round(delay * 1e3, 1) for delay in last]
    words = ", ".join(f"{name} {value} ms" for name, value in percentiles(delays))
    row(
        f"midnight, {exchange}, {alerts} alerts",
        f"{words}; last alert, middle round {last[len(last) // 2] * 1e3:.1f} ms",
    )
